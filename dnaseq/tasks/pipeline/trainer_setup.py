"""Factories of a training, from its configuration: Trainer, LightningModule and bundle spec."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from msgspec import UNSET
from omegaconf import DictConfig, OmegaConf
from torch import Tensor, nn

from dnaseq import __version__
from dnaseq.build import TRAINING, arguments_of, build
from dnaseq.bundle.spec import BundleSpec, Columns, Training
from dnaseq.data.datamodule import SequenceDataModule
from dnaseq.data.dataset import LabelledSet
from dnaseq.data.sources.files import Table
from dnaseq.data.strandedness import prediction_strands
from dnaseq.data.targets.regression import Numbers
from dnaseq.encode.encoding import Encoding
from dnaseq.errors import ConfigError
from dnaseq.io.reading_options import TableColumns
from dnaseq.plugins.named import PREFIX, job_plugins, names_in
from dnaseq.prediction_task import PredictionTask
from dnaseq.tasks.config.validation import plain
from dnaseq.tasks.pipeline.factories import list_files
from dnaseq.tasks.pipeline.initial_network import init_sha
from dnaseq.tasks.runs.manifest import EARLIER
from dnaseq.tasks.runs.moved_files import without_files
from dnaseq.training.callbacks import MONITORS, callbacks
from dnaseq.training.fine_tuning import Tuning
from dnaseq.training.lightning_module import LitModel
from dnaseq.training.losses import MeanSquared, Poisson
from dnaseq.training.monitor_metrics import MonitorMetrics

START = ("init", "init_weights", "freeze", "rate_decay")
# keys that do not change the weights
PLACES = (
    "run_dir",
    "overwrite",
    "resume",
    "cache_dir",
    "num_workers",
    "logger",
    "plugins",
    "plugins_changed",
)


def build_trainer(cfg: DictConfig, folder: Path) -> pl.Trainer:
    """Build the Trainer of a run, with its callbacks and its logger; nothing is written yet."""
    around = [
        *build(cfg.averaging, TRAINING),
        *callbacks(folder, cfg.monitor, cfg.patience, list(cfg.metrics)),
    ]
    log = build(cfg.logger, TRAINING, folder=folder)
    return build(cfg.trainer, TRAINING, max_epochs=cfg.max_epochs, callbacks=around, logger=log)


def build_lit_model(
    cfg: DictConfig, net: nn.Module, module: SequenceDataModule, tuning: Tuning | None = None
) -> LitModel:
    """Build the module of a network with its loss, optimizer and schedule. Raises ConfigError for a value that one of
    them refuses, and for a network or a loss of another task."""
    data = module.data
    _check_task(module, net, cfg.loss._target_)
    optimizer, schedule = build(cfg.optimizer, TRAINING), build(cfg.schedule, TRAINING)
    try:  # a refused value must be an error before anything is written
        made = optimizer(net.parameters())
        schedule(made, steps=1)
    except (ValueError, TypeError) as error:
        raise ConfigError(f"optimizer or schedule: {error}") from error
    for key, value in made.defaults.items():  # torch takes infinity for a number, and sometimes NaN
        if isinstance(value, float | tuple) and not np.isfinite(value).all():
            raise ConfigError(f"optimizer.{key} must be a finite number; got {value}")
    loss = build(cfg.loss, TRAINING, **take_facts(cfg.loss._target_, data.targets.facts(data.rows("train"))))
    values = loss.values if isinstance(loss, MeanSquared | Poisson) else None
    watched = build_metrics(cfg, data.targets.prediction, len(data.targets.names), values)
    run = "" if EARLIER in cfg else _hash_run(cfg, data)
    return LitModel(net, loss, optimizer, schedule, watched, cfg.seed, run, tuning)


def build_metrics(
    cfg: DictConfig,
    prediction: PredictionTask,
    n_names: int,
    values: Callable[[Tensor], Tensor] | None = None,
) -> MonitorMetrics:
    """Build the metrics of the epochs, users' own among them; one that takes `n_names` is told the number of outputs.

    Raises ConfigError for a name that a metric of dnaseq has, and for what cannot say which epoch is best.
    """
    own: dict[str, object] = {}
    for name, node in cfg.metrics.items():
        if not re.fullmatch(r"[a-z][a-z0-9_]*", str(name)) or f"val/{name}" in MONITORS:
            raise ConfigError(f"metrics.{name}: choose another name, of small letters, digits and _")
        taken = arguments_of(node["_target_"]) if OmegaConf.is_dict(node) and "_target_" in node else None
        told: dict = {"n_names": n_names} if "n_names" in (taken or ()) else {}
        own[f"val/{name}"] = build(node, TRAINING, **told)
    found = MonitorMetrics(prediction, n_names, values, own)
    found.check_monitored(cfg.monitor)
    return found


def _hash_run(cfg: DictConfig, data: LabelledSet) -> str:
    """Hash all that the weights of a training depend on: its settings and the records that were read, not where."""
    settings = {key: value for key, value in without_files(plain(cfg)).items() if key not in PLACES}
    if not settings.get("metrics"):  # as in trainings of earlier versions
        settings.pop("metrics", None)
    if cfg.get("init") is None:  # likewise
        settings = {key: value for key, value in settings.items() if key not in START}
    else:
        settings["init"] = init_sha(cfg)
    text = json.dumps([settings, data.store.folder.name], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def check_monitor(cfg: DictConfig, data: LabelledSet) -> None:
    """Raise ConfigError where the validation set cannot give the score that chooses the model."""
    targets, monitor = data.targets, cfg.monitor
    watched = ("val/loss", *targets.prediction.monitored, *(f"val/{name}" for name in cfg.metrics))
    if monitor not in watched:
        raise ConfigError(
            f"monitor={monitor} is not measured with {targets.task}. Use {' or '.join(watched)}"
        )
    missing = targets.missing(data.rows("train"), data.rows("val"))
    if missing and monitor == "val/auroc":
        raise ConfigError(
            f"monitor=val/auroc needs every class in validation, and {missing} is not. Use val/loss"
        )


def build_spec(
    cfg: DictConfig, choices: dict[str, str], module: SequenceDataModule, loss: nn.Module
) -> BundleSpec:
    """Build the bundle's spec, without its decisions and its scores."""
    data, targets = module.data, module.data.targets
    training = Training(
        data=choices["data"],
        model=choices["model"],
        encoding=choices["encoding"],
        split=choices["split"],
        n=len(data.rows("train")),
        seed=cfg.seed,
        leaks=cfg.leaks,
        dealt=data.digest(),
        files=list_files(data),
        labels=targets.settings,
        pretrained=plain(cfg.pretrained, resolve=False) if "pretrained" in cfg else UNSET,
        columns=_columns(module.source.columns) if isinstance(module.source, Table) else UNSET,
    )
    return new_spec(
        architecture=plain(cfg.model),
        encoding=plain(cfg.encoding),
        loss=loss,
        classes=list(targets.names),
        task=targets.task,
        strands=prediction_strands(cfg.strands),
        lengths=module.lengths,
        training=training,
    )


def new_spec(architecture: dict, encoding: dict, loss: nn.Module, **more: Any) -> BundleSpec:
    """Build a spec of this version with the plug-ins that the network needs, and the link of its loss."""
    return BundleSpec(
        dnaseq_version=__version__,
        architecture=architecture,
        encoding=encoding,
        plugins=job_plugins().sources(names_in([architecture, encoding])) or UNSET,
        link=loss.link if isinstance(loss, MeanSquared | Poisson) else None,
        **more,
    )


def _columns(columns: TableColumns) -> Columns:
    assert columns.label is not None
    return Columns(sequence=columns.sequence, label=columns.label, id=columns.id, header=columns.header)


def take_facts(loss: str, facts: Mapping[str, object]) -> dict[str, Any]:
    """Return the facts about the training records that a loss takes; one of a plug-in need not take all."""
    if not loss.startswith(PREFIX):
        return {**facts}
    has_constructor = getattr(job_plugins().part(loss), "__init__", None) is not nn.Module.__init__
    taken = arguments_of(loss) if has_constructor else []
    return {name: fact for name, fact in facts.items() if taken is None or name in taken}


def _check_task(module: SequenceDataModule, net: nn.Module, loss: str) -> None:
    """Raise ConfigError for a loss, by its class, a network or a setting of another task, InputError for a count
    below 0."""
    targets = module.data.targets
    due = targets.prediction.is_per_base
    if loss_name(loss, targets.prediction) == "poisson":
        assert isinstance(targets, Numbers)
        targets.check_counts()
    if due:
        _check_labelling(module)
    per_base = _predicts_bases(module.encoding, net)
    if per_base != due:
        how = "model=labeller_bilstm or labeller_cnn" if due else "another model"
        what = "a base" if per_base else "a record"
        needs = f"which is not what {targets.task} needs"
        raise ConfigError(f"the model has one output {what}, {needs}. Use {how}")


def loss_name(target: str, prediction: PredictionTask) -> str | None:
    """Return the name of a loss in the group `loss`. One of a plug-in has that of the class that it extends; for
    classes and labels it need not extend any, which is None. Raises ConfigError for a loss of another task."""
    losses = prediction.losses
    task = "classification" if len(prediction.names) > 1 else prediction.names[0]
    names = [target.rpartition(".")[2]]
    if target.startswith(PREFIX):
        kinds = getattr(job_plugins().part(target), "__mro__", ())
        names = [kind.__name__ for kind in kinds if kind.__module__ == MeanSquared.__module__]
        if not names and not prediction.has_link:
            return None
    chosen = next((losses[name] for name in names if name in losses), None)
    if chosen is None and target.startswith(PREFIX):
        extended = " or ".join(losses)
        raise ConfigError(f"{target}: a loss for {task} must extend {extended} of dnaseq.training.losses")
    if chosen is None:
        known = " or ".join(f"loss={name}" for name in losses.values())
        raise ConfigError(f"this loss is not for {task}. Use {known}")
    return chosen


def _check_labelling(module: SequenceDataModule) -> None:
    """Raise ConfigError for a setting that would separate the bases of a record from their labels."""
    if module.encoding.shortest > 1:
        raise ConfigError("labelling needs an encoding with a row for every base. Use encoding=onehot")
    if module.plan.lengths.policy == "trim":
        fix = "Use data.length_policy=tile"
        raise ConfigError(f"data.length_policy=trim would leave bases without a label. {fix}")
    if getattr(module.loading.augmentation, "shift", 0):
        fix = "Use augmentation.shift=0"
        raise ConfigError(f"augmentation.shift would move bases from under their labels. {fix}")
    if module.loading.sampler != "none":
        sampler = module.loading.sampler
        raise ConfigError(f"sampler={sampler}: a record has labels of all kinds. Use sampler=none")


def _predicts_bases(encoding: Encoding, net: nn.Module) -> bool:
    """Check if the network has an output for each base of the shortest record."""
    codes, lengths = torch.zeros(1, encoding.shortest, dtype=torch.uint8), torch.tensor([encoding.shortest])
    net.eval()
    with torch.inference_mode():
        outputs = net(encoding(codes), encoding.lengths(lengths))
    net.train()
    return outputs.ndim == 3

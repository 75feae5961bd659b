"""dnaseq train: from labelled sequences to a run folder."""

import csv
import logging
import time
from pathlib import Path

import pytorch_lightning as pl
import torch
from omegaconf import DictConfig, OmegaConf

from dnaseq import __version__
from dnaseq.build import TRAINING, build
from dnaseq.bundle.folder import load_bundle, save_bundle
from dnaseq.bundle.predictor import Predictor
from dnaseq.data.census import census
from dnaseq.data.datamodule import SequenceDataModule
from dnaseq.data.labelled_set import LabelledSet
from dnaseq.errors import ConfigError, RejectedError
from dnaseq.evaluation.summary import summary_table
from dnaseq.io.atomic import atomic_file, write_json, write_text
from dnaseq.report.page import write_report
from dnaseq.tasks.judging import PREDICTIONS, judged, write_predictions
from dnaseq.tasks.materials import datamodule_of
from dnaseq.tasks.run_folder import chosen_folder, run_folder
from dnaseq.training.callbacks import best_value, callbacks
from dnaseq.training.lightning_module import LitClassifier
from dnaseq.training.trainer import fit

logger = logging.getLogger("dnaseq")


def run(cfg: DictConfig, choices: dict[str, str]) -> float:
    """Train, evaluate once on the test part, and return the best value of the monitored score."""
    kind = f"{choices['model']}-{choices['encoding']}"
    folder = chosen_folder(cfg.run_dir, choices["data"], kind, overwrite=cfg.overwrite)
    pl.seed_everything(cfg.seed, workers=True, verbose=False)
    trainer = _trainer(cfg, folder)
    began = time.monotonic()
    encoding = build(cfg.encoding, TRAINING)
    module = datamodule_of(cfg, encoding)
    if "train" not in module.source.files:
        raise ConfigError("data.train must be given: data.train=FILE")
    module.setup()
    data, seconds = module.data, {"read": time.monotonic() - began}
    net = build(cfg.model, TRAINING, n_symbols=encoding.n_symbols, n_classes=len(data.classes))
    lit = _lit(cfg, net, data)
    with run_folder(folder, becomes_latest=True):
        _write_plan(folder, cfg, data)
        logger.info("%s", _announcement(kind, net, data, folder))
        began = time.monotonic()
        fit(trainer, lit, module)
        _take_best(net, folder)
        seconds["train"] = time.monotonic() - began
        spec = _spec(cfg, choices, module, len(data.rows("train")))
        save_bundle(folder / "bundle", spec | {"scores": None}, net)
        predictor = Predictor(load_bundle(folder / "bundle"), batch_size=cfg.batch_size)
        seconds["predict"] = write_predictions(folder, predictor, data)
        result = {
            "data": choices["data"],
            "split": "test",
            "split_by": choices["split"],
            "seed": cfg.seed,
            "model": kind,
        }
        result |= judged(folder, data, spec["threshold"], cfg.seed)
        result["seconds"] = {name: round(value, 2) for name, value in seconds.items()}
        write_json(folder / "scores.json", result)
        save_bundle(folder / "bundle", spec | {"scores": result["metrics"]}, net)
        page = write_report(folder)
    print(summary_table(result))
    print(f"report      {page}\nbundle      {folder / 'bundle'}\npredictions {folder / PREDICTIONS}")
    if result["dropped"]["rejected"]:
        raise RejectedError(f"{result['dropped']['rejected']} records could not be used and were left out")
    return best_value(folder, cfg.monitor)


def _trainer(cfg: DictConfig, folder: Path) -> pl.Trainer:
    around = callbacks(folder, cfg.monitor, cfg.patience)
    log = build(cfg.logger, TRAINING, folder=folder)
    return build(cfg.trainer, TRAINING, max_epochs=cfg.max_epochs, callbacks=around, logger=log)


def _lit(cfg: DictConfig, net: torch.nn.Module, data: LabelledSet) -> LitClassifier:
    optimizer = build(cfg.optimizer, TRAINING)
    try:
        optimizer(net.parameters())  # so that a value it refuses is known before anything is written
    except ValueError as error:
        raise ConfigError(f"optimizer: {error}") from error
    return LitClassifier(
        net,
        loss=build(cfg.loss, TRAINING, class_counts=data.class_counts("train")),
        optimizer=optimizer,
        schedule=build(cfg.schedule, TRAINING),
        spec={"classes": list(data.classes), "architecture": OmegaConf.to_container(cfg.model, resolve=True)},
    )


def _take_best(net: torch.nn.Module, folder: Path) -> None:
    """Give the network, on the CPU, the weights of the best epoch."""
    saved = torch.load(folder / "checkpoints" / "best.ckpt", map_location="cpu", weights_only=True)
    prefix = "net."
    weights = {name[len(prefix) :]: t for name, t in saved["state_dict"].items() if name.startswith(prefix)}
    net.cpu().load_state_dict(weights)


def _spec(cfg: DictConfig, choices: dict[str, str], module: SequenceDataModule, n: int) -> dict:
    """What the bundle says of itself, but for the scores."""
    data, lengths = module.data, module.lengths
    return {
        "dnaseq_version": __version__,
        "architecture": OmegaConf.to_container(cfg.model, resolve=True),
        "encoding": OmegaConf.to_container(cfg.encoding, resolve=True),
        "classes": list(data.classes),
        "task": "binary" if len(data.classes) == 2 else "multiclass",
        "lengths": {"policy": lengths.policy, "length": lengths.length},
        "threshold": 0.5,
        "calibration": None,
        "training": {key: choices[key] for key in ("data", "model", "encoding", "split")}
        | {"n": n, "seed": cfg.seed, "files": {Path(path).name: sha for path, sha in data.files.items()}},
    }


def _write_plan(folder: Path, cfg: DictConfig, data: LabelledSet) -> None:
    """What is known before training: the resolved configuration, the split and the cheap part of the audit."""
    write_text(folder / "config.yaml", OmegaConf.to_yaml(cfg, resolve=True))
    write_json(folder / "audit.json", census(data))
    with atomic_file(folder / "split.tsv", mode="w") as handle:
        table = csv.writer(handle, delimiter="\t", lineterminator="\n")
        table.writerow(["id", "split", "group"])
        for row, (part, group) in enumerate(zip(data.split, data.group, strict=True)):
            table.writerow([data.store.id(row), part, group])


def _announcement(kind: str, net: torch.nn.Module, data: LabelledSet, folder: Path) -> str:
    counts = ", ".join(f"{part} {len(data.rows(part))}" for part in ("train", "val", "test"))
    weights = sum(p.numel() for p in net.parameters())
    return f"{kind}: {weights:,} parameters; records: {counts}; classes: {', '.join(data.classes)}; into {folder}"

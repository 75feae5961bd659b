"""dnaseq train: from labelled sequences to a run folder."""

import logging
import time
from pathlib import Path

import pytorch_lightning as pl
import torch
from omegaconf import DictConfig

from dnaseq.build import TRAINING, build
from dnaseq.bundle.folder import load_bundle, save_bundle
from dnaseq.bundle.predictor import Predictor
from dnaseq.data.labelled_set import LabelledSet
from dnaseq.errors import ConfigError
from dnaseq.tasks.judging import judge, say_left_out, show
from dnaseq.tasks.learning import lit_of, spec_of, take_best, trainer_of
from dnaseq.tasks.materials import datamodule_of
from dnaseq.tasks.plan import check_same_data, planned, write_plan
from dnaseq.tasks.run_folder import chosen_folder, is_complete, run_folder
from dnaseq.training.callbacks import best_value
from dnaseq.training.trainer import fit

logger = logging.getLogger("dnaseq")


def run(cfg: DictConfig, choices: dict[str, str]) -> float:
    """Train, evaluate once on the test part, and return the best value of the monitored score."""
    if not cfg.resume:
        names = (choices["data"], f"{choices['model']}-{choices['encoding']}")
        with chosen_folder(cfg.run_dir, *names, overwrite=cfg.overwrite) as folder:
            return _train(folder, cfg, choices)
    folder = Path(cfg.resume).expanduser()
    plan, chosen = planned(folder)
    if is_complete(folder):
        logger.info("%s is complete: there is nothing to go on with", folder)
        return best_value(folder, plan.monitor)
    return _train(folder, plan, chosen, goes_on=True)


def _train(folder: Path, cfg: DictConfig, choices: dict[str, str], goes_on: bool = False) -> float:
    kind = f"{choices['model']}-{choices['encoding']}"
    pl.seed_everything(cfg.seed, workers=True, verbose=False)
    trainer = trainer_of(cfg, folder)
    began = time.monotonic()
    encoding = build(cfg.encoding, TRAINING)
    module = datamodule_of(cfg, encoding)
    if "train" not in module.source.files:
        raise ConfigError("data.train must be given: data.train=FILE")
    module.setup()
    data, seconds = module.data, {"read": time.monotonic() - began}
    if goes_on:
        check_same_data(folder, data)
    net = build(cfg.model, TRAINING, n_symbols=encoding.n_symbols, n_classes=len(data.classes))
    lit = lit_of(cfg, net, data)
    with run_folder(folder, goes_on, becomes_latest=True):
        write_plan(folder, cfg, choices, data)
        logger.info("%s", _announcement(kind, net, data, folder))
        began = time.monotonic()
        last = folder / "checkpoints" / "last.ckpt"
        fit(trainer, lit, module, last if last.exists() else None)
        take_best(net, folder)
        seconds["train"] = time.monotonic() - began
        spec = spec_of(cfg, choices, module, len(data.rows("train")))
        save_bundle(folder / "bundle", spec | {"scores": None}, net)
        device = "cpu" if trainer.strategy.root_device.type == "cpu" else "cuda"
        predictor = Predictor(load_bundle(folder / "bundle"), device=device, batch_size=cfg.batch_size)
        about = {"data": choices["data"], "split_by": choices["split"], "seed": cfg.seed, "model": kind}
        result = judge(folder, predictor, data, about, seconds)
        save_bundle(folder / "bundle", spec | {"scores": result["metrics"]}, net)
    show(folder, result)
    say_left_out(result)
    return best_value(folder, cfg.monitor)


def _announcement(kind: str, net: torch.nn.Module, data: LabelledSet, folder: Path) -> str:
    counts = ", ".join(f"{part} {len(data.rows(part))}" for part in ("train", "val", "test"))
    weights = sum(p.numel() for p in net.parameters())
    return f"{kind}: {weights:,} parameters; records: {counts}; classes: {', '.join(data.classes)}; into {folder}"

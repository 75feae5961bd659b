"""One training: from labelled records to a run folder with a model, its decisions, its scores and its bundle."""

import logging
import time
from itertools import chain
from pathlib import Path

import pytorch_lightning as pl
import torch
from omegaconf import DictConfig

from dnaseq.build import TRAINING, build
from dnaseq.bundle.folder import load_bundle, save_bundle
from dnaseq.bundle.predictor import Predictor
from dnaseq.data.labelled_set import LabelledSet
from dnaseq.tasks.deciding import check_decisions, decide
from dnaseq.tasks.judging import judge
from dnaseq.tasks.learning import (
    check_monitor,
    has_ended,
    last_checkpoint,
    lit_of,
    spec_of,
    take_best,
    trainer_of,
)
from dnaseq.tasks.materials import training_data_of
from dnaseq.tasks.plan import check_same_data, write_plan
from dnaseq.tasks.run_folder import run_folder
from dnaseq.training.trainer import fit

logger = logging.getLogger("dnaseq")


def train_once(
    folder: Path, cfg: DictConfig, choices: dict[str, str], goes_on: bool = False, is_latest: bool = True
) -> dict:
    """Train, evaluate once on the test part, and return what is in scores.json."""
    kind = f"{choices['model']}-{choices['encoding']}"
    pl.seed_everything(cfg.seed, workers=True, verbose=False)
    trainer = trainer_of(cfg, folder)
    began = time.monotonic()
    encoding = build(cfg.encoding, TRAINING)
    module = training_data_of(cfg, encoding)
    data, seconds = module.data, {"read": time.monotonic() - began}
    if goes_on:
        check_same_data(folder, data)
    net = build(cfg.model, TRAINING, n_symbols=encoding.n_symbols, n_classes=len(data.classes))
    lit = lit_of(cfg, net, data)
    check_monitor(cfg.monitor, data)
    check_decisions(cfg, data)
    with run_folder(folder, goes_on, is_latest, keep=chain.from_iterable(data.files.values())):
        write_plan(folder, cfg, choices, data)
        logger.info("%s", _announcement(kind, net, data, folder))
        began = time.monotonic()
        last = last_checkpoint(folder)
        if not has_ended(last, cfg):
            fit(trainer, lit, module, last)
        take_best(net, folder)
        seconds["train"] = time.monotonic() - began
        spec = spec_of(cfg, choices, module, len(data.rows("train")))
        save_bundle(folder / "bundle", spec | {"scores": None}, net)
        device = "cpu" if trainer.strategy.root_device.type == "cpu" else "cuda"
        where = {"device": device, "batch_size": cfg.batch_size}
        spec |= decide(cfg, Predictor(load_bundle(folder / "bundle"), **where), data)
        save_bundle(folder / "bundle", spec | {"scores": None}, net)
        about = {"data": choices["data"], "split_by": choices["split"], "seed": cfg.seed, "model": kind}
        result = judge(folder, Predictor(load_bundle(folder / "bundle"), **where), data, about, seconds)
        save_bundle(folder / "bundle", spec | {"scores": result["metrics"]}, net)
    return result


def _announcement(kind: str, net: torch.nn.Module, data: LabelledSet, folder: Path) -> str:
    counts = ", ".join(f"{part} {len(data.rows(part))}" for part in ("train", "val", "test"))
    weights = sum(p.numel() for p in net.parameters())
    return f"{kind}: {weights:,} parameters; records: {counts}; classes: {', '.join(data.classes)}; into {folder}"

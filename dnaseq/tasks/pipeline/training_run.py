"""One training: from labelled records to a run folder with a model, its decisions, its scores and its bundle."""

import logging
import time
from contextlib import nullcontext
from itertools import chain
from pathlib import Path

from omegaconf import DictConfig

from dnaseq.bundle.bundle import make_bundle, save_bundle
from dnaseq.bundle.predictor import Predictor
from dnaseq.data.datamodule import SequenceDataModule
from dnaseq.data.dataset import LabelledSet
from dnaseq.errors import ConfigError
from dnaseq.io.atomic import write_json
from dnaseq.io.results.run_files import read_object
from dnaseq.tasks.pipeline.blending import blended
from dnaseq.tasks.pipeline.ensemble import Member, joined, learned, member_folders, prepared, seeded
from dnaseq.tasks.pipeline.factories import vectors_sha
from dnaseq.tasks.pipeline.fit_decisions import check_decisions, fit_decisions
from dnaseq.tasks.pipeline.recipe import FILE as RECIPE
from dnaseq.tasks.pipeline.recipe import found_recipe, is_probed, typed_of, with_pool, with_settings
from dnaseq.tasks.pipeline.recipe_search import FOUND, candidates_of, searched
from dnaseq.tasks.pipeline.score_test import score_test
from dnaseq.tasks.pipeline.trainer_setup import check_monitor, spec_of
from dnaseq.tasks.runs.manifest import check_same_data, command_of, keep_plan, write_plan
from dnaseq.tasks.runs.run_folder import kind_of, model_of, resumable, run_folder
from dnaseq.training.allocator import release_freed_memory

logger = logging.getLogger("dnaseq")


def train_once(
    folder: Path,
    cfg: DictConfig,
    choices: dict[str, str],
    goes_on: bool = False,
    is_latest: bool = True,
    command: str | None = None,
) -> dict:
    """Train, evaluate once on the test part, and return what is in scores.json. `command` is what was typed, where
    that is known better than from the folder."""
    kind = kind_of(choices)
    began = time.monotonic()
    command = command or command_of(folder)
    cfg, typed, recipe = with_pool(cfg), typed_of(command), None
    candidates = candidates_of(cfg, command)
    if candidates and not any(one.startswith("ensemble=") for one in typed):
        cfg.ensemble = cfg.auto.members
    configurations, first = _first_of(cfg, folder)
    if not goes_on and is_probed(cfg, choices, typed):
        recipe = found_recipe(cfg, typed, first.module)
    if recipe:
        cfg, choices = with_settings(cfg, choices, typed, recipe.settings)
        configurations, first = _first_of(cfg, folder, first.module)
    module, data = first.module, first.module.data
    seconds = {"read": time.monotonic() - began}
    if goes_on:
        check_same_data(folder, data, vectors_sha(first.cfg))
    _check(cfg, data)
    keep = chain.from_iterable(data.files.values())
    # what is a part of larger work goes on with that
    again = resumable("train", folder) if is_latest else nullcontext()
    with run_folder(folder, goes_on, is_latest, keep), again:
        if recipe:
            write_json(folder / RECIPE, recipe._asdict())
        write_plan(folder, cfg, choices, data, command, vectors_sha(first.cfg))
        keep_plan(folder)
        release_freed_memory()
        began = time.monotonic()
        if candidates:
            configurations = searched(folder, cfg, candidates, module)
            first = prepared(configurations[0], member_folders(folder, len(configurations))[0], module)
        logger.info("%s", _announcement(kind, first, len(configurations), folder))
        members = learned(first, configurations, folder)
        seconds["train"] = time.monotonic() - began
        return _bundled(folder, cfg, choices, members, seconds)


def _first_of(
    cfg: DictConfig, folder: Path, module: SequenceDataModule | None = None
) -> tuple[list[DictConfig], Member]:
    """The configurations of all members, and the first of them, with the data of `module` where they are read."""
    configurations = seeded(cfg)
    place = member_folders(folder, len(configurations))[0]
    return configurations, prepared(configurations[0], place, module)


def _check(cfg: DictConfig, data: LabelledSet) -> None:
    """Raise ConfigError for what these data cannot give."""
    if cfg.auto and data.targets.prediction.is_per_base:
        raise ConfigError("experiment=auto has no recipes for labelling. Choose a model: model=labeller_cnn")
    check_monitor(cfg.monitor, data)
    check_decisions(cfg, data)


def _bundled(
    folder: Path, cfg: DictConfig, choices: dict[str, str], members: list[Member], seconds: dict[str, float]
) -> dict:
    """Make a bundle of the trained members, fit its decisions, score it on the test set, write it; return what is in
    scores.json."""
    net, architecture = joined(members)
    first = members[0]
    data, device = first.module.data, first.trainer.strategy.root_device.type
    spec = spec_of(first.cfg, choices | {"model": model_of(choices)}, first.module, len(data.rows("train")))
    spec |= {"architecture": architecture, "training": spec["training"] | {"seed": cfg.seed}}

    def predictor() -> Predictor:
        where = "cpu" if device == "cpu" else "cuda"
        return Predictor(make_bundle(spec, net), device=where, batch_size=cfg.batch_size)

    if cfg.auto:
        n_symbols = first.module.encoding.n_symbols
        net, spec["architecture"], message = blended(cfg, net, architecture, predictor(), data, n_symbols)
        logger.info("%s", message)
        write_json(folder / FOUND, read_object(folder / FOUND) | {"blend": message})
    spec |= fit_decisions(cfg, predictor(), data)
    about = {"data": choices["data"], "split_by": choices["split"], "seed": cfg.seed}
    about |= {"model": kind_of(choices), "parameters": sum(weights.numel() for weights in net.parameters())}
    scores = score_test(folder, predictor(), data, about, seconds)
    save_bundle(folder / "bundle", spec | {"scores": scores["metrics"]}, net)
    return scores


def _announcement(kind: str, first: Member, n_members: int, folder: Path) -> str:
    data = first.module.data
    counts = ", ".join(f"{part} {len(data.rows(part))}" for part in ("train", "val", "test"))
    weights = f"{first.n_weights:,} parameters" + (f" x {n_members}" if n_members > 1 else "")
    return f"{kind}: {weights}; records: {counts}; classes: {', '.join(data.targets.names)}; into {folder}"

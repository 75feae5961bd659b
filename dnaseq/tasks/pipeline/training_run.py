"""One training: from labelled records to a run folder with a model, its decisions, its scores and its bundle."""

import logging
import time
from contextlib import nullcontext
from itertools import chain
from pathlib import Path

from msgspec import UNSET
from msgspec.structs import replace
from omegaconf import DictConfig

from dnaseq.bundle.bundle import make_bundle, save_bundle
from dnaseq.bundle.card import FINAL
from dnaseq.bundle.predictor import Predictor
from dnaseq.data.datamodule import SequenceDataModule
from dnaseq.data.dataset import LabelledSet
from dnaseq.errors import ConfigError
from dnaseq.evaluation.baselines.penalty import Found
from dnaseq.evaluation.comparison.results import Scores
from dnaseq.evaluation.comparison.searches import RecipeSearch
from dnaseq.io.atomic import write_json
from dnaseq.io.progress import show_progress
from dnaseq.io.results.run_files import read_record
from dnaseq.plugins.named import job_plugins
from dnaseq.report.page import write_report
from dnaseq.tasks.explanations.run_explanation import NO_EXPLANATION, explain_run
from dnaseq.tasks.pipeline.blending import blend_linear_model
from dnaseq.tasks.pipeline.ensemble import (
    Member,
    join_members,
    member_folders,
    prepare_member,
    seed_members,
    train_members,
)
from dnaseq.tasks.pipeline.factories import vectors_sha
from dnaseq.tasks.pipeline.fit_decisions import check_decisions, decision_settings, fit_decisions
from dnaseq.tasks.pipeline.initial_network import announce, init_sha, learned_by_init, list_init
from dnaseq.tasks.pipeline.recipe import FILE as RECIPE
from dnaseq.tasks.pipeline.recipe import find_recipe, is_probed, settings_in, with_pool, with_settings
from dnaseq.tasks.pipeline.recipe_search import FOUND, candidates_of, search_recipe
from dnaseq.tasks.pipeline.score_test import About, score_test, write_untested
from dnaseq.tasks.pipeline.trainer_setup import build_spec, check_monitor
from dnaseq.tasks.runs.learned_records import digest_learned
from dnaseq.tasks.runs.manifest import check_same_data, command_of, keep_plan, write_plan
from dnaseq.tasks.runs.run_folder import model_of, name_kind, resumable, run_folder
from dnaseq.training.allocator import release_freed_memory

logger = logging.getLogger("dnaseq")


def train_once(
    folder: Path,
    cfg: DictConfig,
    choices: dict[str, str],
    resume: bool = False,
    is_latest: bool = True,
    command: str | None = None,
    tested: Scores | None = None,
) -> Scores:
    """Train, evaluate once on the test set if there is one, and return the scores. `command` is the typed command;
    without it, the one of the folder. `tested` are the scores of a cross-validation, and then those of this training,
    which has no test set."""
    kind = name_kind(choices)
    began = time.monotonic()
    command = command or command_of(folder)
    cfg, typed, recipe = with_pool(cfg), settings_in(command), None
    candidates = candidates_of(cfg, command) if cfg.auto else {}
    if candidates and not any(one.startswith("ensemble=") for one in typed):
        cfg.ensemble = cfg.auto.members
    configurations, first = _prepare_first(cfg, folder)
    if not resume and is_probed(cfg, choices, typed):
        recipe = find_recipe(cfg, typed, first.module)
    if recipe:
        cfg, choices = with_settings(cfg, choices, typed, recipe.settings)
        configurations, first = _prepare_first(cfg, folder, first.module)
    module, data = first.module, first.module.data
    seconds = {"read": time.monotonic() - began}
    if resume:
        check_same_data(folder, data, vectors_sha(first.cfg), init_sha(cfg))
    _check(cfg, data)
    keep = chain(*data.files.values(), list_init(cfg))
    # a training of larger work resumes with that
    again = resumable("train", folder) if is_latest else nullcontext()
    with run_folder(folder, resume, is_latest, keep), again:
        if recipe:
            write_json(folder / RECIPE, recipe)
        write_plan(folder, cfg, choices, data, command, vectors_sha(first.cfg), init_sha(cfg))
        keep_plan(folder)
        release_freed_memory()
        began = time.monotonic()
        penalties: dict[str, Found] = {}
        if candidates:
            configurations, penalties = search_recipe(folder, cfg, candidates, module)
            first = prepare_member(configurations[0], member_folders(folder, len(configurations))[0], module)
        if first.initial:
            logger.info("%s", announce(first.initial, cfg.strands))
        logger.info("%s", _announcement(kind, first, len(configurations), folder))
        members = train_members(first, configurations, folder)
        seconds["train"] = time.monotonic() - began
        return _write_bundle(folder, cfg, choices, members, seconds, tested, penalties)


def _prepare_first(
    cfg: DictConfig, folder: Path, module: SequenceDataModule | None = None
) -> tuple[list[DictConfig], Member]:
    """Return the configurations of all members, and the first member, with the data of `module` where they are read."""
    configurations = seed_members(cfg)
    place = member_folders(folder, len(configurations))[0]
    return configurations, prepare_member(configurations[0], place, module)


def _check(cfg: DictConfig, data: LabelledSet) -> None:
    """Raise ConfigError for settings that do not fit these data."""
    if cfg.auto and data.targets.prediction.is_per_base:
        raise ConfigError("experiment=auto has no recipes for labelling. Choose a model: model=labeller_cnn")
    check_monitor(cfg, data)
    check_decisions(decision_settings(cfg), data)


def _write_bundle(
    folder: Path,
    cfg: DictConfig,
    choices: dict[str, str],
    members: list[Member],
    seconds: dict[str, float],
    tested: Scores | None,
    penalties: dict[str, Found],
) -> Scores:
    """Make a bundle of the trained members, fit its decisions, score it on the test set unless it is `tested`, write
    it, and report; return the scores."""
    net, architecture = join_members(members)
    first = members[0]
    data, device = first.module.data, first.trainer.strategy.root_device.type
    named = choices | {"model": model_of(choices)} | ({"split": FINAL} if tested else {})
    spec = build_spec(first.cfg, named, first.module, first.lit.loss)
    spec = replace(spec, architecture=architecture, training=replace(spec.training, seed=cfg.seed))

    def predictor() -> Predictor:
        where = "cpu" if device == "cpu" else "cuda"
        return Predictor(make_bundle(spec, net, job_plugins()), device=where, batch_size=cfg.batch_size)

    if cfg.auto:
        with show_progress("fitting a linear model beside the network"):
            net, architecture, message = blend_linear_model(net, predictor(), data, cfg.seed, penalties)
        spec = replace(spec, architecture=architecture)
        logger.info("%s", message)
        write_json(folder / FOUND, replace(read_record(folder / FOUND, RecipeSearch), blend=message))
    with show_progress("fitting calibration and threshold"):
        spec = fit_decisions(decision_settings(cfg), predictor(), data)
    size = sum(weights.numel() for weights in net.parameters())
    initial = replace(first.initial, shared=data.shared) if first.initial else UNSET
    spec = replace(spec, training=replace(spec.training, init=initial))
    about = About(choices["data"], choices["split"], cfg.seed, name_kind(choices), seconds, size, initial)
    has_test = len(data.rows("test")) > 0
    score = score_test if has_test else write_untested
    scores = tested or score(folder, predictor(), data, about)
    spec = replace(spec, scores=scores.metrics)
    save_bundle(folder / "bundle", spec, net, digest_learned(data, learned_by_init(cfg)))
    if not tested:
        if has_test and cfg.get("explain", NO_EXPLANATION) != NO_EXPLANATION:
            explain_run(folder, predictor(), data, cfg.seed)
        write_report(folder)
    return scores


def _announcement(kind: str, first: Member, n_members: int, folder: Path) -> str:
    data = first.module.data
    counts = ", ".join(f"{part} {len(data.rows(part))}" for part in ("train", "val", "test"))
    weights = f"{first.n_weights:,} parameters" + (f" x {n_members}" if n_members > 1 else "")
    return f"{kind}: {weights}; records: {counts}; classes: {', '.join(data.targets.names)}; into {folder}"

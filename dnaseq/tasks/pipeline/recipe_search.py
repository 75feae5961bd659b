"""The search of experiment=auto for a recipe: a few candidates are trained for a part of their epochs.

Linear models of the training records choose among the candidates (recipe.py). Where several are left, each trains for
a share of its epochs, and the best by the monitored score of the validation set is trained as an ensemble. Test
records are not used. The work is the same on every machine, unless auto.minutes ends it earlier.
"""

import logging
import math
import shutil
import time
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import torch
from hydra import compose
from hydra.errors import HydraException
from msgspec import UNSET, to_builtins
from omegaconf import DictConfig

from dnaseq.data.datamodule import SequenceDataModule
from dnaseq.data.strandedness import ONE
from dnaseq.errors import ConfigError, DivergedError, ModelFileError
from dnaseq.evaluation.baselines.arrangement import Arrangement
from dnaseq.evaluation.baselines.penalty import Found
from dnaseq.evaluation.comparison.searches import CandidateTrial, RecipeSearch
from dnaseq.io.atomic import write_json
from dnaseq.io.results.run_files import read_sealed, write_sealed
from dnaseq.schemas import convert
from dnaseq.tasks.config.error_messages import explain
from dnaseq.tasks.config.validation import plain
from dnaseq.tasks.pipeline.ensemble import Member, member_seeds, prepare_member, train
from dnaseq.tasks.pipeline.recipe import has_positions, probe, settings_in
from dnaseq.training.callbacks import best_value, direction_of

FOUND, KEPT, WORK = "search.json", "checkpoints/search.json", "search"
RECIPE = (
    *("model", "strands", "augmentation", "averaging", "optimizer", "schedule", "loss"),
    *("batch_size", "max_epochs", "patience", "sampler"),
)
TRIALS_END = 0.4  # share of auto.minutes; the rest is for the winner
FEWEST_STEPS = 20
UNTIMED, TIMED = 1, 4  # training steps for the estimate of the time of an epoch
logger = logging.getLogger("dnaseq")


def candidates_of(cfg: DictConfig, command: str) -> dict[str, DictConfig]:
    """Compose the configurations that experiment=auto chooses among, by name.

    `command` is the command of the user; its overrides are in all of them. Raises ConfigError for a search that can
    find nothing.
    """
    auto = cfg.auto
    if not (
        auto.candidates
        and auto.members >= 1
        and 0 < auto.trial <= 1
        and (auto.minutes is None or auto.minutes > 0)
    ):
        what = "auto.candidates must not be empty, auto.members at least 1, auto.trial above 0 and at most 1"
        raise ConfigError(f"{what}, and auto.minutes above 0 or null")
    found = {name: _candidate(cfg, command, name) for name in auto.candidates}
    if cfg.data.stranded:  # the other strand is not the same record
        found = {name: own for name, own in found.items() if own.strands == ONE}
    if not found:
        raise ConfigError(
            "auto.candidates: all of them read both strands, which data.stranded=true forbids. Add aligned"
        )
    return found


def choose_fitting(candidates: dict[str, DictConfig], arrangement: Arrangement) -> dict[str, DictConfig]:
    """Choose the candidates that fit the positions and strands of the sites; all of them where none does."""
    found = candidates
    if arrangement.aligned != arrangement.anywhere:
        found = {name: own for name, own in found.items() if has_positions(own.model) == arrangement.aligned}
    either = {name: own for name, own in found.items() if (own.strands != ONE) == arrangement.either_strand}
    return either or found or candidates


def search_recipe(
    folder: Path,
    cfg: DictConfig,
    candidates: dict[str, DictConfig],
    module: SequenceDataModule,
) -> tuple[list[DictConfig], dict[str, Found]]:
    """Search, write search.json, and return the configurations of the ensemble of the winner, with the penalties of the
    linear models that were cross-validated for it.

    A resumed run reads the result from a copy that users do not edit, or searches anew. Raises ModelFileError where
    the copy is damaged.
    """
    if (folder / KEPT).exists():
        try:
            return _members(candidates, convert(read_sealed(folder / KEPT), RecipeSearch)), {}
        except ValueError as error:
            raise ModelFileError(f"{folder / KEPT}: damaged. Remove it to search anew") from error
    shutil.rmtree(folder / WORK, ignore_errors=True)
    began, budget = time.monotonic(), math.inf if cfg.auto.minutes is None else 60 * cfg.auto.minutes
    probes = probe(module, cfg.seed)
    left = choose_fitting(candidates, probes.arrangement) if probes else candidates
    if probes:
        logger.info("%s, so to be tried: %s", probes.arrangement.in_words(), ", ".join(left))
    trials = _trials(folder, cfg, left, module, TRIALS_END * budget)
    winner = rank_candidates(trials, cfg.monitor)[0] if trials else next(iter(left))
    own, count = left[winner], cfg.ensemble
    if math.isfinite(budget):
        cost = cost_of(prepare_member(own, folder, module), TRIALS_END * budget)
        seconds = began + budget - time.monotonic()
        own = affordable(own, cost, seconds)
        count = min(max(int(seconds / (cost.seconds * cost.steps_of(own))), 1), count)
    settings = plain(own)
    found = RecipeSearch(
        found=probes.arrangement.in_words() if probes else UNSET,
        log_loss=probes.log_loss if probes else UNSET,
        monitor=cfg.monitor,
        minutes=cfg.auto.minutes,
        trials=trials,
        winner=winner,
        epochs=own.max_epochs,
        limit_batches=own.trainer.limit_batches,
        seeds=member_seeds(cfg.seed, count),
        recipe={key: settings[key] for key in RECIPE},
    )
    logger.info("the recipe: %s; networks: %d, epochs of each: %d", winner, count, own.max_epochs)
    write_json(folder / FOUND, found)
    write_sealed(folder / KEPT, to_builtins(found))
    shutil.rmtree(folder / WORK, ignore_errors=True)
    return _members(candidates, found), probes.penalties if probes else {}


def _trials(
    folder: Path,
    cfg: DictConfig,
    candidates: dict[str, DictConfig],
    module: SequenceDataModule,
    seconds: float,
) -> list[CandidateTrial]:
    """Train each of several candidates for a part of its epochs, in so many seconds."""
    trials: list[CandidateTrial] = []
    began = time.monotonic()
    for name, candidate in candidates.items() if len(candidates) > 1 else ():
        own = candidate.copy()
        own.max_epochs = max(round(cfg.auto.trial * own.max_epochs), 1)
        if math.isfinite(seconds):
            share = (began + seconds - time.monotonic()) / (len(candidates) - len(trials))
            own = affordable(own, cost_of(prepare_member(own, folder, module), share / 4), share)
        trial = _try(folder / WORK / name, own, module, name)
        trials.append(trial)
        logger.info("trial of %s: %s %s after %d epochs", name, cfg.monitor, trial.score, trial.epochs)
    return trials


def _candidate(cfg: DictConfig, command: str, name: str) -> DictConfig:
    """Compose the configuration of a run with the recipe of an experiment; overrides of the user stay."""
    not_of_recipe = ("experiment=", "auto", "run_dir=", "resume=")
    typed = [one for one in settings_in(command) if not one.lstrip("+").startswith(not_of_recipe)]
    try:
        recipe = compose("train", overrides=[*typed, f"experiment={name}"])
    except (HydraException, ConfigError) as error:
        raise ConfigError(f"auto.candidates: {name}: {explain(error)}") from error
    own = cfg.copy()
    for key in RECIPE:
        own[key] = recipe[key]
    return own


class Cost(NamedTuple):
    """The time of a training."""

    seconds: float  # a step
    steps: int  # an epoch

    def steps_of(self, cfg: DictConfig) -> int:
        """Count the steps of a training."""
        return cfg.max_epochs * min(self.steps, cfg.trainer.limit_batches or self.steps)


def cost_of(member: Member, most_seconds: float) -> Cost:
    """Estimate the cost from a few training steps; the member cannot be used after them."""
    device, loader = member.trainer.strategy.root_device, member.module.train_dataloader()
    lit, module = member.lit.to(device).train(), member.module
    began = start = time.monotonic()
    steps = 1
    for number, batch in enumerate(islice(loader, UNTIMED + TIMED)):
        if number == UNTIMED:
            began = time.monotonic()
        batch = module.on_after_batch_transfer(module.transfer_batch_to_device(batch, device, 0), 0)
        losses, weights = lit.loss(lit(batch), batch.y)
        (losses.sum() / weights.sum()).backward()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        steps = max(number + 1 - UNTIMED, 1)
        if time.monotonic() - start > most_seconds:
            break
    return Cost(max(time.monotonic() - began, 0.001) / steps, len(loader))


def affordable(cfg: DictConfig, cost: Cost, seconds: float) -> DictConfig:
    """Reduce the epochs of a configuration to the time; less than one is a part of one."""
    own = cfg.copy()
    steps = min(cost.steps, cfg.trainer.limit_batches or cost.steps)
    possible = max(int(seconds / cost.seconds), FEWEST_STEPS)
    own.max_epochs = min(max(possible // steps, 1), cfg.max_epochs)
    if possible < steps:
        own.trainer.limit_batches = possible
    return own


def _try(folder: Path, cfg: DictConfig, module: SequenceDataModule, name: str) -> CandidateTrial:
    """Train a candidate."""
    member = prepare_member(cfg, folder, module)
    began = time.monotonic()
    try:
        train(member)
        score = best_value(folder, cfg.monitor)
    except DivergedError:
        score = math.nan
    return CandidateTrial(
        round=1,
        candidate=name,
        epochs=cfg.max_epochs,
        steps=member.trainer.global_step,
        seconds=round(time.monotonic() - began, 2),
        score=None if math.isnan(score) else score,
        parameters=member.n_weights,
    )


def rank_candidates(trials: list[CandidateTrial], monitor: str) -> list[str]:
    """Sort the candidates by the best score that each has reached, the best first."""
    sign = -1 if direction_of(monitor) == "max" else 1
    known = [(trial.score, trial.candidate) for trial in trials if trial.score is not None]
    if not known:
        raise DivergedError("every candidate diverged. Try a smaller optimizer.lr")
    return list(dict.fromkeys(name for _, name in sorted(known, key=lambda one: sign * one[0])))


def _members(candidates: dict[str, DictConfig], found: RecipeSearch) -> list[DictConfig]:
    members = []
    for seed in found.seeds:
        own = candidates[found.winner].copy()
        own.seed, own.max_epochs = seed, found.epochs
        own.trainer.limit_batches = found.limit_batches
        members.append(own)
    return members

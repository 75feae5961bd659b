"""experiment=auto: which recipe suits the data, found by training a few of them for a short time.

A search by successive halving (Jamieson and Talwalkar 2016) in two rounds: every candidate trains for a few epochs,
the best for more, and what is left of the time goes to an ensemble of the winner. All of it is judged by the
monitored score of the validation records; test records are not looked at.
"""

import logging
import math
import shlex
import shutil
import time
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import torch
from hydra import compose
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf

from dnaseq.data.datamodule import SequenceDataModule
from dnaseq.data.strandedness import ONE
from dnaseq.errors import ConfigError, DivergedError, ModelFileError
from dnaseq.io.atomic import write_json
from dnaseq.io.sealed import read_sealed, write_sealed
from dnaseq.tasks.members import Member, member_seeds, prepared, train
from dnaseq.tasks.overrides import explained
from dnaseq.training.callbacks import MONITORS, best_value

FOUND, KEPT, WORK = "search.json", "checkpoints/search.json", "search"
RECIPE = (
    *("model", "strands", "augmentation", "averaging", "optimizer", "schedule", "loss"),
    *("batch_size", "max_epochs", "patience", "sampler"),
)
# Shares of the time that are over after the first and the second round; the rest is that of the winner.
FIRST_ENDS, SECOND_ENDS = 0.3, 0.5
FINALISTS = 2
FEWEST_STEPS = 20
UNTIMED, TIMED = 1, 4  # training steps by which the time of an epoch is estimated
logger = logging.getLogger("dnaseq")


def candidates_of(cfg: DictConfig, command: str) -> dict[str, DictConfig]:
    """The configurations to choose among, by name; none without experiment=auto.

    `command` is what the user typed, which holds for all of them. Raises ConfigError for a search that can find
    nothing.
    """
    if not cfg.auto:
        return {}
    if not (cfg.auto.candidates and cfg.auto.minutes > 0 and cfg.auto.members >= 1):
        raise ConfigError("auto needs candidates, minutes above 0 and at least 1 of members")
    if cfg.ensemble != 1:
        raise ConfigError("ensemble: experiment=auto chooses how many networks. Use auto.members")
    found = {name: _candidate(cfg, command, name) for name in cfg.auto.candidates}
    if cfg.data.stranded:  # what needs the other strand is no candidate
        found = {name: own for name, own in found.items() if own.strands == ONE}
    if not found:
        raise ConfigError(
            "auto.candidates: each needs the other strand, but the data have one (data.stranded=true)"
        )
    return found


def found_recipe(
    folder: Path, cfg: DictConfig, candidates: dict[str, DictConfig], module: SequenceDataModule
) -> list[DictConfig]:
    """The configurations of the ensemble that the search ends with, written to search.json with all it tried.

    A run that goes on takes what it had found, by a copy that nobody edits, or searches anew. Raises ModelFileError
    where that is damaged.
    """
    if (folder / KEPT).exists():
        try:
            return _members(candidates, read_sealed(folder / KEPT))
        except ValueError as error:
            raise ModelFileError(f"{folder / KEPT}: damaged. Remove it to search anew") from error
    shutil.rmtree(folder / WORK, ignore_errors=True)
    began, budget = time.monotonic(), 60 * cfg.auto.minutes
    trials, costs = _searched(folder, cfg, candidates, module, began)
    winner = _best(trials, cfg.monitor)[0]
    seconds = began + budget - time.monotonic()
    own = affordable(candidates[winner], costs[winner], seconds)
    of_one = costs[winner].seconds * costs[winner].steps_of(own)
    count = min(max(int(seconds / of_one), 1), cfg.auto.members)
    plain = OmegaConf.to_container(own, resolve=True)
    found = {"minutes": cfg.auto.minutes, "monitor": cfg.monitor, "trials": trials, "winner": winner}
    found |= {"epochs": own.max_epochs, "limit_batches": own.trainer.limit_batches}
    found |= {"seeds": member_seeds(cfg.seed, count), "recipe": {key: plain[key] for key in RECIPE}}
    logger.info("the best: %s; networks: %d, epochs of each: %d", winner, count, own.max_epochs)
    write_json(folder / FOUND, found)
    write_sealed(folder / KEPT, found)
    shutil.rmtree(folder / WORK)
    return _members(candidates, found)


def _searched(
    folder: Path, cfg: DictConfig, candidates: dict[str, DictConfig], module: SequenceDataModule, began: float
) -> tuple[list[dict], dict[str, "Cost"]]:
    """Both rounds, counted from the moment `began`: every trial, and what each candidate's training costs."""
    budget = 60 * cfg.auto.minutes
    for_timing = FIRST_ENDS * budget / (4 * len(candidates))
    costs = {name: cost_of(prepared(own, folder, module), for_timing) for name, own in candidates.items()}
    trials: list[dict] = []
    left = list(candidates)
    for number, share in enumerate((FIRST_ENDS, SECOND_ENDS), 1):
        for place, name in enumerate(left):
            seconds = (began + share * budget - time.monotonic()) / (len(left) - place)
            own = affordable(candidates[name], costs[name], seconds)
            steps = costs[name].steps_of(own)
            if any(trial["candidate"] == name and trial["steps"] >= steps for trial in trials):
                continue  # it has been trained for longer already
            trial = _tried(folder / WORK / f"{name}-{number}", own, module)
            costs[name] = Cost(max(trial["seconds"], 0.01) / steps, costs[name].steps)
            trials.append({"round": number, "candidate": name, "steps": steps, **trial})
            told = (number, name, cfg.monitor, trial["score"], steps)
            logger.info("round %d, %s: %s %s after %d steps", *told)
        left = _best(trials, cfg.monitor)[:FINALISTS]
    return trials, costs


def _candidate(cfg: DictConfig, command: str, name: str) -> DictConfig:
    """The configuration of a run with the recipe of an experiment, but for what the user has set."""
    not_of_recipe = ("experiment=", "auto", "run_dir=", "resume=")
    typed = [one for one in shlex.split(command)[2:] if not one.lstrip("+").startswith(not_of_recipe)]
    try:
        recipe = compose("train", overrides=[*typed, f"experiment={name}"])
    except HydraException as error:
        raise ConfigError(f"auto.candidates: {name}: {explained(error, [])}") from error
    own = cfg.copy()
    for key in RECIPE:
        own[key] = recipe[key]
    return own


class Cost(NamedTuple):
    """What training costs."""

    seconds: float  # a step
    steps: int  # an epoch

    def steps_of(self, cfg: DictConfig) -> int:
        """The steps of a training."""
        return cfg.max_epochs * min(self.steps, cfg.trainer.limit_batches or self.steps)


def cost_of(member: Member, most_seconds: float) -> Cost:
    """An estimate from a few training steps, which leave the member of no more use."""
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
    """The configuration with as many of its epochs as fit into the time; less than one is a part of one."""
    own = cfg.copy()
    steps = min(cost.steps, cfg.trainer.limit_batches or cost.steps)
    fitting = max(int(seconds / cost.seconds), FEWEST_STEPS)
    own.max_epochs = min(max(fitting // steps, 1), cfg.max_epochs)
    if fitting < steps:
        own.trainer.limit_batches = fitting
    return own


def _tried(folder: Path, cfg: DictConfig, module: SequenceDataModule) -> dict:
    """What came of a training; the score of one that diverged is null."""
    member = prepared(cfg, folder, module)
    began = time.monotonic()
    try:
        train(member)
        score = best_value(folder, cfg.monitor)
    except DivergedError:
        score = math.nan
    return {
        "epochs": cfg.max_epochs,
        "seconds": round(time.monotonic() - began, 2),
        "score": None if math.isnan(score) else score,
        "parameters": member.n_weights,
    }


def _best(trials: list[dict], monitor: str) -> list[str]:
    """The candidates by the best score that each has reached, the best first."""
    sign = -1 if MONITORS[monitor] == "max" else 1
    known = [trial for trial in trials if trial["score"] is not None]
    if not known:
        raise DivergedError("every candidate diverged. Try a smaller optimizer.lr")
    ordered = sorted(known, key=lambda trial: sign * trial["score"])
    return list(dict.fromkeys(trial["candidate"] for trial in ordered))


def _members(candidates: dict[str, DictConfig], found: dict) -> list[DictConfig]:
    members = []
    for seed in found["seeds"]:
        own = candidates[found["winner"]].copy()
        own.seed, own.max_epochs = seed, found["epochs"]
        own.trainer.limit_batches = found["limit_batches"]
        members.append(own)
    return members

"""Resumption of a stopped training: its checkpoint, its end, and its best weights.

A training resumes only from checkpoints that lead to the same weights as without a stop; else there is an error,
never other weights.
"""

import logging
from pathlib import Path
from typing import Any, NamedTuple

import torch

from dnaseq.errors import FileAccessError, ModelFileError
from dnaseq.training.checkpoints import BEST, LAST, PREVIOUS, RUN, read_checkpoint

CHECKPOINTS = "checkpoints"  # folder in that of a training
logger = logging.getLogger("dnaseq")


class Checkpoint(NamedTuple):
    """A checkpoint from which a training can resume."""

    path: Path
    content: dict[str, Any]


def newest_checkpoint(folder: Path, run: str) -> Checkpoint | None:
    """Read last.ckpt to resume a training; None before the end of its first epoch.

    `run` is the key of the training. Where last.ckpt cannot be used, or best.ckpt is damaged but will be written again
    by the last epoch, previous.ckpt takes its place, with a note. Raises ModelFileError where that cannot be used
    either.
    """
    place = folder / CHECKPOINTS
    if not any((place / name).exists() for name in (LAST, PREVIOUS)):
        return None
    found, faults = _read(place, run)
    last, best, previous = (found.get(name) for name in (LAST, BEST, PREVIOUS))
    if last and _fits(best, last):
        return Checkpoint(place / LAST, last)
    fault = (
        faults.get(LAST)
        or faults.get(BEST)
        or f"{place / BEST}: does not hold the best epoch of this training"
    )
    improved = last and previous and _best_score(last) != _best_score(previous)
    if not (previous and (improved or _fits(best, previous))):
        raise ModelFileError(f"{fault}. Remove {place}/*.ckpt to train from the start")
    logger.warning("note: %s. Resuming from %s", fault, place / PREVIOUS)
    if last:  # it stays, to show that its epoch will write best.ckpt
        return Checkpoint(place / PREVIOUS, previous)
    (place / PREVIOUS).replace(place / LAST)  # so that the damaged one does not become previous.ckpt
    return Checkpoint(place / LAST, previous)


def _read(place: Path, run: str) -> tuple[dict[str, dict], dict[str, str]]:
    """Read the checkpoints: name -> content of those that can be used, and name -> reason for the others."""
    found: dict[str, dict] = {}
    faults: dict[str, str] = {}
    for name in (LAST, BEST, PREVIOUS):
        try:
            found[name] = _of_run(place / name, run)
        except (ModelFileError, FileAccessError) as error:
            faults[name] = str(error) if (place / name).exists() else f"{place / name}: missing"
    return found, faults


def has_ended(last: dict[str, Any], max_epochs: int, patience: int) -> bool:
    """Check that training itself was over when the run was stopped: all epochs done, or none better for a while."""
    stopping = next(state for name, state in last["callbacks"].items() if name.startswith("EarlyStopping"))
    return last["epoch"] + 1 >= max_epochs or stopping["wait_count"] >= patience


def take_best(net: torch.nn.Module, folder: Path, run: str) -> None:
    """Give the network, on the CPU, the weights of the best epoch."""
    last, best = (_of_run(folder / CHECKPOINTS / name, run) for name in (LAST, BEST))
    if not _fits(best, last) or best["epoch"] > last["epoch"]:
        raise ModelFileError(f"{folder / CHECKPOINTS / BEST}: does not hold the best epoch of this training")
    prefix = "net."
    weights = {name[len(prefix) :]: t for name, t in best["state_dict"].items() if name.startswith(prefix)}
    net.cpu().load_state_dict(weights)


def _of_run(path: Path, run: str) -> dict[str, Any]:
    found = read_checkpoint(path)
    if run and found[RUN] != run:
        raise ModelFileError(f"{path}: of another training")
    return found


def _fits(best: dict[str, Any] | None, other: dict[str, Any]) -> bool:
    """Check that a training that resumes from a checkpoint may keep best.ckpt: it was the best then, or is of an epoch
    that will be trained again."""
    return best is not None and (best["epoch"] > other["epoch"] or _best_score(best) == _best_score(other))


def _best_score(checkpoint: dict[str, Any]) -> float:
    """Return the best value of the monitored score up to a checkpoint."""
    states = [state for state in checkpoint["callbacks"].values() if state.get("monitor")]
    return float(next(state["best_model_score"] for state in states if "best_model_score" in state))

"""Trials in an Optuna study that survives its processes: claimed one by one, taken over where a process was killed.

That a trial is abandoned is told by the lock that its process holds (presence.py), not by heartbeats, which declare
slow processes dead. An abandoned trial is not failed and repeated but goes on under its number, from its last
checkpoint, so that none is lost or counted twice. Whatever makes or claims a trial does so under one lock, which two
processes that create one study at once would need in any case.
"""

import math
import time
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import optuna
from optuna.exceptions import StorageInternalError
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner
from optuna.samplers import BaseSampler, TPESampler
from optuna.trial import FrozenTrial, Trial, TrialState
from sqlalchemy.exc import SQLAlchemyError

from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.tasks.search.locks import alone, is_present
from dnaseq.tasks.search.space import CHOICE, INT, Dimension, rounded, suggested

NAME, LOCK, FILE = "sweep", "lock", "study.db"
STATES = {TrialState.COMPLETE: "complete", TrialState.PRUNED: "pruned", TrialState.FAIL: "failed"}
PRUNERS = ("median", "hyperband", "none")
UNPRUNED_TRIALS, UNPRUNED_EPOCHS = 5, 2  # before the median says anything
LATE, WORSE = "time was over", "worse than others at this epoch"
PATIENCE = 60  # seconds for another process to finish writing
MOST_STARTS = 5  # of a trial whose process ends each time before it has trained for one more epoch
FEWEST_WEIGHED = 5  # complete trials, of which importance is told
optuna.logging.set_verbosity(optuna.logging.WARNING)


class Rules(NamedTuple):
    """How a study searches; the same in every process."""

    space: list[Dimension]
    known: dict[str, object]  # values of keys that conditions speak of and that are not searched
    first: dict[str, object]  # what the first trial tries
    direction: str  # min or max
    pruner: str
    max_epochs: int
    seed: int


class Record(NamedTuple):
    """What is known of a trial."""

    number: int
    state: str  # complete, pruned, failed or running
    value: float | None  # the best of the monitored score
    params: dict[str, object]
    seconds: float
    epochs: int
    reason: str  # why it failed or was stopped


class Study:
    """The trials of one folder, as one process sees them."""

    def __init__(self, folder: Path, rules: Rules, process: str):
        self.folder, self.rules, self.process = folder, rules, process
        folder.mkdir(parents=True, exist_ok=True)
        place = str((folder / FILE).resolve()).replace("{", "{{").replace("}", "}}")  # Optuna fills it in
        with self.alone():
            storage = optuna.storages.RDBStorage(
                f"sqlite:///{place}", engine_kwargs={"connect_args": {"timeout": PATIENCE}}
            )
            self._study = optuna.create_study(
                storage=storage,
                study_name=NAME,
                direction={"min": "minimize", "max": "maximize"}[rules.direction],
                sampler=NumberedTPE(rules.seed),
                pruner=pruner_of(rules.pruner, rules.max_epochs),
                load_if_exists=True,
            )

    def alone(self):
        """Held while trials are made or claimed, by one process at a time."""
        return alone(self.folder / LOCK)

    def claim(self, limit: int, seconds: float = math.inf) -> "Claim | None":
        """A trial for this process: one that a killed process has left, or a new one.

        None where `limit` trials were made, or `seconds` of searching are over, as far as it concerns new ones.
        """
        with self.alone():
            made = [t for t in self._trials() if t.state != TrialState.WAITING]
            for trial in made:
                if trial.state == TrialState.RUNNING and not self._is_held(trial):
                    claim = self._taken(Trial(self._study, trial._trial_id), seconds)
                    if claim is not None:
                        return claim
            if len(made) >= limit or _seconds_of(made) >= seconds:
                return None
            if not self._trials():
                self._study.enqueue_trial(self.rules.first)
            return self._taken(self._study.ask(), seconds)

    def is_busy(self) -> bool:
        """Whether a trial is running, in whatever process, or was left."""
        return any(trial.state == TrialState.RUNNING for trial in self._trials())

    def records(self) -> list[Record]:
        """Every trial that was begun, by number."""
        return [_record(t, self.rules.direction) for t in self._trials() if t.state != TrialState.WAITING]

    def importance(self) -> dict[str, float]:
        """Key -> share of what the values depend on (PED-ANOVA, Watanabe et al. 2023); none of too few trials."""
        if sum(trial.state == TrialState.COMPLETE for trial in self._trials()) < FEWEST_WEIGHED:
            return {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = optuna.importance.get_param_importances(self._study)
        return {key: float(share) for key, share in found.items()}

    def _trials(self) -> list[FrozenTrial]:
        return self._study.get_trials(deepcopy=False)

    def _is_held(self, trial: FrozenTrial) -> bool:
        process = trial.user_attrs.get("process")  # which it has when the lock is released
        return process is not None and (process == self.process or is_present(self.folder, process))

    def _taken(self, trial: Trial, seconds: float) -> "Claim | None":
        """The trial as this process's own; None where it has been begun too often in vain, and is failed now."""
        known = _record(self._frozen(trial), self.rules.direction)
        starts = [*trial.user_attrs.get("starts", []), known.epochs]
        trial.set_user_attr("starts", starts)
        if starts.count(known.epochs) > MOST_STARTS:
            reason = f"its process ended {MOST_STARTS} times in epoch {known.epochs}"
            trial.set_user_attr("reason", reason)
            self._study.tell(trial, state=TrialState.FAIL)
            return None
        trial.set_user_attr("process", self.process)
        params = suggested(self.rules.space, lambda dimension: _ask(trial, dimension), self.rules.known)
        spans = [*trial.user_attrs.get("spans", []), [time.time()] * 2]
        trial.set_user_attr("spans", spans)
        spent = _seconds_of(self._trials())
        return Claim(self._study, trial, params, known.epochs, time.time() + seconds - spent)

    def _frozen(self, trial: Trial) -> FrozenTrial:
        return next(one for one in self._trials() if one.number == trial.number)


@contextmanager
def readable(folder: Path) -> Iterator[None]:
    """Raise FileAccessError where the study of a folder can no longer be read or written: it is damaged, or the disk
    is full."""
    try:
        yield
    except (SQLAlchemyError, StorageInternalError) as error:
        cause = error if isinstance(error, SQLAlchemyError) else error.__cause__
        why = getattr(cause, "orig", None) or "see the disk"
        raise FileAccessError(f"{folder / FILE}: cannot read or write the trials ({why})") from error


class Claim:
    """A trial while a process trains it."""

    def __init__(self, study: optuna.Study, trial: Trial, params: dict, epochs: int, deadline: float):
        self._study, self._trial, self._deadline = study, trial, deadline
        self.number, self.params, self.epochs = trial.number, params, epochs
        self.stopped = ""  # why it is not to be trained on

    def is_to_stop(self) -> bool:
        """Whether other trials were better at this epoch, or the time is over; not before the first epoch ended."""
        if self.epochs and not self.stopped:
            late = time.time() >= self._deadline
            self.stopped = LATE if late else WORSE if self._trial.should_prune() else ""
        return bool(self.stopped)

    def report(self, epoch: int, value: float) -> bool:
        """Note the score after an epoch (from 0); the answer is that of is_to_stop."""
        self._trial.report(value, epoch)
        self._end_span()
        self.epochs = epoch + 1
        return self.is_to_stop()

    def finish(self, value: float) -> None:
        """The end of training: a complete trial of that value, a pruned one, or a failed one where it is no number."""
        if not math.isfinite(value):
            self.fail(f"its score is {value}")
            return
        self._end_span()
        if self.stopped:
            self._trial.set_user_attr("reason", self.stopped)
            self._study.tell(self._trial, state=TrialState.PRUNED)
        else:
            self._study.tell(self._trial, value)

    def fail(self, reason: str) -> None:
        self._end_span()
        self._trial.set_user_attr("reason", reason)
        self._study.tell(self._trial, state=TrialState.FAIL)

    def _end_span(self) -> None:
        spans = self._trial.user_attrs["spans"]
        self._trial.set_user_attr("spans", [*spans[:-1], [spans[-1][0], time.time()]])


class NumberedTPE(BaseSampler):
    """Tree-structured Parzen estimator (Bergstra et al. 2011) whose random numbers depend on the seed, the number of
    the trial and the key alone: a sweep that was stopped goes on as if it had not been, and processes that begin
    with the same seed do not try the same."""

    def __init__(self, seed: int):
        self.seed = seed

    def infer_relative_search_space(self, study, trial):
        return self._of(trial).infer_relative_search_space(study, trial)

    def sample_relative(self, study, trial, search_space):
        return self._of(trial).sample_relative(study, trial, search_space)

    def sample_independent(self, study, trial, param_name, param_distribution):
        sampler = self._of(trial, param_name)
        return sampler.sample_independent(study, trial, param_name, param_distribution)

    def _of(self, trial: FrozenTrial, key: str = "") -> TPESampler:
        numbers = (self.seed, trial.number, zlib.crc32(key.encode()))
        return TPESampler(seed=int(np.random.SeedSequence(numbers).generate_state(1)[0]))


def pruner_of(name: str, max_epochs: int) -> BasePruner:
    """What ends trainings that promise little. Raises ConfigError for an unknown name."""
    if name not in PRUNERS:
        raise ConfigError(f"sweep.pruner must be one of {', '.join(PRUNERS)}; got {name!r}")
    if name == "median":
        return MedianPruner(n_startup_trials=UNPRUNED_TRIALS, n_warmup_steps=UNPRUNED_EPOCHS)
    return HyperbandPruner(min_resource=1, max_resource=max_epochs) if name == "hyperband" else NopPruner()


def _ask(trial: Trial, dimension: Dimension) -> object:
    if dimension.kind == CHOICE:
        return trial.suggest_categorical(dimension.key, dimension.values)
    low, high = dimension.values
    if dimension.kind == INT:
        return trial.suggest_int(dimension.key, low, high, step=dimension.step or 1, log=dimension.log)
    return trial.suggest_float(dimension.key, low, high, step=dimension.step, log=dimension.log)


def _record(trial: FrozenTrial, direction: str) -> Record:
    best = min if direction == "min" else max
    scores = [score for score in trial.intermediate_values.values() if math.isfinite(score)]
    value = trial.value if trial.state == TrialState.COMPLETE else best(scores, default=None)
    epochs = max(trial.intermediate_values, default=-1) + 1
    state = STATES.get(trial.state, "running")
    seconds = sum(end - begin for begin, end in trial.user_attrs.get("spans", []))
    params = {key: rounded(one) for key, one in trial.params.items()}
    return Record(trial.number, state, value, params, seconds, epochs, trial.user_attrs.get("reason", ""))


def _seconds_of(trials: list[FrozenTrial]) -> float:
    """How long there was searching: the union of the times in which a trial was trained."""
    spans = sorted(span for trial in trials for span in trial.user_attrs.get("spans", []))
    total, reached = 0.0, -math.inf
    for begin, end in spans:
        total += max(end - max(begin, reached), 0)
        reached = max(reached, end)
    return total

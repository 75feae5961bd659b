"""Trials in an Optuna study that survives its processes: claimed one by one, and again where a process was killed.

The lock of a process (locks.py) shows that it is alive; heartbeats would declare slow processes dead. The trial of a
killed process is not failed and repeated: it resumes under its number, from its last checkpoint, so that none is lost
or counted twice. Trials are made and claimed under one lock, which also serves two processes that create a study at
once.
"""

import math
import time
import warnings
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import optuna
from optuna.distributions import BaseDistribution
from optuna.exceptions import StorageInternalError
from optuna.pruners import BasePruner, HyperbandPruner, MedianPruner, NopPruner
from optuna.samplers import BaseSampler, TPESampler
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, Trial, TrialState
from sqlalchemy.exc import SQLAlchemyError

from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.evaluation.comparison.searches import TrialResult
from dnaseq.tasks.search.locks import hold_lock, is_alive
from dnaseq.tasks.search.space import CHOICE, INT, Dimension, rounded, suggest_values

Space = dict[str, BaseDistribution]
NAME, LOCK, FILE = "sweep", "lock", "study.db"
STATES = {TrialState.COMPLETE: "complete", TrialState.PRUNED: "pruned", TrialState.FAIL: "failed"}
PRUNERS = ("median", "hyperband", "none")
UNPRUNED_TRIALS, UNPRUNED_EPOCHS = 5, 2  # before the median pruner starts
LATE, WORSE = "time was over", "worse than others at this epoch"
PATIENCE = 60  # seconds for another process to finish writing
MOST_STARTS = 5  # starts of a trial whose process ends each time before the next epoch does
FEWEST_WEIGHED = 5  # complete trials for importances
optuna.logging.set_verbosity(optuna.logging.WARNING)


class Rules(NamedTuple):
    """The rules of a search; the same in every process."""

    space: list[Dimension]
    known: dict[str, object]  # values of keys in conditions that are not searched
    first: dict[str, object]  # values of the first trial
    direction: str  # min or max
    pruner: str
    max_epochs: int
    seed: int


class Study:
    """The trials of one folder, for one process."""

    def __init__(self, folder: Path, rules: Rules, process: str):
        self.folder, self.rules, self.process = folder, rules, process
        folder.mkdir(parents=True, exist_ok=True)
        place = str((folder / FILE).resolve()).replace("{", "{{").replace("}", "}}")  # Optuna fills it in
        with self.lock():
            storage = optuna.storages.RDBStorage(
                f"sqlite:///{place}", engine_kwargs={"connect_args": {"timeout": PATIENCE}}
            )
            self._study = optuna.create_study(
                storage=storage,
                study_name=NAME,
                direction=StudyDirection.MINIMIZE if rules.direction == "min" else StudyDirection.MAXIMIZE,
                sampler=NumberedTPE(rules.seed),
                pruner=build_pruner(rules.pruner, rules.max_epochs),
                load_if_exists=True,
            )

    def lock(self) -> AbstractContextManager[bool]:
        """Lock the study while trials are made or claimed, for one process at a time."""
        return hold_lock(self.folder / LOCK)

    def claim(self, limit: int, seconds: float = math.inf) -> "Claim | None":
        """Claim a trial for this process: that of a killed process, or a new one.

        Return None instead of a new one where `limit` trials were made, or `seconds` of searching are over.
        """
        with self.lock():
            made = [t for t in self._trials() if t.state != TrialState.WAITING]
            for trial in made:
                if trial.state == TrialState.RUNNING and not self._is_held(trial):
                    claim = self._claim(Trial(self._study, trial._trial_id), seconds)
                    if claim is not None:
                        return claim
            if len(made) >= limit or _seconds_of(made) >= seconds:
                return None
            if not self._trials():
                self._study.enqueue_trial(self.rules.first)
            return self._claim(self._study.ask(), seconds)

    def is_busy(self) -> bool:
        """Check if a trial is running, in any process, or waits to be resumed."""
        return any(trial.state == TrialState.RUNNING for trial in self._trials())

    def records(self) -> list[TrialResult]:
        """List every trial that was begun, by number."""
        return [_record(t, self.rules.direction) for t in self._trials() if t.state != TrialState.WAITING]

    def importance(self) -> dict[str, float]:
        """Compute key -> share of the variation of the values (PED-ANOVA, Watanabe et al. 2023); {} for few trials."""
        if sum(trial.state == TrialState.COMPLETE for trial in self._trials()) < FEWEST_WEIGHED:
            return {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = optuna.importance.get_param_importances(self._study)
        return {key: float(share) for key, share in found.items()}

    def _trials(self) -> list[FrozenTrial]:
        return self._study.get_trials(deepcopy=False)

    def _is_held(self, trial: FrozenTrial) -> bool:
        process = trial.user_attrs.get("process")  # set before the lock is released
        return process is not None and (process == self.process or is_alive(self.folder, process))

    def _claim(self, trial: Trial, seconds: float) -> "Claim | None":
        """Claim a trial for this process; None where it was started too often, and is failed now."""
        known = _record(self._frozen(trial), self.rules.direction)
        starts = [*trial.user_attrs.get("starts", []), known.epochs]
        trial.set_user_attr("starts", starts)
        if starts.count(known.epochs) > MOST_STARTS:
            reason = f"its process ended {MOST_STARTS} times in epoch {known.epochs + 1}"
            trial.set_user_attr("reason", reason)
            self._study.tell(trial, state=TrialState.FAIL)
            return None
        trial.set_user_attr("process", self.process)
        params = suggest_values(self.rules.space, lambda dimension: _ask(trial, dimension), self.rules.known)
        spans = [*trial.user_attrs.get("spans", []), [time.time()] * 2]
        trial.set_user_attr("spans", spans)
        spent = _seconds_of(self._trials())
        return Claim(self._study, trial, params, known.epochs, time.time() + seconds - spent)

    def _frozen(self, trial: Trial) -> FrozenTrial:
        return next(one for one in self._trials() if one.number == trial.number)


@contextmanager
def readable(folder: Path) -> Iterator[None]:
    """Raise FileAccessError where the study of a folder cannot be read or written: damaged, or the disk is full."""
    try:
        yield
    except (SQLAlchemyError, StorageInternalError) as error:
        cause = error if isinstance(error, SQLAlchemyError) else error.__cause__
        why = getattr(cause, "orig", None) or "see the disk"
        raise FileAccessError(f"{folder / FILE}: cannot read or write the trials ({why})") from error


class Claim:
    """A trial in training by this process."""

    def __init__(self, study: optuna.Study, trial: Trial, params: dict, epochs: int, deadline: float):
        self._study, self._trial, self._deadline = study, trial, deadline
        self.number, self.params, self.epochs = trial.number, params, epochs
        self.stopped = ""  # the reason of its stop

    def is_to_stop(self) -> bool:
        """Check if other trials were better at this epoch, or the time is over; not before the first epoch ended."""
        if self.epochs and not self.stopped:
            late = time.time() >= self._deadline
            self.stopped = LATE if late else WORSE if self._trial.should_prune() else ""
        return bool(self.stopped)

    def report(self, epoch: int, value: float) -> bool:
        """Report the score after an epoch (from 0); return is_to_stop."""
        self._trial.report(value, epoch)
        self._end_span()
        self.epochs = epoch + 1
        return self.is_to_stop()

    def finish(self, value: float) -> None:
        """End the trial: complete with that value, pruned if it was stopped, or failed if the value is not finite."""
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
    the trial and the key alone. So a sweep that was stopped resumes as if it had not been, and processes with the
    same seed do not try the same values."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def infer_relative_search_space(self, study: optuna.Study, trial: FrozenTrial) -> Space:
        return self._sampler(trial).infer_relative_search_space(study, trial)

    def sample_relative(self, study: optuna.Study, trial: FrozenTrial, search_space: Space) -> dict[str, Any]:
        return self._sampler(trial).sample_relative(study, trial, search_space)

    def sample_independent(
        self, study: optuna.Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        sampler = self._sampler(trial, param_name)
        return sampler.sample_independent(study, trial, param_name, param_distribution)

    def _sampler(self, trial: FrozenTrial, key: str = "") -> TPESampler:
        numbers = (self.seed, trial.number, zlib.crc32(key.encode()))
        return TPESampler(seed=int(np.random.SeedSequence(numbers).generate_state(1)[0]))


def build_pruner(name: str, max_epochs: int) -> BasePruner:
    """Build the pruner, which stops trials without promise. Raises ConfigError for an unknown name."""
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
        return trial.suggest_int(dimension.key, low, high, step=int(dimension.step or 1), log=dimension.log)
    return trial.suggest_float(dimension.key, low, high, step=dimension.step, log=dimension.log)


def _record(trial: FrozenTrial, direction: str) -> TrialResult:
    best = min if direction == "min" else max
    scores = [score for score in trial.intermediate_values.values() if math.isfinite(score)]
    value = trial.value if trial.state == TrialState.COMPLETE else best(scores, default=None)
    epochs = max(trial.intermediate_values, default=-1) + 1
    state = STATES.get(trial.state, "running")
    seconds = sum(end - begin for begin, end in trial.user_attrs.get("spans", []))
    params = {key: rounded(one) for key, one in trial.params.items()}
    return TrialResult(
        trial.number, state, value, params, seconds, epochs, trial.user_attrs.get("reason", "")
    )


def _seconds_of(trials: list[FrozenTrial]) -> float:
    """Compute the time of the search: the union of the times in which a trial was trained."""
    spans = sorted(span for trial in trials for span in trial.user_attrs.get("spans", []))
    total, reached = 0.0, -math.inf
    for begin, end in spans:
        total += max(end - max(begin, reached), 0)
        reached = max(reached, end)
    return total

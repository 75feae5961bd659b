"""Results of searches as recipe.json, search.json and sweep.json hold them."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from dnaseq.evaluation.comparison.results import Values


class Recipe(Struct, frozen=True):
    """Settings for a training, and the reasons for them."""

    found: str  # a sentence
    log_loss: Values  # linear model -> log loss in cross-validation on training records
    settings: list[str]  # overrides
    kept: list[str]  # overrides of the user that replace some of the recipe
    seconds: float


class CandidateTrial(Struct, frozen=True):
    """A candidate, trained for a part of its epochs; the score is None where training diverged."""

    round: int
    candidate: str
    epochs: int
    steps: int
    seconds: float
    score: float | None
    parameters: int


class RecipeSearch(Struct, frozen=True, kw_only=True):
    """The search of experiment=auto; `blend` is a sentence on the linear model that may join the networks."""

    found: str | UnsetType = UNSET
    log_loss: Values | UnsetType = UNSET
    monitor: str
    minutes: float | None = None
    trials: list[CandidateTrial]
    winner: str
    epochs: int
    limit_batches: int | None
    seeds: list[int]
    recipe: dict[str, Any] = {}
    blend: str | UnsetType = UNSET


class SearchedKey(Struct, frozen=True):
    """One setting that a sweep searches."""

    key: str  # as in an override of dnaseq train
    kind: str
    values: tuple[Any, ...]  # lowest and highest, or the choices
    log: bool = False  # even on a logarithmic scale
    step: float | None = None
    when: dict[str, tuple[Any, ...]] | None = None  # searched only where each key has one of its values
    optional: bool = False  # not searched where the configuration has no such key


class TrialResult(Struct, frozen=True):
    """The state of a trial of a sweep."""

    number: int
    state: str  # complete, pruned, failed or running
    value: float | None  # the best of the monitored score
    params: dict[str, Any]
    seconds: float
    epochs: int
    reason: str  # why it failed or was stopped


class BestTrial(Struct, frozen=True, kw_only=True):
    """The best configuration of a sweep, and the command that trains it."""

    number: int
    name: str
    value: float | None
    params: dict[str, Any]
    overrides: list[str] = []
    command: str


class RunRow(Struct, frozen=True):
    """A run of one seed, or the reason why it failed."""

    name: str
    seed: int | None
    failed: str | None
    metrics: Values | UnsetType = UNSET
    parameters: int | UnsetType | None = UNSET
    seconds: float | UnsetType | None = UNSET
    folder: str | UnsetType = UNSET


class Sweep(Struct, frozen=True, kw_only=True):
    """A hyperparameter sweep: what was searched, every trial, and the runs of the best and the default settings."""

    data: str
    model: str
    monitor: str
    direction: str
    seed: int | None = None
    max_epochs: int | None = None
    pruner: str | None = None
    limits: dict[str, Any] = {}
    space: list[SearchedKey]
    counts: dict[str, int] = {}
    trials: list[TrialResult]
    importance: dict[str, float] = {}
    best: BestTrial | None
    finals: list[RunRow]
    failed: str = ""
    command: str = ""
    versions: dict[str, Any] = {}
    comparison: str | None = None  # the folder of the paired tests

"""Results as scores.json and comparison.json hold them. What a run, or one of an older version, lacks is UNSET."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType

from dnaseq.evaluation.decisions.abstention import Selective
from dnaseq.evaluation.decisions.calibration import Calibration
from dnaseq.evaluation.decisions.thresholds import Decision
from dnaseq.schemas import Estimate, InitialNetwork, LabelledFile

Values = dict[str, float | None]  # metric -> value, None where it is undefined


class AgainstBaseline(Struct, frozen=True):
    """The model minus its best baseline in a metric, with its test. All None where it is undefined."""

    baseline: str
    metric: str
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    test: str
    words: str = ""


class Pair(Struct, frozen=True, kw_only=True):
    """Model a minus model b in a metric; `p_holm` is corrected for the number of pairs (Holm 1979)."""

    a: str
    b: str
    metric: str
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    p_holm: float | None = None
    test: str
    words: str = ""


class Fold(Struct, frozen=True, kw_only=True):
    """A fold of a cross-validation, counted from 1 in each repeat, with its numbers of records."""

    fold: int
    repeat: int
    n_train: int
    n_val: int | UnsetType = UNSET
    n_test: int
    metrics: Values


class Scores(Struct, frozen=True, kw_only=True):
    """The scores of a run on its test records; of a cross-validation, means over its folds."""

    data: str
    split_by: str | UnsetType = UNSET
    seed: int | UnsetType | None = UNSET
    model: str
    parameters: int | UnsetType | None = UNSET
    split: str = "test"
    n: int
    classes: list[str]
    task: str | UnsetType = UNSET
    metrics: dict[str, Estimate]
    baselines: dict[str, dict[str, Estimate]] = {}
    pooled: dict[str, Estimate] | UnsetType = UNSET
    folds: list[Fold] | UnsetType = UNSET
    comparison: AgainstBaseline | UnsetType | None = UNSET
    threshold: float | UnsetType | None = UNSET
    decision: Decision | UnsetType | None = UNSET
    calibration: Calibration | UnsetType | None = UNSET
    selective: Selective | UnsetType | None = UNSET
    no_baselines: str | UnsetType = UNSET
    leaks: dict[str, int | None] | UnsetType | None = UNSET
    dropped: dict[str, Any] | UnsetType | None = UNSET
    init: InitialNetwork | UnsetType = UNSET
    fingerprints: dict[str, list[LabelledFile]] | UnsetType = UNSET
    novel: int | UnsetType | None = UNSET
    command: str | UnsetType = UNSET
    versions: dict[str, Any] | UnsetType = UNSET
    seconds: Values | UnsetType = UNSET


class SeedsEstimate(Estimate, frozen=True, kw_only=True):
    """A mean over seeds, the value of each, and their standard deviation; None for one seed."""

    seeds: list[float | None]
    sd_seeds: float | None


class ComparedModel(Struct, frozen=True):
    """A model, with the seconds of its training, the mean over its runs."""

    name: str
    metrics: dict[str, SeedsEstimate]
    parameters: int | UnsetType | None = UNSET
    seconds: float | UnsetType | None = UNSET


class ComparedRun(Struct, frozen=True):
    """A run of a comparison, with the settings in which the runs differ; the folder is that seen from its own."""

    name: str
    seed: int | None = None
    settings: dict[str, Any] = {}
    folder: str = ""


class FailedRun(Struct, frozen=True):
    """A run that is missing in a comparison."""

    name: str
    seed: int | None = None
    reason: str = ""


class Comparison(Struct, frozen=True, kw_only=True):
    """Models on the same n records, and every pair of them; `words` are the conclusions in sentences."""

    kind: str = ""
    data: str = ""
    seed: int | None = None
    command: str = ""
    versions: dict[str, Any] = {}
    runs: list[ComparedRun] = []
    n: int
    groups: int | None = None  # None where records do not come in groups
    classes: list[str]
    models: list[ComparedModel]
    pairs: list[Pair]
    words: list[str]
    failed: list[FailedRun] = []

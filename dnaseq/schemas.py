"""Typed records of JSON files: types that several of them share, and the one way to read plain values as a record."""

from typing import Annotated, Any, TypeVar

import msgspec
import numpy as np
from msgspec import UNSET, Meta, Struct, UnsetType

Entry = TypeVar("Entry")
Record = TypeVar("Record")
Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=1)]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]


class Estimate(Struct, frozen=True):
    """A score with its 95 % interval; None where it is undefined."""

    value: float | None
    low: float | None
    high: float | None
    over: int | UnsetType = UNSET  # of a mean that leaves out undefined ones: the number of labels or targets

    @property
    def known(self) -> tuple[float, float, float] | None:
        """Value and ends of the interval; None unless all are defined."""
        if self.value is None or self.low is None or self.high is None:
            return None
        return self.value, self.low, self.high


class AblatedMotif(Struct, frozen=True):
    """A motif whose sites were scrambled: means over records, beside those of control stretches."""

    motif: str
    records: int
    sites: int
    loss: Estimate  # score of a record less that of the scrambled record
    control_loss: Estimate
    change: Estimate  # size of the loss, whichever way the score goes
    control_change: Estimate
    difference: Estimate  # change less that of the control, over records that have both
    p: float | None  # two-sided, of no difference (Wilcoxon's signed ranks)
    p_adjusted: float | None = None  # for the number of motifs (Holm 1979)


class AblationSummary(Struct, frozen=True):
    """Results of scrambling every motif of some records."""

    target: str  # class, label or number whose score is explained
    scrambles: int  # of each record and motif
    seed: int
    meaning: str  # a sentence for a reader
    motifs: list[AblatedMotif]


class InsertedMotif(Struct, frozen=True):
    """A motif that was put into backgrounds at places and strands of its sites: means over backgrounds, beside those
    of its letters in another order."""

    motif: str
    letters: str  # that were put in: the commonest base of each position
    backgrounds: int
    effect: Estimate  # score of a background with the motif less that of the background alone
    control_effect: Estimate
    difference: Estimate  # effect less that of the control
    p: float | None  # two-sided, of no difference (Wilcoxon's signed ranks)
    p_adjusted: float | None = None  # for the number of motifs (Holm 1979)


class InsertionSummary(Struct, frozen=True):
    """Results of putting every motif into backgrounds."""

    target: str  # class, label or number whose score is explained
    seed: int
    meaning: str  # a sentence for a reader
    motifs: list[InsertedMotif]


class LabelledFile(Struct, frozen=True):
    """A file of labelled records; `learned` where records of its part train or validate."""

    file: str
    sha256: str
    learned: bool


class SharedRecords(Struct, frozen=True):
    """Records of a test set that a network had learnt before, on either strand; and of a validation set."""

    exact: int
    reverse_complement: int
    validation: int
    left_out: int  # of the test set


class InitialNetwork(Struct, frozen=True, kw_only=True):
    """The bundle that a training began with, and what of a network of it was taken."""

    bundle: str  # the last names of its path
    sha256: Sha256  # of its weights
    model: str
    encoding: str
    data: str
    n: int  # records that it was trained on
    weights: bool  # False: random ones in the same network
    freeze: str
    rate_decay: float
    tensors: int  # that were taken
    of_tensors: int
    parameters: int  # numbers in the weights that were taken
    of_parameters: int
    new: list[str] = []  # parts with weights that were not taken
    files: list[str] = []  # SHA-256 of the files that it has learnt
    shared: SharedRecords | None = None  # None: the bundle does not say which records it has learnt


Number = Annotated[float, Meta(ge=-1e30, le=1e30)]  # of a target: no float32 overflows
Positive = Annotated[float, Meta(ge=0, le=1e30)]


class IdentityLink(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="identity"):
    """Outputs of a network are in standard deviations from the mean of each target."""

    mean: list[Number]
    sd: list[Positive]

    def __post_init__(self) -> None:
        if len(self.mean) != len(self.sd):
            raise ValueError("mean and sd must be of one length")

    def values(self, outputs: np.ndarray) -> np.ndarray:
        """(..., T) outputs -> (..., T) in the units of the targets."""
        return np.array(self.mean) + np.array(self.sd) * outputs


class LogLink(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="log"):
    """Outputs of a network are logarithms of rates, in units of the mean of each target."""

    mean: list[Positive]

    def values(self, outputs: np.ndarray) -> np.ndarray:
        """(..., T) outputs -> (..., T) rates."""
        return np.array(self.mean) * np.exp(outputs)


Link = IdentityLink | LogLink


def present(entry: Entry | UnsetType | None) -> Entry:
    """Return an entry, or a record, that cannot be missing here."""
    assert entry is not UNSET
    assert entry is not None
    return entry


def convert(values: Any, kind: type[Record]) -> Record:
    """Read plain values, as JSON has them, as a typed record.

    Raises ValueError that names the first entry that is missing, unknown, of the wrong kind or out of range.
    """
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        what, _, place = str(error).partition(" - at `$")
        name = place.strip("`.").replace("[...]", "[.]")
        raise ValueError(f"{name}: " * bool(name) + what[0].lower() + what[1:]) from error

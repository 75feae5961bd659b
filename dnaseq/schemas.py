"""Typed records of JSON files: types that several of them share, and the one way to read plain values as a record."""

from typing import Annotated, Any, TypeVar

import msgspec
import numpy as np
from msgspec import UNSET, Meta, Struct, UnsetType, field

Entry = TypeVar("Entry")
Record = TypeVar("Record")
Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=1)]


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


class LabelledFile(Struct, frozen=True):
    """A file of labelled records; `learned` where records of its part train or validate."""

    file: str
    sha256: str
    learned: bool


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


class Spread(Struct, frozen=True):
    """Mean, standard deviation and quantiles of a quantity; all None where no record has it."""

    mean: float | None
    sd: float | None
    min: float | None
    q05: float | None
    q25: float | None
    median: float | None
    q75: float | None
    q95: float | None
    max: float | None


class ClassComposition(Struct, frozen=True):
    """The records of a class in a split: lengths in bases, shares of G and C, share of N, counts of letters."""

    records: int
    lengths: Spread
    gc: Spread
    n_share: float
    letters: dict[str, int]


class LengthRange(Struct, frozen=True):
    """Lengths of all records, in bases."""

    min: int
    median: float
    max: int


class LabelFacts(Struct, frozen=True):
    """A label as the files spell it; `gc` is a mean, None without any record that has A, C, G or T."""

    records: int
    gc: float | None


class Repeated(Struct, frozen=True):
    """Records of a split, and how many of them are copies of another one there."""

    records: int
    copies: int


class Groups(Struct, frozen=True):
    """Groups of similar records: `straddling` ones are in several splits."""

    number: int
    largest: int
    records_in_groups: int  # of more than one
    straddling: int


class Relatives(Struct, frozen=True):
    """Records of a split, and how many have a relative in another one, by the closest kind."""

    records: int
    exact: int
    reverse_complement: int
    near: int


class LeakPair(Struct, frozen=True, array_like=True):
    """Ids of a training-side record and of a test or validation record that is like it."""

    train: str
    held_out: str
    kind: str
    identity: float = 1.0


class Leaks(Struct, frozen=True, kw_only=True):
    """Training-side records with a relative in a test or validation set, by the closest kind (None: not looked for)."""

    exact: int | None
    reverse_complement: int | None
    near: int | None
    judges: dict[str, Relatives] | UnsetType = UNSET  # test and val, with relatives in training
    selection: Relatives | UnsetType = UNSET  # test records with relatives in validation
    ids: list[LeakPair] = []
    handling: str | UnsetType = UNSET
    dropped: dict[str, int] | UnsetType = UNSET


class KmerContrast(Struct, frozen=True):
    """The share of a k-mer in a class and in all others together."""

    kmer: str
    class_: str = field(name="class")
    frequency: float
    elsewhere: float
    log2_ratio: float


class GreatestDifference(Struct, frozen=True):
    """The position, counted from 1, at which two classes differ most: their total variation distance, 0 to 1."""

    position: int
    distance: float
    classes: list[str]


class Positions(Struct, frozen=True):
    """Shares of A, C, G and T at each of the first positions, by class, of records of one length in bases."""

    length: int
    shares: dict[str, list[list[float]]]
    greatest: GreatestDifference


class Conflict(Struct, frozen=True):
    """A record whose sequence has more than one label; a `group` is of one sequence."""

    group: int
    id: str
    label: str


class Verdict(Struct, frozen=True):
    """The result of a check: ok, note or warning, in one sentence with its numbers, without a full stop."""

    check: str
    verdict: str
    words: str


Shortcuts = dict[str, dict[str, Estimate]]  # name -> metric -> score


class Audit(Struct, frozen=True, kw_only=True):
    """Statistics of a data set, as audit.json holds them. What a training, a cross-validation or an earlier version
    does not write is UNSET."""

    classes: list[str]
    records: dict[str, dict[str, int]]  # split -> class
    records_read: int | UnsetType = UNSET
    rejected: dict[str, int] = {}  # by split
    lengths: LengthRange
    gc: dict[str, float]  # of each class
    labels: dict[str, LabelFacts] | UnsetType | None = UNSET
    ambiguous_letters: int
    repeated_sequences: int = 0
    sequences_with_two_labels: int
    records_with_two_labels: int | UnsetType = UNSET
    imbalance: float | UnsetType | None = UNSET  # None where a class has no record
    fractions: dict[str, float] | UnsetType = UNSET
    composition: dict[str, dict[str, ClassComposition]] | UnsetType = UNSET  # split -> class
    repeated: dict[str, Repeated] | UnsetType = UNSET
    two_labels_within: dict[str, int] | UnsetType = UNSET
    groups: Groups | UnsetType = UNSET
    leaks: Leaks
    files_sha256: dict[str, list[str]] | UnsetType = UNSET
    labels_sha256: str | UnsetType = UNSET
    vectors_sha256: str | UnsetType = UNSET
    rejected_reasons: dict[str, int] | UnsetType = UNSET
    similar_names: list[list[str]] | UnsetType = UNSET
    kmers: dict[str, list[KmerContrast]] | UnsetType = UNSET  # length -> the most different ones
    positions: Positions | UnsetType | None = UNSET  # None where lengths differ
    conflicts: list[Conflict] | UnsetType = UNSET
    shortcuts: Shortcuts | UnsetType = UNSET
    data: str | UnsetType = UNSET
    seed: int | UnsetType = UNSET
    command: str | UnsetType = UNSET
    versions: dict[str, str] | UnsetType = UNSET
    fingerprints: dict[str, list[LabelledFile]] | UnsetType = UNSET
    verdicts: list[Verdict] | UnsetType = UNSET


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

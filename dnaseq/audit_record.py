"""The typed record of audit.json: statistics of a data set, and what checks of them found."""

from msgspec import UNSET, Struct, UnsetType, field

from dnaseq.schemas import Estimate, LabelledFile


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
    # of test and val with relatives in training
    held_out: dict[str, Relatives] | UnsetType = field(default=UNSET, name="judges")
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


class TraitFacts(Struct, frozen=True):
    """A trait of records: the area under the ROC curve of regions against negatives by it alone, and its mean in both
    (None where it is several numbers)."""

    auroc: Estimate
    regions: float | None = None
    negatives: float | None = None


class NegativesFacts(Struct, frozen=True):
    """A comparison of negatives of a kind with the regions that they stand against."""

    kind: str
    regions: int  # records of each
    negatives: int
    traits: dict[str, TraitFacts]


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
    init_sha256: str | UnsetType = UNSET
    rejected_reasons: dict[str, int] | UnsetType = UNSET
    similar_names: list[list[str]] | UnsetType = UNSET
    kmers: dict[str, list[KmerContrast]] | UnsetType = UNSET  # length -> the most different ones
    positions: Positions | UnsetType | None = UNSET  # None where lengths differ
    conflicts: list[Conflict] | UnsetType = UNSET
    shortcuts: Shortcuts | UnsetType = UNSET
    negatives: NegativesFacts | UnsetType | None = UNSET  # None where there are none, or no regions
    data: str | UnsetType = UNSET
    seed: int | UnsetType = UNSET
    command: str | UnsetType = UNSET
    versions: dict[str, str] | UnsetType = UNSET
    fingerprints: dict[str, list[LabelledFile]] | UnsetType = UNSET
    verdicts: list[Verdict] | UnsetType = UNSET

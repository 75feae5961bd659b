"""The files of an explanation: their names, and the typed record of faithfulness.json."""

from msgspec import Struct

from dnaseq.io.results.motifs import ABLATION, MATCHES, PROFILES, SEQLETS, SUMMARY
from dnaseq.schemas import Estimate

ARRAYS, TABLE, RECORDS, FAITHFULNESS = (
    "attributions.npz",
    "attributions.tsv",
    "records.tsv",
    "faithfulness.json",
)
OF_MOTIFS = (SEQLETS, PROFILES, MATCHES, SUMMARY, ABLATION)
PAGE = ("report.html", "figures")
FOLDER = "explanation"  # of a run
FILES = (ARRAYS, TABLE, RECORDS, FAITHFULNESS, *OF_MOTIFS, *PAGE)


class Curve(Struct, frozen=True):
    """A mean over records with its 95 % interval, at each share of the bases."""

    shares: list[float]
    mean: list[float]
    low: list[float]
    high: list[float]


class MethodCurves(Struct, frozen=True):
    """The curves of one method, and how faithful it is by them; `method` "random" is a random order."""

    method: str
    title: str
    faithfulness: Estimate
    deletion: Curve
    insertion: Curve


class Check(Struct, frozen=True):
    """A number about an explanation, and a sentence on what it means."""

    value: float | None
    low: float | None
    high: float | None
    meaning: str


class Faithfulness(Struct, frozen=True, kw_only=True):
    """How faithful the attributions of some records are, measured on `sample` of them.

    Methods stand in the order of their faithfulness, the random order last. `completeness` is null of methods that
    promise no sum, `agreement` of a model with one method, which is with method `agreement_with`.
    """

    target: str
    position: int | None = None
    method: str
    title: str
    chosen_by: str  # "measurement" or "user"
    baseline: str
    records: int
    sample: int
    methods: list[MethodCurves]
    meaning_of_faithfulness: str
    meaning_of_deletion: str
    meaning_of_insertion: str
    completeness: Check | None = None
    agreement: Check | None = None
    agreement_with: str = ""
    random_network: Check | None = None
    cautions: list[str] = []

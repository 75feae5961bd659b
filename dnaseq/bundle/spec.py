"""spec.json, the description of a bundle: reading it without trusting it."""

import hashlib
import json
import reprlib
from pathlib import Path
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.data.strandedness import ONE, SEEN
from dnaseq.errors import ConfigError, FileAccessError, ModelFileError
from dnaseq.evaluation.decisions.abstention import Abstention
from dnaseq.evaluation.decisions.calibration import Calibration, Curves
from dnaseq.evaluation.decisions.novelty import NoveltyReference
from dnaseq.evaluation.decisions.thresholds import Decision
from dnaseq.io.os_errors import access
from dnaseq.plugins.named import names_in
from dnaseq.plugins.source import PluginSource
from dnaseq.prediction_task import CLASSIFICATION, NAMES, PredictionTask, prediction_task
from dnaseq.schemas import Estimate, InitialNetwork, LabelledFile, Link, Sha256, Share, convert

FORMAT_VERSION = 3
LARGEST_SPEC = 10_000_000  # bytes


class Hashes(Struct, frozen=True, forbid_unknown_fields=True):
    """SHA-256 of the weights, and of all other entries of the spec; empty before they are computed."""

    weights: Sha256 = ""
    spec: Sha256 = ""


class Columns(Struct, frozen=True, kw_only=True):
    """The columns of the table that a model was trained on, see TableColumns."""

    sequence: str
    label: str
    id: str | None = None
    header: bool | None = None


class LearnedRecords(Struct, frozen=True):
    """The number of digests in records.bin, and the SHA-256 of that file."""

    n: Annotated[int, Meta(ge=0)]
    sha256: Sha256


class Training(Struct, frozen=True, kw_only=True):
    """The origin of a model. `labels` has the spelling of labels: the separator, and the text for none."""

    data: str
    model: str
    encoding: str
    split: str = "given"
    n: int  # training records
    seed: int
    leaks: str = "drop"
    dealt: str  # SHA-256 of the splits of all records
    files: dict[str, list[LabelledFile]]
    labels: dict[Annotated[str, Meta(pattern="^(separator|none)$")], Annotated[str, Meta(min_length=1)]] = {}
    pretrained: dict[str, Any] | UnsetType = UNSET
    columns: Columns | UnsetType = UNSET
    records: LearnedRecords | UnsetType = UNSET
    init: InitialNetwork | UnsetType = UNSET

    @property
    def learned_files(self) -> set[str]:
        """SHA-256 of the files that the model, or one that it began with, was trained or validated on."""
        own = {file.sha256 for files in self.files.values() for file in files if file.learned}
        return own | set(self.init.files if isinstance(self.init, InitialNetwork) else ())


class BundleSpec(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that a prediction depends on but the weights. What format versions 1 and 2 do not have is as they meant it:
    nothing decided, one strand."""

    format_version: int = FORMAT_VERSION
    calibration: Calibration | None = None
    threshold: Share = 0.5
    decision: Decision = Decision(rule="fixed")
    abstention: Abstention | None = None
    novelty: NoveltyReference | None = None
    dnaseq_version: str
    architecture: dict[str, Any]
    encoding: dict[str, Any]
    classes: Annotated[list[str], Meta(min_length=1)]
    task: Annotated[str, Meta(pattern=f"^({'|'.join(NAMES)})$")]
    link: Link | None = None
    strands: Annotated[str, Meta(pattern=f"^({'|'.join(SEEN)})$")] = ONE
    lengths: LengthPolicy
    training: Training
    scores: dict[str, Estimate] | None = None
    plugins: list[PluginSource] | UnsetType = UNSET  # that hold parts of the network or its encoding
    sha256: Hashes = Hashes()

    def __post_init__(self) -> None:
        n = len(self.classes)
        if '"???"' in json.dumps([self.architecture, self.encoding]):
            raise ValueError("architecture and encoding must have every value given")
        if len(set(self.classes)) < n or not all(name.isprintable() for name in self.classes):
            raise ValueError("classes must be different printable names")
        if n < self.prediction.fewest:
            raise ValueError(f"classes must be at least two with task {self.task}; got {self.classes}")
        needed = names_in([self.architecture, self.encoding])
        if sorted(one.name for one in self.plugins or []) != sorted(needed):
            raise ValueError(f"plugins must be those that parts of the network name: {sorted(needed)}")
        if self.prediction is CLASSIFICATION:
            self._check_classification(n)
        elif self.calibration or self.abstention:
            raise ValueError(f"calibration and abstention must be null with task {self.task}")
        if self.prediction.has_link != (self.link is not None and len(self.link.mean) == n):
            raise ValueError(
                f"link must have a mean for each target in regression, else be null; got {self.link}"
            )
        if self.prediction.is_per_base and not all(len(name) == 1 for name in self.classes):
            raise ValueError("classes must be single letters with task labelling")

    def _check_classification(self, n: int) -> None:
        if self.task != (task := classification_task(self.classes)):
            raise ValueError(f"task must be {task} with {n} classes; got {self.task}")
        due = 1 if n == 2 else n
        if isinstance(self.calibration, Curves) and len(self.calibration.curves) != due:
            got = len(self.calibration.curves)
            raise ValueError(f"calibration must have {due} curve(s) with {n} classes; got {got}")

    @property
    def prediction(self) -> PredictionTask:
        """The task of the network."""
        return prediction_task(self.task)


def read_spec(path: Path) -> BundleSpec:
    """Read the spec of a bundle as one of this version, each entry checked.

    Raises ModelFileError for a file that is damaged, was changed after it was written, is of another format
    version, or has an entry of the wrong kind or out of range.
    """
    text = read_file(path, LARGEST_SPEC)
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        what = f"not JSON, so this is no dnaseq bundle or a damaged one ({error})"
        raise ModelFileError(f"{path}: {what}") from error
    version = entries.get("format_version") if isinstance(entries, dict) else None
    if type(version) is not int or not 1 <= version <= FORMAT_VERSION:
        what = f"format version {reprlib.repr(version)}, this dnaseq reads 1 to {FORMAT_VERSION}"
        raise ModelFileError(f"{path}: {what}. Upgrade dnaseq if the bundle is newer")
    try:
        spec = convert(entries | {"format_version": FORMAT_VERSION}, BundleSpec)
        unchanged = spec.sha256.spec == spec_hash(entries)
    except (ConfigError, ValueError, RecursionError) as error:
        raise ModelFileError(f"{path}: {error}") from error
    if not unchanged:
        raise ModelFileError(f"{path}: was changed after it was written (SHA-256 differs). Copy it again")
    return spec


def spec_hash(entries: dict[str, Any]) -> str:
    """SHA-256 of all entries but sha256. Raises ValueError for NaN and infinity, which JSON does not have."""
    rest = {name: value for name, value in entries.items() if name != "sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, allow_nan=False).encode()).hexdigest()


def classification_task(classes: list[str]) -> str:
    """Name the task of classification with these classes."""
    return "binary" if len(classes) == 2 else "multiclass"


def read_file(path: Path, largest: int | None = None) -> bytes:
    """Read a file of a bundle. Raises ModelFileError where it is missing or has more than `largest` bytes."""
    with access(path):
        if not path.parent.is_dir():
            raise FileAccessError(f"{path.parent}: no such bundle folder")
        if not path.is_file():
            inside = path.parent / "bundle"
            there = f". Its bundle is {inside}" if (inside / path.name).is_file() else ""
            raise ModelFileError(f"{path.parent}: not a bundle, it has no {path.name}{there}")
        if largest is not None and path.stat().st_size > largest:
            raise ModelFileError(f"{path}: {path.stat().st_size} bytes is no model description")
        return path.read_bytes()

"""spec.json, the description of a bundle: reading it without trusting it."""

import hashlib
import json
import re
import reprlib
from pathlib import Path
from typing import Any

from dnaseq.bundle.checks import (
    DECISION_ENTRIES,
    DEFAULT_DECISIONS,
    Entry,
    are_numbers,
    curve_count,
    has_keys,
    is_number,
)
from dnaseq.data.strandedness import SEEN
from dnaseq.errors import FileAccessError, ModelFileError
from dnaseq.io.os_errors import access
from dnaseq.prediction_task import CLASSIFICATION, NAMES, prediction_task

FORMAT_VERSION = 3
LARGEST_SPEC = 10_000_000  # bytes
LARGEST = 1e30  # mean or deviation of a target: no float32 overflows
# Entries that bundles of older versions do not have, and their values there. Version 1 has no calibration
# and a threshold of 0.5; before version 3 every record was read on one strand and the task was classification.
_SINCE = {"decision": 2, "abstention": 2, "novelty": 2, "strands": 3, "link": 3}
_BEFORE = DEFAULT_DECISIONS | {"strands": "one", "link": None}


def read_spec(path: Path) -> dict:
    """Read the spec of a bundle as one of this version, each entry checked.

    Raises ModelFileError for a file that is damaged, was changed after it was written, is of another format
    version, or has an entry of the wrong kind or out of range.
    """
    text = read_file(path, LARGEST_SPEC)
    try:
        spec = json.loads(text)
    except (ValueError, RecursionError) as error:
        what = f"not JSON, so this is no dnaseq bundle or a damaged one ({error})"
        raise ModelFileError(f"{path}: {what}") from error
    version = spec.get("format_version") if isinstance(spec, dict) else None
    if type(version) is not int or not 1 <= version <= FORMAT_VERSION:
        what = f"format version {reprlib.repr(version)}, this dnaseq reads 1 to {FORMAT_VERSION}"
        raise ModelFileError(f"{path}: {what}. Upgrade dnaseq if the bundle is newer")
    try:
        _check_whole(spec, version)
        spec = _upgrade(spec, version)
        check_spec(spec)
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"{path}: {error}") from error
    return spec


def _check_whole(spec: dict, version: int) -> None:
    _check_names(spec, version)
    if not _are_hashes(spec["sha256"]):
        raise ValueError(f"sha256 must be {_ENTRIES['sha256'].allowed}; got {reprlib.repr(spec['sha256'])}")
    if spec["sha256"]["spec"] != spec_hash(spec):
        raise ValueError("was changed after it was written (SHA-256 differs). Copy it again")


def _upgrade(spec: dict, version: int) -> dict:
    """Return the spec as one of this version. Its hash stays that of the file."""
    new = {name: _BEFORE[name] for name, since in _SINCE.items() if since > version}
    return spec | new | {"format_version": FORMAT_VERSION}


def check_spec(spec: dict) -> None:
    """Raise ValueError naming the first entry that is missing, unknown, of the wrong kind or out of range."""
    _check_names(spec, FORMAT_VERSION)
    for name, entry in _ENTRIES.items():
        if not entry.fits(spec[name]):
            raise ValueError(f"{name} must be {entry.allowed}; got {reprlib.repr(spec[name])}")
    prediction = prediction_task(spec["task"])
    if len(spec["classes"]) < prediction.fewest:
        raise ValueError(f"classes must be at least two with task {spec['task']}; got {spec['classes']}")
    if prediction is CLASSIFICATION:
        _check_classification(spec)
    elif spec["calibration"] or spec["abstention"]:
        raise ValueError(f"calibration and abstention must be null with task {spec['task']}")
    if not prediction.has_link and spec["link"] is not None:
        raise ValueError(f"link must be null with task {spec['task']}")
    if prediction.has_link and not _is_link(spec["link"], len(spec["classes"])):
        raise ValueError(
            f"link must be an object of kind identity or log, with {len(spec['classes'])} mean(s)"
        )
    if prediction.is_per_base and not all(len(name) == 1 for name in spec["classes"]):
        raise ValueError("classes must be single letters with task labelling")


def _check_classification(spec: dict) -> None:
    n = len(spec["classes"])
    if spec["task"] != (task := classification_task(spec["classes"])):
        raise ValueError(f"task must be {task} with {n} classes; got {spec['task']}")
    curves, due = (spec["calibration"] or {}).get("curves"), curve_count(n)
    if curves is not None and len(curves) != due:
        raise ValueError(f"calibration must have {due} curve(s) with {n} classes; got {len(curves)}")


def _is_link(value: Any, n: int) -> bool:
    """Return True for a link from outputs to numbers: mean + sd x output, or mean x exp(output)."""
    if has_keys(value, "kind", "mean", "sd") and value["kind"] == "identity":
        return are_numbers(value["mean"], n, -LARGEST, LARGEST) and are_numbers(value["sd"], n, 0, LARGEST)
    return (
        has_keys(value, "kind", "mean")
        and value["kind"] == "log"
        and are_numbers(value["mean"], n, 0, LARGEST)
    )


def spec_hash(spec: dict) -> str:
    """SHA-256 of all entries but sha256. Raises ValueError for NaN and infinity, which JSON does not have."""
    rest = {name: value for name, value in spec.items() if name != "sha256"}
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
            raise ModelFileError(f"{path.parent}: not a bundle, it has no {path.name}")
        if largest is not None and path.stat().st_size > largest:
            raise ModelFileError(f"{path}: {path.stat().st_size} bytes is no model description")
        return path.read_bytes()


def _check_names(spec: dict, version: int) -> None:
    due = {name for name in _ENTRIES if _SINCE.get(name, 1) <= version}
    if odd := sorted(set(spec) ^ due):
        raise ValueError(f"missing or unknown entries: {', '.join(odd)}")


def _is_node(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("_target_"), str) and "???" not in _leaves(value)


def _leaves(node: object) -> list:
    """Every value in a tree of dicts and lists."""
    if isinstance(node, dict | list):
        inner = node.values() if isinstance(node, dict) else node
        return [leaf for value in inner for leaf in _leaves(value)]
    return [node]


def _are_classes(value: Any) -> bool:
    texts = isinstance(value, list) and all(isinstance(name, str) and name.isprintable() for name in value)
    return texts and len(value) >= 1 and len(set(value)) == len(value)


def _are_lengths(value: Any) -> bool:
    # the policy's own constructor knows which values go together
    return isinstance(value, dict) and set(value) == {"policy", "length"} and isinstance(value["policy"], str)


def _is_training(value: Any) -> bool:
    """Return True for an object with the entries that the model card and evaluation read; there may be more."""
    return (
        isinstance(value, dict)
        and all(
            isinstance(value.get(key), str) and value[key].isprintable()
            for key in ("data", "model", "encoding")
        )
        and all(type(value.get(name)) is int for name in ("n", "seed"))
        and isinstance(value.get("dealt"), str)
        and _are_files(value.get("files"))
        and _are_spellings(value.get("labels", {}))
    )


def _are_spellings(value: Any) -> bool:
    """Return True for an object of the separator of labels or numbers and the text for no label."""
    known = isinstance(value, dict) and set(value) <= {"separator", "none"}
    return known and all(isinstance(text, str) and text for text in value.values())


def _are_files(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(files, list)
        and all(isinstance(file, dict) and isinstance(file.get("sha256"), str) for file in files)
        for files in value.values()
    )


def _are_scores(value: Any) -> bool:
    scores = {} if value is None else value
    return isinstance(scores, dict) and all(
        isinstance(score, dict)
        and all(name in score and (score[name] is None or is_number(score[name])) for name in _OF_A_SCORE)
        for score in scores.values()
    )


def _are_hashes(value: Any) -> bool:
    names = isinstance(value, dict) and set(value) == {"weights", "spec"}
    return names and all(isinstance(h, str) and re.fullmatch("[0-9a-f]{64}", h) for h in value.values())


_OF_A_SCORE = ("value", "low", "high")
_ENTRIES = {
    "format_version": Entry(lambda value: type(value) is int, "a whole number"),
    "dnaseq_version": Entry(lambda value: isinstance(value, str), "text"),
    "architecture": Entry(_is_node, "an object whose _target_ is text, with every value given"),
    "encoding": Entry(_is_node, "an object whose _target_ is text, with every value given"),
    "classes": Entry(_are_classes, "a list of different printable names"),
    "task": Entry(lambda value: value in NAMES, f"one of {', '.join(NAMES)}"),
    "link": Entry(lambda value: value is None or isinstance(value, dict), "null or an object"),
    "strands": Entry(lambda value: value in SEEN, f"one of {', '.join(SEEN)}"),
    "lengths": Entry(_are_lengths, "an object of policy and length alone"),
    **DECISION_ENTRIES,
    "training": Entry(_is_training, "an object of data, model, encoding, n, seed, dealt, files and more"),
    "scores": Entry(_are_scores, "null or an object of metrics, each with value, low and high"),
    "sha256": Entry(_are_hashes, "an object of two SHA-256 in hexadecimal, weights and spec"),
}

"""Files of a run: JSON objects and tables of plain cells. Damage is an error with its line."""

import hashlib
import json
import math
from collections.abc import Collection
from pathlib import Path
from typing import Any, NoReturn

from dnaseq.errors import InputError, shortened
from dnaseq.io.atomic import write_text
from dnaseq.io.os_errors import access


def write_sealed(path: Path, content: object) -> None:
    """Write or replace a file that read_sealed reads."""
    write_text(path, sealed(content))


def sealed(content: object) -> str:
    """Return the text of a file that read_sealed reads."""
    return json.dumps({"content": content, "sha256": _sha256(content)}, indent=1) + "\n"


def read_sealed(path: Path) -> Any:
    """Return the written content. Raises ValueError for a damaged file, OSError for one that cannot be read."""
    try:
        found = json.loads(path.read_bytes())
        whole = set(found) == {"content", "sha256"} and found["sha256"] == _sha256(found["content"])
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"{path}: damaged") from error
    if not whole:
        raise ValueError(f"{path}: damaged")
    return found["content"]


def _sha256(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


NUMBER, ANY_NUMBER = (int, float), (int, float, type(None))
EACH = "*"  # any name
_SCORE = {"value?": ANY_NUMBER, "low?": ANY_NUMBER, "high?": ANY_NUMBER}
_SCORES = {EACH: (_SCORE, None)}
_FILE = {"file": str, "sha256": str}
_COUNTS = {EACH: ANY_NUMBER}
_LEAKS = {"exact?": ANY_NUMBER, "reverse_complement?": ANY_NUMBER, "near?": ANY_NUMBER}
_MODEL = {
    "name": str,
    "metrics": {EACH: {**_SCORE, "seeds?": [ANY_NUMBER], "sd_seeds?": ANY_NUMBER}},
    "parameters?": ANY_NUMBER,
    "seconds?": ANY_NUMBER,
}
_PAIR = {
    **{"a": str, "b": str, "metric": str, "test": str},
    **dict.fromkeys(("difference", "low", "high", "p", "p_holm"), ANY_NUMBER),
}
_SELECTIVE = {"n_answered": int, "coverage": NUMBER, "error_rate?": ANY_NUMBER}
_FOLD = {
    **dict.fromkeys(("n_train", "n_test"), NUMBER),
    **{"fold": int, "repeat": int, "metrics": _COUNTS},
}
_TRIAL = {
    **{"number": int, "state": str, "value": ANY_NUMBER, "epochs": int, "seconds": NUMBER, "reason": str},
    "params": {EACH: object},
}
_DIMENSION = {"key": str, "kind": str, "values": [object]}
_FINAL = {"name": str, "seed": int, "failed": (str, type(None)), "metrics?": _COUNTS}
SHAPES = {
    "scores.json": {
        **{"data": str, "model": str, "n": int, "classes": [str], "metrics": _SCORES, "task?": str},
        **{"baselines?": {EACH: _SCORES}, "threshold?": NUMBER, "folds?": [_FOLD], "pooled?": _SCORES},
        **{"leaks?": (_LEAKS, None), "dropped?": (dict, None), "seconds?": _COUNTS, "command?": str},
        **{"parameters?": ANY_NUMBER, "seed?": ANY_NUMBER, "versions?": {EACH: object}},
        **{"fingerprints?": {EACH: [_FILE]}, "calibration?": ({"kind": str}, None)},
        **{"decision?": ({"rule": str}, None), "selective?": (_SELECTIVE, None), "novel?": ANY_NUMBER},
        "comparison?": (dict, None),
    },
    "comparison.json": {
        **{"kind": str, "n": int, "classes": [str], "models": [_MODEL], "pairs": [_PAIR], "words": [str]},
        "runs": [{"name": str, "folder": str, "seed?": ANY_NUMBER, "settings?": dict}],
        "failed?": [{"name": str, "reason": str}],
    },
    "sweep.json": {
        **{"data": str, "model": str, "monitor": str, "direction": str, "trials": [_TRIAL], "failed?": str},
        **{"space": [_DIMENSION], "finals": [_FINAL], "counts?": _COUNTS, "limits?": dict},
        "best": ({"number": int, "name": str, "value": NUMBER, "command": str, "params": dict}, None),
    },
    "recipe.json": {
        **{"found": str, "log_loss": _COUNTS, "settings": [str], "kept": [str], "seconds": NUMBER},
    },
    "search.json": {
        **{"winner": str, "seeds": [int], "epochs": int, "limit_batches": (int, type(None)), "blend?": str},
        "trials": [{"candidate": str, "score": ANY_NUMBER, "epochs": int, "steps": int, "round": int}],
    },
    "audit.json": {"leaks?": ({**_LEAKS, "judges?": (dict, None), "ids?": ([list], None)}, None)},
}


def fault_of(value: Any, shape: Any, name: str = "") -> str | None:
    """Describe the first place where a value is not of a shape; None where it is.

    A shape is a type or several; [shape] for a list; a dict of names, where EACH stands for any name and NAME? for one
    that may be missing, and where there may be other names as well; (shape, None) for a value that may be null.
    """
    if isinstance(shape, dict | list) or (isinstance(shape, tuple) and None in shape):
        return _fault_within(value, shape, name)
    kinds: tuple[type, ...] = shape if isinstance(shape, tuple) else (shape,)
    is_truth = isinstance(value, bool) and bool not in kinds and object not in kinds
    return f"{name} is not {_in_words(kinds)}" if is_truth or not isinstance(value, kinds) else None


def _fault_within(value: Any, shape: Any, name: str) -> str | None:
    if isinstance(shape, tuple):
        return None if value is None else fault_of(value, shape[0], name)
    if not isinstance(value, type(shape)):
        return f"{name} is not {_in_words((type(shape),))}"
    if isinstance(shape, list):
        inner = [(one, shape[0], f"{name}[{i}]") for i, one in enumerate(value)]
    elif EACH in shape:
        inner = [(one, shape[EACH], f"{name}.{key}") for key, one in value.items()]
    else:
        known = {key.removesuffix("?"): own for key, own in shape.items()}
        if missing := [key for key in shape if not key.endswith("?") and key not in value]:
            return f"{name} has no entry {missing[0]!r}"
        inner = [(value[key], own, f"{name}.{key}") for key, own in known.items() if key in value]
    return next((fault for one, own, place in inner if (fault := fault_of(one, own, place))), None)


def _in_words(kinds: tuple) -> str:
    words = {str: "text", int: "a whole number", float: "a number", dict: "names with values", list: "a list"}
    return words[kinds[0]] if kinds != NUMBER and kinds != ANY_NUMBER else "a number"


LARGEST = 50_000_000  # bytes of a JSON file
LARGEST_NUMBER = 2**63


def read_object(path: Path) -> dict:
    """Read a JSON object and check it against the shape of a run's file of that name.

    Raises InputError for anything else, FileAccessError where the file cannot be read.
    """
    with access(path), open(path, "rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise InputError(f"more than {LARGEST // 10**6} MB are no result of a run", file=path)
    try:
        found = json.loads(content, parse_constant=_not_finite, parse_float=_finite, parse_int=_whole)
    except RecursionError as error:
        raise InputError("nested too deeply", file=path) from error
    except ValueError as error:
        raise InputError(f"not JSON: {error}", file=path) from error
    if not isinstance(found, dict):
        raise InputError("holds no table of names and values", file=path)
    if path.name in SHAPES and (fault := fault_of(found, SHAPES[path.name])):
        raise InputError(fault.lstrip(". "), file=path, fix="Run the task again that wrote it")
    return found


def _finite(text: str) -> float:
    return float(text) if math.isfinite(float(text)) else _not_finite(text)


def _whole(text: str) -> int:
    return int(text) if abs(int(text)) < LARGEST_NUMBER else _not_finite(text)


def _not_finite(text: str) -> NoReturn:
    raise ValueError(f"{shortened(text)} is no number that JSON has")


def read_columns(path: Path, wanted: Collection[str] | None = None) -> dict[str, list[str]]:
    """Read a tab-separated table without quoting: column name -> cells as text. All columns, or the wanted ones that
    it has."""
    with access(path), open(path, encoding="utf-8", errors="replace") as file:
        names = next(file, "").removesuffix("\n").split("\t")
        chosen = {name: i for i, name in enumerate(names) if wanted is None or name in wanted}
        columns: dict[str, list[str]] = {name: [] for name in chosen}
        for line, text in enumerate(file, 2):
            cells = text.removesuffix("\n").split("\t")
            if len(cells) != len(names):
                what = f"{len(cells)} cells under {len(names)} column names"
                raise InputError(what, file=path, line=line)
            for name, i in chosen.items():
                columns[name].append(cells[i])
    return columns


def read_text(path: Path) -> str:
    with access(path):
        return path.read_text(encoding="utf-8", errors="replace")

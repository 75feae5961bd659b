"""Files that a run wrote, read again: JSON objects and tables of plain cells. Damage is an error with its line."""

import json
import math
from collections.abc import Collection
from pathlib import Path
from typing import NoReturn

from dnaseq.errors import InputError, shortened
from dnaseq.io.access import access
from dnaseq.io.shapes import SHAPES, fault_of

LARGEST = 50_000_000  # bytes of a JSON file
LARGEST_NUMBER = 2**63


def read_object(path: Path) -> dict:
    """A JSON object, of the shape that a run's file of that name has.

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
    """Column name -> cells, as text, of a tab-separated table without quoting: all columns, or those of the wanted
    ones that there are."""
    with access(path), open(path, encoding="utf-8", errors="replace") as file:
        names = next(file, "").removesuffix("\n").split("\t")
        chosen = {name: i for i, name in enumerate(names) if wanted is None or name in wanted}
        columns = {name: [] for name in chosen}
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

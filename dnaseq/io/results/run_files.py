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
from dnaseq.schemas import Record, convert


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


LARGEST = 50_000_000  # bytes of a JSON file
LARGEST_NUMBER = 2**63


def read_record(path: Path, kind: type[Record]) -> Record:
    """Read a file of a run as a typed record. Raises InputError that names an entry that does not fit."""
    try:
        return convert(read_object(path), kind)
    except ValueError as error:
        raise InputError(str(error), file=path, fix="Give the command that wrote it again") from error


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises InputError for anything else, FileAccessError where the file cannot be read.
    """
    with access(path), open(path, "rb") as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise InputError(f"larger than {LARGEST // 10**6} MB, which no result of a run is", file=path)
    try:
        found = json.loads(content, parse_constant=_not_finite, parse_float=_finite, parse_int=_whole)
    except RecursionError as error:
        raise InputError("nested too deeply", file=path) from error
    except ValueError as error:
        raise InputError(f"not JSON: {error}", file=path) from error
    if not isinstance(found, dict):
        raise InputError("holds no table of names and values", file=path)
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

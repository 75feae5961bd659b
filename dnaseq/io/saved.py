"""Files that a run wrote, read again: JSON objects and tables of plain cells. Damage is an error with its line."""

import json
from pathlib import Path

from dnaseq.errors import InputError
from dnaseq.io.access import access


def read_object(path: Path) -> dict:
    """A JSON object. Raises InputError for anything else, FileAccessError where the file cannot be read."""
    try:
        content = json.loads(read_text(path))
    except ValueError as error:
        raise InputError(f"not JSON: {error}", file=path) from error
    if not isinstance(content, dict):
        raise InputError("holds no table of names and values", file=path)
    return content


def read_columns(path: Path) -> dict[str, list[str]]:
    """Column name -> cells, as text, of a tab-separated table without quoting."""
    names, *rows = [line.split("\t") for line in read_text(path).removesuffix("\n").split("\n")]
    for line, cells in enumerate(rows, 2):
        if len(cells) != len(names):
            raise InputError(f"{len(cells)} cells under {len(names)} column names", file=path, line=line)
    return {name: [row[i] for row in rows] for i, name in enumerate(names)}


def read_text(path: Path) -> str:
    with access(path):
        return path.read_text(encoding="utf-8", errors="replace")

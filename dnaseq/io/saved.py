"""Files that a run wrote, read again: JSON objects and tables of plain cells. Damage is an error with its line."""

import json
from collections.abc import Collection
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

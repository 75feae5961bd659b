"""Predictions compared as far as dnaseq promises that they agree (README, "The same again")."""

import gzip
import json
from pathlib import Path

import numpy as np

from dnaseq.bundle.postprocess import SAME_WITHIN


def check_same_tables(found: Path, expected: Path) -> None:
    """The same rows in the same order: texts equal, numbers within SAME_WITHIN. TSV and JSON Lines, plain or gzip."""
    rows, due = (_rows(path) for path in (found, expected))
    assert [list(row) for row in rows] == [list(row) for row in due]
    for name in due[0] if due else ():
        check_same_cells([row[name] for row in rows], [row[name] for row in due])


def check_same_cells(found: list, expected: list) -> None:
    """Texts that are equal, or numbers (also as text) within SAME_WITHIN."""
    try:
        numbers, due = (np.array(cells, dtype=np.float64) for cells in (found, expected))
    except (TypeError, ValueError):
        assert found == expected
        return
    np.testing.assert_allclose(numbers, due, atol=SAME_WITHIN, rtol=0)


def _rows(path: Path) -> list[dict]:
    with (gzip.open if path.suffix == ".gz" else open)(path, "rt") as file:
        text = file.read()
    if ".jsonl" in path.name:
        return [json.loads(line) for line in text.splitlines()]
    header, *lines = (line.split("\t") for line in text.splitlines())
    return [dict(zip(header, line, strict=True)) for line in lines]

"""The files of an explanation, as far as a page shows them."""

import zipfile
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from dnaseq.encode.alphabet import to_letters
from dnaseq.errors import InputError
from dnaseq.io.os_errors import access
from dnaseq.io.results.explanation import ARRAYS, FAITHFULNESS, RECORDS, Faithfulness, array_rows
from dnaseq.io.results.motifs import ABLATION, INSERTION, SUMMARY, MotifsFile
from dnaseq.io.results.run_files import read_record
from dnaseq.io.tables.sequence_table import table_rows
from dnaseq.schemas import AblationSummary, InsertionSummary

SHOWN = 4  # records that are drawn
Kind = TypeVar("Kind")


class ShownRecord(NamedTuple):
    """A record that is drawn, with the attribution of each of its L bases."""

    id: str
    letters: str
    values: np.ndarray  # (L,)
    logit: float
    probability: float


class Explanation(NamedTuple):
    """An explanation: its measured faithfulness, the records with the highest logits, and its motifs."""

    faithfulness: Faithfulness
    records: list[ShownRecord]
    by_position: np.ndarray | None  # (L,) mean size of the attributions, where all records have one length
    motifs: MotifsFile | None
    ablation: AblationSummary | None  # of the motifs
    insertion: InsertionSummary | None


def read_explanation(folder: Path) -> Explanation | None:
    """Read the explanation in a folder, None where there is none. Raises InputError for a damaged file."""
    if not (folder / FAITHFULNESS).exists():
        return None
    return Explanation(
        read_record(folder / FAITHFULNESS, Faithfulness),
        *_records(folder),
        _read(folder / SUMMARY, MotifsFile),
        _read(folder / ABLATION, AblationSummary),
        _read(folder / INSERTION, InsertionSummary),
    )


def _read(path: Path, kind: type[Kind]) -> Kind | None:
    return read_record(path, kind) if path.exists() else None


def _records(folder: Path) -> tuple[list[ShownRecord], np.ndarray | None]:
    """Read the records to draw, and the mean size of all attributions by position."""
    logits, probabilities = _scores(folder / RECORDS)
    path = folder / ARRAYS
    highest = np.argsort(-logits, kind="stable")[:SHOWN]
    try:
        with access(path):
            lengths = np.concatenate([np.zeros(0, dtype=np.int64), *array_rows(path, "lengths")])
            ids, codes, values = (_chosen(path, name, highest) for name in ("ids", "codes", "values"))
            sizes = sum(np.abs(some).sum(axis=0, dtype=float) for some in array_rows(path, "values"))
    except (ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise InputError("no attributions, or damaged", file=path, fix="Run dnaseq explain again") from error
    shown = [
        ShownRecord(
            str(ids[i]),
            to_letters(codes[i][: lengths[row]]),
            values[i][: lengths[row]],
            float(logits[row]),
            float(probabilities[row]),
        )
        for i, row in enumerate(highest.tolist())
    ]
    return shown, sizes / len(lengths) if len(set(lengths.tolist())) == 1 else None


def _chosen(path: Path, name: str, rows: np.ndarray) -> list[np.ndarray]:
    """Take some rows of an array in a file."""
    found: dict[int, np.ndarray] = {}
    wanted, first = set(rows.tolist()), 0
    for some in array_rows(path, name):
        found |= {row: some[row - first] for row in wanted if first <= row < first + len(some)}
        first += len(some)
    return [found[row] for row in rows.tolist()]


def _scores(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read the logit and the probability of each record."""
    try:
        rows = [[float(cell) for cell in cells] for _, cells in table_rows(path, ["logit", "probability"])]
    except ValueError as error:
        raise InputError(str(error), file=path, fix="Run dnaseq explain again") from error
    numbers = np.array(rows, dtype=float).reshape(-1, 2)
    return numbers[:, 0], numbers[:, 1]

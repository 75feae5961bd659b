"""The files of an explanation, as far as a page shows them."""

import zipfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dnaseq.encode.alphabet import to_letters
from dnaseq.errors import InputError
from dnaseq.io.os_errors import access
from dnaseq.io.results.explanation import ARRAYS, FAITHFULNESS, RECORDS, Faithfulness
from dnaseq.io.results.motifs import ABLATION, SUMMARY, MotifsFile
from dnaseq.io.results.run_files import read_record
from dnaseq.io.tables.sequence_table import table_rows
from dnaseq.schemas import AblationSummary

SHOWN = 4  # records that are drawn


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


def read_explanation(folder: Path) -> Explanation | None:
    """Read the explanation in a folder, None where there is none. Raises InputError for a damaged file."""
    if not (folder / FAITHFULNESS).exists():
        return None
    motifs = read_record(folder / SUMMARY, MotifsFile) if (folder / SUMMARY).exists() else None
    ablation = read_record(folder / ABLATION, AblationSummary) if (folder / ABLATION).exists() else None
    return Explanation(read_record(folder / FAITHFULNESS, Faithfulness), *_records(folder), motifs, ablation)


def _records(folder: Path) -> tuple[list[ShownRecord], np.ndarray | None]:
    """Read the records to draw, and the mean size of all attributions by position."""
    logits, probabilities = _scores(folder / RECORDS)
    path = folder / ARRAYS
    try:
        with access(path), path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            ids, lengths = arrays["ids"], arrays["lengths"]
            highest = np.argsort(-logits, kind="stable")[:SHOWN]
            codes, every = arrays["codes"][highest], arrays["values"]
            values = every[highest]
    except (ValueError, KeyError, IndexError, EOFError, zipfile.BadZipFile) as error:
        raise InputError("no attributions, or damaged", file=path, fix="Run dnaseq explain again") from error
    by_position = np.abs(every).mean(axis=0, dtype=float) if len(set(lengths.tolist())) == 1 else None
    shown = [
        ShownRecord(
            str(ids[row]),
            to_letters(codes[i][: lengths[row]]),
            values[i][: lengths[row]],
            float(logits[row]),
            float(probabilities[row]),
        )
        for i, row in enumerate(highest.tolist())
    ]
    return shown, by_position


def _scores(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Read the logit and the probability of each record."""
    try:
        rows = [[float(cell) for cell in cells] for _, cells in table_rows(path, ["logit", "probability"])]
    except ValueError as error:
        raise InputError(str(error), file=path, fix="Run dnaseq explain again") from error
    numbers = np.array(rows, dtype=float).reshape(-1, 2)
    return numbers[:, 0], numbers[:, 1]

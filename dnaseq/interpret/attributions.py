"""Attributions of many records, and the files that hold them."""

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dnaseq.encode.alphabet import PAD, to_letters
from dnaseq.errors import InputError
from dnaseq.io.atomic import atomic_file
from dnaseq.io.os_errors import access
from dnaseq.io.results.row_text import tsv_header, tsv_lines

COLUMNS = ("id", "position", "base", "value")
AT_ONCE = 256  # records that are formatted in one go


class Attributions(NamedTuple):
    """A number for every base of n records, 0 at padding; L is the longest length. The arrays may be maps of files."""

    ids: list[str]
    lengths: np.ndarray  # (n,) int64
    codes: np.ndarray  # (n, L) uint8, PAD after the end of a record
    values: np.ndarray  # (n, L) float32
    hypothetical: np.ndarray | None = None  # (n, L, 4) float32: that of each of the four bases


def new_attributions(
    folder: Path, ids: list[str], lengths: np.ndarray, has_hypothetical: bool
) -> Attributions:
    """Make attributions without numbers yet, as maps of new files in `folder`, so that memory does not grow with n."""
    shape = (len(ids), int(lengths.max()))
    with access(folder):
        codes = _map(folder / "codes.npy", np.uint8, shape)
        values = _map(folder / "values.npy", np.float32, shape)
        hypothetical = (
            _map(folder / "hypothetical.npy", np.float32, (*shape, 4)) if has_hypothetical else None
        )
    return Attributions(ids, lengths, codes, values, hypothetical)


def write_npz(path: Path, attributions: Attributions) -> None:
    """Write the attributions for numpy.load: ids, lengths, codes, values and, where there is one, hypothetical. The
    file of the same attributions has the same bytes."""
    entries = attributions._asdict() | {"ids": np.array(attributions.ids, dtype=np.str_)}
    with (
        atomic_file(path, overwrite=True) as handle,
        zipfile.ZipFile(handle, "w", allowZip64=True) as archive,
    ):
        for name, array in entries.items():
            if array is not None:
                # zipfile's own date, 1980, is the same every time
                with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as entry:
                    np.lib.format.write_array(entry, np.asanyarray(array), allow_pickle=False)


def read_npz(path: Path) -> Attributions:
    """Read the file of write_npz. Raises InputError for anything else."""
    try:
        with access(path), path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            entries = {name: found[name] for name in found.files}
            found_all = Attributions(**entries | {"ids": entries["ids"].tolist()})
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise InputError("no attributions, or damaged", file=path, fix="Run dnaseq explain again") from error
    n, longest = found_all.values.shape
    fits = (
        found_all.codes.shape == (n, longest) and found_all.lengths.shape == (n,) and len(found_all.ids) == n
    )
    if not fits or found_all.lengths.max(initial=0) > longest:
        raise InputError("the arrays do not fit each other", file=path, fix="Run dnaseq explain again")
    return found_all


def write_tsv(path: Path, attributions: Attributions) -> None:
    """Write a line for every base: id, position from 0, base, value."""
    with atomic_file(path, "w", overwrite=True) as handle:
        handle.write(tsv_header(COLUMNS))
        for text in _lines(attributions):
            handle.write(text)


def _lines(attributions: Attributions) -> Iterator[str]:
    for first in range(0, len(attributions.ids), AT_ONCE):
        some = slice(first, first + AT_ONCE)
        lengths = attributions.lengths[some]
        real = np.arange(attributions.codes.shape[1]) < lengths[:, None]
        ids = [
            name for name, n in zip(attributions.ids[some], lengths.tolist(), strict=True) for _ in range(n)
        ]
        columns = {
            "id": ids,
            "position": np.nonzero(real)[1].tolist(),
            "base": list(to_letters(attributions.codes[some][real])),
            "value": attributions.values[some][real].astype(np.float64).tolist(),
        }
        yield tsv_lines(columns)


def _map(path: Path, kind: type, shape: tuple[int, ...]) -> np.ndarray:
    found = np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=shape)
    if kind is np.uint8:
        found[:] = PAD
    return found

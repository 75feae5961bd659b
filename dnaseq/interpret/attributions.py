"""Attributions of many records, and the files that hold them."""

import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from dnaseq.data.records.chunked_arrays import stretches
from dnaseq.encode.alphabet import PAD, to_letters
from dnaseq.errors import InputError
from dnaseq.io.atomic import atomic_file
from dnaseq.io.os_errors import access
from dnaseq.io.results.row_text import tsv_header, tsv_lines

COLUMNS = ("id", "position", "base", "value")
IN_FILES = ("codes", "values", "hypothetical")  # arrays that grow with the bases
AT_ONCE = 256  # records that are written in one go


Append = Callable[[np.ndarray, np.ndarray, np.ndarray | None], None]


class Attributions(NamedTuple):
    """A number for every base of n records, 0 at padding; L is the longest length.

    With a `folder` the arrays are maps of its files.
    """

    ids: list[str]
    lengths: np.ndarray  # (n,) int64
    codes: np.ndarray  # (n, L) uint8, PAD after the end of a record
    values: np.ndarray  # (n, L) float32
    hypothetical: np.ndarray | None = None  # (n, L, 4) float32: that of each of the four bases
    folder: Path | None = None

    def rows(self, name: str, some: slice) -> np.ndarray:
        """Copy some rows of the array `name`. A file is mapped anew, as pages of a map stay in memory."""
        array = getattr(self, name) if self.folder is None else _map(self.folder, name)
        return np.array(array[some])


@contextmanager
def attribution_files(folder: Path, n: int, longest: int, has_hypothetical: bool) -> Iterator[Append]:
    """Write the arrays of n records into files of a folder, so that memory does not grow with n.

    Yield a function that appends (b, at most `longest`) codes, values and, where there are any, hypothetical values.
    """
    kinds: dict[str, tuple[type, tuple[int, ...]]] = {"codes": (np.uint8, ()), "values": (np.float32, ())}
    if has_hypothetical:
        kinds["hypothetical"] = (np.float32, (4,))
    with access(folder), ExitStack() as files:
        handles = {name: files.enter_context((folder / f"{name}.npy").open("wb")) for name in kinds}
        for name, (kind, more) in kinds.items():
            _write_header(handles[name], np.dtype(kind), (n, longest, *more))

        def append(*arrays: np.ndarray | None) -> None:
            for (name, (kind, more)), array in zip(kinds.items(), arrays, strict=False):
                assert array is not None
                full: np.ndarray = np.full(
                    (len(array), longest, *more), PAD if name == "codes" else 0, dtype=kind
                )
                full[:, : array.shape[1]] = array
                handles[name].write(full.data)

        yield append


def map_attributions(folder: Path, ids: list[str], lengths: np.ndarray) -> Attributions:
    """Map the files that attribution_files has written."""
    has_hypothetical = (folder / "hypothetical.npy").exists()
    hypothetical = _map(folder, "hypothetical") if has_hypothetical else None
    return Attributions(ids, lengths, _map(folder, "codes"), _map(folder, "values"), hypothetical, folder)


def write_npz(path: Path, attributions: Attributions) -> None:
    """Write the attributions for numpy.load: ids, lengths, codes, values and, where there is one, hypothetical. The
    file of the same attributions has the same bytes."""
    ids = np.array(attributions.ids, dtype=np.str_)
    with (
        atomic_file(path, overwrite=True) as handle,
        zipfile.ZipFile(handle, "w", allowZip64=True) as archive,
    ):
        for name, array in (attributions._asdict() | {"ids": ids}).items():
            if not isinstance(array, np.ndarray):
                continue
            # zipfile's own date, 1980, is the same every time
            with archive.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as entry:
                _write_header(entry, array.dtype, array.shape)
                for some in stretches(len(array), AT_ONCE):
                    rows = attributions.rows(name, some) if name in IN_FILES else array[some]
                    entry.write(rows.tobytes())


def read_npz(path: Path) -> Attributions:
    """Read the file of write_npz. Raises InputError for anything else."""
    try:
        with access(path), path.open("rb") as file, np.load(file, allow_pickle=False) as found:
            entries = {name: found[name] for name in found.files}
            found_all = Attributions(**entries | {"ids": entries["ids"].tolist()}, folder=None)
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
    for some in stretches(len(attributions.ids), AT_ONCE):
        lengths = attributions.lengths[some]
        real = np.arange(attributions.codes.shape[1]) < lengths[:, None]
        ids = [
            name for name, n in zip(attributions.ids[some], lengths.tolist(), strict=True) for _ in range(n)
        ]
        columns = {
            "id": ids,
            "position": np.nonzero(real)[1].tolist(),
            "base": list(to_letters(attributions.rows("codes", some)[real])),
            "value": attributions.rows("values", some)[real].astype(np.float64).tolist(),
        }
        yield tsv_lines(columns)


def _map(folder: Path, name: str) -> np.ndarray:
    found: np.ndarray = np.load(folder / f"{name}.npy", mmap_mode="r")
    return found


def _write_header(handle: IO[bytes], kind: np.dtype, shape: tuple[int, ...]) -> None:
    described = {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(handle, described)

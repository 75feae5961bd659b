"""Records of sequence files as Python lists, for notebooks."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, overload

from dnaseq.encode.alphabet import to_letters
from dnaseq.errors import InputError, first_names
from dnaseq.io.address import expand
from dnaseq.io.compress import stem_and_suffix
from dnaseq.io.reading_options import Reading, TableColumns, compile_pattern, find_group
from dnaseq.io.sequences.block import Block, text_of
from dnaseq.io.sequences.labels import match_labels, read_labels
from dnaseq.io.sequences.reading import check_total, file_blocks
from dnaseq.io.tables.sequence_table import BINARY, TEXTS

LABEL, ID = "label", "id"  # columns of tables
MOST_LABELS = 5  # named in a description
logger = logging.getLogger("dnaseq")


class Record(NamedTuple):
    """One record of a file."""

    id: str
    sequence: str
    label: str | None = None


@dataclass(frozen=True, repr=False)
class Records(Sequence[Record]):
    """The records of some files, in order. `sequences` and `labels` are what an estimator takes as X and y; `labels`
    is None where the files have none."""

    ids: list[str]
    sequences: list[str]
    labels: list[str] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, place: int) -> Record: ...

    @overload
    def __getitem__(self, place: slice) -> "Records": ...

    def __getitem__(self, place: int | slice) -> "Record | Records":
        labels = self.labels
        if isinstance(place, slice):
            return Records(self.ids[place], self.sequences[place], None if labels is None else labels[place])
        return Record(self.ids[place], self.sequences[place], None if labels is None else labels[place])

    def __repr__(self) -> str:
        lengths = sorted({len(sequence) for sequence in self.sequences})
        bases = f"{lengths[0]} to {lengths[-1]}" if len(lengths) > 1 else f"{lengths[0] if lengths else 0}"
        counts = Counter(self.labels or ())
        named = first_names([f"{n} {name}" for name, n in sorted(counts.items())], MOST_LABELS)
        return f"<{len(self)} records of {bases} bases, {f'labels: {named}' if named else 'no labels'}>"


class LabelPlaces(NamedTuple):
    """The places where labels are: a table of ids and labels, or else the headers, or a column of each file."""

    table: str | None = None
    pattern: str = r"label=(\S+)"
    column: str | None = None  # None: "label", if there is one


def read_records(
    files: str | Path | Sequence[str | Path],
    reading: Reading,
    columns: TableColumns,
    places: LabelPlaces,
) -> Records:
    """Read sequence files and tables whole into memory, and the labels where there are any.

    With reading.bad_records=keep, records that cannot be used are left out, and a message counts them. Raises
    InputError where some records have a label and others do not.
    """
    sources = expand(files)
    found = Records([], [], [])
    read = left_out = 0
    for source in sources:
        for block, labels in _labelled_blocks(source, reading, columns, places):
            read += len(block.headers)
            left_out += len(block.rejected)
            _append(found, block, labels)
    check_total(read, sources, reading)
    if left_out:
        logger.warning("%d of %d records cannot be used and are left out", left_out, read)
    if places.table is not None:
        known = read_labels(places.table, columns.id or ID, places.column or LABEL, reading)
        return Records(found.ids, found.sequences, match_labels(found.ids, known, places.table, "ignore"))
    return Records(found.ids, found.sequences, _all_or_none(found))


def _labelled_blocks(
    source: str, reading: Reading, columns: TableColumns, places: LabelPlaces
) -> Iterator[tuple[Block, list[str]]]:
    """Yield the blocks of a file and the labels of their records, "" where there is none."""
    is_table = stem_and_suffix(source)[1] in (*BINARY, *TEXTS)
    own = Reading(**{**vars(reading), "table": columns, "expect_records": None})
    if not is_table:
        pattern = compile_pattern(places.pattern, "label_pattern", r"label=(\S+)")
        for block in file_blocks(source, own):
            yield block, [text_of(find_group(header, pattern)) for header in block.headers]
        return
    column = _label_column(source, own, places.column)
    own = Reading(**{**vars(own), "keep": (column,) if column else ()})
    for block in file_blocks(source, own):
        yield block, [cells[0] for cells in block.kept] if column else [""] * len(block.headers)


def _label_column(source: str, reading: Reading, named: str | None) -> str | None:
    """Return the name of the column of labels; None for a table without one of the usual name."""
    if named is not None:
        return named
    try:
        next(file_blocks(source, Reading(**{**vars(reading), "keep": (LABEL,), "bad_records": "keep"})), None)
    except InputError:
        return None
    return LABEL


def _append(found: Records, block: Block, labels: list[str]) -> None:
    assert found.labels is not None
    letters = to_letters(block.codes)
    ends = block.offsets.tolist()
    for i, name in enumerate(block.ids):
        if i not in block.rejected:
            found.ids.append(text_of(name))
            found.sequences.append(letters[ends[i] : ends[i + 1]])
            found.labels.append(labels[i])


def _all_or_none(found: Records) -> list[str] | None:
    labels = found.labels or []
    bare = [name for name, label in zip(found.ids, labels, strict=True) if not label]
    if len(bare) == len(labels):
        return None
    if bare:
        raise InputError(f"{len(bare)} of {len(labels)} records have no label", record=bare[0])
    return labels

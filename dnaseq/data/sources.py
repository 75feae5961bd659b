"""Where labelled records come from: FASTA with labels in headers or in a table, one file per class, a table.

A source names its files for each part (train, val, test), says what else decides what is read (for the store's
key) and yields blocks with their labels.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files as package_files
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dnaseq.encode.alphabet import to_codes
from dnaseq.errors import ConfigError, InputError
from dnaseq.io.labels import compile_pattern, header_label, match_labels, read_labels
from dnaseq.io.reading import Block, Reading, expand, read_blocks, record_id
from dnaseq.io.tables import Row, read_table

SHIPPED = "shipped:"  # prefix of a path into the data that comes with the package
ROWS_PER_BLOCK = 8192

Paths = str | Sequence[str] | None


class LabelledBlock(NamedTuple):
    """Consecutive records of one file and the name of each one's label ("" where the record is rejected)."""

    block: Block
    labels: list[str]


class Fasta:
    """FASTA, FASTQ, GenBank, EMBL or 2bit. The label of a record is in its header, found by `label_pattern` (a
    regular expression with one group), or in the table `labels` (columns id and label)."""

    def __init__(
        self,
        train: Paths,
        val: Paths = None,
        test: Paths = None,
        labels: str | None = None,
        label_pattern: str = r"label=(\S+)",
    ):
        self.files = _located(train=train, val=val, test=test)
        self.pattern = compile_pattern(label_pattern)
        self.labels = expand(labels)[0] if labels else None
        self.settings = {"kind": "fasta", "pattern": label_pattern, "table": bool(labels)}
        self.side_files = [self.labels] if self.labels else []

    def read(self, reading: Reading) -> Iterator[tuple[str, LabelledBlock]]:
        table = read_labels(self.labels) if self.labels else None
        seen: list[str] = []
        for part, paths in self.files.items():
            for block in read_blocks(paths, reading):
                if table is None:
                    yield part, LabelledBlock(block, self._from_headers(block))
                else:
                    seen += [record_id(header) for header in block.headers]
                    yield part, LabelledBlock(block, [table.get(record_id(h), "") for h in block.headers])
        if table is not None:
            match_labels(seen, table, self.labels)  # raises where ids and labels do not pair off

    def _from_headers(self, block: Block) -> list[str]:
        labels = [header_label(header, self.pattern) for header in block.headers]
        for i, label in enumerate(labels):
            if label is None and i not in block.rejected:
                raise InputError(
                    f"no label in the header (looked for {self.pattern.pattern.decode()})",
                    file=block.source,
                    line=int(block.lines[i]),
                    record=record_id(block.headers[i]),
                    fix="Set data.label_pattern, or give a table with data.labels=FILE, or use data=class_files",
                )
        return [label or "" for label in labels]


class ClassFiles:
    """One file (or several) per class: train={pos: pos.fa, neg: [neg1.fa, neg2.fa]}."""

    def __init__(self, train: Mapping[str, Paths], val: Mapping | None = None, test: Mapping | None = None):
        given = {"train": train, "val": val or {}, "test": test or {}}
        if not train:
            raise ConfigError("give one file per class: data.train.pos=P.fa data.train.neg=N.fa")
        self.by_class = {
            part: {str(name): _located(it=paths)["it"] for name, paths in classes.items()}
            for part, classes in given.items()
            if classes
        }
        self.files = {
            part: list(chain.from_iterable(classes.values())) for part, classes in self.by_class.items()
        }
        sizes = {p: {c: len(f) for c, f in classes.items()} for p, classes in self.by_class.items()}
        self.settings = {"kind": "class_files", "files": sizes}
        self.side_files: list[str] = []

    def read(self, reading: Reading) -> Iterator[tuple[str, LabelledBlock]]:
        for part, classes in self.by_class.items():
            for name, paths in classes.items():
                for block in read_blocks(paths, reading):
                    yield part, LabelledBlock(block, [name] * len(block.headers))


class Table:
    """CSV, TSV or Parquet with a sequence and a label column (and an id column, if `id` is given)."""

    def __init__(
        self,
        train: Paths,
        val: Paths = None,
        test: Paths = None,
        sequence: str = "sequence",
        label: str = "label",
        id: str | None = None,
    ):
        self.files = _located(train=train, val=val, test=test)
        self.sequence, self.label, self.id = sequence, label, id
        self.settings = {"kind": "table", "columns": [sequence, label, id]}
        self.side_files: list[str] = []

    def read(self, reading: Reading) -> Iterator[tuple[str, LabelledBlock]]:
        for part, paths in self.files.items():
            for path in paths:
                rows: list[Row] = []
                for row in read_table(path, self.sequence, self.label, self.id):
                    # rows are numbered per file, and ids must be unique over all files
                    rows.append(row if self.id else row._replace(id=f"{part}_{Path(path).stem}_{row.id}"))
                    if len(rows) == ROWS_PER_BLOCK:
                        yield part, _block_of_rows(path, rows, reading)
                        rows = []
                if rows:
                    yield part, _block_of_rows(path, rows, reading)


def _block_of_rows(path: str, rows: list[Row], reading: Reading) -> LabelledBlock:
    pieces, rejected = [], {}
    for i, row in enumerate(rows):
        try:
            codes = _checked_codes(row, path, reading.max_length)
        except InputError as error:
            if reading.bad_records == "fail":
                raise
            codes, rejected[i] = np.empty(0, dtype=np.uint8), error.what
        pieces.append(codes)
    offsets = np.concatenate([[0], np.cumsum([len(piece) for piece in pieces])])
    lines = np.array([row.line for row in rows])
    block = Block(path, [row.id.encode() for row in rows], np.concatenate(pieces), offsets, lines, rejected)
    return LabelledBlock(block, [row.label for row in rows])


def _checked_codes(row: Row, path: str, longest: int) -> np.ndarray:
    place = {"file": path, "line": row.line, "record": row.id}
    try:
        codes = to_codes(row.sequence)
    except InputError as error:
        raise InputError(error.what, **place) from error
    if not codes.size:
        raise InputError("empty sequence", **place)
    if codes.size > longest:
        raise InputError(f"longer than {longest} bases", **place, fix="Raise reading.max_length")
    if (codes > 3).all():
        raise InputError("every letter is ambiguous", **place)
    return codes


def _located(**parts: Paths) -> dict[str, list[str]]:
    """The files of each part that is given, in order; `shipped:` paths lead into the package."""
    located = {}
    for part, paths in parts.items():
        if paths is None or paths == []:
            continue
        named = [paths] if isinstance(paths, str) else [str(path) for path in paths]
        located[part] = expand([_shipped(path) for path in named])
    return located


def _shipped(path: str) -> str:
    if not path.startswith(SHIPPED):
        return path
    return str(package_files("dnaseq.shipped").joinpath(path.removeprefix(SHIPPED)))

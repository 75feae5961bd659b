"""Where labelled records come from: FASTA with labels in headers or in a table, one file per class, a table.

A source names its files for each part (train, val, test), says what else decides what is read (for the store's
key) and yields blocks with their labels.
"""

from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files as package_files
from itertools import chain
from typing import NamedTuple

import numpy as np

from dnaseq.encode.alphabet import N, to_codes
from dnaseq.errors import ConfigError, InputError
from dnaseq.io.labels import compile_pattern, header_label, match_labels, read_labels
from dnaseq.io.reading import Block, Reading, expand, read_blocks, record_id
from dnaseq.io.tables import Row, read_table

SHIPPED = "shipped:"  # prefix of a path into the data that comes with the package
ROWS_PER_BLOCK = 8192

Paths = str | Sequence[str] | None
ByClass = Mapping[str, Paths] | None


class LabelledBlock(NamedTuple):
    """Consecutive records of one file, their ids, and the name of each one's label ("" where rejected)."""

    block: Block
    ids: list[bytes]
    labels: list[str]


class Fasta:
    """FASTA, FASTQ, GenBank, EMBL or 2bit. The label of a record is in its header, found by `label_pattern`
    (a regular expression with one group), or in the table `labels` (columns id and label)."""

    def __init__(
        self,
        train: Paths,
        val: Paths = None,
        test: Paths = None,
        labels: str | None = None,
        label_pattern: str = r"label=(\S+)",
    ):
        self.files = _some(_located(train=train, val=val, test=test), "data.train=FILE")
        self.pattern = compile_pattern(label_pattern)
        self.side_files = expand(labels) if labels else []
        if len(self.side_files) > 1:
            raise ConfigError(f"data.labels must be one table; got {', '.join(self.side_files)}")
        self.settings = {"kind": "fasta", "pattern": label_pattern, "table": bool(labels)}

    def read(self, reading: Reading) -> Iterator[tuple[str, LabelledBlock]]:
        """(part, labelled block) of every file. Raises InputError where a record has no label."""
        table = read_labels(self.side_files[0]) if self.side_files else None
        seen: list[str] = []
        for part, paths in self.files.items():
            for block in read_blocks(paths, reading):
                if table is None:
                    yield part, LabelledBlock(block, _ids(block), self._from_headers(block))
                else:
                    names = [record_id(header) for header in block.headers]
                    seen += names
                    yield part, LabelledBlock(block, _ids(block), [table.get(name, "") for name in names])
        if table is not None:
            match_labels(seen, table, self.side_files[0])  # raises where ids and labels do not pair off

    def _from_headers(self, block: Block) -> list[str]:
        labels = [header_label(header, self.pattern) for header in block.headers]
        for i, label in enumerate(labels):
            if label is None and i not in block.rejected:
                raise InputError(
                    f"no label in the header (looked for {self.pattern.pattern.decode()})",
                    file=block.source,
                    line=int(block.lines[i]),
                    record=record_id(block.headers[i]),
                    fix="Set data.label_pattern, give a table with data.labels=FILE, or use data=class_files",
                )
        return [label or "" for label in labels]


class ClassFiles:
    """One file (or several) per class: train={pos: pos.fa, neg: [neg1.fa, neg2.fa]}."""

    def __init__(self, train: ByClass, val: ByClass = None, test: ByClass = None):
        self.by_class = {}
        for part, classes in (("train", train), ("val", val), ("test", test)):
            if not isinstance(classes, Mapping | None):
                raise ConfigError(f"data.{part} must name classes: data.{part}.pos=P.fa data.{part}.neg=N.fa")
            if classes:
                self.by_class[part] = {str(name): _located(it=paths)["it"] for name, paths in classes.items()}
        files = {part: list(chain.from_iterable(found.values())) for part, found in self.by_class.items()}
        self.files = _some(files, "data.train.pos=P.fa data.train.neg=N.fa")
        sizes = {p: {c: len(f) for c, f in classes.items()} for p, classes in self.by_class.items()}
        self.settings = {"kind": "class_files", "files": sizes}
        self.side_files: list[str] = []

    def read(self, reading: Reading) -> Iterator[tuple[str, LabelledBlock]]:
        """(part, labelled block) of every file."""
        for part, classes in self.by_class.items():
            for name, paths in classes.items():
                for block in read_blocks(paths, reading):
                    yield part, LabelledBlock(block, _ids(block), [name] * len(block.headers))


class Table:
    """CSV, TSV or Parquet with a sequence and a label column, and an id column if `id` is given.

    Without one, ids are the part and the number of the row in it (train_row1); blanks in an id become "_".
    """

    def __init__(
        self,
        train: Paths,
        val: Paths = None,
        test: Paths = None,
        sequence: str = "sequence",
        label: str = "label",
        id: str | None = None,
    ):
        self.files = _some(_located(train=train, val=val, test=test), "data.train=FILE")
        self.sequence, self.label, self.id = sequence, label, id
        self.settings = {"kind": "table", "columns": [sequence, label, id]}
        self.side_files: list[str] = []

    def read(self, reading: Reading) -> Iterator[tuple[str, LabelledBlock]]:
        """(part, labelled block) of every file. Raises InputError for a row without id, label or sequence."""
        for part, paths in self.files.items():
            number = 0
            for path in paths:
                rows: list[Row] = []
                for row in read_table(path, self.sequence, self.label, self.id):
                    number += 1
                    name = "_".join(row.id.split()) if self.id else f"{part}_row{number}"
                    rows.append(row._replace(id=name))
                    if len(rows) == ROWS_PER_BLOCK:
                        yield part, _block_of_rows(path, rows, reading)
                        rows = []
                if rows:
                    yield part, _block_of_rows(path, rows, reading)


def _ids(block: Block) -> list[bytes]:
    return [header.split(None, 1)[0] if header else b"" for header in block.headers]


def _some(files: dict[str, list[str]], how: str) -> dict[str, list[str]]:
    if not files:
        raise ConfigError(f"no data are given. Give them with {how}")
    return files


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
    ids = [row.id.encode() for row in rows]
    block = Block(path, ids, np.concatenate(pieces), offsets, lines, rejected)
    return LabelledBlock(block, ids, [row.label for row in rows])


def _checked_codes(row: Row, path: str, longest: int) -> np.ndarray:
    place = {"file": path, "line": row.line, "record": row.id}
    try:
        codes = to_codes(row.sequence)
    except InputError as error:
        raise InputError(error.what, **place) from error
    problems = {
        "empty id": not row.id,
        "empty label": not row.label,
        "empty sequence": not codes.size,
        f"longer than {longest} bases, see reading.max_length": codes.size > longest,
        "every letter is N": (codes >= N).all(),
    }
    for problem, is_so in problems.items():
        if is_so:
            raise InputError(problem, **place)
    return codes


def _located(**parts: Paths) -> dict[str, list[str]]:
    """The files of each part that is given, in order; `shipped:` paths lead into the package."""
    located = {}
    for part, paths in parts.items():
        if not paths:
            continue
        named = [paths] if isinstance(paths, str) else [str(path) for path in paths]
        located[part] = expand([_shipped(path) for path in named])
    return located


def _shipped(path: str) -> str:
    if not path.startswith(SHIPPED):
        return path
    return str(package_files("dnaseq.shipped").joinpath(path.removeprefix(SHIPPED)))

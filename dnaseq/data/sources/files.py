"""Sources of labelled records: FASTA with labels in headers or in a table, one file per class, a table.

A source names its files for each part (train, val, test), gives its other settings for the key of the store, and
yields blocks with their labels.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path

from dnaseq.data.records.store_writer import LabelledBlock
from dnaseq.errors import ConfigError, InputError
from dnaseq.io.address import expand
from dnaseq.io.compress import stem_and_suffix
from dnaseq.io.reading_options import TableColumns, compile_pattern, find_group
from dnaseq.io.sequences.block import text_of
from dnaseq.io.sequences.labels import match_labels, read_labels
from dnaseq.io.sequences.reading import Block, Reading, read_blocks
from dnaseq.io.sequences.table import block_of_rows
from dnaseq.io.tables.sequence_table import Row, read_table

ROWS_PER_BLOCK = 8192
_HOW = "Set data.label_pattern, give a table with data.labels=FILE"
# The fix for a record without a label, by its part.
NO_LABEL = {
    "train": f"{_HOW}, or use data=class_files",
    "val": f"{_HOW}, or leave data.val out",
    "test": f"{_HOW}, or leave data.test out: sequences without labels are for dnaseq predict",
}
EXTRA = ("fail", "ignore")  # answers to labels without a record

Paths = str | Sequence[str] | None
ByClass = Mapping[str, Paths] | None


class Fasta:
    """FASTA, FASTQ, GenBank, EMBL or 2bit. The label of a record is in its header, found by `label_pattern`
    (a regular expression with one group), or in the table `labels`, whose columns are `id` and `label`."""

    def __init__(
        self,
        train: Paths,
        val: Paths = None,
        test: Paths = None,
        labels: str | None = None,
        label_pattern: str = r"label=(\S+)",
        id: str = "id",
        label: str = "label",
        labels_extra: str = EXTRA[0],
    ):
        self.files = some_files(located_files(train=train, val=val, test=test), "data.train=FILE")
        self.pattern = compile_pattern(label_pattern, "data.label_pattern", r"label=(\S+)")
        self.side_files = expand(labels) if labels else []
        if len(self.side_files) > 1:
            raise ConfigError(f"data.labels must be one table; got {', '.join(self.side_files)}")
        if labels_extra not in EXTRA:
            raise ConfigError(f"data.labels_extra must be one of {', '.join(EXTRA)}; got {labels_extra!r}")
        self.columns, self.labels_extra = (id, label), labels_extra
        table = [id, label, labels_extra] if labels else None
        self.settings = {"kind": "fasta", "pattern": label_pattern, "table": table}

    def read(self, reading: Reading) -> Iterator[tuple[str, LabelledBlock]]:
        """(part, labelled block) of every file. Raises InputError where a record has no label."""
        table = read_labels(self.side_files[0], *self.columns, reading) if self.side_files else None
        ids: list[str] = []
        for part, paths in self.files.items():
            for block in read_blocks(paths, reading):
                if table is None:
                    labels = self._from_headers(block, part)
                    yield part, LabelledBlock(block, labels, origin=(part, _stem(block.source)), by_id=False)
                else:
                    names = [text_of(name) for name in block.ids]
                    ids += names
                    yield part, LabelledBlock(block, [table.get(name, "") for name in names])
        if table is not None:  # raises where ids and labels do not pair off
            match_labels(ids, table, self.side_files[0], self.labels_extra)

    def _from_headers(self, block: Block, part: str) -> list[str]:
        labels = [text_of(find_group(header, self.pattern)) for header in block.headers]
        for i, label in enumerate(labels):
            if not label and i not in block.rejected:
                raise InputError(
                    f"no label in the header (looked for {self.pattern.pattern.decode()})",
                    file=block.source,
                    line=int(block.lines[i]),
                    record=block.id(i),
                    fix=NO_LABEL[part],
                )
        return labels


class ClassFiles:
    """One file (or several) per class: train={pos: pos.fa, neg: [neg1.fa, neg2.fa]}."""

    def __init__(self, train: ByClass, val: ByClass = None, test: ByClass = None):
        self.by_class = {}
        for part, classes in (("train", train), ("val", val), ("test", test)):
            if not isinstance(classes, Mapping | None):
                raise ConfigError(f"data.{part} must name classes: data.{part}.pos=P.fa data.{part}.neg=N.fa")
            if classes:
                if empty := [name for name, paths in classes.items() if not paths]:
                    raise ConfigError(f"data.{part}.{empty[0]} must be given: data.{part}.{empty[0]}=FILE")
                self.by_class[part] = {
                    str(name): located_files(it=paths)["it"] for name, paths in classes.items()
                }
        files = {part: list(chain.from_iterable(found.values())) for part, found in self.by_class.items()}
        self.files = some_files(files, "data.train.pos=P.fa data.train.neg=N.fa")
        sizes = {p: {c: len(f) for c, f in classes.items()} for p, classes in self.by_class.items()}
        self.settings = {"kind": "class_files", "files": sizes}
        self.side_files: list[str] = []

    def read(self, reading: Reading) -> Iterator[tuple[str, LabelledBlock]]:
        """(part, labelled block) of every file."""
        for part, classes in self.by_class.items():
            for name, paths in classes.items():
                for block in read_blocks(paths, reading):
                    labels, origin = [name] * len(block.headers), (name, part, _stem(block.source))
                    yield part, LabelledBlock(block, labels, origin=origin, by_id=False)


class Table:
    """CSV, TSV, Excel or Parquet with a sequence and a label column, and columns of ids and chromosomes if given.

    Without ids, they are the part and the number of the row in it (train_row1); blanks in an id become "_".
    """

    def __init__(
        self,
        train: Paths,
        val: Paths = None,
        test: Paths = None,
        sequence: str | None = None,
        label: str | None = None,
        id: str | None = None,
        chromosome: str | None = None,
        header: bool | None = None,
    ):
        if not isinstance(header, bool | None):
            raise ConfigError(f"data.header must be true, false or null; got {header!r}")
        self.files = some_files(located_files(train=train, val=val, test=test), "data.train=FILE")
        more = () if chromosome is None else (chromosome,)
        self.columns = TableColumns(sequence or "sequence", label or "label", id or None, more, header)
        self.settings = {"kind": "table", "columns": list(self.columns)}
        self.side_files: list[str] = []

    def read(self, reading: Reading) -> Iterator[tuple[str, LabelledBlock]]:
        """(part, labelled block) of every file. Raises InputError for a row without id, label or sequence."""
        for part, paths in self.files.items():
            number = 0
            for path in paths:
                numbered = self._rows(path, part, number, reading)
                while rows := list(islice(numbered, ROWS_PER_BLOCK)):
                    chromosomes = [row.more[0] for row in rows] if self.columns.more else None
                    ids, labels = [row.id for row in rows], [row.label for row in rows]
                    block = block_of_rows(path, ids, rows, reading, labelled=True)
                    yield part, LabelledBlock(block, labels, chromosomes, (part, _stem(path)), by_id=False)
                    number += len(rows)

    def _rows(self, path: str, part: str, before: int, reading: Reading) -> Iterator[Row]:
        for number, row in enumerate(read_table(path, self.columns, reading), start=before + 1):
            yield row._replace(id="_".join(row.id.split()) if self.columns.id else f"{part}_row{number}")


def _stem(source: str) -> str:
    return Path(stem_and_suffix(source)[0]).stem


def some_files(files: dict[str, list[str]], how: str) -> dict[str, list[str]]:
    if not files:
        raise ConfigError(f"no data are given. Give them with {how}")
    return files


def located_files(**parts: Paths) -> dict[str, list[str]]:
    """List the files of each part that is given, in order."""
    return {part: expand(paths) for part, paths in parts.items() if paths}

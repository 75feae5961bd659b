"""dnaseq.read: sequence files as Python lists."""

from collections.abc import Sequence
from pathlib import Path

from dnaseq.errors import ArgumentError, shortened
from dnaseq.io.reading_options import Reading, TableColumns
from dnaseq.io.sequences.given import is_file_name
from dnaseq.io.sequences.records import LabelPlaces, Records, read_records


def read(
    files: str | Path | Sequence[str | Path],
    *,
    sequence: str | None = None,
    label: str | None = None,
    id: str | None = None,
    labels: str | Path | None = None,
    label_pattern: str = r"label=(\S+)",
    bad_records: str = "fail",
) -> Records:
    """Read files whole into memory: FASTA, FASTQ, GenBank, tables, plain or compressed; a list, a folder or a pattern.

    The words are those of `data=fasta` and `data=table`: `sequence`, `label` and `id` name columns of a table;
    `labels` is a table with the label of each id, and `label_pattern` finds a label in a header. Of the records,
    `sequences` is an X and `labels` a y for estimators. With bad_records="keep" those that cannot be used are left out.

    >>> import dnaseq, pathlib, tempfile
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "my.fa"
    >>> _ = path.write_text(">a label=pos\\nACGT\\n>b label=neg\\nGGCC\\n")
    >>> records = dnaseq.read(path)
    >>> records
    <2 records of 4 bases, labels: 1 neg, 1 pos>
    >>> records.sequences, records.labels
    (['ACGT', 'GGCC'], ['pos', 'neg'])
    """
    for one in [files] if isinstance(files, str | Path) else files:
        if not is_file_name(one):
            given = (
                repr(shortened(one)) if isinstance(one, str) else f"a value of the type {type(one).__name__}"
            )
            raise ArgumentError(f"{given} names no file", fix="Estimators take a list of sequences as it is")
    columns = TableColumns(sequence or "sequence", id=id)
    places = LabelPlaces(None if labels is None else str(labels), label_pattern, label)
    return read_records(files, Reading(bad_records=bad_records), columns, places)

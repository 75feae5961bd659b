"""Rows of tables to blocks."""

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np

from dnaseq.io.compress import shown
from dnaseq.io.reading_options import Reading, TableColumns
from dnaseq.io.sequences.block import Block, Fault, check_records, raw_of_texts
from dnaseq.io.sequences.labels import NO_LABEL
from dnaseq.io.tables.sequence_table import Row, read_table

AT_ONCE = 8192  # rows of a block


def table_blocks(source: str, reading: Reading, text: Iterator[bytes] | None = None) -> Iterator[Block]:
    """Read the rows of a table as records, with the columns of the settings; `text` is that of a table of text.

    A record without an id in the table is called row1, row2, ...; blanks in an id become "_".
    """
    columns = (reading.table or TableColumns())._replace(more=reading.keep)
    rows = read_table(source, columns, reading, text)
    while group := list(islice(rows, AT_ONCE)):
        ids = ["_".join(row.id.split()) for row in group]
        block = block_of_rows(shown(source), ids, group, reading)
        yield block._replace(kept=[row.more for row in group] if reading.keep else ())


def block_of_rows(
    source: str, ids: Sequence[str], rows: Sequence[Row], reading: Reading, labelled: bool = False
) -> Block:
    """Check rows as the records of any file; where they are to be `labelled`, one without a label has a fault."""
    texts = [row.sequence.encode("latin-1", "replace") for row in rows]
    lines = np.array([row.line for row in rows], dtype=np.int64)
    raw = raw_of_texts(source, [name.encode() for name in ids], texts, lines, reading)
    missing = (i for i, row in enumerate(rows) if labelled and not row.label)
    what = f"empty label ({NO_LABEL})"
    return check_records(raw._replace(damaged={i: Fault(what, rows[i].line) for i in missing}), reading)

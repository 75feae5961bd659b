"""Sequence files of every format to blocks of records."""

import logging
from collections.abc import Generator, Iterator, Sequence
from itertools import chain
from pathlib import Path

from dnaseq.errors import ConfigError, InputError
from dnaseq.io.address import expand
from dnaseq.io.compress import EndsEarlyError, chunks, shown, stem_and_suffix
from dnaseq.io.format_sniffing import guessed_kind, is_sam, is_sequence, is_text
from dnaseq.io.reading_options import DEFAULT, Reading, TableColumns
from dnaseq.io.sequences.biopython import FLAT, FORMAT_OF_SUFFIX, flat_file_blocks, two_bit_blocks
from dnaseq.io.sequences.block import Block, record_id
from dnaseq.io.sequences.fasta import fasta_blocks
from dnaseq.io.sequences.fastq import fastq_blocks
from dnaseq.io.sequences.plain import plain_blocks
from dnaseq.io.sequences.regions import region_blocks
from dnaseq.io.sequences.table import table_blocks
from dnaseq.io.tables.sequence_table import BINARY, TEXTS, is_first_line
from dnaseq.io.text import at_first_line, text_chunks, without_comments

__all__ = ["Block", "Reading", "read_blocks", "record_id"]

_NAMES = {
    "fasta": (".fa", ".fasta", ".fna", ".ffn", ".fas"),
    "fastq": (".fq", ".fastq"),
}
DESCRIPTION, FILE = "description", "file"  # columns of sequence files, as those of tables have names
PLAIN = ("lines", "raw")  # formats of sequences without headers
_FIRST = {b">": "fasta", b"@": "fastq"}

logger = logging.getLogger("dnaseq")


def read_blocks(inputs: str | Path | Sequence[str | Path], reading: Reading = DEFAULT) -> Iterator[Block]:
    """Read the records of one or many files, in order, once and in bounded memory.

    `inputs` are paths, addresses (s3://...), patterns of either, or "-" for standard input; a block is of one file.
    Raises FileAccessError, InputError (naming file, line and record) and, after the last block, InputError where
    there were no records or not `reading.expect_records` of them.
    """
    sources, total = expand(inputs), 0
    for source in sources:
        before = total
        for block in file_blocks(source, reading):
            total += len(block.headers)
            yield block
        if total == before and len(sources) > 1:
            logger.warning("%s: no records", shown(source))
    check_total(total, sources, reading)


def check_total(records: int, sources: Sequence[str], reading: Reading) -> None:
    """Raise InputError where there were no records in the files, or not `reading.expect_records` of them."""
    files = ", ".join(shown(source) for source in sources)
    if not records:
        raise InputError("no records", file=files)
    if reading.expect_records not in (None, records):
        what = f"{records} records, but reading.expect_records is {reading.expect_records}"
        raise InputError(what, file=files)


def file_blocks(source: str, reading: Reading, text: Iterator[bytes] | None = None) -> Iterator[Block]:
    """Read the records of one file; `text` replaces its decompressed bytes where only a part of them is wanted."""
    records = 0
    try:
        for block in _blocks(source, reading, text):
            records += len(block.headers)
            yield block if block.kept or not reading.keep else _with_columns(block, reading.keep)
    except EndsEarlyError as error:
        what = f"{error.what} after record {records}"
        raise InputError(what, file=error.file, fix="Copy or download it again") from error


def _with_columns(block: Block, keep: tuple[str, ...]) -> Block:
    """Keep the description of each record, the rest of its header, or the name of its file. Raises ConfigError for
    columns of tables."""
    if columns := [name for name in keep if name not in (DESCRIPTION, FILE)]:
        what = f"{block.source} is no table and has no column {columns[0]!r}"
        raise ConfigError(f"keep={columns[0]}: {what}. Write keep={DESCRIPTION} or keep={FILE}")
    rests = (b"".join(header.split(None, 1)[1:]) for header in block.headers)
    cells = ({DESCRIPTION: rest.decode("utf-8", "backslashreplace"), FILE: block.source} for rest in rests)
    return block._replace(kept=[tuple(of_record[name] for name in keep) for of_record in cells])


def _blocks(source: str, reading: Reading, text: Iterator[bytes] | None) -> Iterator[Block]:
    """Read the records of one file, in the format of the settings or of its name and content."""
    if reading.genome is not None:
        yield from region_blocks(source, reading.genome)
        return
    kind = (
        FORMAT_OF_SUFFIX.get(stem_and_suffix(source)[1], "auto")
        if reading.format == "auto"
        else reading.format
    )
    if kind == "2bit":
        yield from two_bit_blocks(source, reading)
        return
    if reading.table is not None and stem_and_suffix(source)[1] in BINARY:
        yield from table_blocks(source, reading)
        return
    name, warnings = shown(source), list[str]()
    text = text_chunks(text or chunks(source, reading), name, warnings.append)
    try:
        if kind in FLAT:
            yield from flat_file_blocks(text, kind, name, reading)
        else:
            kind = yield from _text_blocks(text, kind, name, reading)
    finally:
        for warning in warnings if kind != "plain" else ():
            logger.warning(warning)


def _text_blocks(
    text: Iterator[bytes], kind: str, name: str, reading: Reading
) -> Generator[Block, None, str]:
    """Read FASTA, FASTQ, plain sequences or a table, and return which of them it is."""
    line, head, text = at_first_line(text)
    if reading.comments == "skip" and head.startswith((b";", b"#")):
        skipped, head, text = at_first_line(without_comments(text))
        line += skipped - 1
        if head.startswith(b"@"):  # a line of qualities may begin as a comment does
            raise InputError("comments before the first record of FASTQ", file=name, fix="Take them out")
    if not head:
        return kind
    if reading.table is not None and kind == "auto" and _is_table(head, name, reading.table):
        yield from table_blocks(name, reading, chain([b"\n" * (line - 1)], text))
        return "table"
    kind = _kind_of_text(head, kind, name, line)
    if kind == "fastq":
        yield from fastq_blocks(text, name, reading, line)
        return kind
    text = without_comments(text) if reading.comments == "skip" else text
    read = fasta_blocks if kind == "fasta" else plain_blocks
    yield from read(text, name, reading, line)
    return kind


def _is_table(head: bytes, name: str, columns: TableColumns) -> bool:
    """Recognise a table of text by its name, unless it begins as FASTA does, or by its first line."""
    if head.startswith(b">") or not is_text(head):
        return False
    is_named = stem_and_suffix(name)[1] in TEXTS
    return is_named or (not head.startswith(b"@") and is_first_line(head.partition(b"\n")[0], columns))


def _kind_of_text(head: bytes, wanted: str, name: str, line: int) -> str:
    """Distinguish FASTA, FASTQ and plain sequences by the beginning. Raises InputError for any other text and the
    unwanted format."""
    if not is_text(head):
        raise InputError("not plain text", file=name, line=1, fix="Save it as text in UTF-8")
    kind, (_, suffix) = _FIRST.get(head[:1], ""), stem_and_suffix(name)
    named = next((k for k, suffixes in _NAMES.items() if suffix in suffixes), "")
    if not kind and (wanted in PLAIN or (wanted == "auto" and not named and is_sequence(head))):
        return "plain"
    if not kind or is_sam(head) or wanted not in ("auto", kind):
        raise _no_header(head, name, line)
    if named not in ("", kind):
        logger.warning("%s: its name says %s, but its content is %s", name, named, kind)
    return kind


def _no_header(head: bytes, name: str, line: int) -> InputError:
    found = head.partition(b"\n")[0][:40].decode("utf-8", "backslashreplace")
    kind, fix = guessed_kind(head)
    if not kind and head[:1] in _FIRST:
        kind, fix = _FIRST[head[:1]].upper(), "Set reading.format=auto"
    looks = f"; looks like {kind}" if kind else ""
    return InputError(f"text before the first header: {found!r}{looks}", file=name, line=line, fix=fix)

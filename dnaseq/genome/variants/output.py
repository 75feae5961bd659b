"""Answers for variants to files: a table with a row an ALT, or the VCF file with one more entry in INFO."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from dnaseq.errors import ConfigError
from dnaseq.genome.variants.answers import Answer
from dnaseq.io.results.parts import check_free
from dnaseq.io.results.table_files import STDOUT, Table, TableWriter, find_suffix, open_table
from dnaseq.io.variants.annotation import SUFFIXES as VCF_SUFFIXES
from dnaseq.io.variants.annotation import VcfAnnotator, open_vcf
from dnaseq.io.variants.vcf import Variant, Vcf

TABLES = (".tsv", ".tsv.gz", ".csv", ".csv.gz", ".jsonl", ".jsonl.gz", ".parquet")
_ROWS = 2048  # records that are formatted at a time
Append = Callable[[Variant, Sequence[Answer]], object]


class Columns:
    """The columns of the table for a class: those of the input, then the numbers, then the status."""

    def __init__(self, target: str, of_sequences: bool, windows: str):
        self.place = ("id", "position") if of_sequences else ("chrom", "pos", "id")
        numbers = (
            f"ref_{target}",
            f"alt_{target}",
            "delta_logit",
            "delta_p",
            "null_percentile",
            "placements_sd",
        )
        types = {"chrom": "string", "pos": "int64", "position": "int64", "id": "string"}
        types |= {"ref": "string", "alt": "string", **dict.fromkeys(numbers, "double"), "status": "string"}
        names = (*self.place, "ref", "alt", *numbers, "status")
        remark = (
            f"{self.place[1]} is 1-based, as in VCF; delta_logit: logit of {target} with alt minus that with ref, "
            f"{windows}"
        )
        self.table = Table(names, types, (remark,))

    def of(self, records: Sequence[tuple[Variant, Sequence[Answer]]]) -> dict[str, list]:
        """Return the rows of some records."""
        every = [(variant, one) for variant, answers in records for one in answers]
        first: list[list] = [[variant.chrom for variant, _ in every], [variant.pos for variant, _ in every]]
        if self.place[0] == "chrom":
            first.append([variant.id for variant, _ in every])
        first.append([variant.ref for variant, _ in every])
        cells = [list(column) for column in zip(*(one for _, one in every), strict=True)] if every else []
        return dict(zip(self.table.names, [*first, *cells], strict=True))


def check_output(output: str, of_sequences: bool, overwrite: bool) -> None:
    """Raise ConfigError for an output whose suffix is not known, or is that of VCF where the input is none, and for a
    file that exists."""
    suffix = find_suffix(output, (*TABLES, *VCF_SUFFIXES))
    if of_sequences and suffix in VCF_SUFFIXES:
        raise ConfigError(f"output={output}: the input is no VCF file. Let the name end in .tsv")
    if output != STDOUT:
        check_free(output, output, overwrite)


@contextmanager
def open_answers(
    output: str, columns: Columns, vcf: Vcf | None, target: str, overwrite: bool
) -> Iterator[Append]:
    """Open the output and yield the function that appends the answers to a record; the suffix sets the format. The file
    has its name only after the end. `vcf` is the input, if it is VCF."""
    if vcf is not None and output.lower().endswith(VCF_SUFFIXES):
        annotator = VcfAnnotator(target, f"dnaseq: logit of {target} with ALT minus that with REF")
        with open_vcf(output, overwrite) as write:
            write(annotator.header(vcf))
            yield lambda variant, answers: write(
                annotator.line(variant, [one.delta_logit for one in answers])
            )
            write(vcf.tail)
        return
    with open_table(output, find_suffix(output, TABLES), columns.table, overwrite) as writer:
        yield from _in_rows(writer, columns)


def _in_rows(writer: TableWriter, columns: Columns) -> Iterator[Append]:
    held: list[tuple[Variant, Sequence[Answer]]] = []

    def append(variant: Variant, answers: Sequence[Answer]) -> None:
        held.append((variant, answers))
        if len(held) >= _ROWS:
            writer.write(columns.of(held))
            held.clear()

    yield append
    if held:
        writer.write(columns.of(held))

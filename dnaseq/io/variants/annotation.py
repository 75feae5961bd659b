"""A VCF file once more, with one entry added to the INFO column of every record and one line to the header."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from dnaseq.errors import InputError
from dnaseq.io.atomic import atomic_file
from dnaseq.io.bgzip import BgzipWriter
from dnaseq.io.variants.vcf import COLUMNS, INFO, Variant, Vcf

SUFFIXES = (".vcf", ".vcf.gz")
_KEY = re.compile(r"[^0-9A-Za-z_.]")  # VCF 4.3: what the name of an entry may not have


class VcfAnnotator:
    """The key of an entry in INFO with a number for each ALT, and the lines that hold it."""

    def __init__(self, name: str, description: str):
        self.key = "DNASEQ_" + _KEY.sub("_", name)
        self._line = (
            f'##INFO=<ID={self.key},Number=A,Type=Float,Description="{_quoted(description)}">'.encode()
        )

    def header(self, vcf: Vcf) -> bytes:
        """Return the header with the line of the entry before #CHROM. Raises InputError where the file has the entry
        already."""
        *before, last = vcf.header()
        if any(line.startswith(f"##INFO=<ID={self.key},".encode()) for line in before):
            fix = f"Take it out first: bcftools annotate -x INFO/{self.key}"
            raise InputError(f"has INFO {self.key} already", file=vcf.name, fix=fix)
        end = last[len(last.rstrip(b"\r\n")) :]
        return b"".join([*before, self._line, end, last])

    def line(self, variant: Variant, values: Sequence[float | None]) -> bytes:
        """Return the line of a record with the numbers of its alternatives; every other byte stays."""
        body = variant.text.rstrip(b"\r\n")
        end = variant.text[len(body) :]
        cells = body.split(b"\t", COLUMNS)
        numbers = ",".join("." if value is None else f"{value:.7g}" for value in values)
        entry = f"{self.key}={numbers}".encode()
        cells[INFO] = entry if cells[INFO] in (b".", b"") else cells[INFO].rstrip(b";") + b";" + entry
        return b"\t".join(cells) + end


@contextmanager
def open_vcf(output: str, overwrite: bool) -> Iterator[Callable[[bytes], object]]:
    """Open the output and yield the function that appends bytes to it; a name that ends in .gz is BGZF, which tabix
    can index. The file has its name only after the end, as in atomic_file."""
    with atomic_file(output, "wb", overwrite) as file:
        if not output.lower().endswith(".gz"):
            yield file.write
            return
        writer = BgzipWriter(file)
        yield writer.write
        writer.close()


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')

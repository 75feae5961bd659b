"""Variants of short sequences as a table of text: id of the sequence, position from 1, ref, alt."""

from collections.abc import Iterator

from dnaseq.errors import InputError
from dnaseq.io.compress import chunks, shown
from dnaseq.io.text import lines, text_chunks
from dnaseq.io.variants.vcf import Variant

NAMES = ("id", "position", "ref", "alt")
_FIX = f"The first line names the columns, with tabs between them: {' '.join(NAMES)}"


class VariantTable:
    """A table of variants that can be gone through several times. Its records have the id of the sequence as chrom."""

    def __init__(self, path: str, name: str | None = None):
        """Take the file, and its name in messages if that is another one."""
        self.path, self.name = path, name or shown(path)

    def __iter__(self) -> Iterator[Variant]:
        """Yield every row, in order. Raises InputError, with the line, for a table without the columns and for a row
        that does not fit."""
        columns: list[int] | None = None
        n = 0
        for number, line in enumerate(lines(text_chunks(chunks(self.path), self.name)), start=1):
            if not line or (columns is None and line.startswith(b"#")):
                continue
            cells = line.decode("utf-8", "backslashreplace").split("\t")
            if columns is None:
                n, columns = len(cells), self._columns(number, [cell.strip().lower() for cell in cells])
                continue
            if len(cells) != n:
                raise InputError(
                    f"{len(cells)} cells, but the first line has {n}", file=self.name, line=number
                )
            yield self._variant(number, *(cells[at].strip() for at in columns))
        if columns is None:
            raise InputError("no first line with the names of the columns", file=self.name, fix=_FIX)

    def _columns(self, number: int, names: list[str]) -> list[int]:
        for name in NAMES:
            if names.count(name) != 1:
                what = f"{names.count(name)} columns have the name {name!r}"
                raise InputError(what, file=self.name, line=number, fix=_FIX)
        return [names.index(name) for name in NAMES]

    def _variant(self, number: int, name: str, position: str, ref: str, alt: str) -> Variant:
        if not (position.isascii() and position.isdecimal()):
            what = f"position must be a whole number, counted from 1; got {position[:40]!r}"
            raise InputError(what, file=self.name, line=number)
        if not name or not ref or not alt:
            raise InputError("an empty cell in id, ref or alt", file=self.name, line=number)
        return Variant(number, name, int(position), ".", ref.upper(), (alt.upper(),))

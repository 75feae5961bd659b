"""A genome of which stretches are read: FASTA (plain, gzip, bgzip, zstd) or 2bit, never all of it at once."""

import os
import stat
from collections.abc import Callable

import numpy as np

from dnaseq.encode import alphabet
from dnaseq.errors import FileAccessError, InputError, first_names
from dnaseq.io.address import is_address
from dnaseq.io.compress import shown
from dnaseq.io.genome.fasta import open_fasta
from dnaseq.io.genome.letters import Letters
from dnaseq.io.genome.names import spelling_key
from dnaseq.io.genome.two_bit import MAGICS, TwoBit
from dnaseq.io.os_errors import access

_SHOWN = 3  # names of contigs in a message
_A_LOWER = ord("a")


class Genome:
    """The contigs of a genome by name. Positions are 0-based and half-open.

    A plain FASTA file with its index (.fai), a bgzip file with both of its indices (.fai and .gzi) and a 2bit file are
    read where they are. Another file is first unpacked into a scratch file in the folder for temporary files (TMPDIR),
    a byte a base. `rename` turns the names that callers use into those of the file.
    """

    def __init__(self, path: str, letters: Letters, rename: Callable[[str], str] | None = None):
        self.path, self._letters = path, letters
        self.names = list(letters.names)
        self._number = {name: i for i, name in enumerate(self.names)}
        self._rename = rename or str

    @classmethod
    def open(cls, path: str, rename: Callable[[str], str] | None = None) -> "Genome":
        """Open a genome. Raises FileAccessError for a file that cannot be read, InputError for one that is no genome
        or damaged."""
        if is_address(path):
            return cls(path, open_fasta(path), rename)
        with access(path), open(path, "rb") as handle:
            if not stat.S_ISREG(os.fstat(handle.fileno()).st_mode):
                what = "not a regular file. A genome is read more than once: write it to a file first"
                raise FileAccessError(f"{path}: {what}")
            head = handle.read(4)
        if not head:
            raise InputError("empty file", file=path)
        return cls(path, TwoBit(path) if head in MAGICS else open_fasta(path), rename)

    def __contains__(self, name: str) -> bool:
        return self._rename(name) in self._number

    def length(self, name: str) -> int:
        """Return the bases of a contig. Raises InputError for a name that the genome does not have."""
        return self._letters.lengths[self._find(name)]

    def codes(self, name: str, start: int, end: int) -> np.ndarray:
        """(end - start,) uint8 codes. Raises InputError for a place beyond the contig and for letters that are no
        nucleotides."""
        letters = self._read(name, start, end)
        codes = alphabet.CODE_OF_BYTE[letters]
        if codes.max(initial=0) == alphabet.INVALID:
            at = int(np.flatnonzero(codes == alphabet.INVALID)[0])
            what = f"letter {chr(letters[at])!r} at position {start + at + 1} is not a nucleotide"
            raise InputError(what, file=shown(self.path), record=name)
        return codes

    def masked(self, name: str, start: int, end: int) -> np.ndarray:
        """(end - start,) bool, True for soft-masked letters, those in lower case."""
        return self._read(name, start, end) >= _A_LOWER

    def describe_absence(self, name: str) -> str:
        """Say that a contig is not there, and which one is of nearly the same name."""
        sought = self._rename(name)
        near = next((own for own in self.names if spelling_key(own) == spelling_key(sought)), None)
        mapped = "" if sought == name else f", which chrom_map= makes of {name!r}"
        there = first_names(self.names, _SHOWN) if near is None else repr(near)
        return f"{shown(self.path)} has no {sought!r}{mapped}, but {there}"

    def _read(self, name: str, start: int, end: int) -> np.ndarray:
        number = self._find(name)
        length = self._letters.lengths[number]
        if not 0 <= start <= end <= length:
            what = f"bases {start} to {end} (0-based) are not within its {length}"
            raise InputError(what, file=shown(self.path), record=name)
        letters = self._letters.read(number, start, end)
        if len(letters) != end - start:
            raise FileAccessError(f"{shown(self.path)}: ends before base {end} of {name!r}. Was it cut?")
        return letters

    def _find(self, name: str) -> int:
        number = self._number.get(self._rename(name))
        if number is None:
            fix = "chrom_map= maps names, such as chrom_map=add_chr, drop_chr, or a table of two columns"
            raise InputError(self.describe_absence(name), fix=fix)
        return number

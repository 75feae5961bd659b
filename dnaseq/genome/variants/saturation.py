"""Every substitution of every sequence, as a table of variants that is made on the way."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from dnaseq.encode.alphabet import BASES, to_letters
from dnaseq.genome.variants.answers import Answer
from dnaseq.io.genome.genome import Genome
from dnaseq.io.variants.vcf import Variant

_STEP = 1 << 16  # bases that are read at a time


class EverySubstitution:
    """Variants that change each base of each sequence into the three others; a letter that is not one base has none."""

    def __init__(self, genome: Genome):
        self._genome = genome

    def __iter__(self) -> Iterator[Variant]:
        for name in self._genome.names:
            length = self._genome.length(name)
            for low in range(0, length, _STEP):
                letters = to_letters(self._genome.codes(name, low, min(low + _STEP, length)))
                for position, letter in enumerate(letters, start=low + 1):
                    if letter in BASES:
                        others = tuple(base for base in BASES if base != letter)
                        yield Variant(position, name, position, ".", letter, others)


class Saturated(NamedTuple):
    """The effects of all substitutions in the first bases of a sequence."""

    name: str
    letters: str
    deltas: np.ndarray  # (L, 4) of A, C, G, T; 0 for the base that is there, NaN where nothing is known


class FirstSequences:
    """The effects for a picture: those of the first `sequences`, up to `bases` of each."""

    def __init__(self, genome: Genome, sequences: int, bases: int):
        self._of: dict[str, Saturated] = {}
        for name in genome.names[:sequences]:
            codes = genome.codes(name, 0, min(genome.length(name), bases))
            deltas = np.where(codes[:, None] == np.arange(4), 0.0, np.nan)
            self._of[name] = Saturated(name, to_letters(codes), deltas)

    def add(self, variant: Variant, answers: Sequence[Answer]) -> None:
        """Keep the effects of a record, if it is one of the first."""
        own = self._of.get(variant.chrom)
        if own is None or variant.pos > len(own.letters):
            return
        for one in answers:
            if one.delta_logit is not None:
                own.deltas[variant.pos - 1, BASES.index(one.allele)] = one.delta_logit

    @property
    def all(self) -> list[Saturated]:
        return list(self._of.values())

"""Sequences of an experiment: those of files, and backgrounds without their motifs."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from dnaseq.bundle.inference.rechunk import part
from dnaseq.bundle.spec import BundleSpec
from dnaseq.encode.alphabet import BASES, PAD, N, to_codes
from dnaseq.encode.counting import kmer_columns
from dnaseq.encode.shuffle import dinucleotide_shuffles
from dnaseq.errors import ConfigError, InputError
from dnaseq.evaluation.decisions.novelty import N_PAIRS, K
from dnaseq.io.sequences.block import Block

# (n, L) codes, padded at the end, and (n,) lengths -> (n,) float64: the number that an experiment changes
Score = Callable[[np.ndarray, np.ndarray], np.ndarray]
Item = TypeVar("Item")
Advance = Callable[[int], None]  # told of every item that is done
ROWS_AT_ONCE = 4096  # sequences that are scored in one call


class Record(NamedTuple):
    """A record of a file."""

    id: str
    codes: np.ndarray  # (L,) uint8
    file: str
    line: int | None  # of its header, counted from 1; None in formats without lines


class Sequences(NamedTuple):
    """n sequences, padded to one width. Of backgrounds, `groups` has those that were made from one record."""

    ids: list[str]
    codes: np.ndarray  # (n, L) uint8
    lengths: np.ndarray  # (n,) int64
    groups: np.ndarray  # (n,) int64


def pad_sequences(
    ids: Sequence[str], rows: Sequence[np.ndarray], groups: np.ndarray | None = None
) -> Sequences:
    """Join n rows of codes, (L_i,) each; without groups each is alone in its own."""
    lengths = np.array([len(row) for row in rows], dtype=np.int64)
    codes = np.full((len(rows), int(lengths.max(initial=0))), PAD, dtype=np.uint8)
    for i, row in enumerate(rows):
        codes[i, : len(row)] = row
    return Sequences(list(ids), codes, lengths, np.arange(len(rows)) if groups is None else groups)


def usable_records(block: Block) -> Iterator[Record]:
    """Yield the records of a block that were not rejected."""
    for i in range(len(block.headers)):
        if i not in block.rejected:
            line = int(block.lines[i]) or None
            yield Record(block.id(i), part(block, i, i + 1).codes, block.source, line)


def shuffled_backgrounds(records: Iterable[np.ndarray], n: int, rng: np.random.Generator) -> Sequences:
    """Make n backgrounds: dinucleotide shuffles of n records, drawn from all of them, or several of each where there
    are fewer. Files often have one class after the other, so the first records are not like all.

    Raises InputError where there is no record.
    """
    drawn = Reservoir[np.ndarray](n, rng)
    for codes in records:
        drawn.add(codes, np.copy)  # a view would hold the file's whole block
    some = drawn.kept
    if not some:
        raise InputError("no records to make backgrounds of")
    groups = np.sort(np.arange(n) % len(some))
    counts = np.bincount(groups, minlength=len(some)).tolist()
    rows = [
        row
        for codes, count in zip(some, counts, strict=True)
        for row in dinucleotide_shuffles(codes, count, rng)
    ]
    return pad_sequences([f"background_{i + 1}" for i in range(n)], rows, groups)


class Reservoir(Generic[Item]):
    """Up to `most` items of a stream, each with the same chance, in bounded memory (algorithm R of Vitter 1985)."""

    def __init__(self, most: int, rng: np.random.Generator):
        self.kept: list[Item] = []
        self._most, self._rng, self._seen = most, rng, 0

    def add(self, item: Item, keep: Callable[[Item], Item] = lambda item: item) -> None:
        """Look at the next item; `keep` makes what is kept of it."""
        place = self._seen if self._seen < self._most else int(self._rng.integers(self._seen + 1))
        self._seen += 1
        if place < self._most:
            self.kept[place : place + 1] = [keep(item)]


def random_backgrounds(spec: BundleSpec, n: int, rng: np.random.Generator) -> Sequences:
    """Draw n backgrounds of the length that a bundle reads, from the 3-mers of its training records where it has
    them (a Markov chain of second order), else from four equally frequent bases.

    Raises ConfigError for a bundle that does not know a length.
    """
    length = usual_length(spec)
    if length is None:
        raise ConfigError(
            "the bundle has no length to make backgrounds of. Give records of that length: input=FILE"
        )
    chances = _next_base(np.array(spec.novelty.mean[:N_PAIRS])) if spec.novelty else np.full((16, 4), 1 / 4)
    thresholds = np.cumsum(chances, axis=1)[:, :-1]  # (16, 3)
    codes = rng.integers(len(BASES), size=(n, length), dtype=np.uint8)
    draws = rng.random((n, length))
    for position in range(2, length):
        before = 4 * codes[:, position - 2].astype(np.int64) + codes[:, position - 1]
        codes[:, position] = (draws[:, position, None] > thresholds[before]).sum(axis=1)
    return pad_sequences([f"background_{i + 1}" for i in range(n)], list(codes))


def usual_length(spec: BundleSpec) -> int | None:
    """Return the bases that a bundle reads, or those of its training records on average; None if it knows neither."""
    if spec.lengths.length is not None or spec.novelty is None:
        return spec.lengths.length
    return round(float(np.exp(spec.novelty.mean[-1])))


def window_length(window: int | None, spec: BundleSpec) -> int:
    """Return `window`, or without one the usual length of a bundle. Raises ConfigError where it has none."""
    length = window or usual_length(spec)
    if length is None:
        raise ConfigError("the bundle takes records of any length. Say how long a window is: window=200")
    return length


def _next_base(shares: np.ndarray) -> np.ndarray:
    """(32,) shares of 3-mers, each with its reverse complement -> (16, 4) chance of a base after each pair."""
    table = np.maximum(shares, 0)[kmer_columns(K, canonical=True)].reshape(16, 4) + 1e-9
    return table / table.sum(axis=1, keepdims=True)


def scores_of(
    score: Score, variants: Iterable[np.ndarray], lengths: np.ndarray, advance: Advance
) -> np.ndarray:
    """Score m variants of n sequences, (n, L) codes each and (n,) lengths -> (m, n), many in one call."""
    variants, found = iter(variants), []
    n = len(lengths)
    while some := list(islice(variants, max(1, ROWS_AT_ONCE // n))):
        scores = score(np.concatenate(some), np.tile(lengths, len(some)))
        found.append(scores.reshape(len(some), n))
        advance(len(scores))
    return np.concatenate(found) if found else np.empty((0, n))


def motif_codes(key: str, text: object) -> np.ndarray:
    """(w,) codes of a motif that a user types. Raises ConfigError for anything but letters of IUPAC, with N at neither
    end."""
    try:
        codes = to_codes(str(text).strip())
    except InputError as error:
        raise ConfigError(f"{key}={text}: {error}") from error
    if not len(codes):
        raise ConfigError(f"{key} must be the letters of a motif, such as {key}=TGACTCA; got nothing")
    if N in (codes[0], codes[-1]):
        raise ConfigError(f"{key}={text}: N stands for any base, so leave it out at the ends")
    return codes

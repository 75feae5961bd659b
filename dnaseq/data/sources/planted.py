"""Synthetic records with motifs of known place, strand and order, by which the classes differ."""

import hashlib
import json
import logging
from collections.abc import Sequence
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dnaseq.data.records.store import default_cache
from dnaseq.data.sources.files import Fasta
from dnaseq.encode.alphabet import BASES, COMPLEMENT, to_codes, to_letters
from dnaseq.errors import ConfigError
from dnaseq.io.atomic import atomic_file
from dnaseq.io.os_errors import access
from dnaseq.io.progress import show_progress

ORDERED, SCRAMBLED = "ordered", "scrambled"
FORMAT = 1  # of the generator: another number where the same settings give other records
FEWEST = 20  # records, so that every part has some of each class
MOST_MOTIFS = 6  # of which there are 720 orders
TEST_SHARE = 5  # one record in so many

logger = logging.getLogger("dnaseq")


class Grammar(NamedTuple):
    """Motifs in their order, the other orders, how many bases may lie between two neighbours, and the share of the
    other class that lacks a motif."""

    motifs: tuple[str, ...]
    others: list[tuple[str, ...]]
    fewest: int
    most: int
    broken: float


class Planted(Fasta):
    """Records of random bases with motifs in them, written to train.fa and test.fa in a folder of the cache, with the
    places of the motifs in truth.tsv (id, start and end from 0 without the end, motif, strand).

    An `ordered` record has the motifs in their order along one strand, a `scrambled` one the same motifs with the same
    spacing along one strand in another order. A share `broken` of the `scrambled` ones has the motifs in their order,
    and other bases throughout one of them. The strand, the place and the spacing are drawn anew for every record.
    """

    def __init__(
        self,
        motifs: Sequence[str],
        spacing: Sequence[int],
        n: int,
        length: int,
        seed: int,
        broken: float = 0.0,
        cache: str | None = None,
    ):
        grammar = _grammar(motifs, spacing, broken)
        _check_sizes(grammar, n, length, seed)
        settings = [FORMAT, *grammar, n, length, seed]
        name = hashlib.sha256(json.dumps(settings).encode()).hexdigest()[:16]
        folder = (Path(cache).expanduser() if cache else default_cache()) / "planted" / name
        with show_progress(f"making {n:,} records"):
            _write(folder, _files(grammar, n, length, np.random.default_rng(seed)))
        _say(folder)
        super().__init__(train=str(folder / "train.fa"), test=str(folder / "test.fa"))


def _grammar(motifs: Sequence[str], spacing: Sequence[int], broken: float) -> Grammar:
    """Build the grammar. Raises ConfigError where the settings allow none."""
    if not _is_list(motifs) or not 2 <= len(motifs) <= MOST_MOTIFS:
        raise ConfigError(f"planted.motifs must list two to six, as [AGATAAGA,CCGGAAGT]; got {motifs!r}")
    names = tuple(str(motif).upper() for motif in motifs)
    for motif in names:
        if not motif or set(motif) - set(BASES):
            raise ConfigError(f"planted.motifs: {motif!r} must be made of the letters A, C, G and T")
    reverse = tuple(_reverse_complement(motif) for motif in reversed(names))
    others = sorted(set(permutations(names)) - {names, reverse})
    if not others:
        why = "in every order they read the same on one of the strands"
        raise ConfigError(f"planted.motifs: {why}. Give motifs that differ, not all of them palindromes")
    is_pair = _is_list(spacing) and len(spacing) == 2 and all(map(_is_count, spacing))
    if not is_pair or spacing[0] > spacing[1]:
        raise ConfigError(f"planted.spacing must be the fewest and most bases, as [6,15]; got {spacing!r}")
    if type(broken) not in (int, float) or not 0 <= broken <= 1:
        raise ConfigError(f"planted.broken must be a share from 0 to 1; got {broken!r}")
    return Grammar(names, others, spacing[0], spacing[1], broken)


def _check_sizes(grammar: Grammar, n: int, length: int, seed: int) -> None:
    if not _is_count(n) or n < FEWEST:
        raise ConfigError(f"planted.n must be {FEWEST} records or more; got {n!r}")
    if not _is_count(seed):
        raise ConfigError(f"planted.seed must be a whole number of 0 or more; got {seed!r}")
    longest = sum(map(len, grammar.motifs)) + grammar.most * (len(grammar.motifs) - 1)
    if not _is_count(length) or length < longest:
        what = "the motifs and the bases between them take so many"
        raise ConfigError(f"planted.length must be {longest} or more, as {what}; got {length!r}")


def _is_list(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _files(grammar: Grammar, n: int, length: int, rng: np.random.Generator) -> dict[str, str]:
    """Name -> text of each file."""
    texts = {"train.fa": [], "test.fa": [], "truth.tsv": ["id\tstart\tend\tmotif\tstrand\n"]}
    for number in range(1, n + 1):
        label = ORDERED if number % 2 else SCRAMBLED
        lost = None
        if number % 2:
            order = grammar.motifs
        elif grammar.broken and rng.random() < grammar.broken:
            order, lost = grammar.motifs, int(rng.integers(len(grammar.motifs)))
        else:
            order = grammar.others[rng.integers(len(grammar.others))]
        letters, places = _record(order, lost, grammar, length, rng)
        # two by two, so that both classes have as many test records
        file = "train.fa" if (number - 1) // 2 % TEST_SHARE else "test.fa"
        texts[file].append(f">planted_{number} label={label}\n{letters}\n")
        texts["truth.tsv"] += [f"planted_{number}\t{place}\n" for place in places]
    return {name: "".join(lines) for name, lines in texts.items()}


def _record(
    order: tuple[str, ...], lost: int | None, grammar: Grammar, length: int, rng: np.random.Generator
) -> tuple[str, list[str]]:
    """Draw the letters of one record, and a line for each motif in it, from left to right. Every base of motif `lost`
    of the order becomes another."""
    background = to_letters(rng.integers(4, size=length))
    gaps = rng.integers(grammar.fewest, grammar.most + 1, size=len(order) - 1).tolist()
    taken = sum(map(len, order)) + sum(gaps)
    at = int(rng.integers(length - taken + 1))
    strand = "+-"[rng.integers(2)]
    planted = list(enumerate(order))
    if strand == "-":
        planted.reverse()
    letters, places = background[:at], []
    for (index, motif), gap in zip(planted, [*gaps, 0], strict=True):
        start, end = len(letters), len(letters) + len(motif)
        own = motif if strand == "+" else _reverse_complement(motif)
        if index == lost:
            own = to_letters((to_codes(own) + rng.integers(1, 4, size=len(own))) % 4)
        else:
            places.append(f"{start}\t{end}\t{motif}\t{strand}")
        letters += own + background[end : end + gap]
    return letters + background[len(letters) :], places


def _reverse_complement(motif: str) -> str:
    return to_letters(COMPLEMENT[to_codes(motif)][::-1])


@cache
def _say(folder: Path) -> None:
    """Name the folder, once a process."""
    logger.info("planted records, and the places of their motifs in truth.tsv: %s", folder)


def _write(folder: Path, texts: dict[str, str]) -> None:
    """Write the files. Those that hold these texts already stay as they are: another process may be reading them."""
    with access(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        path = folder / name
        with access(path):
            is_there = path.is_file() and path.read_bytes() == text.encode()
        if not is_there:
            with atomic_file(path, overwrite=True) as handle:
                handle.write(text.encode())

"""Cut train.fa.gz and test.fa.gz of this folder from the genome of E. coli K-12 and its annotation:

    python data/ecoli_coding/make.py GENOME.fna[.gz] ANNOTATION.gff[.gz] [FOLDER]

The README beside it says what the records are. The same two files give the same records.
"""

import gzip
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dnaseq.encode.alphabet import COMPLEMENT, to_codes, to_letters
from dnaseq.io.sequences.feature_files import read_features
from dnaseq.io.sequences.reading import Reading, read_blocks

WINDOW = 200  # bases
MARGIN = 30  # bases of a gene before its first window and after its last
STEPS = (250, 350)  # fewest and most bases from one window of a gene to the next, drawn anew: so is the phase
STRETCH = 100_000  # bases of the genome; genes that begin in every fourth stretch are the test set
TEST_SHARE = 4
PAIRS = 2600  # a coding and a noncoding record each, before those that repeat another are left out
ORDER = 5  # bases that the next one of a noncoding record depends on, so that 6-mers are those of the genes
DRAWS = (
    200  # chains that are drawn for one noncoding record, of which the first with the right G and C is taken
)
UNIQUE = 24  # no two records share so many bases in a row, on either strand
SEED = 1
STARTS, STOPS = {"ATG", "GTG", "TTG"}, {"TAA", "TAG", "TGA"}


class Window(NamedTuple):
    """A stretch of a gene: where, on which strand, whether for the test set, its codes along the strand."""

    place: str
    in_test: bool
    codes: np.ndarray  # (WINDOW,)


class Record(NamedTuple):
    """A window, or what is made from one, with its class."""

    window: Window
    label: str
    letters: str


def main(genome: str, annotation: str, folder: str = str(Path(__file__).parent)) -> None:
    """Write both files."""
    (block,) = read_blocks([genome], Reading())
    name = block.headers[0].split()[0].decode()
    rng = np.random.default_rng(SEED)
    pairs = distinct(made(list(windows(name, block.codes, annotation, rng)), rng))
    chosen = sorted((one for pair in pairs for one in pair), key=lambda one: one.window.place)
    for part in ("train", "test"):
        rows = [one for one in chosen if one.window.in_test == (part == "test")]
        text = "".join(f">{one.window.place} label={one.label}\n{one.letters}\n" for one in rows)
        Path(folder, f"{part}.fa.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
        print(f"{part}: {len(rows)} records")


def windows(name: str, codes: np.ndarray, annotation: str, rng: np.random.Generator) -> Iterator[Window]:
    """Windows of all genes, in a phase of chance, that no second gene reaches into."""
    genes = read_features(annotation, "CDS")[name]
    covered = np.zeros(len(codes), dtype=np.int64)
    for begin, end in zip(genes.starts, genes.ends, strict=True):
        covered[begin:end] += 1
    for begin, end, strand in zip(genes.starts, genes.ends, genes.strands, strict=True):
        gene = codes[begin:end] if strand == 1 else COMPLEMENT[codes[begin:end]][::-1]
        letters = to_letters(gene)
        if len(gene) % 3 or letters[:3] not in STARTS or letters[-3:] not in STOPS:
            continue  # a pseudogene, or a gene in two pieces
        at = MARGIN + int(rng.integers(3))
        while at + WINDOW + MARGIN <= len(gene):
            first = begin + at if strand == 1 else end - at - WINDOW
            if (covered[first : first + WINDOW] == 1).all():
                place = f"{name}:{first}-{first + WINDOW}({'+' if strand == 1 else '-'})"
                yield Window(place, begin // STRETCH % TEST_SHARE == 0, gene[at : at + WINDOW])
            at += int(rng.integers(*STEPS))


def made(found: list[Window], rng: np.random.Generator) -> Iterator[tuple[Record, Record]]:
    """PAIRS of a coding and a noncoding record, but for those of which no draw has the right G and C."""
    shares = next_base(found)
    for coding, model in pairs_of_equal_gc(found, rng)[:PAIRS]:
        letters = chain(model.codes, shares, rng)
        if letters:
            yield Record(coding, "coding", to_letters(coding.codes)), Record(model, "noncoding", letters)


def next_base(found: list[Window]) -> np.ndarray:
    """(4 ** ORDER, 4) for each ORDER bases in a row, how often each base or one before it in the alphabet follows."""
    codes = np.stack([one.codes for one in found]).astype(np.int64)
    before = sum(codes[:, j : WINDOW - ORDER + j] * 4 ** (ORDER - 1 - j) for j in range(ORDER))
    counts = np.bincount((before * 4 + codes[:, ORDER:]).ravel(), minlength=4 ** (ORDER + 1)).reshape(-1, 4)
    return np.cumsum(counts, axis=1) / counts.sum(axis=1, keepdims=True)


def chain(model: np.ndarray, shares: np.ndarray, rng: np.random.Generator) -> str | None:
    """Letters of a record that begins as `model` and has as many G and C, base after base by chance; None where no
    draw has."""
    drawn = np.tile(model, (DRAWS, 1)).astype(np.int64)
    before = sum(drawn[:, j] * 4 ** (ORDER - 1 - j) for j in range(ORDER))
    for at in range(ORDER, WINDOW):
        drawn[:, at] = (rng.random((DRAWS, 1)) >= shares[before]).sum(axis=1)
        before = (before * 4 + drawn[:, at]) % 4**ORDER
    alike = np.flatnonzero(gc(drawn) == gc(model))
    return to_letters(drawn[alike[0]]) if alike.size else None


def gc(codes: np.ndarray) -> np.ndarray:
    """Number of G and C along the last axis."""
    return ((codes == 1) | (codes == 2)).sum(axis=-1)


def pairs_of_equal_gc(found: list[Window], rng: np.random.Generator) -> list[tuple[Window, Window]]:
    """Two and two windows of the same part with as many G and C, in an order of chance."""
    alike: dict[tuple[bool, int], list[Window]] = defaultdict(list)
    for number in rng.permutation(len(found)):
        alike[found[number].in_test, int(gc(found[number].codes))].append(found[number])
    pairs = [pair for same in alike.values() for pair in zip(same[::2], same[1::2], strict=False)]
    return [pairs[number] for number in rng.permutation(len(pairs))]


def distinct(pairs: Iterator[tuple[Record, Record]]) -> Iterator[tuple[Record, Record]]:
    """Pairs of records that share no UNIQUE bases in a row with one before, on either strand."""
    known: set[str] = set()
    for pair in pairs:
        pieces = set().union(*(pieces_of(record.letters) for record in pair))
        if known.isdisjoint(pieces):
            known |= pieces
            yield pair


def pieces_of(letters: str) -> set[str]:
    """All stretches of UNIQUE bases, on both strands."""
    other = to_letters(COMPLEMENT[to_codes(letters)][::-1])
    return {text[at : at + UNIQUE] for text in (letters, other) for at in range(WINDOW - UNIQUE + 1)}


if __name__ == "__main__":
    main(*sys.argv[1:])

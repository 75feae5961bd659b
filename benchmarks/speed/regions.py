"""Windows and matched negatives from a genome: seconds, memory, and how like the negatives are.

    python benchmarks/speed/regions.py FOLDER [--megabases 100] [--regions 100000]

FOLDER gets a genome of five contigs whose GC content and soft-masking change along it, and regions of 200 bases that
prefer GC-rich, unmasked places. Reading counts all that data=regions does before the cache is written: genome and BED
are read, windows cut, negatives drawn and matched, and all records are encoded. Then the regions are compared with
what pysam's faidx cuts out. Memory is the greatest resident size of the process.
"""

import argparse
import multiprocessing
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pysam
from sklearn.metrics import roc_auc_score
from timing import machine

from dnaseq.data.records.store_writer import LabelledBlock
from dnaseq.data.regions.settings import Negatives
from dnaseq.data.sources.regions import POSITIVE, Regions
from dnaseq.encode.alphabet import to_letters
from dnaseq.io.sequences.reading import Reading

WIDTH, CONTIGS, ISLE, REPEAT, COLUMNS = 200, 5, 2_000, 300, 60


def main() -> None:
    arguments = _parsed()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    genome, regions = arguments.folder / "genome.fa", arguments.folder / "regions.bed"
    if not regions.exists():  # in another process, whose memory does not count here
        making = multiprocessing.Process(target=_make, args=(genome, regions, arguments))
        making.start()
        making.join()
    before, began, worked = _megabytes(), time.perf_counter(), time.process_time()
    source = Regions(str(regions), str(genome), negatives=Negatives("matched"))
    blocks = [block for _, block in source.read(Reading())]
    seconds, worked = time.perf_counter() - began, time.process_time() - worked
    print(machine("pysam"))
    n, memory = sum(len(one.labels) for one in blocks), _megabytes()
    print(f"{n:,} records in {seconds:.1f} s, of which {worked:.1f} s of one processor")
    print(f"{memory:,.0f} MB of memory, {before:,.0f} before")
    is_region, shares = _compared(blocks)
    for name, values in shares.items():
        print(f"AUROC of {name} alone: {roc_auc_score(is_region, values):.4f}")
    print(f"{_equal_windows(blocks, genome):,} windows of regions equal those of pysam")


def _compared(blocks: list[LabelledBlock]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """(n,) True for regions; (n,) GC content and soft-masked share."""
    is_region = np.array([label == POSITIVE for one in blocks for label in one.labels])
    gc = np.concatenate([np.isin(one.block.codes, (1, 2)).reshape(-1, WIDTH).mean(axis=1) for one in blocks])
    headers = (header for one in blocks for header in one.block.headers)
    masked = np.array([float(header.split(b"masked=")[1].split()[0]) for header in headers])
    return is_region, {"GC content": gc, "soft-masked share": masked}


def _equal_windows(blocks: list[LabelledBlock], genome: Path) -> int:
    """Count the windows of regions; exit where one is not what pysam cuts out."""
    count = 0
    with pysam.FastaFile(str(genome)) as file:
        for block, labels, *_ in blocks:
            letters = to_letters(block.codes)
            for i, (header, label) in enumerate(zip(block.headers, labels, strict=True)):
                if label == POSITIVE:
                    place = header.decode().split()[0]
                    start, end = map(int, place.partition(":")[2].split("-"))
                    expected = file.fetch(place.partition(":")[0], start, end).upper()
                    assert letters[i * WIDTH : (i + 1) * WIDTH] == expected, place
                    count += 1
    return count


def _make(genome: Path, regions: Path, arguments: argparse.Namespace) -> None:
    length, each = int(arguments.megabases * 1e6) // CONTIGS, arguments.regions // CONTIGS
    with genome.open("wb") as fasta, regions.open("w") as bed:
        for number in range(1, CONTIGS + 1):
            rng = np.random.default_rng(number)
            letters = _letters(length, rng)
            fasta.write(b">chr%d\n" % number)
            fasta.writelines(_lines(letters))
            for start in _places(letters, each, rng).tolist():
                bed.write(f"chr{number}\t{start}\t{start + WIDTH}\n")


def _letters(length: int, rng: np.random.Generator) -> np.ndarray:
    """(length,) letters: isles of one GC content each, and repeats in lower case."""
    gc = np.repeat(np.clip(rng.normal(0.42, 0.07, length // ISLE + 1), 0.2, 0.8), ISLE)[:length]
    is_gc, either = rng.random(length) < gc, rng.integers(0, 2, length)
    letters = np.frombuffer(b"ATCG", np.uint8)[2 * is_gc + either]
    lower = np.repeat(rng.random(length // REPEAT + 1) < 0.45, REPEAT)[:length]
    return letters + 32 * lower.astype(np.uint8)


def _places(letters: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """(n,) starts of regions, none of which overlap, more of them where there is more G and C and less lower case."""
    starts = np.arange(0, len(letters) - 2 * WIDTH, 2 * WIDTH)
    starts += rng.integers(0, WIDTH, len(starts))
    rows = letters[starts[:, None] + np.arange(0, WIDTH, 10)]
    gc, masked = np.isin(rows, np.frombuffer(b"CGcg", np.uint8)).mean(axis=1), (rows > 96).mean(axis=1)
    weights = np.exp(3 * gc - masked)
    return np.sort(rng.choice(starts, n, replace=False, p=weights / weights.sum()))


def _lines(letters: np.ndarray) -> Iterator[bytes]:
    for begin in range(0, len(letters), COLUMNS * 10_000):
        text = letters[begin : begin + COLUMNS * 10_000].tobytes()
        yield b"".join(text[at : at + COLUMNS] + b"\n" for at in range(0, len(text), COLUMNS))


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where the genome and the regions go")
    parser.add_argument("--megabases", type=float, default=100)
    parser.add_argument("--regions", type=int, default=100_000)
    return parser.parse_args()


if __name__ == "__main__":
    main()

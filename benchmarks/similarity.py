"""How many of the similar records are found, in what time: the tables of RESULTS.md.

    python benchmarks/similarity.py [FASTA ...] [--tables pairs groups planted sizes] [--sizes 10000 100000]

FASTA files are compared with the exact answer of all pairs (about a minute and a half for 4,000 records of 200
bases). Everything else is on random records with planted relatives. vsearch, mmseqs and cd-hit-est, where they are
on PATH, group the same files of not more than `--peers-up-to` records.
"""

import argparse
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import edlib
import numpy as np

from dnaseq.data.records.lengths import LengthPolicy, Windows
from dnaseq.data.records.store import Store
from dnaseq.data.similarity.seeds import spaced_seed
from dnaseq.data.similarity.similar import Similarity, near_pairs, similarity_groups
from dnaseq.encode.alphabet import to_codes, to_letters
from dnaseq.io.sequences.reading import Reading, read_blocks

IDENTITY = 0.8
LENGTH = 200
PLANTED = 300  # of each kind
RATES = {
    "substitutions": (0, 0.05, 0.1, 0.15, 0.2, 0.25),
    "insertions and deletions": (0.05, 0.1, 0.15, 0.2, 0.25),
    "shift": (0.05, 0.1, 0.15, 0.2, 0.25),
    "piece": (0.9, 0.7, 0.5, 0.3),
}
COMPLEMENT = str.maketrans("ACGT", "TGCA")


def main() -> None:
    arguments = _parsed()
    if arguments.group:
        _group_file(arguments.fasta[0])
        return
    for name in arguments.tables:
        for line in TABLES[name](arguments):
            print(line, flush=True)
        print()


def _against_all_pairs(arguments: argparse.Namespace) -> Iterator[str]:
    """Near pairs of real records, against the alignment of every record with every other on both strands."""
    yield _row(
        "file", "records", "near by all-pairs alignment", "of them found", "found, not near", "seconds"
    )
    yield _row(*["---"] * 6)
    for path in arguments.fasta:
        store = _read(path)
        windows = _sampled(store, arguments.records)
        began = time.perf_counter()
        pairs = near_pairs(store, windows, False, IDENTITY)
        seconds = time.perf_counter() - began
        found = set(zip(pairs.a.tolist(), pairs.b.tolist(), strict=True))
        bounds = zip(store.offsets[windows.record], store.offsets[windows.record + 1], strict=True)
        truth = _all_pairs([to_letters(store.codes[start:end]) for start, end in bounds])
        counts = [len(truth), len(truth & found), len(found - truth)]
        yield _row(_short(path), f"{len(windows.record):,}", *counts, f"{seconds:.2f}")


def _groups(arguments: argparse.Namespace) -> Iterator[str]:
    """Number of groups and the largest group of whole files, by what joins records."""
    ways = (Similarity(IDENTITY, None), Similarity(None), Similarity(IDENTITY))
    yield _row(
        "file", "records", "copies only", f"near {IDENTITY}", "overlap 24", "both", "largest", "seconds, both"
    )
    yield _row(*["---"] * 8)
    for path in arguments.fasta:
        store = _read(path)
        windows = LengthPolicy().windows(store.lengths)
        copies = similarity_groups(store, windows, False, Similarity(None, None)).max() + 1
        sizes = []
        for way in ways:
            began = time.perf_counter()
            sizes.append(np.bincount(similarity_groups(store, windows, False, way)))
            seconds = time.perf_counter() - began
        counts = [len(store), copies, *(len(size) for size in sizes), sizes[-1].max()]
        yield _row(_short(path), *(f"{count:,}" for count in counts), f"{seconds:.2f}")


def _all_pairs(sequences: list[str]) -> set[tuple[int, int]]:
    turned = [sequence.translate(COMPLEMENT)[::-1] for sequence in sequences]
    return {
        (a, b)
        for a in range(len(sequences))
        for b in range(a + 1, len(sequences))
        if _is_near(sequences[a], sequences[b]) or _is_near(sequences[a], turned[b])
    }


def _is_near(one: str, two: str) -> bool:
    shorter, longer = sorted((one, two), key=len)
    most = int((1 - IDENTITY) * len(shorter) + 1e-9)
    ways = [(shorter, longer), (longer, shorter)] if len(one) == len(two) else [(shorter, longer)]
    return any(edlib.align(x, y, mode="HW", task="distance", k=most)["editDistance"] >= 0 for x, y in ways)


def _planted(arguments: argparse.Namespace) -> Iterator[str]:
    """Of the planted relatives that alignment says are near, the share that near_pairs finds, by kind."""
    kinds = [(kind, rate) for kind, rates in RATES.items() for rate in rates]
    parents, relatives = _relatives(kinds)
    columns = []
    for size in (20_000, *(size for size in arguments.sizes if size > 100_000)):
        random = np.random.default_rng(2).integers(0, 4, size * LENGTH, dtype=np.uint8)
        planted = [to_codes(sequence) for sequence in [*parents, *relatives]]
        lengths = [len(codes) for codes in planted] + [LENGTH] * size
        store = _store(np.concatenate([*planted, random]), lengths)
        windows = LengthPolicy().windows(store.lengths)
        found = near_pairs(store, windows, False, IDENTITY)
        pairs = set(zip(found.a.tolist(), found.b.tolist(), strict=True))
        hit = np.array([(i, i + len(parents)) in pairs for i in range(len(parents))])
        columns.append((size, spaced_seed(int(windows.length.sum())).span, hit, len(pairs) - int(hit.sum())))
    near = np.array(
        [
            _is_near(p, r) or _is_near(p, r.translate(COMPLEMENT)[::-1])
            for p, r in zip(parents, relatives, strict=True)
        ]
    )
    heads = [f"found among {size:,} (seed of {span} bases)" for size, span, _, _ in columns]
    yield _row("planted, half on the other strand", "rate", f"near, of {PLANTED}", *heads)
    yield _row(*["---"] * (3 + len(heads)))
    for i, (kind, rate) in enumerate(kinds):
        of_kind = np.arange(len(parents)) // PLANTED == i
        which = of_kind & near
        shares = [f"{hit[which].mean():.3f}" if which.any() else "" for _, _, hit, _ in columns]
        yield _row(kind, f"{rate:.0%}", int(which.sum()), *shares)
    yield _row("pairs not planted", "", "", *(more for *_, more in columns))


def _relatives(kinds: list[tuple[str, float]]) -> tuple[list[str], list[str]]:
    rng = np.random.default_rng(1)
    parents, relatives = [], []
    for kind, rate in kinds:
        for i in range(PLANTED):
            parent = rng.integers(0, 4, LENGTH, dtype=np.uint8)
            letters = to_letters(_changed(parent, kind, rate, rng))
            parents.append(to_letters(parent))
            relatives.append(letters.translate(COMPLEMENT)[::-1] if i % 2 else letters)
    return parents, relatives


def _changed(parent: np.ndarray, kind: str, rate: float, rng: np.random.Generator) -> np.ndarray:
    edits = round(rate * len(parent))
    if kind == "substitutions":
        child = parent.copy()
        where = rng.choice(len(parent), edits, replace=False)
        child[where] = (child[where] + rng.integers(1, 4, edits)) % 4
        return child
    if kind == "insertions and deletions":
        child = np.delete(parent, rng.choice(len(parent), edits // 2, replace=False))
        return np.insert(
            child, rng.integers(0, len(child), edits - edits // 2), rng.integers(0, 4, edits - edits // 2)
        )
    if kind == "shift":
        return np.r_[parent[edits:], rng.integers(0, 4, edits, dtype=np.uint8)]
    start = rng.integers(0, len(parent) - edits + 1)
    return parent[start : start + edits]


def _sizes(arguments: argparse.Namespace) -> Iterator[str]:
    """Groups of random records, a tenth of them relatives of another: whole commands, FASTA to groups."""
    yield _row(
        "records",
        "program",
        "seconds",
        "processor seconds",
        "peak memory",
        "groups",
        "relatives with their parent",
    )
    yield _row(*["---"] * 7)
    for size in arguments.sizes:
        with TemporaryDirectory() as name:
            folder = Path(name)
            fasta, near = _families_file(folder, size)
            for program, command, read in _programs(folder, fasta):
                peer = program != "dnaseq"
                if peer and (size > arguments.peers_up_to or not shutil.which(program)):
                    continue
                cells = [f"{size:,}", program]
                measured = _measured(command, folder, arguments.seconds)
                if measured is None:
                    yield _row(*cells, f"over {arguments.seconds}", "", "", "", "")
                    continue
                group = read(size)
                together = float((group[near[:, 0]] == group[near[:, 1]]).mean())
                yield _row(*cells, *measured, f"{len(np.unique(group)):,}", f"{together:.4f}")


def _measured(command: list[str], folder: Path, most: int) -> tuple[str, str, str] | None:
    """Seconds, seconds of all processors, peak memory; None after `most` seconds.

    A small process starts the command: a child's peak memory counts that of the process it was forked from.
    """
    starter = (
        "import resource, subprocess, sys, time; began = time.perf_counter();"
        "code = subprocess.run(sys.argv[1:], stdout=2).returncode;"
        "used = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss, code)"
    )
    limited = ["timeout", str(most), *command]  # ends what the command has started, too
    with (folder / "log").open("w") as log:
        answer = subprocess.run(
            [sys.executable, "-c", starter, *limited],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    seconds, busy, kilobytes, code = answer.stdout.split()
    if code == "124":
        return None
    if code != "0":
        raise SystemExit(f"{command[0]} failed:\n{(folder / 'log').read_text()}")
    return f"{float(seconds):.1f}", f"{float(busy):.1f}", f"{int(kilobytes) / 1024:,.0f} MB"


def _families_file(folder: Path, size: int) -> tuple[Path, np.ndarray]:
    """FASTA of r0, r1, ...; (m, 2) relatives that are near, and their parents. Substitutions 0 to 20 %."""
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 4, (size, LENGTH), dtype=np.uint8)
    children = np.arange(size - size // 10, size)
    parents = rng.integers(0, children[0], len(children))
    edits = rng.integers(0, LENGTH // 5 + 1, len(children))
    for child, parent, number in zip(children.tolist(), parents.tolist(), edits.tolist(), strict=True):
        changed = _changed(codes[parent], "substitutions", number / LENGTH, rng)
        codes[child] = 3 - changed[::-1] if child % 2 else changed
    fasta = folder / "records.fa"
    letters = np.frombuffer(b"ACGT", dtype=np.uint8)[codes]
    with fasta.open("wb") as handle:
        for i, line in enumerate(letters):
            handle.write(b">r%d\n%b\n" % (i, line.tobytes()))
    return fasta, np.stack([children, parents], axis=1)


def _programs(folder: Path, fasta: Path) -> list[tuple]:
    """Name, command, and how to read the groups that it leaves in the folder."""

    def pairs(lines: Iterator[tuple[str, str]], size: int) -> np.ndarray:
        group = np.arange(size)
        for member, leader in lines:
            group[int(member[1:])] = int(leader[1:])
        return group

    def vsearch(size: int) -> np.ndarray:
        rows = (line.split("\t") for line in (folder / "out.uc").open())
        return pairs(((row[8], row[9].strip()) for row in rows if row[0] == "H"), size)

    def mmseqs(size: int) -> np.ndarray:
        rows = (line.split() for line in (folder / "out_cluster.tsv").open())
        return pairs(((member, leader) for leader, member in rows), size)

    def cd_hit(size: int) -> np.ndarray:
        group, cluster = np.arange(size), -1
        for line in (folder / "out.clstr").open():
            cluster += line.startswith(">")
            if not line.startswith(">"):
                group[int(line.split(">r")[1].split("...")[0])] = cluster
        return group

    identity, path = str(IDENTITY), str(fasta)
    dnaseq = [sys.executable, str(Path(__file__).resolve()), path, "--group"]
    easy = ["mmseqs", "easy-cluster", path, "out", "tmp", "--min-seq-id", identity]
    fast = ["vsearch", "--cluster_fast", path, "--strand", "both", "--id", identity, "--uc", "out.uc"]
    est = ["cd-hit-est", "-i", path, "-o", "out", "-c", identity, "-n", "5", "-r", "1", "-M", "0", "-T", "0"]
    return [
        ("dnaseq", dnaseq, lambda size: np.load(folder / "groups.npy")),
        ("vsearch", fast, vsearch),
        ("mmseqs", easy, mmseqs),
        ("cd-hit-est", est, cd_hit),
    ]


def _group_file(path: str) -> None:
    """What `--group` runs in a process of its own: groups.npy in the current folder."""
    store = _read(path)
    windows = LengthPolicy().windows(store.lengths)
    np.save("groups.npy", similarity_groups(store, windows, False, Similarity(IDENTITY)))


def _read(path: str) -> Store:
    blocks = list(read_blocks(path, Reading(bad_records="keep")))
    lengths = np.concatenate([np.diff(block.offsets) for block in blocks])
    return _store(
        np.concatenate([block.codes for block in blocks]), lengths[lengths > 0]
    )  # 0: could not be used


def _store(codes: np.ndarray, lengths: Sequence[int]) -> Store:
    """In memory, without ids and labels, which similarity does not look at."""
    none = np.empty(0, dtype=np.int64)
    return Store(
        folder=Path(),
        codes=codes,
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        parts=np.zeros(len(lengths), dtype=np.uint8),
        labels=np.zeros(len(lengths), dtype=np.int32),
        id_bytes=none,
        id_offsets=none,
        label_names=(),
        rejected={},
    )


def _sampled(store: Store, most: int) -> Windows:
    chosen = np.sort(np.random.default_rng(0).permutation(len(store))[:most])
    return Windows(*(column[chosen] for column in LengthPolicy().windows(store.lengths)))


def _short(path: str) -> str:
    return "/".join(Path(path).parts[-2:])


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("fasta", nargs="*", help="files with real records")
    parser.add_argument("--tables", nargs="*", default=list(TABLES), choices=TABLES)
    parser.add_argument("--records", type=int, default=4000, help="of a file, against all pairs")
    parser.add_argument("--sizes", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--peers-up-to", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=600, help="how long a program may take")
    parser.add_argument("--group", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


TABLES = {"pairs": _against_all_pairs, "groups": _groups, "planted": _planted, "sizes": _sizes}


def _row(*cells: object) -> str:
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


if __name__ == "__main__":
    main()

"""A scan of a genome for promoters: `dnaseq peaks` of a network against k-mers and random places, at known sites.

    python benchmarks/scan.py SITES.bed GENOME.fa RUNS [--stride 20] [--seed 1] [overrides of dnaseq train ...]
    python benchmarks/scan.py --table

`model=cnn` is trained with matched negatives on the sites before --start, stretches of 100,000 bases; every tenth
stretch validates. Bases from --start to --end are scanned on both strands, by what `dnaseq peaks` scans and calls with.
The baseline is the logistic regression of k-mers that a training compares with, fitted on the records before --start,
which scans the same windows in the same way, with its own shuffled windows. A peak or a window is right if its middle
(of a peak, the summit) is within half of a window of the middle of a site on its strand. Where fewer than 100 peaks
have a false discovery rate of 0.05, the 100 best are those of the least of some higher rates that has so many.
Before the scan, AUROC of windows that stand exactly on a site, or some bases beside it, against random windows.
Intervals of shares are those of Wilson. Rows go to scan.tsv as they come; what has a row is not made again.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from over_seeds import add_row, parsed, parser_of_rows, read_rows, run_or_leave
from promoters import STRETCH, settings_of_promoters
from sklearn.metrics import roc_auc_score

from dnaseq.bundle.predictor import Predictor
from dnaseq.data.regions.intervals import Intervals
from dnaseq.encode.alphabet import to_codes
from dnaseq.evaluation.baselines.features import kmer_profile
from dnaseq.evaluation.baselines.fitting import Examples
from dnaseq.evaluation.baselines.penalty import best_penalty, build_model, folds
from dnaseq.evaluation.intervals.bootstrap import wilson
from dnaseq.genome.peaks.calling import call_peaks
from dnaseq.genome.peaks.scan import FORWARD, REVERSE, Scanned, Score, Windows, scan, turned
from dnaseq.genome.peaks.significance import Null, shuffled_null
from dnaseq.interpret.logit import Logit, Scores
from dnaseq.io.genome.bed import read_regions
from dnaseq.io.genome.genome import Genome

ROWS = Path(__file__).parent / "scan.tsv"
NULL = 200_000
RATES = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.99)  # of false discoveries
BEST = 100
CALLED = (0.001, 0.01, 0.05)  # of all windows
MOVED, DRAWN = (0, 5, 10, 20), 4_000  # bases beside a site; random windows


class Row(NamedTuple):
    """One way to scan. `best` is the precision of the 100 peaks that score most, `places` that of the 100 best windows
    that share no base; recalls are at so many of 1,000 windows, the best."""

    training: str
    stride: str
    seed: str
    method: str
    aurocs: str
    windows: str
    sites: str
    peaks: str
    precision: str
    best: str
    places: str
    recall_1: str
    recall_10: str
    recall_50: str


class Sites(NamedTuple):
    """n known sites of one contig."""

    contig: str
    middles: np.ndarray  # (n,) int64
    strands: np.ndarray  # (n,) + or -
    size: int  # bases of each


class Found(NamedTuple):
    """n windows or peaks, by their middles."""

    middles: np.ndarray
    strands: np.ndarray
    scores: np.ndarray


def main() -> None:
    arguments = _parsed()
    if not arguments.table:
        key = (" ".join(arguments.overrides) or "as typed", str(arguments.stride), str(arguments.seed))
        if key not in {row[:3] for row in read_rows(ROWS, Row)}:
            for row in _measured(arguments, key):
                add_row(ROWS, row)
    print(table(read_rows(ROWS, Row)))


def table(rows: list[Row]) -> str:
    """Markdown: a row a way to scan."""
    beside = f"AUROC {', '.join(map(str, MOVED))} bases beside a site"
    names = ("training", "stride", "seed", "scanned by", beside, "windows", "known sites")
    more = (f"peaks, fdr={RATES[0]}", "right of them", f"right of the {BEST} best peaks")
    recalls = (f"sites found by {share:.1%} of the windows" for share in CALLED)
    lines = [[*names, *more, f"right of the {BEST} best places", *recalls], ["---"] * len(Row._fields), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _measured(arguments: argparse.Namespace, key: tuple[str, str, str]) -> list[Row]:
    seed = arguments.seed
    run = arguments.runs / "-".join(["scan", *arguments.overrides, str(seed)])
    data = [*_data(arguments), f"seed={seed}", "overwrite=true"]
    if not (run / "bundle").exists():
        options = ["explain=none", "trainer=cpu", *arguments.overrides]
        run_or_leave("train", "model=cnn", *data, *options, f"run_dir={run}")
    negatives = arguments.runs / f"negatives-{seed}.fa"
    if not negatives.exists():
        run_or_leave("audit", *data, f"write_negatives={negatives}", f"run_dir={arguments.runs}/audit-{seed}")
    every, genome = _sites(arguments.sites), Genome.open(str(arguments.genome))
    before = every.middles < arguments.start
    ahead = (every.middles >= arguments.start) & (every.middles < arguments.end)
    known, learnt = (
        every._replace(middles=every.middles[some], strands=every.strands[some]) for some in (ahead, before)
    )
    windows = Windows(every.size, arguments.stride)
    places = {every.contig: Intervals(np.array([arguments.start]), np.array([arguments.end]))}
    scores = {
        "cnn": _network_score(run / "bundle"),
        "k-mers": _kmer_score(_cut(genome, learnt), _negatives(negatives, arguments.start), seed),
    }
    rows = []
    for method, score in scores.items():
        scanned = list(scan(genome, places, windows, (FORWARD, REVERSE), score))
        null = shuffled_null(scanned, genome, windows, score, NULL, np.random.default_rng(seed))
        called = (_peaks(scanned, null, windows.size, rate) for rate in RATES)
        aurocs = _aurocs(genome, known, (arguments.start, arguments.end - windows.size), score)
        rows.append(_row((*key, method, aurocs), known, _middles(scanned, windows.size), called))
    return [*rows, _random(key, known, rows[0], _middles(scanned, windows.size))]


def _aurocs(genome: Genome, known: Sites, scanned: tuple[int, int], score: Score) -> str:
    """AUROC of windows on the sites, and downstream of them, against windows anywhere on the same strands."""
    middles = np.random.default_rng(1).integers(*scanned, DRAWN) + known.size // 2
    random = Sites(known.contig, middles, np.resize(known.strands, DRAWN), known.size)
    moved = (
        known._replace(middles=known.middles + np.where(known.strands == REVERSE, -bases, bases))
        for bases in MOVED
    )
    (_, (drawn, _)), *beside = score((None, _cut(genome, sites)) for sites in (random, *moved))
    found = []
    for _, (own, _) in beside:
        truth = np.repeat([1, 0], [len(own), len(drawn)])
        found.append(f"{roc_auc_score(truth, np.concatenate([own, drawn])):.3f}")
    return " ".join(found)


def _peaks(scanned: list[Scanned], null: Null, size: int, rate: float) -> Found:
    peaks = call_peaks(scanned, null, size, rate, 0).peaks
    return _found([(peak.summit, peak.strand, peak.logit) for peak in peaks])


def _row(key: tuple[str, ...], known: Sites, every: Found, called: Iterator[Found]) -> Row:
    significant = more = next(called)
    while len(more.middles) < BEST and (another := next(called, None)):
        more = another
    top = np.argsort(-more.scores, kind="stable")[:BEST]
    order = np.argsort(-every.scores, kind="stable")
    return Row(
        *key,
        f"{len(order):,}",
        str(len(known.middles)),
        f"{len(significant.middles):,}",
        _precision(known, significant, np.arange(len(significant.middles))),
        _precision(known, more, top),
        _precision(known, every, _apart(every, order, known.size)),
        *_recalls(known, every, order),
    )


def _random(key: tuple[str, str, str], known: Sites, like: Row, every: Found) -> Row:
    """Any windows: the share of all that are right, and the sites that so many reach."""
    order = np.random.default_rng(1).permutation(len(every.middles))
    right = _precision(known, every, order)
    recalls = _recalls(known, every, order)
    return Row(*key, "random places", "", like.windows, like.sites, "", "", right, right, *recalls)


def _recalls(known: Sites, every: Found, order: np.ndarray) -> list[str]:
    """The sites that the first windows of an order reach."""
    counts = (round(share * len(order)) for share in CALLED)
    return [_share(_reached(known, every, order[:n]), len(known.middles)) for n in counts]


def _right(known: Sites, found: Found, rows: np.ndarray) -> np.ndarray:
    """(rows, sites) bool: what is near which site, on its strand."""
    near = np.abs(found.middles[rows][:, None] - known.middles) <= known.size // 2
    return near & (found.strands[rows][:, None] == known.strands)


def _reached(known: Sites, found: Found, rows: np.ndarray) -> int:
    parts = (_right(known, found, some).any(axis=0) for some in np.array_split(rows, 50))
    return int(np.any(list(parts), axis=0).sum())


def _precision(known: Sites, found: Found, rows: np.ndarray) -> str:
    parts = (_right(known, found, some).any(axis=1).sum() for some in np.array_split(rows, 50))
    return _share(int(sum(parts)), len(rows))


def _share(count: int, n: int) -> str:
    if not n:
        return ""
    low, high = wilson(count / n, n)
    return f"{count / n:.4f} [{low:.4f}, {high:.4f}]"


def _apart(found: Found, order: np.ndarray, size: int) -> np.ndarray:
    """Return the BEST first rows of `order` that share no base with a better one on their strand."""
    kept: list[int] = []
    for row in order.tolist():
        own = [other for other in kept if found.strands[other] == found.strands[row]]
        if all(abs(found.middles[other] - found.middles[row]) >= size for other in own):
            kept.append(row)
        if len(kept) == BEST:
            break
    return np.array(kept)


def _middles(scanned: list[Scanned], size: int) -> Found:
    strands = np.concatenate([np.full(len(one.starts), one.strand) for one in scanned])
    starts, logits = (np.concatenate([getattr(one, key) for one in scanned]) for key in ("starts", "logits"))
    return Found(starts + size // 2, strands, logits)


def _found(rows: list[tuple[int, str, float]]) -> Found:
    middles, strands, scores = zip(*rows, strict=True) if rows else ((), (), ())
    return Found(np.array(middles, dtype=np.int64), np.array(strands, dtype=str), np.array(scores))


def _network_score(bundle: Path) -> Score:
    logit = Logit(Predictor.load(bundle, device="cpu"), "positive", key="class")
    return lambda pairs: ((mine, logit.scores(codes)) for mine, codes in pairs)


def _kmer_score(positives: np.ndarray, negatives: np.ndarray, seed: int) -> Score:
    """Fit as a training fits its baseline."""
    labels = np.repeat([1, 0], [len(positives), len(negatives)])
    profile = _profiles()
    x = profile(np.concatenate([positives, negatives]))
    model = build_model(best_penalty(x, [labels], folds(labels, seed), scalable=True)).fit(x, labels)

    def score(pairs: Iterable[tuple[Any, np.ndarray]]) -> Iterator[tuple[Any, Scores]]:
        for mine, codes in pairs:
            own = profile(codes)
            yield mine, Scores(model.decision_function(own), model.predict_proba(own)[:, 1])

    return score


def _profiles() -> Callable:
    def profile(codes: np.ndarray):
        n, size = codes.shape
        flat, starts = np.ascontiguousarray(codes).reshape(-1), np.arange(n) * size
        return kmer_profile(Examples(flat, starts, np.full(n, size), np.zeros(n, dtype=np.int64)))

    return profile


def _sites(path: Path) -> Sites:
    regions = read_regions(path)
    sizes, contigs = set((regions.ends - regions.starts).tolist()), set(regions.contigs)
    if len(sizes) != 1 or len(contigs) != 1:
        sys.exit("sites of one size on one contig are needed")
    size = sizes.pop()
    return Sites(
        contigs.pop(), regions.starts + size // 2, np.where(regions.strands < 0, REVERSE, FORWARD), size
    )


def _cut(genome: Genome, sites: Sites) -> np.ndarray:
    starts = (sites.middles - sites.size // 2).tolist()
    places = zip(starts, sites.strands.tolist(), strict=True)
    return np.concatenate(
        [turned(genome.codes(sites.contig, at, at + sites.size)[None], strand) for at, strand in places]
    )


def _negatives(path: Path, end: int) -> np.ndarray:
    """Codes of the negatives before `end`; the place stands in the id."""
    lines = path.read_text().splitlines()
    records = zip(lines[::2], lines[1::2], strict=True)
    kept = [
        to_codes(letters)
        for header, letters in records
        if int(header.split()[0].rpartition(":")[2].split("-")[0]) < end
    ]
    return np.stack(kept)


def _data(arguments: argparse.Namespace) -> list[str]:
    """Settings of the data: what lies beyond --start is the test set."""
    sites = _sites(arguments.sites)
    stretches = [(sites.contig, n) for n in sorted(set((sites.middles // STRETCH).tolist()))]
    first = arguments.start // STRETCH
    test, rest = [one for one in stretches if one[1] >= first], [one for one in stretches if one[1] < first]
    return [*settings_of_promoters(arguments.sites, arguments.genome, test, rest[4::10]), "negatives=matched"]


def _parsed() -> argparse.Namespace:
    parser = parser_of_rows(
        __doc__,
        sites="BED of the promoters, with strands",
        genome="FASTA of the genome",
        runs="where the run folders go",
    )
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="more of dnaseq train")
    parser.add_argument("--stride", type=int, default=20, help="bases from one window to the next")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--start", type=int, default=2_000_000, help="first base that is scanned, a full stretch"
    )
    parser.add_argument("--end", type=int, default=3_094_000)
    return parsed(parser)


if __name__ == "__main__":
    main()

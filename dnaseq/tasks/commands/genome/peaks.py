"""dnaseq peaks: the places in a genome that a model calls, beside shuffled sequence of the same composition."""

import logging
from collections.abc import Callable
from pathlib import Path

import numpy as np
from omegaconf import DictConfig

from dnaseq.bundle.predictor import Predictor
from dnaseq.data.regions.intervals import NONE, Intervals, join_intervals
from dnaseq.distributed.predictions import check_unchanged
from dnaseq.encode.alphabet import to_letters
from dnaseq.errors import ConfigError, InputError
from dnaseq.genome.peaks.calling import Called, Peak, call_peaks, count_peaks
from dnaseq.genome.peaks.scan import EITHER, FORWARD, REVERSE, Scanned, Windows, scan, turned
from dnaseq.genome.peaks.significance import Null, shuffled_null
from dnaseq.interpret.experiments.sequences import window_length
from dnaseq.interpret.logit import Logit, Scores
from dnaseq.io.address import STDIN
from dnaseq.io.atomic import atomic_file
from dnaseq.io.genome.bed import read_regions
from dnaseq.io.genome.genome import Genome
from dnaseq.io.genome.names import chrom_map
from dnaseq.io.progress import show_progress
from dnaseq.io.results.parts import check_free
from dnaseq.report.peaks import MOST_PEAKS, RATES, BestPeak, PeakReport, peaks_page
from dnaseq.tasks.commands.genome.window_scores import Files, WindowScores
from dnaseq.tasks.config.paths import one_path, output_of
from dnaseq.tasks.runs.jobs import Outcome

SUFFIX, PAGE = ".narrowPeak", ".html"
OPTIONS = ("device", "batch_size", "strands", "window", "plugins_changed")  # arguments of Predictor
FILES = ("input", "regions", "exclude")
SKIP = "skip"
BINS = 20  # of the share of G and C
logger = logging.getLogger("dnaseq")


def run(cfg: DictConfig, choices: dict[str, str]) -> Outcome:
    """Scan, compare and write; the files get their names when they are complete."""
    output, page = _outputs(cfg)
    source = one_path("input", cfg.input)
    if source == STDIN:
        raise ConfigError("input=-: a genome is read from a file. Give its path")
    scores = WindowScores.of(cfg, OPTIONS, [source], Logit.scores, Scores)
    windows = _windows(cfg, scores.predictor)
    files = Files(cfg, {key: one_path(key, cfg[key]) for key in FILES if cfg[key] is not None})
    genome = Genome.open(source)
    places = _places(cfg, genome)
    strands = (EITHER,) if scores.predictor.sees_both_strands else (FORWARD, REVERSE)
    with scores.parts(cfg, output, files, _plan(cfg, windows), [page]) as parts:
        with show_progress("scanning", "windows") as step:
            scanned = list(scan(genome, places, windows, strands, scores.kept_in(parts, 0), step.advance))
        with show_progress("scoring shuffled windows"):
            rng = np.random.default_rng(cfg.seed)
            score = scores.kept_in(parts, 1)
            null = shuffled_null(scanned, genome, windows, score, cfg.null_windows, rng)
        check_unchanged(files.versions)
        called = call_peaks(scanned, null, windows.size, cfg.fdr, cfg.gap)
        order = {name: i for i, name in enumerate(genome.names)}
        peaks = sorted(called.peaks, key=lambda peak: (order[peak.contig], peak.start, peak.strand))
        report = _report(cfg, scores.target, Path(source).name, scanned, null, called, peaks, genome, windows)
        with atomic_file(parts.place(page) if parts else page, "w", cfg.overwrite) as handle:
            handle.write(peaks_page(report))
        with atomic_file(parts.table if parts else output, "w", cfg.overwrite) as handle:
            handle.writelines(peak.line(f"peak_{i}") for i, peak in enumerate(peaks, start=1))
    what = "%d peaks of %s: %d of %d windows have a false discovery rate of at most %g"
    logger.info(what, len(peaks), scores.target, called.significant, called.windows, cfg.fdr)
    return Outcome()


def _outputs(cfg: DictConfig) -> tuple[str, Path]:
    output = output_of(cfg)
    if not output.lower().endswith(SUFFIX.lower()):
        raise ConfigError(f"output={output} must end in {SUFFIX}")
    page = Path(output).with_suffix(PAGE)
    for path in (output, page):
        check_free(path, output, cfg.overwrite)
    return output, page


def _windows(cfg: DictConfig, predictor: Predictor) -> Windows:
    """Return the windows to scan. Raises ConfigError where nothing says how long one is."""
    size = window_length(cfg.window, predictor.spec)
    stride = cfg.stride or max(size // 4, 1)
    if stride > size:
        raise ConfigError(f"stride={stride} is more than window={size}, so bases would be left out")
    return Windows(size, stride, predictor.encoding.ambiguous != "error", cfg.mask != SKIP)


def _plan(cfg: DictConfig, windows: Windows) -> dict[str, object]:
    """Collect what the scanned windows depend on, beside files."""
    names = ("mask", "chrom_map", "null_windows", "seed")
    return {"window": windows.size, "stride": windows.stride, **{name: cfg[name] for name in names}}


def _places(cfg: DictConfig, genome: Genome) -> dict[str, Intervals]:
    """Return the stretches of each contig that are scanned. Raises InputError for contigs that are not there."""
    rename = chrom_map(cfg.chrom_map) or str
    given = {
        key: _intervals(cfg, key, genome, rename) for key in ("regions", "exclude") if cfg[key] is not None
    }
    places = {}
    for name in genome.names:
        length = genome.length(name)
        own = Intervals(np.array([0]), np.array([length])) if length else NONE
        if "regions" in given:
            own = given["regions"].get(name, NONE)
        if "exclude" in given and len(own.starts):
            kept = [
                given["exclude"].get(name, NONE).gaps(length).within(a, b) for a, b in zip(*own, strict=True)
            ]
            own = Intervals(*(np.concatenate(column) for column in zip(*kept, strict=True)))
        places[name] = own
    return places


def _intervals(
    cfg: DictConfig, key: str, genome: Genome, rename: Callable[[str], str]
) -> dict[str, Intervals]:
    regions = read_regions(one_path(key, cfg[key]))
    names = np.array([rename(name) for name in regions.contigs])
    found = {}
    for name in dict.fromkeys(names.tolist()):
        if name not in genome:
            line = int(regions.lines[int(np.flatnonzero(names == name)[0])])
            fix = "chrom_map= maps names: add_chr, drop_chr, or a table of two columns"
            raise InputError(genome.describe_absence(name), file=regions.path, line=line, fix=fix)
        mine = names == name
        found[name] = join_intervals(regions.starts[mine], regions.ends[mine]).within(0, genome.length(name))
    return found


def _report(
    cfg: DictConfig,
    target: str,
    name: str,
    scanned: list[Scanned],
    null: Null,
    called: Called,
    peaks: list[Peak],
    genome: Genome,
    windows: Windows,
) -> PeakReport:
    """Collect what the page shows."""
    best = sorted(peaks, key=lambda peak: (-peak.logit, peak.contig, peak.start))[:MOST_PEAKS]
    edges = np.linspace(0, 1, BINS + 1)
    logits, shares = (
        np.concatenate([np.empty(0), *(getattr(one, key) for one in scanned)]) for key in ("logits", "gc")
    )
    facts = {
        "peaks": len(peaks),
        "windows": called.windows,
        "windows taken": called.significant,
        "false discovery rate of windows": cfg.fdr,
        "shuffled windows": len(null.logits),
        "bases of a window": windows.size,
        "bases from one window to the next": windows.stride,
        "bases between windows of one peak, at most": cfg.gap,
        "soft-masked windows": "left out" if cfg.mask == SKIP else "kept",
        "seed": cfg.seed,
    }
    return PeakReport(
        target,
        name,
        facts,
        count_peaks(scanned, called, windows.size, cfg.gap, RATES),
        ((edges[:-1] + edges[1:]) / 2).tolist(),
        _highest(logits, shares, edges),
        _highest(null.logits, null.gc, edges),
        [_best(peak, genome, windows.size) for peak in best],
    )


def _highest(logits: np.ndarray, shares: np.ndarray, edges: np.ndarray) -> list[float | None]:
    """Return the logit that 1 in 100 windows exceeds, in each bin of the share of G and C with at least 20 windows."""
    bins = np.clip(np.searchsorted(edges, shares, side="right") - 1, 0, BINS - 1)
    groups = (logits[bins == i] for i in range(BINS))
    return [float(np.quantile(group, 0.99)) if len(group) >= 20 else None for group in groups]


def _best(peak: Peak, genome: Genome, size: int) -> BestPeak:
    start = peak.summit - size // 2
    codes = turned(genome.codes(peak.contig, start, start + size)[None], peak.strand)[0]
    place = f"{peak.contig}:{start}-{start + size}"
    return BestPeak(place, peak.strand, peak.probability, peak.q, peak.gc, to_letters(codes))

"""dnaseq predict class=C window=N: the probability of one class along genomes, as bigWig, bedGraph or BED."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from omegaconf import DictConfig

from dnaseq.bundle.predictor import Predictor
from dnaseq.data.strandedness import BOTH, ONE, OTHER
from dnaseq.distributed.predictions import open_parts, predictions
from dnaseq.distributed.work import Answered, Work, versions_of
from dnaseq.errors import ConfigError, InputError, RejectedError
from dnaseq.genome.tracks.bins import Piece, check_stride, mean_tracks, without_masked
from dnaseq.interpret.logit import Logit
from dnaseq.io.address import STDIN
from dnaseq.io.genome.genome import Genome
from dnaseq.io.genome.names import chrom_map
from dnaseq.io.progress import show_progress
from dnaseq.io.results.parts import check_free
from dnaseq.io.results.rows import OK, Rows
from dnaseq.io.tracks.bigwig import open_bigwig
from dnaseq.io.tracks.track import (
    BED,
    BEDGRAPH,
    BIGWIG,
    Track,
    open_text,
    sizes_beside,
    write_bedgraph,
    write_sizes,
)
from dnaseq.plugins.named import job_plugins
from dnaseq.tasks.config.paths import bundle_of, engine_of, input_of, output_of, reading_of, with_columns
from dnaseq.tasks.runs.jobs import Outcome

OPTIONS = ("device", "batch_size", "strands", "window", "stride", "plugins_changed")  # arguments of Predictor
SKIP = "skip"
STRANDS = (("plus", ONE, "+"), ("minus", OTHER, "-"))  # in the name of a file, as a setting, in BED
logger = logging.getLogger("dnaseq")


class One(NamedTuple):
    """A track to write."""

    output: str
    strands: str | None
    sign: str  # of BED


def run_track(cfg: DictConfig) -> Outcome:
    """Write the track, or one for each strand; each file gets its name when it is complete.

    Raises RejectedError at the end where sequences could not be used.
    """
    sources, output = input_of(cfg), output_of(cfg)
    if not output.lower().endswith((*BED, *BEDGRAPH, *BIGWIG)):
        what = "the probability of one class along sequences is a track"
        raise ConfigError(
            f"output={output}: {what}. Let the name end in .bw, .bedgraph, .bedgraph.gz, .bed or .bed.gz"
        )
    if cfg.genome is not None:
        raise ConfigError(
            "a track is along whole sequences. Give the genome as input=, and leave genome= out"
        )
    if cfg.window is None:
        raise ConfigError("a track has windows. Set window=N, and stride=M for bins of M bases")
    check_stride(cfg.window, cfg.stride or cfg.window)
    if cfg.by_strand and cfg.strands is not None:
        raise ConfigError(
            f"by_strand=true gives each strand a file of its own. Leave strands={cfg.strands} out"
        )
    adapt = _adaptation(cfg, sources)
    with ExitStack() as until_all_are_ready:
        rejected = sum(_write(cfg, sources, one, adapt, until_all_are_ready) for one in _tracks(cfg, output))
    if rejected:
        raise RejectedError(f"{rejected} sequences were rejected and are not in the track")
    return Outcome()


def _tracks(cfg: DictConfig, output: str) -> list[One]:
    if not cfg.by_strand:
        found = [One(output, cfg.strands, ".")]
    else:
        path = Path(output)
        stem = sizes_beside(output).name.removesuffix(".chrom.sizes")
        suffix = path.name[len(stem) :]
        found = [
            One(str(path.with_name(f"{stem}.{name}{suffix}")), strands, sign)
            for name, strands, sign in STRANDS
        ]
    for one in found:
        check_free(one.output, one.output, cfg.overwrite)
        check_free(sizes_beside(one.output), one.output, cfg.overwrite)
    return found


def _adaptation(cfg: DictConfig, sources: list[str]) -> Callable[[Piece], Piece]:
    """Return the function from predicted windows to those of the track: without soft-masked ones, if they are left out,
    and with the name that the sequence has in the track."""
    rename = chrom_map(cfg.chrom_map) or str
    if cfg.mask != SKIP:
        return lambda piece: piece._replace(name=rename(piece.name))
    if STDIN in sources:
        raise ConfigError("mask=skip reads the genome once more. Give a file as input=, not -")
    genomes = {name: genome for genome in map(Genome.open, sources) for name in genome.names}

    def adapted(piece: Piece) -> Piece:
        if piece.name not in genomes:
            fix = "mask=skip knows sequences by the first word of their header"
            raise InputError(
                "no sequence of this name to find soft-masked bases in", record=piece.name, fix=fix
            )
        return without_masked(piece, genomes[piece.name])._replace(name=rename(piece.name))

    return adapted


def _write(
    cfg: DictConfig, sources: list[str], one: One, adapt: Callable[[Piece], Piece], stack: ExitStack
) -> int:
    """Write a track and the lengths beside it, which get their names when the stack closes, and return the number of
    sequences that were rejected."""
    engine = engine_of(cfg, cfg.workers)
    options = {name: cfg[name] for name in OPTIONS}
    options |= {"strands": one.strands, "plugins": job_plugins()}
    bundle = bundle_of(cfg)
    predictor = Predictor.load(bundle, **options | {"device": engine.own_device(cfg.device, sources)})
    if one.strands == OTHER and predictor.spec.strands == BOTH:
        logger.info("note: the bundle gives both strands the same answer when it reads both")
    target = Logit(predictor, None if cfg["class"] is None else str(cfg["class"]), key="class").target
    reading = with_columns(reading_of(cfg, in_windows=True), predictor.columns, cfg.data)
    column = list(predictor.classes).index(target)
    work = Work(
        bundle,
        options,
        predictor,
        sources,
        versions_of(sources),
        reading,
        partial(_windows, column),
        ("track",),
    )
    rejected = windows = 0
    lengths: dict[str, int] = {}
    sizes = sizes_beside(one.output)
    parts = stack.enter_context(open_parts(engine, work, one.output, cfg.overwrite, [sizes]))
    place = one._replace(output=str(parts.table)) if parts else one
    with (
        _opened(place, target, cfg.overwrite, cfg.stride or cfg.window) as sink,
        show_progress("predicting", "windows") as step,
    ):

        def pieces() -> Iterator[Piece]:
            nonlocal rejected, windows
            for answered in predictions(engine, work, parts):
                rejected, windows = rejected + answered.rejected, windows + answered.rows
                assert isinstance(answered.formed, dict)
                yield from map(adapt, _pieces(answered.formed))
                step.advance(answered.rows)

        for name, length in sink.write(pieces()):
            lengths[name] = length
    write_sizes(parts.place(sizes) if parts else sizes, lengths.items())
    logger.info(
        "%s: probability of %s, %d windows in %d sequences", one.output, target, windows, len(lengths)
    )
    return rejected


def _windows(column: int, rows: Rows) -> Answered:
    """Return the windows of a piece as JSON can hold them: names and counts of sequences, starts, lengths, and the
    probability of one class, None without one."""
    assert rows.starts is not None  # there is a window
    kept = np.flatnonzero(rows.starts >= 0)
    starts, values = rows.starts[kept], rows.probabilities[kept, column]
    edges = np.flatnonzero(starts == 0).tolist()
    edges = sorted({0, *edges, len(kept)}) if len(kept) else [0]
    formed = {
        "names": [rows.ids[kept[edge]] for edge in edges[:-1]],
        "edges": edges,
        "starts": starts.tolist(),
        "lengths": rows.lengths[kept].tolist(),
        "values": [
            value if status == OK else None
            for value, status in zip(values.tolist(), (rows.statuses[i] for i in kept.tolist()), strict=True)
        ],
    }
    n = len(rows.ids)
    return Answered(formed, n, int((rows.starts <= 0).sum()), n - len(kept), {})


def _pieces(formed: dict) -> Iterator[Piece]:
    starts, lengths = (np.array(formed[key], dtype=np.int64) for key in ("starts", "lengths"))
    values = np.array(formed["values"], dtype=np.float64)
    for name, first, last in zip(formed["names"], formed["edges"], formed["edges"][1:], strict=False):
        some = slice(first, last)
        yield Piece(name, starts[some], starts[some] + lengths[some], values[some])


@contextmanager
def _opened(one: One, target: str, overwrite: bool, step: int) -> Iterator["Sink | WindowSink"]:
    """Open the output of a track; its suffix sets the format."""
    if one.output.lower().endswith(BIGWIG):
        with open_bigwig(one.output, overwrite) as writer:
            yield Sink(writer.add, step)
    elif one.output.lower().endswith(BED):
        with open_text(one.output, overwrite) as handle:
            yield WindowSink(lambda piece: handle.write(_bed_lines(piece, target, one.sign)))
    else:
        with open_text(one.output, overwrite) as handle:
            yield Sink(partial(write_bedgraph, handle), step)


class Sink:
    """A file that takes the means of bins."""

    def __init__(self, append: Callable[[Track], object], step: int):
        self._append, self._step = append, step

    def write(self, pieces: Iterator[Piece]) -> Iterator[tuple[str, int]]:
        """Write all pieces; yield name and length of every sequence."""
        for track in mean_tracks(pieces, self._step):
            self._append(track)
            yield track.name, track.length


class WindowSink:
    """A file that takes the windows."""

    def __init__(self, append: Callable[[Piece], object]):
        self._append = append

    def write(self, pieces: Iterator[Piece]) -> Iterator[tuple[str, int]]:
        """Write all pieces; yield name and length of every sequence, again where it grows."""
        for piece in pieces:
            self._append(piece)
            yield piece.name, int(piece.ends[-1])


def _bed_lines(piece: Piece, target: str, sign: str) -> bytes:
    """Format windows as BED: name, start, end, class, score in thousandths, strand, probability. Windows without a
    probability are left out."""
    known = np.flatnonzero(np.isfinite(piece.values)).tolist()
    starts, ends, values = piece.starts.tolist(), piece.ends.tolist(), piece.values.tolist()
    rows = (
        f"{piece.name}\t{starts[i]}\t{ends[i]}\t{target}\t{round(1000 * values[i])}\t{sign}\t{values[i]:.7g}\n"
        for i in known
    )
    return "".join(rows).encode()

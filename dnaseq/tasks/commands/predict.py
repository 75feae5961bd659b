"""dnaseq predict: one row for every record of the input, in order."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from pathlib import Path

import numpy as np
from omegaconf import DictConfig

from dnaseq.bundle.predictor import ABSTAINED, UNLIKE, Predictor
from dnaseq.distributed.predictions import open_parts, predictions
from dnaseq.distributed.work import ID_HASH, Answered, Engine, Work, versions_of
from dnaseq.errors import ConfigError, InputError, RejectedError, first_names
from dnaseq.io.genome.names import map_file
from dnaseq.io.progress import show_progress
from dnaseq.io.reading_options import RegionGenome
from dnaseq.io.results.rows import OK, PLACE, Layout, Rows, open_rows
from dnaseq.io.tracks.track import BEDGRAPH, BIGWIG
from dnaseq.plugins.named import job_plugins
from dnaseq.tasks.config.paths import (
    bundle_of,
    engine_of,
    input_of,
    one_path,
    output_of,
    paths,
    reading_of,
    with_columns,
)
from dnaseq.tasks.runs.jobs import Outcome

OPTIONS = (
    "device",
    "batch_size",
    "strands",
    "length_policy",
    "window",
    "stride",
    "plugins_changed",
)  # arguments of Predictor
KEEP = "keep"
STRAND = "strand"  # column of the strand that a region was read on
EMPTY = "without a base"
SHOWN_FILES = 3  # of a folder or a pattern, in a note
MOST_IDS = 1 << 24  # that are compared, to bound memory
logger = logging.getLogger("dnaseq")


def run(cfg: DictConfig, choices: dict[str, str]) -> Outcome:
    """Predict; the output gets its name when it is complete.

    Raises RejectedError at the end where records have a status instead of a label.
    """
    sources, output = input_of(cfg), output_of(cfg)
    _refuse_overlap(sources, output)
    if cfg["class"] is not None or cfg.by_strand or output.lower().endswith((*BEDGRAPH, *BIGWIG)):
        from dnaseq.tasks.commands.genome.track import run_track  # here, as rows need nothing of it

        return run_track(cfg)
    if cfg.mask != KEEP:
        raise ConfigError(f"mask={cfg.mask} is for tracks. Set window= and class=, or leave mask out")
    genome = _genome(cfg)
    if len(sources) > len(paths("input", cfg.input)):
        what = "note: the rows of %d files, in the order of their names: %s"
        logger.info(what, len(sources), first_names(sources, SHOWN_FILES))
    reading = reading_of(cfg, in_windows=cfg.window is not None)
    options = {name: cfg[name] for name in OPTIONS} | {"plugins": job_plugins()}
    engine = engine_of(cfg, cfg.workers)
    own = options | {"device": engine.own_device(cfg.device, sources)}
    bundle = bundle_of(cfg)
    predictor = Predictor.load(bundle, **own)
    marked = cfg.notes or predictor.abstains
    places = (*PLACE, STRAND) if genome else PLACE if predictor.scan else ()
    columns = (*places, *(("note",) if marked else ()))
    keep = tuple(dict.fromkeys(paths("keep", cfg.keep))) if cfg.keep else ()
    reading = replace(with_columns(reading, predictor.columns, cfg.data), keep=keep, genome=genome)
    taken = Layout(tuple(predictor.postprocessor.columns), columns, predictor.postprocessor.prefix).names
    kept = _free_names(reading.keep, taken)
    beside = (genome.path, map_file(cfg.chrom_map)) if genome else ()
    versions = versions_of([*sources, *filter(None, beside)])
    finish = partial(_count, columns, kept, Rows._asdict)  # until the table is open
    work = Work(bundle, options, predictor, sources, versions, reading, finish, (*columns, *kept))
    total = _predict(engine, work, output, cfg.overwrite, cfg.allow_empty)
    _log_counts(total, bool(predictor.scan), marked)
    return Outcome()


def _genome(cfg: DictConfig) -> RegionGenome | None:
    """Return the genome of regions, None for sequences. Raises ConfigError for keys that are not for regions."""
    if cfg.genome is None:
        if cfg.chrom_map is not None:
            what = "chrom_map= is for tracks and regions"
            raise ConfigError(f"{what}. Set class= and window=, or genome=, or leave chrom_map out")
        return None
    if cfg.window is not None or cfg.stride is not None:
        raise ConfigError("regions are read whole. Leave window and stride out, or give the genome as input=")
    if cfg.keep:
        raise ConfigError("keep= is for tables and sequence files. Leave it out")
    return RegionGenome(one_path("genome", cfg.genome), cfg.chrom_map)


def _predict(engine: Engine, work: Work, output: str, overwrite: bool, allow_empty: bool) -> Answered:
    """Write the rows of all records, and return their counts."""
    form, unit = work.predictor.postprocessor, "windows" if work.predictor.scan else "records"
    layout = (form.columns, overwrite, work.columns, form.prefix)
    total = Answered(b"", 0, 0, 0, dict.fromkeys((ABSTAINED, UNLIKE, EMPTY), 0))
    hashes = bytearray()
    with (
        open_parts(engine, work, output, overwrite) as parts,
        open_rows(str(parts.table) if parts else output, *layout) as table,
        show_progress("predicting", unit) as step,
    ):
        own = len(work.columns) - len(work.reading.keep)
        work = work._replace(finish=partial(_count, work.columns[:own], work.columns[own:], table.form))
        try:
            for block in predictions(engine, work, parts):
                table.append(block.formed)
                total = _add(total, block)
                hashes += block.id_hashes if len(hashes) < ID_HASH * MOST_IDS else b""
                step.advance(block.rows)
        except InputError as error:
            if not (allow_empty and error.what.startswith("no records")):
                raise
    if work.reading.genome is None:  # regions of a contig have one id
        _log_repeats(np.frombuffer(hashes, np.uint64), work.sources)
    return total


def _free_names(keep: Sequence[str], taken: Sequence[str]) -> tuple[str, ...]:
    """Name the kept columns, each as in the input, unless the rows have a column of that name."""
    names = tuple(f"input_{name}" if name in taken else name for name in keep)
    if len({*names, *taken}) < len(names) + len(taken):
        raise ConfigError(f"keep: two columns of one name in {', '.join([*taken, *names])}")
    return names


def _count(
    columns: tuple[str, ...], kept: tuple[str, ...], form: Callable[[Rows], bytes | dict], rows: Rows
) -> Answered:
    """Format rows for the table by its `form`, with optional columns and those kept of the input, and count them."""
    n, rejected = len(rows.ids), sum(status != OK for status in rows.statuses)
    noted = {kind: sum(kind in note for note in rows.notes) for kind in (ABSTAINED, UNLIKE)} | {EMPTY: 0}
    records = n
    extra: dict[str, list] = {}
    if rows.starts is not None:
        records, of_records = int((rows.starts <= 0).sum()), int((rows.starts < 0).sum())
        rejected, noted[EMPTY] = of_records, rejected - of_records
        extra = dict(zip(PLACE, _places(rows.starts, rows.lengths), strict=True))
    if STRAND in columns:
        starts, ends, strands = zip(*rows.kept, strict=True)
        extra = dict(zip((*PLACE, STRAND), ([*map(int, starts)], [*map(int, ends)], [*strands]), strict=True))
    if "note" in columns:
        extra["note"] = rows.notes
    extra |= {name: [cells[i] for cells in rows.kept] for i, name in enumerate(kept)}
    begins = range(n) if rows.starts is None else np.flatnonzero(rows.starts <= 0).tolist()
    hashes = b"".join(_hash(rows.ids[i]) for i in begins)
    return Answered(form(rows._replace(extra=extra)), n, records, rejected, noted, hashes)


def _hash(name: str) -> bytes:
    return blake2b(name.encode("utf-8", "backslashreplace"), digest_size=ID_HASH).digest()


def _log_repeats(hashes: np.ndarray, sources: Sequence[str]) -> None:
    """Warn of records, (n,) uint64 hashes of their ids, that cannot be told apart by their ids."""
    counts = np.unique_counts(hashes).counts
    if repeated := int(counts[counts > 1].sum()):
        what = "%d of %d records have the id of another record; rows are in the order of the input"
        how = "reading.id=header takes all of a header as the id"
        of_files = ", keep=file writes the file of each" if len(sources) > 1 else ""
        logger.warning(f"note: {what}. {how}{of_files}", repeated, len(hashes))


def _places(starts: np.ndarray, lengths: np.ndarray) -> tuple[list[int | None], list[int | None]]:
    """Return the first base of each window, and the base after its last; None for a rejected record."""
    first, end = starts.astype(object), (starts + lengths).astype(object)
    first[starts < 0] = end[starts < 0] = None
    return first.tolist(), end.tolist()


def _add(total: Answered, more: Answered) -> Answered:
    noted = {kind: total.noted[kind] + more.noted[kind] for kind in total.noted}
    records, rejected = total.records + more.records, total.rejected + more.rejected
    return Answered(b"", total.rows + more.rows, records, rejected, noted)


def _log_counts(total: Answered, scanned: bool, marked: bool) -> None:
    predicted = total.records - total.rejected
    logger.info("read %d = predicted %d + rejected %d", total.records, predicted, total.rejected)
    windows = total.rows - total.rejected
    if scanned:
        without = total.noted[EMPTY]
        logger.info("%d windows; %d of them without a prediction, for lack of bases", windows, without)
    _log_notes(total.noted, f"{windows} windows" if scanned else f"{total.records} records", marked)
    if total.rejected:
        what = f"{total.rejected} of {total.records} records were rejected"
        raise RejectedError(f"{what}; see the column status")


def _log_notes(noted: dict[str, int], among: str, marked: bool) -> None:
    """Log the counts of notes."""
    if noted[ABSTAINED]:
        logger.info("%d of %s have no label: the model is not sure enough", noted[ABSTAINED], among)
    if noted[UNLIKE]:
        how = "see the column note" if marked else "notes=true marks them"
        logger.info("%d of %s are unlike the training records (%s)", noted[UNLIKE], among, how)


def _refuse_overlap(sources: list[str], output: str) -> None:
    if output != "-" and any(Path(source).resolve() == Path(output).resolve() for source in sources):
        raise ConfigError(f"output={output} is also an input")

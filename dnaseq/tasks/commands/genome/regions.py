"""dnaseq predict input=R.bed genome=G.fa: one row for every region of a genome, in order."""

import logging
from collections.abc import Iterator

import numpy as np
from omegaconf import DictConfig

from dnaseq.bundle.predictor import Predictor
from dnaseq.encode.alphabet import COMPLEMENT
from dnaseq.errors import ConfigError, InputError, RejectedError
from dnaseq.io.compress import shown
from dnaseq.io.genome.bed import Regions, read_regions
from dnaseq.io.genome.genome import Genome
from dnaseq.io.genome.names import chrom_map
from dnaseq.io.progress import show_progress
from dnaseq.io.results.rows import OK, PLACE, Rows, open_rows
from dnaseq.io.sequences.block import Block
from dnaseq.plugins.named import job_plugins
from dnaseq.tasks.config.paths import bundle_of, one_path
from dnaseq.tasks.runs.jobs import Outcome

OPTIONS = ("device", "batch_size", "strands", "length_policy", "plugins_changed")  # arguments of Predictor
STRAND = "strand"  # column of the strand that a region was read on
_SIGNS = {1: "+", -1: "-", 0: "."}
_AT_ONCE = 4096  # regions that are cut out of the genome at a time
logger = logging.getLogger("dnaseq")


def run_regions(cfg: DictConfig, sources: list[str], output: str) -> Outcome:
    """Predict the regions of BED files; the output gets its name when it is complete.

    Raises RejectedError at the end where regions have a status instead of a label.
    """
    if cfg.window is not None or cfg.stride is not None:
        raise ConfigError("regions are read whole. Leave window and stride out, or give the genome as input=")
    if cfg.keep:
        raise ConfigError("keep= is for tables and sequence files. Leave it out")
    predictor = Predictor.load(bundle_of(cfg), job_plugins(), **{name: cfg[name] for name in OPTIONS})
    genome = Genome.open(one_path("genome", cfg.genome), chrom_map(cfg.chrom_map))
    form = predictor.postprocessor
    total = rejected = 0
    with (
        open_rows(output, form.columns, cfg.overwrite, (*PLACE, STRAND), form.prefix) as table,
        show_progress("predicting", "regions") as step,
    ):
        for source in sources:
            regions = read_regions(source)
            first = 0
            for rows in predictor.predict_blocks(_blocks(regions, genome), cfg.bad_records):
                table.write(_with_places(rows, regions, first))
                first += len(rows.ids)
                rejected += sum(status != OK for status in rows.statuses)
                step.advance(len(rows.ids))
            total += first
    logger.info("read %d = predicted %d + rejected %d", total, total - rejected, rejected)
    if rejected:
        raise RejectedError(f"{rejected} of {total} regions were rejected; see the column status")
    return Outcome()


def _blocks(regions: Regions, genome: Genome) -> Iterator[Block]:
    """Cut the regions out of the genome, those of the reverse strand as they are read on it."""
    for first in range(0, len(regions.contigs), _AT_ONCE):
        rows = range(first, min(first + _AT_ONCE, len(regions.contigs)))
        codes = [_codes(regions, genome, i) for i in rows]
        offsets = np.concatenate([[0], np.cumsum([len(one) for one in codes])]).astype(np.int64)
        headers = [regions.contigs[i].encode("utf-8", "backslashreplace") for i in rows]
        rejected = {i: "a region without bases" for i, one in enumerate(codes) if not len(one)}
        lines = regions.lines[rows.start : rows.stop]
        yield Block(shown(regions.path), headers, np.concatenate(codes), offsets, lines, rejected)


def _codes(regions: Regions, genome: Genome, i: int) -> np.ndarray:
    start, end = int(regions.starts[i]), int(regions.ends[i])
    try:
        codes = genome.codes(regions.contigs[i], start, end)
    except InputError as error:
        line = int(regions.lines[i])
        raise InputError(str(error), file=shown(regions.path), line=line) from error
    return COMPLEMENT[codes][::-1] if regions.strands[i] < 0 else codes


def _with_places(rows: Rows, regions: Regions, first: int) -> Rows:
    """Add the place of each region in the genome."""
    some = slice(first, first + len(rows.ids))
    strands = [_SIGNS[one] for one in regions.strands[some].tolist()]
    columns = {"start": regions.starts[some].tolist(), "end": regions.ends[some].tolist(), STRAND: strands}
    return rows._replace(extra=columns)

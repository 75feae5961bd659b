"""Regions of a genome as records: BED files to blocks of the sequences that stand there."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from dnaseq.encode.alphabet import COMPLEMENT
from dnaseq.errors import InputError
from dnaseq.io.address import version_of
from dnaseq.io.compress import shown
from dnaseq.io.genome.bed import Regions, read_regions
from dnaseq.io.genome.genome import Genome
from dnaseq.io.genome.names import chrom_map
from dnaseq.io.reading_options import RegionGenome
from dnaseq.io.sequences.block import Block

_SIGNS = {1: "+", -1: "-", 0: "."}
_AT_ONCE = 4096  # regions that are cut out of the genome at a time


def region_blocks(path: str, given: RegionGenome) -> Iterator[Block]:
    """Cut the regions of a file out of a genome, those of the reverse strand as they are read on it. A record has the
    contig as its id, and keeps start, end (0-based, half-open) and strand of the region.

    Raises InputError, with the line, for a region that the genome does not have.
    """
    regions = read_regions(path)
    genome = _opened(given, tuple(version_of(given.path)))
    for first in range(0, len(regions.contigs), _AT_ONCE):
        rows = range(first, min(first + _AT_ONCE, len(regions.contigs)))
        codes = [_codes(regions, genome, i) for i in rows]
        offsets = np.concatenate([[0], np.cumsum([len(one) for one in codes])]).astype(np.int64)
        headers = [regions.contigs[i].encode("utf-8", "backslashreplace") for i in rows]
        rejected = {i: "a region without bases" for i, one in enumerate(codes) if not len(one)}
        lines = regions.lines[rows.start : rows.stop]
        places = [
            (str(regions.starts[i]), str(regions.ends[i]), _SIGNS[int(regions.strands[i])]) for i in rows
        ]
        name = shown(regions.path)
        yield Block(name, headers, np.concatenate(codes), offsets, lines, rejected, kept=places)


@lru_cache(maxsize=1)
def _opened(given: RegionGenome, version: tuple) -> Genome:
    """Open the genome once for several files of regions; a changed file is another one."""
    return Genome.open(given.path, chrom_map(given.chrom_map))


def _codes(regions: Regions, genome: Genome, i: int) -> np.ndarray:
    start, end = int(regions.starts[i]), int(regions.ends[i])
    try:
        codes = genome.codes(regions.contigs[i], start, end)
    except InputError as error:
        line = int(regions.lines[i])
        raise InputError(str(error), file=shown(regions.path), line=line) from error
    return COMPLEMENT[codes][::-1] if regions.strands[i] < 0 else codes

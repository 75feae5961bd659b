"""Names of chromosomes in headers, and the different spellings of one name."""

import logging
import re
from collections import Counter, defaultdict

import numpy as np

from dnaseq.errors import first_names
from dnaseq.io.genome.names import spelling_key

NAMED = 3  # chromosomes of several spellings that a note lists
# chr1:0-60, 2L:7,529..9,484, NC_000913.3:c255-190; what comes before, as in peak1::chr1:0-60(-), belongs to no name
_COORDINATES = re.compile(r"(?<![\w.])([\w.]+):c?\d[\d,]*(?:-|\.\.)\d[\d,]*")
_ENSEMBL = re.compile(r"(?<!\w)[A-Za-z_]+:[^:\s]+:([^:\s]+):\d+:\d+")  # chromosome:GRCh38:1:1000:2000:1
_CONTIG = re.compile(r"(?<![0-9A-Za-z])[Cc][Hh][Rr][0-9A-Za-z]+")  # chr1 in chr1_random and in peak_chr1
# chr1, Chr2L, chrX, chrIV, chrUn and such, but not the genes Chrna1 and Chrm3
_NAME = re.compile(
    r"(?<![0-9A-Za-z])[Cc][Hh][Rr](?:\d[0-9A-Za-z]*|[WXYZMCU]|[wxyzmcu]|MT|Mt|Pt|Un|EBV|[IVX]+|LG[0-9A-Za-z]+)"
    r"(?![0-9A-Za-z])"
)

logger = logging.getLogger("dnaseq")


def find_chromosomes(header: str) -> dict[str, str]:
    """Find the chromosomes that a header names: name -> the place in the header, one spelling of each.

    Where there are coordinates, only their chromosomes count, since other names may be of genes or of earlier places.
    Contigs count as the chromosome that they begin with (chr1_random is chr1), as they repeat it.
    """
    found: dict[str, tuple[str, str]] = {}
    matches = [*_ENSEMBL.finditer(header), *_COORDINATES.finditer(header)]
    for match in sorted(matches, key=re.Match.start):
        contigs = _CONTIG.findall(match[1])
        name = contigs[-1] if contigs else match[1]
        found.setdefault(spelling_key(name), (name, match[0]))
    for name in () if found else _NAME.findall(header):
        found.setdefault(spelling_key(name), (name, name))
    return dict(found.values())


def unify_spellings(names: list[str]) -> np.ndarray:
    """(n,) names in one spelling of each chromosome, the commonest; a note says which are taken as one."""
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for name, count in Counter(names).items():
        spellings[spelling_key(name)][name] += count
    chosen = {key: min(of, key=lambda name: (-of[name], name)) for key, of in spellings.items()}
    if several := [" and ".join(sorted(of)) for of in spellings.values() if len(of) > 1]:
        logger.info("note: taken as one chromosome each: %s", first_names(several, NAMED))
    unified = {name: chosen[key] for key, of in spellings.items() for name in of}
    return np.array([unified[name] for name in names])

"""Sites of motifs in records: read from a table, or found by profiles."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dnaseq.errors import InputError
from dnaseq.interpret.experiments.ablation import Stretch
from dnaseq.interpret.experiments.sequences import Record
from dnaseq.interpret.motifs.profiles import Profile
from dnaseq.interpret.motifs.scanning import base_shares, cut_off, scan, weights
from dnaseq.io.compress import shown
from dnaseq.io.tables.sequence_table import table_rows

COLUMNS = ("id", "start", "end", "motif")
Sites = dict[str, dict[str, list[Stretch]]]  # id of a record -> name of a motif -> stretches


class ListedSite(NamedTuple):
    """A row of a table of sites."""

    id: str
    motif: str
    stretch: Stretch
    line: int  # in the table, counted from 1


def read_sites(path: str | Path) -> list[ListedSite]:
    """Read a table of sites with a line of names; rows without a motif are left out.

    Raises InputError, with the line, for positions that are no whole numbers or lie before the record, and for a site
    without a base; and where there is no site at all.
    """
    found = []
    for line, (name, start, end, motif) in table_rows(path, COLUMNS):
        if not (start.isdecimal() and end.isdecimal() and int(start) < int(end)):
            what = f"start {start!r} and end {end!r} are no stretch of bases"
            raise InputError(what, file=shown(path), line=line, fix="They count from 0, without the end")
        if motif:
            found.append(ListedSite(name, motif, (int(start), int(end)), line))
    if not found:
        raise InputError("no sites of motifs", file=shown(path))
    return found


def listed_sites(records: Iterable[Record], listed: list[ListedSite], path: str | Path) -> Sites:
    """Assign the sites of a table to the records that have them.

    Raises InputError for a site beyond the end of its record, for two records of one id, and where no record has a
    site.
    """
    by_id: dict[str, list[ListedSite]] = {}
    for site in listed:
        by_id.setdefault(site.id, []).append(site)
    sites: Sites = {}
    for record in records:
        for site in by_id.get(record.id, []):
            if site.stretch[1] > len(record.codes):
                what = f"the site ends at {site.stretch[1]}, and the record has {len(record.codes)} bases"
                raise InputError(what, file=shown(path), line=site.line, record=site.id)
            stretches = sites.setdefault(record.id, {}).setdefault(site.motif, [])
            if site.stretch not in stretches:
                stretches.append(site.stretch)
    if not sites:
        what = f"no record of the input has one of its ids, such as {listed[0].id!r}"
        raise InputError(what, file=shown(path), fix="Give the records that the sites are of")
    return sites


def profile_sites(records: list[Record], profiles: list[Profile]) -> Sites:
    """Find the places that match a profile in each record, on either strand; of two that overlap the better one.

    Raises InputError where nothing matches.
    """
    background = base_shares(np.concatenate([record.codes for record in records]))
    matrices = {f"{one.id} {one.name}".strip(): weights(one.counts, background) for one in profiles}
    least = {name: cut_off(matrix, background) for name, matrix in matrices.items()}
    sites: Sites = {}
    for record in records:
        found = {name: _matches(matrix, least[name], record.codes) for name, matrix in matrices.items()}
        if kept := {name: stretches for name, stretches in found.items() if stretches}:
            sites[record.id] = kept
    if not sites:
        raise InputError("no record has a place that matches a motif")
    return sites


def _matches(matrix: np.ndarray, least: float, codes: np.ndarray) -> list[Stretch]:
    width = len(matrix)
    if len(codes) < width:
        return []
    best = np.maximum(*(scores[0] for scores in scan(matrix, codes[None])))
    at = np.flatnonzero(best >= least)
    chosen: list[int] = []
    for start in at[np.argsort(-best[at], kind="stable")].tolist():
        if all(abs(start - other) >= width for other in chosen):
            chosen.append(start)
    return [(start, start + width) for start in sorted(chosen)]


def check_ids(records: Iterable[Record]) -> Iterator[Record]:
    """Pass records on. Raises InputError for the second record of one id."""
    seen: set[str] = set()
    for record in records:
        if record.id in seen:
            what, fix = "another record has this id", "Give each record an id of its own"
            raise InputError(what, file=record.file, line=record.line, record=record.id, fix=fix)
        seen.add(record.id)
        yield record

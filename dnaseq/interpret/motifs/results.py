"""The files of the motifs: seqlets.tsv, motifs.meme, matches.tsv and motifs.json."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from dnaseq.encode.alphabet import to_letters
from dnaseq.interpret.motifs.discovery import FEWEST_RECORDS, Findings, Motif
from dnaseq.interpret.motifs.matching import Match, match_profiles
from dnaseq.interpret.motifs.profiles import Profile, meme_text
from dnaseq.io.atomic import write_json, write_text
from dnaseq.io.results.motifs import MATCHES, PROFILES, SEQLETS, SUMMARY, MotifMatch, MotifsFile, MotifSummary
from dnaseq.io.results.row_text import tsv_header, tsv_lines

SHOWN_MATCHES = 10  # of each motif
NAMED = 0.05  # q-value below which a match is called one in words


def write_motifs(
    folder: Path, ids: Sequence[str], findings: Findings, profiles: list[Profile], words: str = ""
) -> MotifsFile:
    """Compare the motifs of records with profiles, and write the four files, also where nothing was found.

    `words` says why motifs were not sought; without it the sentence of motifs.json says what was found.
    """
    matches = match_profiles({one.name: one.counts for one in findings.motifs}, profiles, SHOWN_MATCHES)
    best = {match.motif: match for match in reversed(matches)}
    summaries = [_summary(motif, best.get(motif.name)) for motif in findings.motifs]
    found = MotifsFile(summaries, words or _words(summaries, len(ids)))
    write_text(folder / SEQLETS, _seqlets_text(findings, ids))
    own = [
        Profile(one.name, one.consensus, motif.counts)
        for one, motif in zip(summaries, findings.motifs, strict=True)
    ]
    write_text(folder / PROFILES, meme_text(own, findings.shares))
    write_text(folder / MATCHES, _matches_text(matches))
    write_json(folder / SUMMARY, found)
    return found


def _summary(motif: Motif, best: Match | None) -> MotifSummary:
    told = motif.enrichment
    return MotifSummary(
        name=motif.name,
        argues="for" if motif.sign > 0 else "against",
        consensus=to_letters(motif.counts.argmax(axis=1).astype(np.uint8)),
        counts=motif.counts.tolist(),
        contributions=motif.contributions.tolist(),
        sites=len(motif.sites),
        attribution=float(np.mean([site.score for site in motif.sites])),
        q_attributions=motif.evidence.q_attributions,
        q_records=motif.evidence.q_records,
        records=told.records,
        matched=told.matched,
        background_records=told.background_records,
        background_matched=told.background_matched,
        background="negatives" if told.against == "negatives" else "shuffled",
        odds_ratio=told.odds_ratio,
        p=told.p,
        best_match=MotifMatch(best.profile.id, best.profile.name, best.correlation, best.p, best.q)
        if best
        else None,
    )


def _words(motifs: list[MotifSummary], records: int) -> str:
    if records < FEWEST_RECORDS:
        return f"Motifs were not sought: {records} records are too few, {FEWEST_RECORDS} are needed."
    if not motifs:
        return f"No motif: no word of the {records:,} records carries attributions beyond chance."
    parts = [
        f"{side} the class: {', '.join(_title(one) for one in motifs if one.argues == side)}"
        for side in ("for", "against")
        if any(one.argues == side for one in motifs)
    ]
    number = "One motif" if len(motifs) == 1 else f"{len(motifs)} motifs"
    return f"{number} in {records:,} records, {'; '.join(parts)}."


def _title(motif: MotifSummary) -> str:
    match = motif.best_match
    like = match.name if match and match.q <= NAMED else "like no known profile"
    return f"{motif.name} {motif.consensus} ({like})"


def _seqlets_text(findings: Findings, ids: Sequence[str]) -> str:
    rows = findings.seqlets
    columns: dict[str, list] = {
        "id": [ids[one.record] for one in rows],
        "start": [one.start for one in rows],
        "end": [one.end for one in rows],
        "strand": [one.strand for one in rows],
        "motif": [one.motif for one in rows],
        "score": [one.score for one in rows],
    }
    return tsv_header(list(columns)) + tsv_lines(columns)


def _matches_text(matches: list[Match]) -> str:
    columns: dict[str, list] = {
        "motif": [one.motif for one in matches],
        "profile": [one.profile.id for one in matches],
        "name": [one.profile.name for one in matches],
        "offset": [one.offset for one in matches],
        "strand": [one.strand for one in matches],
        "overlap": [one.overlap for one in matches],
        "correlation": [one.correlation for one in matches],
        "p": [one.p for one in matches],
        "q": [one.q for one in matches],
    }
    return tsv_header(list(columns)) + tsv_lines(columns)

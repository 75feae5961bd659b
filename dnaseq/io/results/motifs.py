"""The files of the motifs of an explanation: their names, and the typed record of motifs.json."""

from typing import Literal

from msgspec import Struct

from dnaseq.schemas import Share

SEQLETS, PROFILES, MATCHES, SUMMARY = "seqlets.tsv", "motifs.meme", "matches.tsv", "motifs.json"
ABLATION = "ablation.json"  # what the logit loses without each motif
INSERTION = "insertion.json"  # what each motif adds to the logit of backgrounds


class MotifMatch(Struct, frozen=True):
    """The known profile that is most like a motif; q over all motifs and all profiles that were compared."""

    profile: str
    name: str
    correlation: float
    p: Share
    q: Share


class MotifSummary(Struct, frozen=True, kw_only=True):
    """A motif that was found in attributions. The tests are of records in which it was not sought."""

    name: str
    argues: Literal["for", "against"]  # the class that is explained
    consensus: str  # the commonest base of each position
    counts: list[list[float]]  # (w, 4) sites with A, C, G, T
    contributions: list[list[float]]  # (w, 4) mean attribution of each base over the sites
    sites: int
    attribution: float  # mean over the sites of the attributions of their bases, summed
    q_attributions: Share  # that other places of the records have attributions as high
    q_records: Share  # that the class has no more of it, or that shuffled records have as much
    records: int  # of the class, or all where no classes are known
    matched: int  # of these, how many hold a match
    background_records: int
    background_matched: int
    background: Literal["negatives", "shuffled"]
    odds_ratio: float
    p: Share  # of Fisher's exact test of these four numbers
    best_match: MotifMatch | None


class MotifsFile(Struct, frozen=True):
    """motifs.json: the motifs of an explanation, and one sentence on what was found."""

    motifs: list[MotifSummary]
    words: str

"""Records that stand, alike or nearly so, on both sides of a split: counts, and pairs by name."""

from dnaseq.errors import one_line
from dnaseq.report.html.markup import Markup, table
from dnaseq.report.html.tables import fact_table, folded, in_words, missing, sentence, spoken
from dnaseq.report.text.summary import leak_line

MOST_PAIRS = 50
KINDS = ("exact", "reverse_complement", "near")


def leak_tables(scores: dict | None, audit: dict | None) -> list[Markup]:
    """What was found and what was done, the counts by the part that judges, and the first pairs by name."""
    leaks = (audit or {}).get("leaks") or {}
    told = scores or {"leaks": leaks, "dropped": leaks.get("dropped")}
    parts = [sentence(_sentence_case(leak_line(told)))]
    if audit is None:
        return [*parts, missing("audit.json", "the pairs are not known")]
    counts = {kind: leaks[kind] for kind in KINDS if leaks.get(kind) is not None}
    if not counts:
        return parts  # nothing was compared, so there is no "none found" either
    title = "Training-side records that are also in a part that judges"
    parts.append(fact_table(spoken(counts), "records", title))
    judges = dict(leaks.get("judges") or {}) | {"test, in validation": leaks.get("selection") or {}}
    judges = {part: facts for part, facts in judges.items() if facts.get("records")}
    if judges:
        title = "Records of the judging parts with a relative in training, or in validation, by the closest"
        parts.append(fact_table(spoken(judges), "", title))
    return [*parts, *_pairs(leaks.get("ids") or [])]


def _pairs(pairs: list[list]) -> list[Markup]:
    """[id on the training side, id in the judging part, kind, identity] each."""
    if not pairs:
        return [sentence("No pair was found.")]
    rows = [
        [n, one_line(train), one_line(judge), in_words(kind), *[f"{100 * share:.1f} %" for share in identity]]
        for n, (train, judge, kind, *identity) in enumerate(pairs[:MOST_PAIRS], 1)
    ]
    header = ["", "training record", "like this record", "kind", "identity"][: max(map(len, rows))]
    some = len(pairs) > len(rows)
    title = f"Pairs found: the first {len(rows)} of {len(pairs)}" if some else f"Pairs found: {len(pairs)}"
    return [folded(title, table(header, rows, kind="words"))]


def _sentence_case(line: str) -> str:
    return f"{line[0].upper()}{line[1:]}."

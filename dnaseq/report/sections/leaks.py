"""Records that stand, alike or nearly so, on both sides of a split: counts, and pairs by name."""

from msgspec import to_builtins

from dnaseq.audit_record import Audit, LeakPair
from dnaseq.errors import one_line
from dnaseq.evaluation.comparison.results import Scores
from dnaseq.report.html.markup import Markup, table
from dnaseq.report.html.tables import fact_table, folded, in_words, missing, sentence, with_plain_keys
from dnaseq.report.text.summary import leak_line

MOST_PAIRS = 50
KINDS = ("exact", "reverse_complement", "near")


def leak_tables(scores: Scores | None, audit: Audit | None) -> list[Markup]:
    """Show the leaks found and dropped, their counts by test and validation set, and the first pairs by name."""
    counts = to_builtins(audit.leaks) if audit else {}
    found, dropped = (scores.leaks, scores.dropped) if scores else (counts, counts.get("dropped"))
    parts = [sentence(_sentence_case(leak_line(found or {}, dropped or {})))]
    if audit is None:
        return [*parts, missing("audit.json", "the pairs are not known")]
    compared = {kind: counts[kind] for kind in KINDS if counts[kind] is not None}
    if not compared:
        return parts  # nothing was compared, so there is no "none found" either
    title = "Records of the training side that are also in a validation or test set"
    parts.append(fact_table(with_plain_keys(compared), "records", title))
    held_out = counts.get("judges", {}) | {"test, in validation": counts.get("selection", {})}
    held_out = {part: facts for part, facts in held_out.items() if facts.get("records")}
    if held_out:
        title = "Records of the validation and test sets with a relative in training, or in validation, by the closest"
        parts.append(fact_table(with_plain_keys(held_out), "", title))
    return [*parts, *_pairs(audit.leaks.ids)]


def _pairs(pairs: list[LeakPair]) -> list[Markup]:
    if not pairs:
        return [sentence("No pair was found.")]
    rows = [
        [n, one_line(p.train), one_line(p.held_out), in_words(p.kind), f"{100 * p.identity:.1f} %"]
        for n, p in enumerate(pairs[:MOST_PAIRS], 1)
    ]
    header = ["", "training record", "like this record", "kind", "identity"]
    some = len(pairs) > len(rows)
    title = f"Pairs found: the first {len(rows)} of {len(pairs)}" if some else f"Pairs found: {len(pairs)}"
    return [folded(title, table(header, rows, kind="words"))]


def _sentence_case(line: str) -> str:
    return f"{line[0].upper()}{line[1:]}."

"""The checks of an audit, each with a sign, a colour and a word."""

from collections import Counter

from dnaseq.errors import one_line
from dnaseq.report.facts import folded, in_words
from dnaseq.report.markup import Markup, element, joined

SIGNS = {"warning": "!", "note": "i", "ok": "✓"}


def verdict_list(verdicts: list[dict]) -> Markup:
    """Warnings and notes in the open, what is in order folded."""
    by_kind = {kind: [v for v in verdicts if v["verdict"] == kind] for kind in SIGNS}
    told = [*by_kind["warning"], *by_kind["note"]]
    parts = [element("p", counts_in_words(verdicts))]
    parts += [_items(told)] if told else []
    if by_kind["ok"]:
        title = f"Checks without a finding: {len(by_kind['ok'])}"
        parts.append(folded(title, _items(by_kind["ok"])))
    return joined(parts)


def counts_in_words(verdicts: list[dict]) -> str:
    """'2 warnings, 1 note, 9 checks ok.'"""
    counts = Counter(v["verdict"] for v in verdicts)
    words = [_plural(counts["warning"], "warning"), _plural(counts["note"], "note")]
    return f"{', '.join(words)}, {_plural(counts['ok'], 'check')} ok."


def badge(kind: str) -> Markup:
    return element("span", f"{SIGNS[kind]} {kind}", class_=f"badge {kind}")


def _items(verdicts: list[dict]) -> Markup:
    items = [
        element("li", badge(v["verdict"]), element("b", in_words(v["check"])), f": {one_line(v['words'])}.")
        for v in verdicts
    ]
    return element("ul", *items, class_="verdicts")


def _plural(n: int, word: str) -> str:
    return f"{n} {word}" if n == 1 else f"{n} {word}s"

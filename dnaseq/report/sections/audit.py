"""The sections of the report of an audit: a data set, before anything is trained on it."""

from collections import Counter

from msgspec import to_builtins

from dnaseq.audit_record import Audit, Verdict
from dnaseq.errors import one_line
from dnaseq.report.charts.audit import position_chart, shortcut_chart, spread_chart
from dnaseq.report.charts.chart import Chart
from dnaseq.report.html.markup import Markup, element, joined, table
from dnaseq.report.html.tables import (
    fact_list,
    fact_table,
    folded,
    in_words,
    score_cell,
    sentence,
    shown,
    with_plain_keys,
)
from dnaseq.report.sections.leaks import leak_tables
from dnaseq.report.sections.provenance import how_it_was_made
from dnaseq.report.sections.section import Blocks, Section
from dnaseq.report.text.audit import TRAITS
from dnaseq.report.text.summary import COLUMNS
from dnaseq.schemas import present

SIGNS = {"warning": "!", "note": "i", "ok": "✓"}


def verdict_list(verdicts: list[Verdict]) -> Markup:
    """List warnings and notes in the open, and the checks without a finding folded."""
    by_kind = {kind: [v for v in verdicts if v.verdict == kind] for kind in SIGNS}
    findings = [*by_kind["warning"], *by_kind["note"]]
    parts = [element("p", counts_in_words(verdicts))]
    parts += [_items(findings)] if findings else []
    if by_kind["ok"]:
        title = f"Checks without a finding: {len(by_kind['ok'])}"
        parts.append(folded(title, _items(by_kind["ok"])))
    return joined(parts)


def counts_in_words(verdicts: list[Verdict]) -> str:
    """Return '2 warnings, 1 note, 9 checks ok.'"""
    counts = Counter(v.verdict for v in verdicts)
    words = [_plural(counts["warning"], "warning"), _plural(counts["note"], "note")]
    return f"{', '.join(words)}, {_plural(counts['ok'], 'check')} ok."


def badge(kind: str) -> Markup:
    return element("span", f"{SIGNS[kind]} {kind}", class_=f"badge {kind}")


def _items(verdicts: list[Verdict]) -> Markup:
    items = [
        element("li", badge(v.verdict), element("b", in_words(v.check)), f": {one_line(v.words)}.")
        for v in verdicts
    ]
    return element("ul", *items, class_="verdicts")


def _plural(n: int, word: str) -> str:
    return f"{n} {word}" if n == 1 else f"{n} {word}s"


SHORTCUTS = {
    "majority": "class frequencies",
    "length": "length",
    "gc": "GC content",
    "gc_and_length": "GC content and length",
    "position": "base at each position",
    "record_order": "place of the record in its file",
    "id_text": "letters of the id",
}


def verdict_facts(audit: Audit) -> list[Markup]:
    return [verdict_list(audit.verdicts)] if audit.verdicts else []


COUNTS = (
    *("records_read", "ambiguous_letters", "repeated_sequences"),
    *("sequences_with_two_labels", "records_with_two_labels", "imbalance"),
)


def count_facts(audit: Audit) -> list[Markup]:
    """Show the records by label and split, the groups, and every entry that is one number."""
    parts = [fact_table(audit.records, "records", "Records by label")]
    if audit.groups:
        title = "Groups of like records; straddling: with records in more than one split"
        parts.append(fact_table(with_plain_keys(to_builtins(audit.groups)), "groups", title))
    values = {name: value for name in COUNTS if isinstance(value := getattr(audit, name), int | float)}
    return [*parts, fact_list(values, "Counts")]


def composition_facts(audit: Audit) -> list[Markup | Chart]:
    """Show GC content and length by label, and folded the letters by label and split."""
    found: list[Markup | Chart] = []
    composition = audit.composition or {}
    charts = [
        spread_chart(composition, "gc", "gc_by_class", "GC content"),
        spread_chart(composition, "lengths", "length_by_class", "length (bases)"),
    ]
    found += [chart for chart in charts if chart]
    found.append(fact_table(audit.gc, "mean", "GC content"))
    found.append(fact_table(to_builtins(audit.lengths), "bases", "Lengths of the records"))
    if audit.labels:
        found.append(fact_table(to_builtins(audit.labels), "", "Labels as the files spell them"))
    letters = {
        f"{name}, {part}": facts.letters for part, c in composition.items() for name, facts in c.items()
    }
    return [*found, folded("Letters by label and split", fact_table(letters, "", ""))] if letters else found


def contrast_facts(audit: Audit) -> list[Markup | Chart]:
    """Show the k-mers and the positions in which the classes differ most."""
    found: list[Markup | Chart] = [position_chart(audit.positions)] if audit.positions else []
    kmers = [contrast for of_length in (audit.kmers or {}).values() for contrast in of_length]
    if kmers:
        rows = [
            [
                *[k.kmer, k.class_, f"{100 * k.frequency:.2f} %", f"{100 * k.elsewhere:.2f} %"],
                f"{k.log2_ratio:+.2f}",
            ]
            for k in kmers
        ]
        header = ["k-mer", "class", "in the class", "elsewhere", "log2 ratio"]
        found.append(table(header, rows, "The k-mers whose frequency differs most"))
    return found


def shortcut_facts(audit: Audit) -> list[Markup | Chart]:
    """Show the scores of models that use one property of a record, such as its length."""
    shortcuts = audit.shortcuts or {}
    if not shortcuts:
        return []
    chart = shortcut_chart(shortcuts, SHORTCUTS)
    metrics = list(dict.fromkeys(metric for scores in shortcuts.values() for metric in scores))
    body = [
        [SHORTCUTS.get(name, name), *[score_cell(scores.get(m)) for m in metrics]]
        for name, scores in shortcuts.items()
    ]
    caption = "Shortcuts on the test records, with 95 % intervals"
    scores = table(["", *[COLUMNS.get(m, m) for m in metrics]], body, caption)
    return [chart, scores] if chart else [scores]


def negatives_facts(audit: Audit) -> list[Markup | Chart]:
    """Show how like negatives are to regions, by one trait at a time."""
    if not audit.negatives:
        return []
    facts = audit.negatives
    body = [
        [TRAITS.get(name, name), shown(trait.regions), shown(trait.negatives), score_cell(trait.auroc)]
        for name, trait in facts.traits.items()
    ]
    text = f"{facts.negatives:,} negatives ({facts.kind}) stand against {facts.regions:,} regions. An area of 0.5 means"
    caption = "Regions against negatives by one trait alone, with 95 % intervals"
    header = ["", "mean of regions", "mean of negatives", "AUROC"]
    return [sentence(f"{text} that the trait does not tell them apart."), table(header, body, caption)]


def conflict_facts(audit: Audit) -> list[Markup]:
    """Count the sequences that carry two labels, and name the first of them."""
    if not audit.sequences_with_two_labels:
        return [sentence("No sequence carries two labels.")]
    counted = (
        f"Sequences that carry more than one label, on either strand: {audit.sequences_with_two_labels}."
    )
    if not audit.conflicts:
        return [sentence(counted)]
    rows = [[f"{c.group}", one_line(c.id), one_line(c.label)] for c in audit.conflicts]
    listed = table(["group", "id", "label"], rows, kind="words")
    return [joined([sentence(counted), folded("The first of them", listed)])]


NOTHING = "Nothing was found."

SECTIONS: dict[str, Section] = {
    "Verdicts": lambda run: _or_nothing(verdict_facts(present(run.audit))),
    "Shortcuts": lambda run: _or_nothing(shortcut_facts(present(run.audit))),
    "Counts": lambda run: _or_nothing(count_facts(present(run.audit))),
    "Composition": lambda run: _or_nothing(composition_facts(present(run.audit))),
    "Differences between classes": lambda run: _or_nothing(contrast_facts(present(run.audit))),
    "Negatives": lambda run: negatives_facts(present(run.audit)),
    "Conflicting labels": lambda run: _or_nothing(conflict_facts(present(run.audit))),
    "Leaks": lambda run: leak_tables(None, run.audit),
    "How it was made": how_it_was_made,
}


def _or_nothing(blocks: Blocks) -> Blocks:
    return blocks or [sentence(NOTHING)]

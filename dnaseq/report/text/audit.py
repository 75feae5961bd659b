"""An audit as one screen of plain text."""

from functools import partial
from textwrap import wrap

from msgspec import to_builtins

from dnaseq.audit_record import Audit, LabelFacts, NegativesFacts, Shortcuts, Verdict
from dnaseq.evaluation.audit.checks import NOTE, OK, WARNING
from dnaseq.evaluation.comparison.phrasing import interval_text
from dnaseq.evaluation.metrics.names import metric_title
from dnaseq.report.text.summary import leak_line
from dnaseq.schemas import present

WIDTH = 100
COLUMNS = {metric: metric_title(metric) for metric in ("auroc", "mcc", "accuracy")}
# names of traits of negatives and regions, for readers
TRAITS = {"gc": "GC content", "soft_masked": "soft-masked share", "unknown": "share of N", "length": "length"}
_CELL, _INTERVAL, _LONGEST_NAME = 9, 23, 24


def audit_summary(audit: Audit, data: str) -> str:
    """Return the text of an audit: counts, composition, leaks, shortcuts, verdicts.

    `data` is the name of the data set. Verdicts that are ok are named, the others printed in full.
    """
    blocks = [_heading(audit, data), _counts(audit), _composition(audit)]
    blocks.append(leak_line(to_builtins(audit.leaks), audit.leaks.dropped or {}))
    if audit.shortcuts:
        blocks.append(_shortcuts(audit.shortcuts))
    if audit.negatives:
        blocks.append(_negatives(audit.negatives))
    return "\n\n".join([*blocks, _verdicts(present(audit.verdicts))])


def _heading(audit: Audit, data: str) -> str:
    return (
        f"{data}: {present(audit.records_read):,} records, {len(audit.classes)} classes, "
        f"{present(audit.groups).number:,} groups of similar records"
    )


def _counts(audit: Audit) -> str:
    parts = [part for part, classes in audit.records.items() if sum(classes.values())]
    rows = {name: [f"{audit.records[part][name]:,}" for part in parts] for name in audit.classes}
    return _table("records", parts, rows, _CELL)


def _composition(audit: Audit) -> str:
    """Tabulate GC content, length and N of each class: mean or median, and the range of nine tenths of the records."""
    composition = present(audit.composition)
    part = "train" if "train" in composition else next(iter(composition))
    rows = {}
    for name, facts in composition[part].items():
        gc, lengths = facts.gc, facts.lengths
        cells = ["-", "-", "-"]
        if gc.mean is not None:
            cells[0] = f"{gc.mean:.3f} [{gc.q05:.3f},{gc.q95:.3f}]"
        if lengths.median is not None:
            cells[1] = f"{lengths.median:,.0f} [{lengths.q05:,.0f},{lengths.q95:,.0f}]"
            cells[2] = f"{facts.n_share:.2%}"
        rows[name] = cells
    table = _table(f"in {part}", ["GC, mean", "length, median", "N"], rows, _INTERVAL)
    return f"{table}\n{_labels(audit.labels)}" if audit.labels else table


def _labels(labels: dict[str, LabelFacts]) -> str:
    """Return the GC content by label: labels that were merged into one class may differ in it."""
    texts = [f"{name} {facts.gc:.3f}" for name, facts in labels.items() if facts.gc is not None]
    return f"GC by label as in the files: {', '.join(texts)}"


def _shortcuts(shortcuts: Shortcuts) -> str:
    rows = {name: [interval_text(scores[metric]) for metric in COLUMNS] for name, scores in shortcuts.items()}
    return _table("shortcut", list(COLUMNS.values()), rows, _INTERVAL)


def _negatives(facts: NegativesFacts) -> str:
    """Tabulate by what negatives differ from regions: the mean of each, and how well that alone tells them apart."""
    rows = {}
    for name, trait in facts.traits.items():
        means = ["-" if mean is None else f"{mean:.4g}" for mean in (trait.regions, trait.negatives)]
        rows[TRAITS.get(name, name)] = [*means, interval_text(trait.auroc)]
    return _table(
        f"{facts.kind} negatives", ["mean of regions", "of negatives", COLUMNS["auroc"]], rows, _INTERVAL
    )


def _verdicts(verdicts: list[Verdict]) -> str:
    texts = [f"{kind:<8} {v.words}" for kind in (WARNING, NOTE) for v in verdicts if v.verdict == kind]
    fine = [v.check.replace("_", " ") for v in verdicts if v.verdict == OK]
    if fine:
        texts.append(f"{OK:<8} {', '.join(fine)}")
    fold = partial(wrap, width=WIDTH, subsequent_indent=" " * 9, break_on_hyphens=False)
    return "\n".join(line for text in texts for line in fold(text))


def _table(corner: str, columns: list[str], rows: dict[str, list[str]], width: int) -> str:
    names = min(max(map(len, [corner, *rows])), _LONGEST_NAME)
    lines = [(corner, columns), *rows.items()]
    return "\n".join(
        f"{name[:names]:<{names}}" + "".join(f"{cell:>{width}}" for cell in cells) for name, cells in lines
    )

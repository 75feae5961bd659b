"""The sections of the report of an audit: a data set, before anything is trained on it."""

from dnaseq.report.data_facts import (
    composition_facts,
    conflict_facts,
    contrast_facts,
    count_facts,
    shortcut_facts,
    verdict_facts,
)
from dnaseq.report.facts import sentence
from dnaseq.report.leak_tables import leak_tables
from dnaseq.report.provenance import how_it_was_made

NOTHING = "Nothing was found."

SECTIONS = {
    "Verdicts": lambda run: _or_nothing(verdict_facts(run.audit)),
    "Shortcuts": lambda run: _or_nothing(shortcut_facts(run.audit)),
    "Counts": lambda run: _or_nothing(count_facts(run.audit)),
    "Composition": lambda run: _or_nothing(composition_facts(run.audit)),
    "Differences between classes": lambda run: _or_nothing(contrast_facts(run.audit)),
    "Conflicting labels": lambda run: _or_nothing(conflict_facts(run.audit)),
    "Leaks": lambda run: leak_tables(None, run.audit),
    "How it was made": how_it_was_made,
}


def _or_nothing(blocks: list) -> list:
    return blocks or [sentence(NOTHING)]

"""Plain values of a run's files as tables, lists and folded text."""

import json

from dnaseq.errors import one_line
from dnaseq.evaluation.comparison.phrasing import interval_text
from dnaseq.report.html.markup import Markup, element, table
from dnaseq.schemas import Estimate


def fact_table(facts: dict, row_name: str, title: str) -> Markup:
    """Tabulate a row of values, or a row for each inner dict, with the names of the values as columns."""
    nested = facts and all(isinstance(inner, dict) for inner in facts.values())
    rows = facts if nested else {row_name: facts}
    columns = list(dict.fromkeys(key for inner in rows.values() for key in inner))
    body = [[one_line(name), *[shown(inner.get(c)) for c in columns]] for name, inner in rows.items()]
    return table(["", *map(one_line, columns)], body, title)


def fact_list(facts: dict, title: str) -> Markup:
    """Tabulate a row for each value, which may be long."""
    rows = [[in_words(name), shown(value)] for name, value in facts.items()]
    return table([], rows, title, "words")


def with_plain_keys(facts: dict) -> dict:
    """Return the facts with keys in plain words, the inner ones too; not for names of classes."""
    inner = {
        key: with_plain_keys(value) if isinstance(value, dict) else value for key, value in facts.items()
    }
    return {in_words(key): value for key, value in inner.items()}


def shown(value: object) -> str:
    """Return a value of JSON as text of one line."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return "-" if value is None else one_line(str(value))


def in_words(name: str) -> str:
    """Return a key of a file in plain words."""
    return one_line(str(name).replace("_", " "))


def folded(title: str, *contents: object) -> Markup:
    return element("details", element("summary", title), *contents)


def folded_text(title: str, text: str) -> Markup:
    return folded(title, element("pre", text))


def sentence(text: str) -> Markup:
    return element("p", text)


def missing(file: str, consequence: str) -> Markup:
    return sentence(f"{file} is not in the run folder, so {consequence}.")


def score_cell(score: Estimate | None) -> Markup:
    """Return a cell of the value with its interval below it."""
    value, _, interval = spaced(score).partition(" ")
    return element("td", value, element("small", interval) if interval else "")


def spaced(score: Estimate | None) -> str:
    """Return interval_text with room to break the line."""
    return interval_text(score).replace(",", ", ")


def p_text(p: float | None) -> str:
    if p is None:
        return "-"
    return f"{p:.3f}" if p >= 0.001 else "< 0.001"

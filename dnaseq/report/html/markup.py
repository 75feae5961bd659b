"""HTML in which everything is escaped unless it was made here."""

from collections.abc import Iterable
from html import escape


class Markup(str):
    """Text that is HTML already; any other text is escaped where it is put into an element."""


def element(name: str, *content: object, **attributes: object) -> Markup:
    """Return <name attributes>content</name>; the attribute `class_` reads class, `aria_label` reads aria-label."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"' for key, value in attributes.items()
    )
    return Markup(f"<{name}{written}>{joined(content)}</{name}>")


def joined(parts: Iterable[object]) -> Markup:
    """Join the parts one after the other, escaped where they are not markup."""
    return Markup("".join(part if isinstance(part, Markup) else escape(str(part)) for part in parts))


def table(header: list, rows: list[list], caption: str = "", kind: str = "numbers") -> Markup:
    """Return a table that scrolls sideways on narrow screens. The first column names the rows; the header may be empty.

    `kind` is a class of the stylesheet: numbers, words, or headline, whose first row stands out.
    """
    cells = [element("th", cell, scope="col") for cell in header]
    top = element("thead", element("tr", *cells)) if header else Markup()
    body = [
        element("tr", element("th", first, scope="row"), *[_cell(cell) for cell in rest])
        for first, *rest in rows
    ]
    inner = element("table", top, element("tbody", *body), class_=kind, aria_label=caption)
    # outside the scrolling box, so that the title stays in view
    title = element("p", caption, class_="caption") if caption else Markup()
    return joined([title, element("div", inner, class_="scroll")])


def _cell(content: object) -> Markup:
    if isinstance(content, Markup) and content.startswith("<td"):
        return content
    return element("td", content)

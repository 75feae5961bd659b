"""HTML in which everything is escaped unless it was made here."""

from html import escape


class Markup(str):
    """Text that is HTML already; any other text is escaped where it is put into an element."""


def element(name: str, *content: object, **attributes: object) -> Markup:
    """<name attributes>content</name>; the attribute `class_` reads class, `aria_label` reads aria-label."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"' for key, value in attributes.items()
    )
    return Markup(f"<{name}{written}>{joined(content)}</{name}>")


def joined(parts) -> Markup:
    """The parts one after the other, escaped where they are not markup."""
    return Markup("".join(part if isinstance(part, Markup) else escape(str(part)) for part in parts))


def table(header: list, rows: list[list], caption: str = "", kind: str = "numbers") -> Markup:
    """A table whose first column names its rows; it scrolls sideways on a narrow screen. The header may be empty.

    `kind` is a class of the stylesheet: numbers, words, or headline, whose first row stands out.
    """
    cells = [element("th", cell, scope="col") for cell in header]
    top = element("thead", element("tr", *cells)) if header else Markup()
    body = [
        element("tr", element("th", first, scope="row"), *[_cell(cell) for cell in rest])
        for first, *rest in rows
    ]
    inner = element("table", top, element("tbody", *body), class_=kind, aria_label=caption)
    title = (
        element("p", caption, class_="caption") if caption else Markup()
    )  # outside: it does not scroll away
    return joined([title, element("div", inner, class_="scroll")])


def _cell(content: object) -> Markup:
    made = isinstance(content, Markup) and content.startswith("<td")
    return content if made else element("td", content)

"""Docstrings as they stand in the code: plain text, with equations and shapes, read as reStructuredText.

A paragraph that is laid out (by more than one blank in a row, or by a line that is set in) becomes a block of code; in
all others the signs that reStructuredText would take as markup are text. A doctest stays one.
"""

import re
from typing import Any

_CODE = re.compile(r"(`[^`]+`)")
_MARKUP = re.compile(r"([*|\\])|(?<=\w)_(?!\w)")


def read_plainly(lines: list[str]) -> list[str]:
    """Return the lines of a docstring as lines of reStructuredText; of one that Python has written itself, none."""
    if lines and lines[0].startswith("Alias for field number"):
        return []
    paragraphs = "\n".join(lines).expandtabs().strip("\n").split("\n\n")
    return "\n\n".join(map(_read_paragraph, paragraphs)).splitlines()


def _read_paragraph(paragraph: str) -> str:
    if paragraph.startswith(">>> "):
        return paragraph
    if re.search(r"^ |\S {2,}\S", paragraph, re.M):
        return ".. code-block:: text\n\n" + "\n".join(f"   {line}" for line in paragraph.splitlines())
    pieces = _CODE.split(paragraph)  # text and code take turns
    return "".join(piece if at % 2 else _escape(piece) for at, piece in enumerate(pieces))


def _escape(text: str) -> str:
    return _MARKUP.sub(lambda found: f"\\{found[0]}", text)


def _process(app: Any, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    lines[:] = read_plainly(lines)


def setup(app: Any) -> dict[str, bool]:
    """Let every docstring be read so."""
    app.connect("autodoc-process-docstring", _process)
    return {"parallel_read_safe": True}

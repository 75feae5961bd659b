"""Names that anybody may have given, as text of Markdown that shows them and does nothing else."""

import re
from html import escape

from dnaseq.errors import visible

_MARKS = re.compile(r"[\\`*\[\]|~#$:]|(?<!\w)_|_(?!\w)|(?<=www)\.")


def plain(name: str) -> str:
    """The name in a sentence: no link, no emphasis, no HTML."""
    return _MARKS.sub(r"\\\g<0>", escape(visible(name), quote=False))


def code(name: str) -> str:
    """The name in type of fixed width, between more backticks than it holds."""
    shown = visible(name)
    longest = max(map(len, re.findall("`+", shown)), default=0)
    fence, space = "`" * (longest + 1), " " if longest else ""
    return f"{fence}{space}{shown}{space}{fence}"

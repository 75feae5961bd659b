"""Files that stand outside docs/: as pages of the site, and links to them as links to these pages."""

import posixpath
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGES = {  # path in the project -> page of the site
    "README.md": "index",
    "CONTRIBUTING.md": "project/contributing",
    "CHANGELOG.md": "project/changelog",
    "benchmarks/RESULTS.md": "project/results",
}
_INCLUDE = re.compile(r"\A```\{include\} (\S+)\n```\n\Z")
_LINK = re.compile(r"\[([^\]]+)\]\((?![a-z]+:|/|#)([^)#\s]+)(#[^)\s]*)?\)")


def read_page(text: str, page: str) -> str:
    """Return the text of a page, such as `learn/why`. One that is nothing but an include has the text of that file.

    A link from it to a file outside docs/ leads to the place of that file on the site; where it has none, the words
    of the link stay.
    """
    folder = posixpath.dirname(f"docs/{page}")
    if included := _INCLUDE.match(text):
        file = posixpath.normpath(posixpath.join(folder, included[1]))
        text, folder = (ROOT / file).read_text(encoding="utf-8"), posixpath.dirname(file)
    return _LINK.sub(lambda link: _lead_inside(link, folder), text)


def _lead_inside(link: re.Match, folder: str) -> str:
    words, path, place = link[1], posixpath.normpath(posixpath.join(folder, link[2])), link[3] or ""
    if not (ROOT / path).exists():
        return link[0]  # code such as CELLS[cell](width), or a link that the build will call broken
    if path.startswith("docs/"):
        return f"[{words}](/{path.removeprefix('docs/')}{place})"
    if path in PAGES:
        return f"[{words}](/{PAGES[path]}.md{place})"
    if path.startswith("conf/"):
        return f"[{words}](/reference/choices.md#{path.split('/')[1]})"
    if path.startswith("dnaseq/") and path.endswith(".py"):
        return f"[{words}](#{path.removesuffix('.py').replace('/', '.')})"
    return words


def _process(app: Any, page: str, text: list[str]) -> None:
    text[0] = read_page(text[0], page)


def setup(app: Any) -> dict[str, bool]:
    """Let every page be read so."""
    app.connect("source-read", _process)
    return {"parallel_read_safe": True}

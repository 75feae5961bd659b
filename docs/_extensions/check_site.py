"""Check a built site: `python check_site.py FOLDER` prints every fault and ends with 1 if there is one.

A fault is a link to a file or a place that is not there, a picture without an alternative text, and a script, a style
or a picture that a reader without a network would miss.
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

LOADED = {"script": "src", "img": "src", "link": "href", "iframe": "src"}
NOT_LOADED = {
    "canonical",
    "index",
    "search",
    "next",
    "prev",
    "author",
}  # rel= of links that no browser follows


class Page(HTMLParser):
    """The links, the places and the pictures of a page."""

    def __init__(self, path: Path):
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.places: set[str] = set()
        self.without_text: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.places.update(given[name] for name in ("id", "name") if name in given)
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "img" and not _says_something(given.get("alt", "")):
            self.without_text.append(given.get("src", ""))
        if LOADED.get(tag, "") in given and given.get("rel") not in NOT_LOADED:
            self.loaded.append(given[LOADED[tag]])


def _says_something(text: str) -> bool:
    return len(text.split()) >= 2 and not text.endswith((".png", ".svg"))


def find_faults(site: Path) -> list[str]:
    """Return a line for each fault of the pages below the folder, sorted by page."""
    pages = {path: Page(path) for path in sorted(site.rglob("*.html")) if "_static" not in path.parts}
    faults = [] if pages else [f"{site}: has no pages"]
    for path, page in pages.items():
        name = path.relative_to(site)
        faults += [f"{name}: picture {source} has no alternative text" for source in page.without_text]
        faults += [
            f"{name}: loads {source} from the network" for source in page.loaded if urlsplit(source).netloc
        ]
        for link in dict.fromkeys(page.links + page.loaded):
            if _is_broken(link, path, pages):
                faults.append(f"{name}: link {link} leads nowhere")
    return faults


def _is_broken(link: str, path: Path, pages: dict[Path, Page]) -> bool:
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return False
    target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
    if not target.is_file():
        return True
    place = unquote(parts.fragment)
    return bool(place) and target in pages and place not in pages[target].places


if __name__ == "__main__":
    found = find_faults(Path(sys.argv[1]).resolve())
    print(*found or ["Every local link leads somewhere, and every picture has a text."], sep="\n")
    sys.exit(bool(found))

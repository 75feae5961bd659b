"""The documentation site: what must hold before it is built, and the programs that build and check it."""

import re
from pathlib import Path

import check_site
import plain_docstrings
import pytest
import source_links
import whole_streams

from dnaseq.cli import TASKS

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = {path: path.read_text() for path in sorted(DOCS.rglob("*.md"))}
NOTEBOOKS = {path: text for path, text in PAGES.items() if "kernelspec:" in text}
CELL = re.compile(r"^```\{code-cell\} ipython3\n(---\n.*?\n---\n)?(.*?)^```", re.M | re.S)
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]*)(?:#([^)\s]+))?\)")


def without_code(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.M | re.S)


def slugs(path: Path) -> set[str]:
    """The places of a page: its headings in lower case, with hyphens for blanks."""
    headings = re.findall(r"^#+ (.+)", without_code(path.read_text()), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def children(page: Path) -> list[Path]:
    trees = re.findall(r"```\{toctree\}\n(.*?)```", PAGES[page], re.S)
    names = [line for tree in trees for line in tree.splitlines() if line and not line.startswith(":")]
    return [(page.parent / f"{name}.md").resolve() for name in names]


def test_every_page_is_reached_from_the_first_once():
    reached, found = [], [DOCS / "index.md"]
    while found:
        page = found.pop()
        reached.append(page)
        found += children(page)
    assert sorted(reached) == list(PAGES)


def test_every_local_link_leads_to_a_file_and_a_place():
    for page, text in PAGES.items():
        links = LINK.findall(without_code(text))
        for path, place in links:
            target = page.parent / path if path else page
            assert target.exists(), (page.name, path)
            assert not place or place in slugs(target), (page.name, path, place)


def test_a_link_to_python_leads_to_what_the_reference_documents():
    reference = PAGES[DOCS / "reference" / "python.md"]
    for page, text in PAGES.items():
        for name in re.findall(r"\]\(#(dnaseq\.[\w.]+)\)", text):
            module = name if f"automodule:: {name}\n" in reference else name.rpartition(".")[0]
            assert f"automodule:: {module}\n" in reference, (page.name, name)


def test_every_picture_has_an_alternative_text():
    for page, text in PAGES.items():
        assert not re.search(r"!\[\s*\]\(", text), page.name
        for options, code in CELL.findall(text):
            if re.search(r"plt\.show\(|^Image\(", code, re.M):
                said = re.search(r"alt: (.+?)---", options, re.S)
                assert said, (page.name, code)
                assert len(said[1].split()) >= 8, (page.name, said[1])


@pytest.mark.parametrize("page", NOTEBOOKS, ids=lambda page: page.stem)
def test_the_code_of_a_notebook_is_python_or_the_shell(page):
    cells = [code for _, code in CELL.findall(NOTEBOOKS[page])]
    assert cells
    assert NOTEBOOKS[page].count("{code-cell}") == len(cells)
    for code in cells:
        if not code.startswith("%%"):
            compile(re.sub(r"^!.*$", "", code, flags=re.M), page.name, "exec")


def test_every_command_and_every_group_is_looked_up_in_the_reference():
    section = r"^## ([\w-]+)\n\n.*\n%%bash\ndnaseq "
    commands = re.findall(rf"{section}\1 --help$", PAGES[DOCS / "reference" / "commands.md"], re.M)
    assert sorted(commands) == sorted(TASKS)
    groups = re.findall(rf"{section}\w+ --help \1(?: \S+)?$", PAGES[DOCS / "reference" / "choices.md"], re.M)
    folders = {path.parent.name for path in (ROOT / "conf").glob("*/*.yaml")}
    assert sorted(groups) == sorted(folders - {"part"})


def test_a_page_of_the_site_has_the_text_of_a_file_of_the_project():
    text = source_links.read_page("```{include} ../../CONTRIBUTING.md\n```\n", "project/contributing")
    assert text.startswith("# Contributing to dnaseq\n")


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("[a](../conf/model)", "[a](/reference/choices.md#model)"),
        ("[a](../dnaseq/models/encoders/by_hand.py)", "[a](#dnaseq.models.encoders.by_hand)"),
        ("[a](../benchmarks/RESULTS.md#x)", "[a](/project/results.md#x)"),
        ("[a](runs.md)", "[a](/runs.md)"),
        ("[a](../data/enhancers/train.fa)", "a"),
        ("[a](https://example.org)", "[a](https://example.org)"),
        ("CELLS[cell](width)", "CELLS[cell](width)"),
    ],
)
def test_links_out_of_docs_lead_to_pages_of_the_site(link, expected):
    assert source_links.read_page(link, "models") == expected


def test_equations_of_a_docstring_are_code_and_its_signs_are_text():
    lines = ["Take one *step* of `h * c`, w_ih_.", "", "i  = sigma(x)", "h' = o * c"]
    assert plain_docstrings.read_plainly(lines) == [
        r"Take one \*step\* of `h * c`, w_ih\_.",
        "",
        ".. code-block:: text",
        "",
        "   i  = sigma(x)",
        "   h' = o * c",
    ]
    assert plain_docstrings.read_plainly([">>> f(*a)", "1"]) == [">>> f(*a)", "1"]
    assert plain_docstrings.read_plainly(["Alias for field number 3"]) == []


def test_what_a_cell_prints_in_pieces_is_one_text():
    def piece(name: str, text: str) -> dict[str, str]:
        return {"output_type": "stream", "name": name, "text": text}

    picture = {"output_type": "display_data"}
    pieces = [piece("stdout", "at pad"), piece("stderr", "note"), picture, piece("stdout", "ding\n")]
    assert whole_streams.join_streams(pieces) == [
        piece("stdout", "at padding\n"),
        piece("stderr", "note"),
        picture,
    ]


GOOD = '<h1 id="top">A</h1><a href="b.html#there">b</a><a href="https://a.org">x</a><img src="p.png" alt="a plot">'


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        (GOOD, None),
        ('<a href="c.html">c</a>', "a.html: link c.html leads nowhere"),
        ('<a href="b.html#here">b</a>', "a.html: link b.html#here leads nowhere"),
        ('<a href="#here">b</a>', "a.html: link #here leads nowhere"),
        ('<img src="p.png">', "a.html: picture p.png has no alternative text"),
        ('<img src="p.png" alt="../p.png">', "a.html: picture p.png has no alternative text"),
        ('<script src="https://cdn.org/x.js">', "a.html: loads https://cdn.org/x.js from the network"),
    ],
)
def test_faults_of_a_built_site_are_found(tmp_path, page, fault):
    (tmp_path / "a.html").write_text(page)
    (tmp_path / "b.html").write_text('<p id="there">')
    (tmp_path / "p.png").write_bytes(b"")
    assert check_site.find_faults(tmp_path) == ([fault] if fault else [])


def test_a_site_without_pages_is_a_fault(tmp_path):
    assert check_site.find_faults(tmp_path) == [f"{tmp_path}: has no pages"]

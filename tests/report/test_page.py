"""The report as a whole: what it may hold, for every kind of folder."""

import json
import re
from html.parser import HTMLParser

import pytest

from dnaseq.errors import FileAccessError, InputError
from dnaseq.report.page import KINDS, write_report

FOLDERS = {
    "trained": "run",
    "audited": "audit",
    "cross_validated": "cross-validation",
    "compared": "comparison",
}
FILES = ["scores.json", "audit.json", "history.csv", "predictions.test.tsv", "config.yaml", "strata.tsv"]
NASTY = '<script>alert("1")</script>&amp;'


class Tags(HTMLParser):
    """Every element that a browser would see."""

    def __init__(self, text: str):
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def check_nothing_to_load(text: str) -> None:
    tags = Tags(text).found
    assert {"script", "link", "img", "iframe", "object"}.isdisjoint(tag for tag, _ in tags)
    assert not [attributes for _, attributes in tags if "src" in attributes]
    assert not re.search(r"https?://|@import|url\((?!#)", text)


def check_links_lead_to_places(text: str) -> None:
    tags = Tags(text).found
    places = {f"#{attributes['id']}" for _, attributes in tags if "id" in attributes}
    links = {
        attributes["href"] for _, attributes in tags if "href" in attributes and attributes["href"] != "#"
    }
    assert links
    assert links <= places


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_gets_the_page_of_its_kind(request, name):
    """One page a kind, as drawing takes longest."""
    folder = request.getfixturevalue(name)
    before = {path.name for path in folder.iterdir()}
    text = write_report(folder).read_text()
    assert {path.name for path in folder.iterdir()} == before | {"report.html", "figures"}
    assert f"{FOLDERS[name]} by dnaseq" in text
    assert re.findall("<h2>(.*?)</h2>", text) == list(KINDS[FOLDERS[name]])
    check_nothing_to_load(text)
    check_links_lead_to_places(text)
    saved = list((folder / "figures").iterdir())
    assert len(saved) == 3 * len({path.stem for path in saved}) == 3 * text.count("<svg")


def test_same_files_give_the_same_bytes(audited):
    def written() -> list[bytes]:
        report = write_report(audited)
        return [path.read_bytes() for path in (report, *sorted((audited / "figures").iterdir()))]

    assert written() == written()


def test_a_sweep_is_called_one(compared):
    told = json.loads((compared / "comparison.json").read_text()) | {"kind": "sweep", "runs": [], "pairs": []}
    (compared / "comparison.json").write_text(json.dumps(told))
    assert "<h1>Sweep on enhancers</h1>" in write_report(compared).read_text()


def test_text_of_files_is_escaped_everywhere(tmp_path, made_up_run):
    nasty = f"{NASTY}\u202e\u200b"  # turns what follows round, and cannot be seen
    text = write_report(made_up_run(tmp_path, [f"a{nasty}", f"b{nasty}"], nasty)).read_text()
    shown = [text, *(path.read_text() for path in (tmp_path / "figures").glob("*.*v*"))]
    assert not {"\u202e", "\u200b"} & set("".join(shown))
    assert "script" not in {tag for tag, _ in Tags(text).found}
    assert "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;" in text


def test_half_a_character_in_a_file_does_not_stop_the_report(audited):
    told = json.loads((audited / "audit.json").read_text()) | {"data": "half \ud800"}
    (audited / "audit.json").write_text(json.dumps(told))
    assert "<h1>Audit of half " in write_report(audited).read_text()


def test_every_section_of_a_complete_run_has_its_contents(run, section):
    assert not [title for title in KINDS["run"] if "is not in the run folder" in section(run, title).text]


@pytest.mark.parametrize("file", FILES)
def test_missing_file_is_named_and_the_rest_is_there(trained, section, file):
    (trained / file).unlink()
    texts = {title: section(trained, title).text for title in KINDS["run"]}
    named = [title for title, text in texts.items() if f"{file} is not in the run folder" in text]
    others = [
        title for title, text in texts.items() if "is not in the run folder" in text and title not in named
    ]
    assert named
    assert not others


def test_missing_folder_is_a_users_error(tmp_path):
    with pytest.raises(FileAccessError, match="nowhere: no such run folder"):
        write_report(tmp_path / "nowhere")


HEADER = "id\tlength\tlabel\tscore\tp_a\tp_b\tstatus\ttruth\n"


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("scores.json", '{"n": 1,\n]', r"scores.json.*line 2"),
        ("scores.json", '{"n": 1}', r"scores.json: object missing required field `data`"),
        ("comparison.json", '{"n": 1}', r"comparison.json: object missing required field `classes`"),
        ("audit.json", "[1]", "audit.json: holds no table"),
        ("audit.json", '{"classes": ["a", 1]}', r"audit.json: classes\[.\]: expected `str`, got `int`"),
        ("history.csv", "epoch,val/loss\n0,high\n", "history.csv:2: column val/loss: 'high' is not a number"),
        ("history.csv", "epoch,val/loss\n0,1\n1\n", "history.csv:3: 1 cells, but the first line has 2"),
        ("predictions.test.tsv", "id\tlabel\nx\ty\n", "predictions.test.tsv:1: not a table of predictions"),
        ("predictions.test.tsv", HEADER.replace("\ttruth", ""), "predictions.test.tsv: columns p_CLASS"),
        (
            "predictions.test.tsv",
            f"{HEADER}x\t9\ta\t1\t1\t0\tok\tc\n",
            "predictions.test.tsv:2: record 'x': class 'c' has no column p_c",
        ),
        (
            "predictions.test.tsv",
            f"{HEADER}x\t9\ta\t1\t1\t0\tok\ta\ny\t9\ta\t1\t0.9\t0.2\tok\ta\n",
            "predictions.test.tsv:3: record 'y': probabilities must be",
        ),
        (
            "strata.tsv",
            "id\tlength\tgc\nother\t9\t0.5\n",
            "strata.tsv: columns id and gc, a row for each row",
        ),
    ],
)
def test_damaged_file_is_named_with_its_line(trained, file, text, message):
    (trained / file).write_text(text)
    with pytest.raises(InputError, match=message):
        write_report(trained)

"""The report of made-up run folders of two and of three classes."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from dnaseq.errors import FileAccessError, InputError
from dnaseq.report.page import write_report
from dnaseq.report.sections import SECTIONS

TITLES = [
    "Summary",
    "Data and leaks",
    "Learning curves",
    "ROC",
    "Precision and recall",
    "Calibration",
    "Confusion matrix",
    "Most confident errors",
    "How it was made",
]
FILES = ["scores.json", "audit.json", "history.csv", "predictions.test.tsv", "config.yaml"]
NASTY = '<script>alert("1")</script>&amp;'


def score(value: float) -> dict:
    return {"value": value, "low": value - 0.05, "high": value + 0.05}


def made_up_run(folder: Path, classes: list[str], name: str = "record") -> Path:
    """A run folder of 60 test records, every third called wrong; `name` is written wherever a user's text may be."""
    folder.mkdir(exist_ok=True)
    metrics = {m: score(0.8) for m in ("accuracy", "auroc", "auprc", "mcc", "ece", "brier")}
    if len(classes) > 2:
        metrics |= {f"auroc/{c}": score(0.7) for c in classes}
    scores = {
        "data": name,
        "n": 60,
        "classes": classes,
        "seed": 3,
        "metrics": metrics,
        "baselines": {"kmer_logistic": {"accuracy": score(0.6), "auroc": score(0.6)}, name: {}},
        "leaks": {"exact": 2, "reverse_complement": 0, "near": None},
        "dropped": {"train": 2, "val": 0},
        "fingerprints": {"train": f"sha256 {name}"},
    }
    records = {"train": dict.fromkeys(classes, 50), "test": dict.fromkeys(classes, 20)}
    audit = {
        "records": records,
        "gc": dict.fromkeys(classes, 0.4321),
        "leaks": {"exact": 2, "ids": [[name, name, "exact"]]},
    }
    (folder / "scores.json").write_text(json.dumps(scores))
    (folder / "audit.json").write_text(json.dumps(audit))
    (folder / "config.yaml").write_text(f"seed: 3\nname: {name}\n")
    (folder / "history.csv").write_text("epoch,train/loss,val/loss,val/auroc\n0,0.7,0.7,0.5\n1,0.5,,0.8\n")
    (folder / "predictions.test.tsv").write_text(predictions(classes, name))
    return folder


def predictions(classes: list[str], name: str) -> str:
    rng = np.random.default_rng(0)
    lines = ["\t".join(["id", "length", "label", "score", *[f"p_{c}" for c in classes], "status", "truth"])]
    for i in range(60):
        p = rng.dirichlet(np.ones(len(classes)) + 4 * np.eye(len(classes))[i % len(classes)])
        called = classes[p.argmax()]
        cells = [f"{name}_{i}", "200", called, f"{p.max():.6f}", *[f"{v:.6f}" for v in p], "ok"]
        lines.append("\t".join([*cells, classes[i % len(classes)]]))
    empty = [""] * (2 + len(classes))
    lines.append("\t".join(["refused", "0", *empty, "rejected:empty", classes[0]]))
    return "\n".join(lines) + "\n"


CLASSES = {2: ["non enhancer", "enhancer"], 3: ["none", "strong", "weak"]}


@pytest.fixture(params=[2, 3])
def run(request, tmp_path) -> Path:
    return made_up_run(tmp_path, CLASSES[request.param])


class Tags(HTMLParser):
    """Every element that a browser would see."""

    def __init__(self, text: str):
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def section(text: str, title: str) -> str:
    return re.search(rf"<h2>{title}</h2>(.*?)</section>", text, re.DOTALL)[1]


def test_sections_are_all_there_in_order(run):
    assert re.findall("<h2>(.*?)</h2>", write_report(run).read_text()) == TITLES == list(SECTIONS)


def test_every_section_of_a_complete_run_has_its_contents(run):
    assert "is not in the run folder" not in write_report(run).read_text()


@pytest.mark.parametrize("title", ["Learning curves", "ROC", "Precision and recall", "Calibration"])
def test_section_of_curves_has_a_figure(run, title):
    assert "<svg" in section(write_report(run).read_text(), title)


def test_report_is_one_file_with_nothing_to_load(run):
    text = write_report(run).read_text()
    tags = Tags(text).found
    assert {"script", "link", "img", "iframe", "object"}.isdisjoint(tag for tag, _ in tags)
    assert not [attributes for _, attributes in tags if {"src", "href"} & attributes.keys()]
    assert not re.search(r"https?://|@import|url\((?!#)", text)


def test_report_leaves_no_unfinished_file(run):
    write_report(run)
    assert sorted(p.name for p in run.iterdir()) == sorted([*FILES, "report.html"])


def test_text_of_files_is_escaped_everywhere(tmp_path):
    text = write_report(made_up_run(tmp_path, [f"a{NASTY}", f"b{NASTY}"], NASTY)).read_text()
    assert "script" not in {tag for tag, _ in Tags(text).found}
    assert "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;amp;" in text


@pytest.mark.parametrize("name", ["_hidden", r"$\frac{$", "长", "x" * 200])
def test_any_name_of_a_class_can_be_drawn(tmp_path, name, recwarn):
    text = write_report(made_up_run(tmp_path, ["other", name])).read_text()
    assert f">{name[:23]}" in section(text, "ROC")
    assert not recwarn.list


def test_half_a_character_in_a_file_does_not_stop_the_report(run):
    (run / "audit.json").write_text('{"note": "\\ud800"}')
    assert "note" in write_report(run).read_text()


def test_same_files_give_the_same_bytes(run):
    first = write_report(run).read_bytes()
    assert write_report(run).read_bytes() == first


@pytest.mark.parametrize("file", FILES)
def test_missing_file_is_named_and_the_rest_is_there(run, file):
    (run / file).unlink()
    text = write_report(run).read_text()
    assert f"{file} is not in the run folder" in text
    assert re.findall("<h2>(.*?)</h2>", text) == TITLES


def test_headline_stands_beside_the_baselines(run):
    rows = re.findall(
        r"<tr><th scope=\"row\">(.*?)</th><td>(.*?)<", section(write_report(run).read_text(), "Summary")
    )
    assert rows[:2] == [("this model", "0.800"), ("1- to 5-mer counts", "0.600")]


def test_summary_says_whether_the_intervals_overlap(run):
    sentence = (
        "The model&#x27;s AUROC is above that of the best baseline, 1- to 5-mer counts: 0.800 [0.750, 0.850]"
    )
    assert sentence in section(write_report(run).read_text(), "Summary")


def test_confusion_matrix_counts_truth_in_rows(tmp_path):
    rows = ["id\tlabel\tp_a\tp_b\tstatus\ttruth"]
    rows += ["x\ta\t0.9\t0.1\tok\ta"] * 3 + ["y\tb\t0.2\t0.8\tok\ta"] * 2 + ["z\tb\t0.3\t0.7\tok\tb"]
    (tmp_path / "predictions.test.tsv").write_text("\n".join(rows))
    cells = re.findall(
        r"<td[^>]*>(\d+)<small>", section(write_report(tmp_path).read_text(), "Confusion matrix")
    )
    assert cells == ["3", "2", "0", "1"]


def test_rows_without_answer_are_counted_as_left_out(run):
    assert "without answer or known class: 1." in section(write_report(run).read_text(), "Confusion matrix")


def test_errors_are_the_ten_most_confident(tmp_path):
    rows = ["id\tlabel\tp_a\tp_b\tstatus\ttruth", "right\ta\t0.99\t0.01\tok\ta"]
    rows += [f"wrong_{i}\ta\t{0.6 + i / 100:.2f}\t{0.4 - i / 100:.2f}\tok\tb" for i in range(12)]
    (tmp_path / "predictions.test.tsv").write_text("\n".join(rows))
    text = section(write_report(tmp_path).read_text(), "Most confident errors")
    assert re.findall(r"wrong_\d+|right", text) == [f"wrong_{i}" for i in range(11, 1, -1)]


def test_run_without_errors_says_so(tmp_path):
    (tmp_path / "predictions.test.tsv").write_text("id\tlabel\tp_a\tp_b\ttruth\nx\ta\t0.9\t0.1\ta\n")
    assert "All 1 records were called right" in write_report(tmp_path).read_text()


def test_predictions_without_known_classes_leave_their_sections_empty(tmp_path):
    (tmp_path / "predictions.test.tsv").write_text("id\tlabel\tp_a\tp_b\ttruth\nx\ta\t0.9\t0.1\t\n")
    assert write_report(tmp_path).read_text().count("No answered record has a known class") == 5


def test_missing_folder_is_a_users_error(tmp_path):
    with pytest.raises(FileAccessError, match="nowhere: no such run folder"):
        write_report(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("scores.json", '{"n": 1,\n]', r"scores.json:2: not JSON"),
        ("audit.json", "[1]", "audit.json: holds no table"),
        ("history.csv", "epoch,val/loss\n0,high\n", "history.csv:2: column val/loss: 'high' is not a number"),
        ("history.csv", "epoch,val/loss\n0,1\n1\n", "history.csv:3: 1 cells under 2 column names"),
        (
            "predictions.test.tsv",
            "id\tlabel\nx\ty\n",
            "predictions.test.tsv: columns id, label, truth and p_CLASS",
        ),
        (
            "predictions.test.tsv",
            "id\tlabel\tp_a\tp_b\ttruth\nx\ta\t1\t0\tc\n",
            "predictions.test.tsv:2: record 'x': class 'c' has no column p_c",
        ),
    ],
)
def test_damaged_file_is_named_with_its_line(run, file, text, message):
    (run / file).write_text(text)
    with pytest.raises(InputError, match=message):
        write_report(run)

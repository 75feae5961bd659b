"""What stands in the report of a training or an evaluation."""

import json
import re
from pathlib import Path

import pytest

HEADER = "id\tlength\tlabel\tscore\tp_a\tp_b\tstatus\ttruth"


def row(name: str, called: str, p_a: float, truth: str) -> str:
    return f"{name}\t9\t{called}\t{max(p_a, 1 - p_a):.2f}\t{p_a:.2f}\t{1 - p_a:.2f}\tok\t{truth}"


@pytest.fixture
def predicted(tmp_path):
    """predicted([row, ...]) -> a folder with these predictions and nothing else."""

    def make(rows: list[str]) -> Path:
        (tmp_path / "predictions.test.tsv").write_text("\n".join([HEADER, *rows]) + "\n")
        return tmp_path

    return make


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("Learning curves", ["learning_loss", "learning_score"]),
        ("ROC", ["roc"]),
        ("Precision and recall", ["precision_recall"]),
        ("Calibration", ["reliability"]),
        ("Confusion matrix", ["confusion"]),
        ("Data audit", ["gc_by_class"]),  # all lengths are equal
    ],
)
def test_sections_have_their_figures(run, section, title, names):
    assert list(section(run, title).charts) == names


def test_headline_stands_beside_the_baselines(run, section):
    rows = re.findall(r"<tr><th scope=\"row\">(.*?)</th><td>(.*?)<", section(run, "Summary").text)
    assert rows[:2] == [("this model", "0.800"), ("1- to 6-mer counts", "0.600")]


def test_summary_says_how_the_model_stands_to_the_best_baseline(run, section):
    sentence = (
        "The model is better than the best baseline, 1- to 6-mer counts: AUROC 0.800 [0.750, 0.850] against"
    )
    assert sentence in section(run, "Summary").text


def test_names_of_classes_are_never_changed(run, section):
    classes = json.loads((run / "scores.json").read_text())["classes"]
    header = "".join(f'<th scope="col">{name}</th>' for name in classes)
    assert section(run, "Data audit").text.count(header) == 2  # records and GC content


def test_near_leaks_have_their_identity(run, section):
    text = section(run, "Leaks").text
    assert "<td>near</td><td>87.3 %</td>" in text
    assert "Leaks: 2 exact, 0 reverse complement, 1 near-duplicate; dropped 2 training records." in text


def test_leaks_are_counted_by_the_set_that_is_scored(run, section):
    text = section(run, "Leaks").text
    for name, counts in (("test", (40, 2, 0, 1)), ("test, in validation", (40, 0, 1, 0))):
        assert f"{name}</th>{''.join(f'<td>{n}</td>' for n in counts)}" in text


def test_a_score_without_records_of_a_class_is_explained(run, section, score):
    told = json.loads((run / "scores.json").read_text())
    told["metrics"]["auroc"] = {"value": None, "low": None, "high": None}
    (run / "scores.json").write_text(json.dumps(told))
    lines = (run / "predictions.test.tsv").read_text().splitlines()
    gone = told["classes"][0]
    kept = [line for line in lines if not line.endswith(f"\t{gone}")]
    (run / "predictions.test.tsv").write_text("\n".join(kept) + "\n")
    (run / "strata.tsv").unlink()
    assert f"There is no record of class {gone} in the test set" in section(run, "Summary").text


def test_a_curve_that_cannot_be_drawn_says_which_class_is_missing(predicted, section):
    folder = predicted([row("x", "a", 0.9, "a")])
    assert "There is no curve: no record of class b is in the test set." in section(folder, "ROC").text


def test_confusion_matrix_counts_truth_in_rows(predicted, section):
    rows = [row("x", "a", 0.9, "a")] * 3 + [row("y", "b", 0.2, "a")] * 2 + [row("z", "b", 0.3, "b")]
    text = section(predicted(rows), "Confusion matrix").text
    assert re.findall(r"<td>(\d+)</td>", text) == ["3", "2", "0", "1"]


def test_rows_without_answer_are_counted_as_left_out(run, section):
    assert "without prediction or known class: 1." in section(run, "Confusion matrix").text


def test_errors_are_the_most_confident(predicted, section):
    rows = [row("right", "a", 0.99, "a"), *[row(f"wrong_{i}", "a", 0.6 + i / 100, "b") for i in range(22)]]
    text = section(predicted(rows), "Most confident errors").text
    assert re.findall(r"wrong_\d+|right(?=<)", text) == [f"wrong_{i}" for i in range(21, 1, -1)]


def test_run_without_errors_says_so(predicted, section):
    folder = predicted([row("x", "a", 0.9, "a")])
    assert "All 1 records were classified correctly" in section(folder, "Most confident errors").text


def test_predictions_without_known_classes_leave_their_sections_empty(predicted, section):
    folder = predicted([row("x", "a", 0.9, "")])
    for title in (
        "ROC",
        "Calibration",
        "Confusion matrix",
        "Score by length and GC",
        "Most confident errors",
    ):
        assert section(folder, title).text.startswith("<p>No record with a prediction has a known class")


def test_one_length_is_said_and_not_drawn(run, section):
    assert (
        "All test records have the same length (bases): 200." in section(run, "Score by length and GC").text
    )


def test_command_versions_and_hashes_say_how_it_was_made(run, section):
    text = section(run, "How it was made").text
    assert "dnaseq train data=record" in text
    assert '<th scope="row">python</th><td>3.11.9</td>' in text
    assert "<code>0123456789ab</code></td><td>yes</td>" in text
    assert "0123456789abcdef" * 4 + "  record" in text

"""What stands in the report of a run that predicts label sets, numbers or a label for every base."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dnaseq.prediction_task import prediction_task
from dnaseq.report.charts.chart import Chart, draw_chart
from dnaseq.report.html.markup import joined
from dnaseq.report.inputs.predictions import read_task_predictions
from dnaseq.report.inputs.run_files import RunFiles, read_run
from dnaseq.report.page import RUNS
from dnaseq.report.sections.regression import MOST_TARGETS

CLASSES = {"multilabel": ["a", "b", "c"], "regression": ["dev", "hk"], "labelling": ["N", "C"]}
BASELINES = {"multilabel": "kmer_logistic", "regression": "kmer_ridge", "labelling": "window_logistic"}
SETS = "id\tlength\tlabel\tscore\tp_a\tp_b\tp_c\tstatus\ttruth"
NUMBERS = "id\tlength\tvalue_dev\tvalue_hk\tstatus\ttruth_dev\ttruth_hk"
BASES = "id\tlength\tlabel\tscore\tstatus\ttruth"
FIGURES = {
    "multilabel": {
        "Each label": ["auroc_by_label"],
        "ROC": ["roc"],
        "Precision and recall": ["precision_recall"],
        "Calibration": ["reliability"],
    },
    "regression": {
        "Predicted and true": ["predicted_against_true_1", "predicted_against_true_2"],
        "Residuals": ["residuals_1", "residuals_2"],
        "Each target": ["pearson_by_target"],
    },
    "labelling": {
        "Confusion matrix": ["confusion"],
        "Along the records": ["labels_along_records"],
        "Each class": ["f1_by_class"],
    },
}
UNKNOWN = dict.fromkeys(("value", "low", "high"))
Score = Callable[[float], dict]


def rows_of(task: str) -> list[str]:
    """Forty predictions, half of them right."""
    rng = np.random.default_rng(0)
    rows = []
    for i in range(40):
        if task == "multilabel":
            called, truth = ("a;b", "-"), ("a;b", "c")
            p = "\t".join(f"{v:.2f}" for v in rng.random(3))
            rows.append(f"r{i}\t9\t{called[i % 2]}\t0.8\t{p}\tok\t{truth[i % 2]}")
        elif task == "regression":
            y = rng.normal(size=2)
            f = y + (i % 2) * rng.normal(size=2)
            rows.append(f"r{i}\t9\t{f[0]:.3f}\t{f[1]:.3f}\tok\t{y[0]:.3f}\t{y[1]:.3f}")
        else:
            rows.append(f"r{i}\t6\tNNCCCN\t0.8\tok\t{('NNCCCN', 'NNNCCN')[i % 2]}")
    return rows


HEADER = {"multilabel": SETS, "regression": NUMBERS, "labelling": BASES}


@pytest.fixture
def scores_of(score: Score):
    """scores_of(task) -> the contents of scores.json."""

    def make(task: str, **changed) -> dict:
        names = prediction_task(task).metrics
        single = {f"{m}/{c}": score(0.6) for m in names for c in CLASSES[task]}
        metrics = {m: score(0.8) | {"over": len(CLASSES[task])} for m in names} | single
        told = {
            **{"task": task, "data": "mine", "model": "cnn", "n": 40, "seed": 1, "classes": CLASSES[task]},
            "metrics": metrics,
            "baselines": {BASELINES[task]: {m: score(0.7) for m in names}},
            "leaks": {"exact": 0},
        }
        return told | changed

    return make


@pytest.fixture
def run_of(tmp_path: Path, scores_of):
    """run_of(task) -> a run folder as read for its report, with these rows of predictions."""

    def make(task: str, rows: list[str] | None = None, **changed) -> RunFiles:
        (tmp_path / "scores.json").write_text(json.dumps(scores_of(task, **changed)))
        table = tmp_path / "table.tsv"
        table.write_text("\n".join([HEADER[task], *(rows_of(task) if rows is None else rows)]) + "\n")
        return read_run(tmp_path)._replace(predictions=read_task_predictions(table, task))

    return make


def text_of(run: RunFiles, title: str) -> str:
    blocks = RUNS[prediction_task(run.scores.task)][title](run)
    return joined(block.caption if isinstance(block, Chart) else block for block in blocks)


def charts_of(run: RunFiles, title: str) -> dict[str, Chart]:
    blocks = RUNS[prediction_task(run.scores.task)][title](run)
    return {block.name: block for block in blocks if isinstance(block, Chart)}


@pytest.mark.parametrize("task", CLASSES)
def test_sections_have_their_figures_and_each_can_be_drawn(run_of, task):
    run = run_of(task)
    charts = {title: charts_of(run, title) for title in RUNS[prediction_task(task)]}
    assert {title: list(of) for title, of in charts.items() if of} == FIGURES[task]
    for of in charts.values():
        for chart in of.values():
            assert draw_chart(chart).svg.count("</svg>") == 1


@pytest.mark.parametrize("task", CLASSES)
def test_model_stands_beside_its_baselines(run_of, task):
    text = text_of(run_of(task), "Summary")
    first = re.findall(r'<tr><th scope="row">(.*?)</th><td>(.*?)<small>(.*?)</small>', text)
    rival = {"labelling": "the 11 bases around"}.get(task, "1- to 6-mer counts")
    assert first == [("this model", "0.800", "[0.750, 0.850]"), (rival, "0.700", "[0.650, 0.750]")]
    assert f"the best baseline, {rival}" in text


@pytest.mark.parametrize(
    ("rival", "words"),
    [
        (0.5, "is better than the best baseline"),
        (0.95, "is worse than the best baseline"),
        (0.75, "is not shown to be better than the best baseline"),
    ],
)
def test_verdict_compares_the_intervals(run_of, score, rival, words):
    baselines = {"mean": {"pearson": UNKNOWN}, "kmer_ridge": {"pearson": score(rival)}}
    assert words in text_of(run_of("regression", baselines=baselines), "Summary")


def test_means_that_miss_a_label_say_so(run_of, scores_of):
    metrics = scores_of("multilabel")["metrics"]
    metrics["auroc"]["over"] = 2
    text = text_of(run_of("multilabel", metrics=metrics), "Summary")
    assert "do not define every score of every label: AUROC over 2 of 3." in text


@pytest.mark.parametrize("task", CLASSES)
def test_every_score_and_those_of_each_label_are_in_a_table(run_of, task):
    text = text_of(run_of(task), "Baselines")
    assert text.count("0.800") == len(prediction_task(task).metrics)
    assert text.count("0.600") == len(prediction_task(task).metrics) * len(CLASSES[task])


def test_labels_stand_in_order_of_their_score(run_of, scores_of, score):
    metrics = scores_of("multilabel")["metrics"] | {"auroc/b": score(0.9), "auroc/c": UNKNOWN}
    chart = charts_of(run_of("multilabel", metrics=metrics), "Each label")["auroc_by_label"]
    assert chart.numbers["label"] == ["b", "a"]


def test_of_many_labels_the_best_and_the_worst_are_drawn(run_of, score):
    names = [f"label_{i}" for i in range(50)]
    metrics = {f"auroc/{name}": score(0.4 + i / 100) for i, name in enumerate(names)}
    chart = charts_of(run_of("multilabel", metrics=metrics, classes=names), "Each label")["auroc_by_label"]
    assert chart.numbers["label"] == [*names[:-21:-1], *names[19::-1]]
    assert "The 20 best and worst of 50." in chart.caption


def test_curves_are_of_labels_that_some_records_have(run_of):
    rows = [f"r{i}\t9\ta\t1\t0.{i}\t0.5\t0.5\tok\t{('a;c', 'c')[i % 2]}" for i in range(9)]
    chart = charts_of(run_of("multilabel", rows), "ROC")["roc"]
    assert set(chart.numbers["class"]) == {"a"}
    assert "The 1 commonest of 3 labels" in chart.caption


def test_no_curve_is_said(run_of):
    run = run_of("multilabel", ["r\t9\ta\t1\t0.5\t0.5\t0.5\tok\ta"])
    assert text_of(run, "ROC").startswith("<p>There is no curve")


def test_wrong_sets_are_told_by_what_was_missed_and_added(run_of):
    rows = [
        "one\t9\ta\t1\t0.9\t0.4\t0.1\tok\ta;b",
        "right\t9\ta\t1\t0.9\t0.1\t0.1\tok\ta",
        "two\t9\tc\t1\t0.2\t0.1\t0.9\tok\ta",
    ]
    text = text_of(run_of("multilabel", rows), "Most wrong records")
    found = re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td><td>(.*?)</td>', text)
    assert found == [("two", "a", "c"), ("one", "b", "-")]
    assert "2 of 3 label sets were wrong" in text


def test_points_are_those_of_the_table(run_of):
    rows = ["r\t9\t1.5\t0\tok\t1\t0", "s\t9\t2\t0\tok\t3\t1"]
    numbers = charts_of(run_of("regression", rows), "Predicted and true")["predicted_against_true_1"].numbers
    assert numbers == {"true": [1, 3], "predicted": [1.5, 2]}
    numbers = charts_of(run_of("regression", rows), "Residuals")["residuals_1"].numbers
    assert numbers == {"predicted": [1.5, 2], "residual": [0.5, -1]}


def test_many_points_become_cells_with_their_records(run_of):
    rng = np.random.default_rng(0)
    rows = [f"r\t9\t{f:.4f}\t0\tok\t{y:.4f}\t0" for y, f in rng.normal(size=(1500, 2))]
    chart = charts_of(run_of("regression", rows), "Predicted and true")["predicted_against_true_1"]
    assert sum(chart.numbers["records"]) == 1500
    assert len(chart.numbers["records"]) < 1500
    assert draw_chart(chart).svg.count("</svg>") == 1


def test_of_many_targets_the_first_are_drawn(run_of):
    run = run_of("regression")
    p = run.predictions
    wide = p._replace(targets=list("abcdefgh"), truth=np.tile(p.truth, 4), values=np.tile(p.values, 4))
    run = run._replace(predictions=wide)
    assert len(charts_of(run, "Residuals")) == MOST_TARGETS
    assert f"The first {MOST_TARGETS} of 8 targets are drawn." in text_of(run, "Residuals")


def test_one_target_needs_no_section_of_its_own(run_of):
    assert "There is one target" in text_of(run_of("regression", classes=["dev"]), "Each target")


def test_largest_errors_are_in_units_of_the_spread(run_of):
    rows = ["r\t9\t1\t110\tok\t1\t100", "s\t9\t4\t0\tok\t2\t0", "t\t9\t3\t0\tok\t3\t0"]
    text = text_of(run_of("regression", rows), "Largest errors")
    found = re.findall(r'<th scope="row">(.)</th><td>(.*?)</td><td>(.*?)</td><td>(.*?)</td>', text)
    assert found[:2] == [("s", "dev", "2", "4"), ("r", "hk", "100", "110")]


def test_confusion_matrix_counts_bases_with_the_truth_in_rows(run_of):
    rows = ["r\t4\tNNCC\t1\tok\tNNNC", "s\t3\tNNN\t1\tok\tCCC"]
    numbers = charts_of(run_of("labelling", rows), "Confusion matrix")["confusion"].numbers
    assert list(zip(numbers["truth"], numbers["called"], numbers["bases"], strict=True)) == [
        ("N", "N", 2),
        ("N", "C", 1),
        ("C", "N", 3),
        ("C", "C", 1),
    ]


def test_strip_shows_stretches_of_one_label(run_of):
    numbers = charts_of(run_of("labelling", ["r\t5\tNNCCN\t1\tok\tNNNNN"]), "Along the records")[
        "labels_along_records"
    ].numbers
    rows = list(zip(*numbers.values(), strict=True))
    called = [("N", 0, 2), ("C", 2, 4), ("N", 4, 5)]
    assert rows == [("1. r", "truth", "N", 0, 5), *[("1. r", "called", *run) for run in called]]


def test_records_with_most_wrong_bases_come_first(run_of):
    rows = ["half\t2\tNC\t1\tok\tNN", "right\t2\tNN\t1\tok\tNN", "third\t9\tCCCNNNNNN\t1\tok\tNNNNNNNNN"]
    text = text_of(run_of("labelling", rows), "Most wrong records")
    assert re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td>', text) == [
        ("half", "50.0 %"),
        ("third", "33.3 %"),
    ]


@pytest.mark.parametrize("task", CLASSES)
def test_run_without_predictions_or_known_truth_says_so(run_of, task):
    run = run_of(task)
    own = [title for title in FIGURES[task] if not title.startswith("Each")]
    for title in own:
        assert "predictions.test.tsv is not in the run folder" in text_of(
            run._replace(predictions=None), title
        )
        assert "No record with a prediction has a known truth" in text_of(run_of(task, []), title)


@pytest.mark.parametrize("task", CLASSES)
def test_text_of_a_user_is_escaped(run_of, task):
    nasty = "<script>"
    run = run_of(task, data=nasty, model=nasty)
    run = run._replace(predictions=run.predictions._replace(ids=[nasty] * len(run.predictions.ids)))
    for title in RUNS[prediction_task(task)]:
        blocks = RUNS[prediction_task(task)][title](run)
        assert nasty not in joined(block for block in blocks if not isinstance(block, Chart))

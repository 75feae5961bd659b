"""What stands in the report of a hyperparameter sweep."""

import json
from pathlib import Path

import pytest

from dnaseq.report.charts.sweep import draw_history, draw_parallel

SPACE = [
    {"key": "optimizer.lr", "kind": "float", "values": [1e-4, 0.1], "log": True, "when": {}},
    {"key": "encoding", "kind": "choice", "values": ["onehot", "kmer"], "log": False, "when": {}},
    {
        "key": "encoding.k",
        "kind": "int",
        "values": [3, 6],
        "log": False,
        "when": {"encoding": ["kmer", "onehot_kmer"]},
    },
]


def trial(number: int, state: str, value: float | None, **params) -> dict:
    reason = "training <diverged>" if state == "failed" else ""
    made = {"number": number, "state": state, "value": value, "epochs": 4, "seconds": 1.25, "reason": reason}
    return made | {"params": {"optimizer.lr": 0.01, "encoding": "onehot"} | params}


TRIALS = [
    trial(0, "complete", 0.6),
    trial(1, "pruned", 0.5, encoding="kmer"),
    trial(2, "failed", None, **{"optimizer.lr": 0.1}),
    trial(3, "complete", 0.4, **{"encoding": "kmer", "encoding.k": 3}),
    trial(4, "complete", 0.9),
]


@pytest.fixture
def swept(tmp_path) -> Path:
    runs = [
        {"name": name, "seed": 1, "folder": f"runs/{name}", "failed": None, "metrics": {"auroc": 0.8}}
        | {"parameters": 1234, "seconds": 9.0}
        for name in ("default", "trial 3")
    ]
    runs.append({"name": "trial 3", "seed": 2, "folder": "runs/x", "failed": "out of memory"})
    told = {
        **{"data": "enhancers", "model": "gru-onehot", "monitor": "val/loss", "direction": "min"},
        **{"space": SPACE, "trials": TRIALS, "counts": {"complete": 3, "pruned": 1, "failed": 1}},
        **{"importance": {"optimizer.lr": 0.75, "encoding": 0.25}, "failed": "1 of 5 trials failed"},
        **{"best": {"number": 3, "name": "trial 3", "value": 0.4, "params": TRIALS[3]["params"]}},
        **{"finals": runs, "command": "dnaseq sweep", "seed": 1, "versions": {"python": "3"}},
    }
    told["best"] |= {"command": "dnaseq train encoding=kmer"}
    (tmp_path / "sweep.json").write_text(json.dumps(told))
    return tmp_path


def changed(folder: Path, **entries) -> None:
    told = json.loads((folder / "sweep.json").read_text())
    (folder / "sweep.json").write_text(json.dumps(told | entries))


def test_the_summary_counts_the_trials_and_gives_the_best_as_a_command(swept, section):
    text = section(swept, "Summary").text
    assert "5 trials (3 complete, 1 pruned, 1 failed)" in text
    assert "The best is trial 3: val/loss 0.4." in text
    assert "dnaseq train encoding=kmer" in text
    assert "<td>0.0001 to 0.1 on a logarithmic scale</td><td>-</td><td>0.01</td>" in text
    assert "<td>3 to 6</td><td>encoding = kmer or onehot_kmer</td><td>3</td>" in text
    assert "1 of 5 trials failed" in text


def test_that_the_default_is_best_is_said(swept, section):
    best = json.loads((swept / "sweep.json").read_text())["best"]
    changed(swept, best=best | {"name": "default"})
    assert "No trial was better than the default settings" in section(swept, "Summary").text


def test_runs_of_the_end_are_listed_and_those_that_failed(swept, section):
    text = section(swept, "Best and default").text
    assert "with 2 seeds each" in text
    assert "trial 3, seed 2: out of memory" in text
    assert '<a href="runs/default/report.html">' in text


def test_the_comparison_of_the_sweep_is_shown_where_there_is_one(swept, compared, section):
    """`compared` has the same tmp_path."""
    (swept / "comparison").mkdir()
    (compared / "comparison.json").rename(swept / "comparison/comparison.json")
    text = section(swept, "Best and default").text
    assert "gru is better than cnn in AUROC by 0.031" in text
    assert "<td>0.850<small>[0.800, 0.900]</small></td>" in text


def test_the_best_so_far_is_of_complete_trials(swept, section):
    numbers = section(swept, "Scores").charts["sweep_history"].numbers
    assert numbers["best"] == [0.6, 0.6, 0.6, 0.4, 0.4]


def test_the_largest_is_best_where_that_is_meant(swept, section):
    changed(swept, direction="max", monitor="val/auroc")
    assert section(swept, "Scores").charts["sweep_history"].numbers["best"] == [0.6, 0.6, 0.6, 0.6, 0.9]


def test_a_trial_that_failed_says_why_and_nothing_of_it_is_markup(swept, section):
    assert "trial 2: training &lt;diverged&gt;" in section(swept, "Trials").text


def test_importance_of_too_few_trials_is_a_sentence(swept, section):
    assert section(swept, "Importance").charts["sweep_importance"].numbers["importance"] == [0.75, 0.25]
    changed(swept, importance={})
    assert "too few complete trials" in section(swept, "Importance").text


def test_nothing_to_retrain_is_said(swept, section):
    changed(swept, finals=[], best=None)
    assert "nothing was retrained" in section(swept, "Best and default").text
    assert "5 trials" in section(swept, "Summary").text


def lines_of(numbers: dict) -> list:
    figure = draw_parallel(numbers, "val/loss", "min", ["optimizer.lr"])
    rows = len(numbers) - 2
    return [line for line in figure.axes[0].lines if len(line.get_ydata()) >= rows - 1 > 1]


def test_a_line_passes_what_was_tried_and_left_of_what_has_no_meaning(swept, section):
    numbers = section(swept, "What was tried").charts["sweep_parallel"].numbers
    lines = lines_of(numbers)
    assert len(lines) == 5
    best = max(lines, key=lambda line: line.get_linewidth())
    x = list(best.get_xdata())
    assert x[1:] == [0.0, 0.0, 0.0]  # kmer of kmer, onehot; the smallest k; the smallest loss
    assert x[0] == pytest.approx(0.0)  # 0.01 of 0.01 to 0.1
    assert min(min(line.get_xdata()) for line in lines) < 0


def test_a_failed_trial_has_no_place_in_the_row_of_scores(swept, section):
    numbers = section(swept, "What was tried").charts["sweep_parallel"].numbers
    assert sorted(len(line.get_xdata()) for line in lines_of(numbers)) == [3, 4, 4, 4, 4]


def test_a_score_far_from_the_others_does_not_press_them_together():
    numbers = {
        "number": [0, 1, 2, 3],
        "state": ["complete"] * 4,
        "value": [1.0, 1.1, 1.2, 1e9],
        "best": [1.0] * 4,
    }
    figure = draw_history(numbers, "val/loss", "min")
    assert figure.axes[0].get_ylim()[1] < 2


@pytest.mark.parametrize("values", [[None, None], [0.5, 0.5], [1e30, 1e30]])
def test_equal_scores_or_none_are_drawn(values):
    numbers = {"number": [0, 1], "state": ["failed", "complete"], "value": values, "best": values}
    draw_history(numbers, "val/loss", "min")
    draw_parallel(
        {"number": [0, 1], "state": ["failed", "complete"], "val/loss": values}, "val/loss", "min", []
    )

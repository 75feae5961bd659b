"""What stands in the report of a comparison."""

import json
import shutil

import pytest

from dnaseq.report.page import KINDS


def test_sentences_come_first(compared, section):
    assert next(iter(KINDS["comparison"])) == "Summary"
    text = section(compared, "Summary").text
    assert "gru is better than cnn in AUROC by 0.031" in text
    assert "Models: 2; runs: 3 with 2 seeds; 60 test records" in text


def test_intervals_over_records_and_spread_over_seeds_are_apart(compared, section):
    text = section(compared, "Models").text
    assert "<td>0.850<small>[0.800, 0.900]</small></td>" in text
    assert "<td>0.840, 0.860<small>sd 0.010</small></td>" in text


def test_pairs_are_listed_with_both_p_values(compared, section):
    row = "<td>0.031<small>[0.010, 0.052]</small></td><td>&lt; 0.001</td><td>0.001</td><td>DeLong</td>"
    assert row in section(compared, "Differences").text


@pytest.mark.parametrize(("metric", "better"), [("auroc", "first"), ("log_loss", "second")])
def test_the_side_that_is_better_is_named_rightly(compared, section, metric, better):
    told = json.loads((compared / "comparison.json").read_text())
    told["pairs"][0]["metric"] = metric
    (compared / "comparison.json").write_text(json.dumps(told))
    chart = section(compared, "Differences").charts[f"differences_{metric}"]
    assert f"Right of the broken line the {better} of the pair is better" in chart.caption


def test_curves_are_of_the_runs_whose_predictions_can_be_read(compared, section):
    shutil.rmtree(compared / "gru-2")
    (compared / "cnn-1" / "predictions.test.tsv").write_text("damaged")
    assert set(section(compared, "ROC").charts["roc"].numbers["run"]) == {"gru-1"}


def test_without_predictions_the_page_says_so(compared, section):
    for folder in ("gru-1", "gru-2", "cnn-1"):
        shutil.rmtree(compared / folder)
    found = section(compared, "ROC")
    assert "The predictions of the runs are not where they were" in found.text
    assert not found.charts


def test_settings_that_differ_are_listed_with_the_runs(compared, section):
    assert "<td>2</td><td>gru</td><td>gru-2</td>" in section(compared, "Runs").text

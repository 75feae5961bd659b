"""Scores of label sets: worked examples, scikit-learn, and what is said of labels that no record has."""

import warnings

import numpy as np
import pytest
from sklearn import metrics as sk

from dnaseq.evaluation.metrics.classification import scores
from dnaseq.evaluation.metrics.multilabel import WeightedLabelScores, multilabel_scores
from dnaseq.prediction_task import MULTILABEL
from dnaseq.schemas import Estimate

LABELS = ["a", "b", "c"]


def made_up(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.random((n, 3)) < [0.2, 0.5, 0.7]
    p = 1 / (1 + np.exp(-(rng.normal(size=(n, 3)) + 1.5 * truth - 0.7)))
    return truth, p.round(2)


def values(truth, p, labels=LABELS, **more) -> dict:
    return {name: s.value for name, s in multilabel_scores(truth, p, labels, resamples=5, **more).items()}


def test_two_labels_of_three_records_by_hand():
    truth = np.array([[1, 0], [1, 1], [0, 0]], dtype=bool)
    p = np.array([[0.9, 0.2], [0.4, 0.6], [0.1, 0.8]])  # called: a | b | b
    got = values(truth, p, ["a", "b"])
    assert got["subset_accuracy"] == pytest.approx(1 / 3)
    assert got["hamming_loss"] == pytest.approx(2 / 6)
    assert got["f1_micro"] == pytest.approx(2 * 2 / (3 + 3))
    assert (got["sensitivity/a"], got["precision/a"]) == (0.5, 1)
    assert (got["sensitivity/b"], got["precision/b"]) == (1, 0.5)
    assert (got["auroc/a"], got["auroc/b"], got["auroc"]) == (1, 0.5, 0.75)


def test_scores_agree_with_scikit_learn():
    truth, p = made_up(300)
    called = p >= 0.4
    expected = {
        "auroc": sk.roc_auc_score(truth, p, average="macro"),
        "auprc": sk.average_precision_score(truth, p, average="macro"),
        "sensitivity": sk.recall_score(truth, called, average="macro"),
        "precision": sk.precision_score(truth, called, average="macro"),
        "f1": sk.f1_score(truth, called, average="macro"),
        "mcc": np.mean([sk.matthews_corrcoef(truth[:, c], called[:, c]) for c in range(3)]),
        "subset_accuracy": sk.accuracy_score(truth, called),
        "hamming_loss": sk.hamming_loss(truth, called),
        "f1_micro": sk.f1_score(truth, called, average="micro"),
        "log_loss": np.mean([sk.log_loss(truth[:, c], p[:, c]) for c in range(3)]),
        "brier": np.mean([sk.brier_score_loss(truth[:, c], p[:, c]) for c in range(3)]),
        "auprc/c": sk.average_precision_score(truth[:, 2], p[:, 2]),
        "mcc/b": sk.matthews_corrcoef(truth[:, 1], called[:, 1]),
    }
    got = values(truth, p, thresholds=0.4)
    assert {name: got[name] for name in expected} == pytest.approx(expected, abs=1e-12)


def test_weights_count_as_copies_of_a_record():
    truth, p = made_up(60)
    counts = np.random.default_rng(1).integers(0, 3, 60)
    copies = np.repeat(np.arange(60), counts)
    got = WeightedLabelScores(truth, p >= 0.5, p, LABELS)(counts.astype(float))
    expected = WeightedLabelScores(truth[copies], p[copies] >= 0.5, p[copies], LABELS)(np.ones(len(copies)))
    for name in expected:
        assert float(got[name]) == pytest.approx(float(expected[name]), abs=1e-12), name


def test_plain_names_come_first_in_the_order_of_the_contract():
    assert tuple(values(*made_up(20)))[: len(MULTILABEL.metrics)] == MULTILABEL.metrics


def test_one_label_has_the_scores_and_intervals_of_two_classes():
    truth, p = made_up(200)
    both = np.column_stack([1 - p[:, 0], p[:, 0]])
    expected = scores(truth[:, 0].astype(int), both, ["no", "a"], seed=3)
    got = multilabel_scores(truth[:, :1], p[:, :1], ["a"], seed=3)
    for name in ("auroc", "auprc", "sensitivity", "precision", "f1", "mcc", "log_loss", "brier"):
        assert got[name].known == pytest.approx(expected[name].known, abs=1e-9)


def test_each_label_has_its_own_threshold():
    truth, p = made_up(50)
    assert values(truth, p, thresholds=np.array([0.5, 0.0, 1.1]))["sensitivity/b"] == 1
    assert values(truth, p, thresholds=np.array([0.5, 0.0, 1.1]))["sensitivity/c"] == 0


def test_a_label_no_record_has_is_none_and_left_out_of_the_mean():
    truth, p = made_up(80)
    truth[:, 1] = False
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        got = multilabel_scores(truth, p, LABELS, resamples=20)
    for metric in ("auroc", "auprc", "sensitivity", "precision", "f1", "mcc"):
        assert got[f"{metric}/b"] == Estimate(None, None, None)
        assert got[metric].over == 2
        both = [got[f"{metric}/{name}"].value for name in "ac"]
        assert got[metric].value == pytest.approx(np.mean(both))


def test_a_label_every_record_has_counts_where_it_is_defined():
    truth, p = made_up(80)
    truth[:, 1] = True
    got = multilabel_scores(truth, p, LABELS, resamples=20)
    assert got["auroc/b"].value is None
    assert got["sensitivity/b"].value is not None
    assert (got["auroc"].over, got["sensitivity"].over) == (2, 3)


def test_without_any_label_only_what_needs_none_is_known():
    got = multilabel_scores(np.zeros((9, 3), bool), np.full((9, 3), 0.2), LABELS, resamples=20)
    known = {name for name, score in got.items() if score.value is not None}
    assert known == {"subset_accuracy", "hamming_loss", "log_loss", "brier"}
    assert (got["auroc"].over, got["subset_accuracy"].value) == (0, 1)


def test_every_interval_holds_its_value_and_most_have_a_width():
    got = multilabel_scores(*made_up(60), LABELS, resamples=100)
    assert all(score.low < score.value < score.high for score in got.values())


def test_groups_of_copies_widen_every_interval():
    truth, p = made_up(60)
    copies = np.tile(np.arange(60), 4)
    plain = multilabel_scores(truth[copies], p[copies], LABELS, resamples=300)
    grouped = multilabel_scores(truth[copies], p[copies], LABELS, resamples=300, groups=copies)
    for name in plain:
        width, wide = (s[name].high - s[name].low for s in (plain, grouped))
        assert wide > 1.5 * width, name  # 2 in theory


def test_same_seed_gives_the_same_interval():
    one, same, other = (multilabel_scores(*made_up(50), LABELS, seed=s, resamples=30) for s in (1, 1, 2))
    assert one == same
    assert one["f1"] != other["f1"]


@pytest.mark.parametrize("shape", [(3, 2), (2, 3), (0, 3)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="a truth and a probability for each; got 3 labels"):
        multilabel_scores(np.zeros((shape[0], 3), bool), np.zeros((3, shape[1])), LABELS)


@pytest.mark.parametrize("wrong", [np.nan, -0.1, 1.1])
def test_what_is_no_probability_is_refused_with_its_row(wrong):
    truth, p = made_up(5)
    p[2, 1] = wrong
    with pytest.raises(ValueError, match="row 2: probabilities must be from 0 to 1"):
        multilabel_scores(truth, p, LABELS)

"""Scores of labelled bases: as of all bases together, with intervals from whole records."""

import numpy as np
import pytest
from sklearn import metrics as sk

from dnaseq.evaluation.metrics.per_base import WeightedBaseScores, area_components, labelling_scores
from dnaseq.prediction_task import PER_BASE
from dnaseq.schemas import Estimate

CLASSES = {2: ["N", "C"], 3: ["N", "C", "U"]}


def made_up(records: int, n_classes: int, seed: int = 0) -> tuple[list, list]:
    """Records of 5 to 40 bases; how well a record is predicted differs from record to record."""
    rng = np.random.default_rng(seed)
    lengths = rng.integers(5, 41, records)
    truth = [rng.integers(0, n_classes, n) for n in lengths]
    weight = rng.random(records) * 0.7
    given = [
        w * np.eye(n_classes)[t] + (1 - w) * rng.dirichlet(np.ones(n_classes), len(t)).round(1)
        for w, t in zip(weight, truth, strict=True)
    ]
    return truth, [p / p.sum(axis=1, keepdims=True) for p in given]


def values(truth, p) -> dict:
    got = labelling_scores(truth, p, CLASSES[p[0].shape[1]], resamples=5)
    return {name: score.value for name, score in got.items()}


def test_five_bases_of_two_records_by_hand():
    truth = [np.array([0, 0, 1]), np.array([1, 1])]
    p1 = [np.array([0.1, 0.6, 0.9]), np.array([0.7, 0.2])]  # called 0 1 1, 1 0
    got = values(truth, [np.column_stack([1 - p, p]) for p in p1])
    assert got["accuracy"] == pytest.approx(3 / 5)
    assert (got["sensitivity/N"], got["sensitivity/C"]) == (1 / 2, pytest.approx(2 / 3))
    assert got["balanced_accuracy"] == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert got["f1/C"] == pytest.approx(4 / 6)
    assert got["auroc"] == pytest.approx(5 / 6)  # of 6 pairs, 0.2 stands below 0.6


@pytest.mark.parametrize("n_classes", [2, 3])
def test_scores_are_those_of_all_bases_in_a_row(n_classes):
    truth, p = made_up(30, n_classes)
    y, q = np.concatenate(truth), np.concatenate(p)
    called = q.argmax(axis=1) if n_classes > 2 else (q[:, 1] >= 0.5).astype(int)
    areas = [sk.roc_auc_score(y == c, q[:, c]) for c in range(n_classes)]
    expected = {
        "accuracy": sk.accuracy_score(y, called),
        "balanced_accuracy": sk.balanced_accuracy_score(y, called),
        "mcc": sk.matthews_corrcoef(y, called),
        "sensitivity": sk.recall_score(y, called, average="macro"),
        "precision": sk.precision_score(y, called, average="macro"),
        "f1": sk.f1_score(y, called, average="macro"),
        "auroc": np.mean(areas),
        "log_loss": sk.log_loss(y, q),
        "auroc/C": areas[1],
    }
    got = values(truth, p)
    assert tuple(got)[: len(PER_BASE.metrics)] == PER_BASE.metrics
    assert {name: got[name] for name in expected} == pytest.approx(expected, abs=1e-9)


def test_weights_count_as_copies_of_whole_records():
    truth, p = made_up(20, 3)
    lengths = [len(t) for t in truth]
    scorer = WeightedBaseScores(
        np.concatenate(truth), np.concatenate(p), np.repeat(np.arange(20), lengths), CLASSES[3]
    )
    counts = np.random.default_rng(1).integers(0, 3, 20)
    copies = np.repeat(np.arange(20), counts)
    expected = values([truth[i] for i in copies], [p[i] for i in copies])
    got = scorer(counts.astype(float))
    exact = [name for name in expected if "auroc" not in name]
    assert {n: float(got[n]) for n in exact} == pytest.approx({n: expected[n] for n in exact}, abs=1e-9)
    assert float(got["auroc"]) == pytest.approx(expected["auroc"], abs=0.01)  # to first order


def test_standard_error_of_the_area_is_that_of_ranking_every_resample_anew():
    truth, p = made_up(60, 2, seed=3)
    rng = np.random.default_rng(0)
    record = np.repeat(np.arange(60), [len(t) for t in truth])
    scorer = WeightedBaseScores(np.concatenate(truth), np.concatenate(p), record, CLASSES[2])
    quick, slow = [], []
    for _ in range(200):
        drawn = rng.integers(0, 60, 60)
        quick.append(scorer(np.bincount(drawn, minlength=60).astype(float))["auroc"])
        y, q = (np.concatenate([of[i] for i in drawn]) for of in (truth, p))
        slow.append(sk.roc_auc_score(y, q[:, 1]))
    assert np.std(quick) == pytest.approx(np.std(slow), rel=0.03)
    assert np.corrcoef(quick, slow)[0, 1] > 0.99


def test_ties_count_half_in_the_area():
    got = area_components(np.array([0, 1, 1]), np.full((3, 2), 0.5), np.array([0, 0, 1]))
    assert got.below[:, 1].tolist() == [0.5, 0.5]
    assert got.bases.tolist() == [[1, 1], [0, 1]]


def test_bases_of_a_record_are_no_evidence_of_their_own():
    """Ten copies of every base within its record change nothing."""
    truth, p = made_up(40, 2)
    plain = labelling_scores(truth, p, CLASSES[2], resamples=100)
    longer = [np.repeat(t, 10) for t in truth], [np.repeat(q, 10, axis=0) for q in p]
    got = labelling_scores(*longer, CLASSES[2], resamples=100)
    for name, score in plain.items():
        assert got[name].known == pytest.approx(score.known, abs=1e-9), name


def test_groups_of_copies_widen_every_interval():
    truth, p = made_up(40, 3)
    copies = np.tile(np.arange(40), 4)
    data = [truth[i] for i in copies], [p[i] for i in copies], CLASSES[3]
    plain = labelling_scores(*data, resamples=300)
    grouped = labelling_scores(*data, resamples=300, groups=copies)
    for name in plain:
        width, wide = (s[name].high - s[name].low for s in (plain, grouped))
        assert wide > 1.6 * width, name  # 2 in theory


def test_a_class_no_base_has_is_left_out_of_the_means():
    truth, p = made_up(30, 3)
    truth = [np.where(t == 2, 0, t) for t in truth]
    got = labelling_scores(truth, p, CLASSES[3], resamples=20)
    assert got["auroc/U"].value is None
    assert got["auroc"].over == got["f1"].over == 2
    assert got["balanced_accuracy"].value is None
    assert got["accuracy"].low < got["accuracy"].value < got["accuracy"].high


def test_one_class_alone_has_no_area():
    got = labelling_scores([np.zeros(4, int)] * 3, [np.full((4, 2), 0.5)] * 3, CLASSES[2], resamples=20)
    assert got["auroc"] == Estimate(None, None, None, 0)


def test_faultless_labels_have_intervals_inside_the_bounds():
    truth, _ = made_up(30, 2)
    got = labelling_scores(truth, [np.eye(2)[t] for t in truth], CLASSES[2], resamples=30)
    for name in ("accuracy", "mcc", "f1", "auroc"):
        assert got[name].value == got[name].high == pytest.approx(1)
        assert 0.7 < got[name].low < 1


@pytest.mark.parametrize(
    ("truth", "p", "message"),
    [
        ([[0, 1]], [[[0.5, 0.5]]], "record 0: 2 bases and probabilities of shape"),
        ([[0], []], [[[0.5, 0.5]], np.zeros((0, 2))], "record 1: 0 bases"),
        ([[0], [2]], [[[0.5, 0.5]]] * 2, "record 1: class 2 is not among 0 to 1"),
        ([[0], [-1]], [[[0.5, 0.5]]] * 2, "record 1: class -1 is not among 0 to 1"),
        ([[0], [1]], [[[0.5, 0.5]], [[0.5, 0.6]]], "record 1: probabilities must be finite"),
        ([[0], [1]], [[[0.5, 0.5]], [[np.nan, 0.5]]], "record 1: probabilities must be finite"),
        ([[0], [1]], [[[0.5, 0.5]], [[-0.5, 1.5]]], "record 1: probabilities must be finite"),
        ([], [], "at least 1 record and 2 classes"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_record(truth, p, message):
    with pytest.raises(ValueError, match=message):
        labelling_scores([np.array(t, int) for t in truth], [np.array(q, float) for q in p], CLASSES[2])

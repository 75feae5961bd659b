"""Comparing models: what is tested how, what is said, and that 95 % intervals and p < 0.05 mean what they say."""

import json

import numpy as np
import pytest
from msgspec import to_builtins
from scipy.special import expit

from dnaseq.evaluation.comparison.comparison import Candidate, compare
from dnaseq.evaluation.comparison.results import Comparison, Pair, SeedsEstimate
from dnaseq.evaluation.intervals.delong import contrast, delong
from dnaseq.evaluation.intervals.paired import mcnemar_mid_p
from dnaseq.evaluation.metrics.classification import predict_classes, scores
from dnaseq.schemas import convert

CLASSES = ["no", "yes"]


def made_up(n: int, *separations: float, positives: float = 0.5, seed: int = 0, group_size: int = 1):
    """(n,) classes, and of each separation of the classes a run: the true probabilities, from errors that correlate."""
    rng, of_group = np.random.default_rng(seed), np.arange(n) // group_size
    truth = (rng.random(n) < positives)[of_group].astype(int)

    def errors() -> np.ndarray:
        return np.sqrt(0.5) * (rng.normal(size=n)[of_group] + rng.normal(size=n))

    shared, runs = errors(), []
    for d in separations:
        score = d * truth + np.sqrt(0.5) * (shared + errors())
        p = expit(d * score - d**2 / 2 + np.log(positives / (1 - positives)))
        runs.append((np.column_stack([1 - p, p]), 0.5))
    return truth, runs


def candidates(runs: list, names: str = "ABCD") -> list[Candidate]:
    return [Candidate(name, [run]) for name, run in zip(names, runs, strict=False)]


def only(rows: list[Pair], **wanted) -> Pair:
    (row,) = [row for row in rows if all(getattr(row, key) == value for key, value in wanted.items())]
    return row


def test_single_run_has_the_scores_and_intervals_that_are_reported_for_it():
    truth, runs = made_up(120, 1.2)
    got = compare(truth, candidates(runs), CLASSES, ("auroc", "mcc", "log_loss"), seed=3, resamples=200)
    expected = scores(truth, runs[0][0], CLASSES, seed=3, resamples=200)
    for name, found in got.models[0].metrics.items():
        assert found.known == pytest.approx(expected[name].known)
        assert found.seeds == [found.value]
        assert found.sd_seeds is None
    assert got.pairs == got.words == []


def test_seeds_are_averaged_and_their_spread_kept_apart():
    truth, runs = made_up(200, 1.0, 1.2, 1.4)
    got = compare(truth, [Candidate("A", runs)], CLASSES, ("accuracy",)).models[0].metrics["accuracy"]
    each = [float((predict_classes(p, t) == truth).mean()) for p, t in runs]
    assert got.seeds == pytest.approx(each)
    assert got.value == pytest.approx(np.mean(each))
    assert got.sd_seeds == pytest.approx(np.std(each, ddof=1))
    assert got.low < got.value < got.high


def test_area_of_two_classes_is_compared_by_delongs_test_of_the_means_over_seeds():
    truth, runs = made_up(200, 1.0, 1.2, 1.4)
    row = compare(truth, [Candidate("A", runs[:2]), Candidate("B", runs[2:])], CLASSES, ("auroc",)).pairs[0]
    value, error, p = contrast([0.5, 0.5, -1], *delong(truth, [q[:, 1] for q, _ in runs]))
    assert row.test == "DeLong"
    assert (row.difference, row.p) == pytest.approx((value, p))
    assert (row.low, row.high) == pytest.approx((value - 1.95996 * error, value + 1.95996 * error), abs=1e-5)


def test_accuracy_of_single_runs_is_compared_by_mcnemar_at_their_own_thresholds():
    truth, ((p, _), (q, _)) = made_up(200, 1.0, 1.4)
    models = [Candidate("A", [(p, 0.3)]), Candidate("B", [(q, 0.6)])]
    row = compare(truth, models, CLASSES, ("accuracy",)).pairs[0]
    assert row.test == "McNemar mid-p"
    assert row.p == mcnemar_mid_p((p[:, 1] >= 0.3) == truth, (q[:, 1] >= 0.6) == truth)


def test_accuracy_of_several_seeds_and_other_scores_are_compared_by_the_bootstrap():
    truth, runs = made_up(200, 1.0, 1.2, 1.4)
    models = [Candidate("A", runs[:2]), Candidate("B", runs[2:])]
    pairs = compare(truth, models, CLASSES, ("accuracy", "mcc", "auprc")).pairs
    assert {row.test for row in pairs} == {"paired bootstrap"}


def test_everything_is_compared_over_groups_where_there_are_groups():
    truth, runs = made_up(200, 1.0, 1.4)
    copies = np.tile(np.arange(200), 4)  # every record four times: nothing is learnt from the copies
    four = candidates([(p[copies], t) for p, t in runs])
    pairs = compare(truth[copies], four, CLASSES, ("auroc", "accuracy"), groups=copies).pairs
    assert {row.test for row in pairs} == {"paired bootstrap over groups"}
    plain = compare(truth, candidates(runs), CLASSES, ("auroc",)).pairs[0]
    width, expected = pairs[0].high - pairs[0].low, plain.high - plain.low
    assert width == pytest.approx(expected, rel=0.1)
    assert "n = 800 in 200 groups" in pairs[0].words


def test_area_of_three_classes_is_compared_by_the_bootstrap():
    rng = np.random.default_rng(0)
    truth = np.arange(90) % 3
    p, q = (rng.dirichlet([1, 1, 1], 90) * 0.5 + 0.5 * share * np.eye(3)[truth] for share in (1, 0.2))
    models = candidates([(x / x.sum(axis=1, keepdims=True), 0.5) for x in (p, q)])
    metrics = ("auroc", "auroc/b")
    rows = compare(truth, models, ["a", "b", "c"], metrics).pairs
    assert [row.test for row in rows] == ["paired bootstrap"] * 2
    assert "A is better than B in AUROC of b by" in rows[1].words


def test_a_model_against_itself_does_not_differ():
    truth, runs = made_up(60, 1.0)
    metrics = ("auroc", "accuracy", "mcc", "auprc", "log_loss", "ece")
    for row in compare(truth, candidates(runs * 2), CLASSES, metrics).pairs:
        assert (row.difference, row.low, row.high, row.p) == (0, 0, 0, 1), row
        assert row.words.startswith("no difference shown between A and B at n = 60")


def test_exchanging_two_models_turns_the_differences_round():
    truth, runs = made_up(100, 0.8, 1.4)
    one, other = (compare(truth, candidates(order), CLASSES, resamples=100) for order in (runs, runs[::-1]))
    for a, b in zip(one.pairs, other.pairs, strict=True):
        turned = (-b.difference, -b.high, -b.low, b.p)
        assert (a.difference, a.low, a.high, a.p) == pytest.approx(turned)


@pytest.mark.parametrize("metric", ["auroc", "log_loss", "brier"])
def test_better_is_said_of_the_better_model_whichever_way_the_score_goes(metric):
    truth, runs = made_up(400, 0.5, 2.0)
    got = compare(truth, candidates(runs), CLASSES, (metric,))
    row = got.pairs[0]
    assert row.words.startswith("B is better than A in")
    size, low, high = abs(row.difference), *sorted(abs(end) for end in (row.low, row.high))
    assert f" by {size:.3f} [{low:.3f}, {high:.3f}] (p < 0.001; n = 400)" in row.words
    assert got.words == [row.words]


def test_p_values_of_all_pairs_of_a_metric_are_adjusted_together():
    truth, runs = made_up(100, 0.9, 1.0, 1.1, 1.6)
    got = compare(truth, candidates(runs), CLASSES, ("auroc", "mcc"), resamples=100)
    for metric in ("auroc", "mcc"):
        rows = [row for row in got.pairs if row.metric == metric]
        assert len(rows) == 6
        smallest = min(rows, key=lambda row: row.p)
        assert smallest.p_holm == pytest.approx(min(1, 6 * smallest.p))
    assert "Holm" in got.pairs[0].words


def test_what_no_pair_shows_is_said_once():
    truth, runs = made_up(60, 1.0, 1.0, 1.0)
    words = compare(truth, candidates(runs), CLASSES, ("auroc",)).words
    assert len(words) == 1
    assert words[0].startswith(
        "no difference shown between any two of the 3 models in AUROC at n = 60 (smallest p"
    )


def test_score_that_the_records_do_not_define_is_none_and_said_so():
    _, runs = made_up(20, 1.0, 1.2)
    got = compare(np.ones(20, int), candidates(runs), CLASSES, ("auroc", "accuracy"))
    assert got.models[0].metrics["auroc"] == SeedsEstimate(None, None, None, seeds=[None], sd_seeds=None)
    row = only(got.pairs, metric="auroc")
    assert (row.difference, row.p, row.p_holm) == (None, None, None)
    assert row.words == "A and B cannot be compared in AUROC: it is not defined on these records"
    assert only(got.pairs, metric="accuracy").p is not None


def test_answer_survives_json():
    truth, runs = made_up(60, 1.0, 1.2)
    got = compare(truth, candidates(runs), CLASSES, resamples=20, groups=np.arange(60) // 2)
    text = json.dumps(to_builtins(got), allow_nan=False)
    assert convert(json.loads(text), Comparison) == got


@pytest.mark.parametrize(
    ("names", "metrics", "message"),
    [
        ("AA", ("auroc",), "different names"),
        ("AB", ("auc",), "metrics must be among accuracy"),
        ("", (), "a run"),
    ],
)
def test_what_cannot_be_compared_is_refused(names, metrics, message):
    truth, runs = made_up(20, 1.0, 1.0)
    with pytest.raises(ValueError, match=message):
        compare(truth, candidates(runs, names), CLASSES, metrics)


def test_model_without_runs_is_refused():
    with pytest.raises(ValueError, match="each with a run"):
        compare(np.array([0, 1]), [Candidate("A", [])], CLASSES)


@pytest.mark.parametrize("group_size", [1, 4])
def test_intervals_cover_the_truth_and_equal_models_are_rarely_told_apart(group_size):
    # one unit in five is positive. Percentiles of resamples that keep the class sizes cover the accuracy 80 times in
    # 100; four records of a group taken for independent ones, 71 times. benchmarks/coverage.py has precise numbers
    true = {"accuracy": 0.8297, "auroc": 0.8116}  # of a separation of 1.25 at one in five
    tries, covered, rejected = 150, dict.fromkeys(true, 0), dict.fromkeys(true, 0)
    for seed in range(tries):
        n = 100 * group_size
        truth, runs = made_up(n, 1.25, 1.25, positives=0.2, seed=seed, group_size=group_size)
        groups = np.arange(n) // group_size if group_size > 1 else None
        got = compare(truth, candidates(runs), CLASSES, tuple(true), seed, 100, groups)
        for model in got.models:
            for name, value in true.items():
                covered[name] += model.metrics[name].low <= value <= model.metrics[name].high
        for row in got.pairs:
            rejected[row.metric] += row.p < 0.05
    assert all(0.915 <= c / tries / 2 <= 0.99 for c in covered.values()), covered
    assert all(r / tries <= 0.11 for r in rejected.values()), rejected

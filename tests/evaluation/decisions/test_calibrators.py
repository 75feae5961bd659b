import json

import numpy as np
import pytest
from msgspec import convert, to_builtins
from sklearn.metrics import log_loss

from dnaseq.evaluation.decisions import calibration
from dnaseq.evaluation.decisions.calibration import FEWEST, Calibration, Isotonic, NoCalibration, Temperature

BOTH = [Temperature(), Isotonic()]


def drawn(n: int, factor: float, n_classes: int = 2, seed: int = 0):
    """Classes drawn from true probabilities, and the probabilities of a model whose logits are `factor` too large."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, (n, n_classes))
    true, claimed = (np.exp(z) / np.exp(z).sum(axis=1, keepdims=True) for z in (logits, factor * logits))
    truth = (rng.random((n, 1)) > true.cumsum(axis=1)).sum(axis=1)
    return truth, claimed


@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_the_temperature_that_the_logits_were_multiplied_by_is_found(factor, n_classes):
    found = Temperature().fit(*drawn(5000, factor, n_classes))
    assert found.temperature == pytest.approx(factor, rel=0.06)
    assert found.n == 5000


@pytest.mark.parametrize("calibrator", BOTH)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_new_records_of_an_overconfident_model_lose_less(calibrator, n_classes):
    description = calibrator.fit(*drawn(3000, 3, n_classes))
    truth, claimed = drawn(3000, 3, n_classes, seed=1)
    assert log_loss(truth, description.apply(claimed)) < log_loss(truth, claimed) - 0.05


def test_no_temperature_near_it_has_a_lower_cost():
    truth, claimed = drawn(200, 2)
    best = Temperature().fit(truth, claimed).temperature

    def cost(t: float) -> float:  # the definition, written out
        shares = claimed ** (1 / t)
        shares /= shares.sum(axis=1, keepdims=True)
        return -np.log(shares[np.arange(200), truth]).sum() + np.log(t) ** 2 / (2 * 0.5**2)

    assert cost(best) <= min(cost(best * factor) for factor in (0.5, 0.9, 0.999, 1.001, 1.1, 2))


def test_a_faultless_validation_part_makes_nothing_certain():
    truth = np.arange(40) % 2
    p = np.where(truth, 0.9, 0.1)
    description = Temperature().fit(truth, np.column_stack([1 - p, p]))
    assert 0.3 < description.temperature < 1


def test_certain_mistakes_give_a_temperature_within_its_bounds():
    truth = np.arange(40) % 2
    wrong = np.column_stack([truth, 1 - truth]).astype(float)
    assert 1 < Temperature().fit(truth, wrong).temperature <= 20


@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_curve_rises_and_is_never_certain(n_classes):
    n = 200
    description = Isotonic().fit(*drawn(n, 2, n_classes))
    assert len(description.curves) == (1 if n_classes == 2 else 3)
    for curve in description.curves:
        assert (np.diff(curve.x) > 0).all()
        assert (np.diff(curve.y) >= 0).all()
        assert 1 / (2 * n) - 1e-7 <= curve.y[0]
        assert curve.y[-1] <= 1 - 1 / (2 * n) + 1e-7


def test_a_curve_of_few_records_is_the_share_in_each_step():
    # 0.1 to 0.4 hold one positive in three records, then one in one; everything is repeated to reach the fewest
    p = np.tile([0.1, 0.2, 0.3, 0.9], 10)
    truth = np.tile([0, 1, 0, 1], 10)
    curve = Isotonic().fit(truth, np.column_stack([1 - p, p])).curves[0]
    assert np.interp(0.1, curve.x, curve.y) == pytest.approx(1 / 80)
    assert np.interp(0.25, curve.x, curve.y) == pytest.approx(0.5)
    assert np.interp(0.9, curve.x, curve.y) == pytest.approx(79 / 80)


def test_a_curve_of_many_points_is_thinned_and_keeps_its_ends(monkeypatch):
    truth, claimed = drawn(2000, 2)
    whole = Isotonic().fit(truth, claimed).curves[0]
    monkeypatch.setattr(calibration, "MOST_POINTS", 10)
    curve = Isotonic().fit(truth, claimed).curves[0]
    assert len(curve.x) == 10 < len(whole.x)
    for some, every in ((curve.x, whole.x), (curve.y, whole.y)):
        assert set(some) <= set(every)
        assert (some[0], some[-1]) == (every[0], every[-1])


@pytest.mark.parametrize("calibrator", BOTH)
def test_a_description_is_plain_json(calibrator):
    description = calibrator.fit(*drawn(100, 2))
    assert convert(json.loads(json.dumps(to_builtins(description))), Calibration) == description


@pytest.mark.parametrize("calibrator", BOTH)
def test_too_few_records_or_one_class_are_not_fitted(calibrator):
    truth, claimed = drawn(FEWEST - 1, 2)
    assert calibrator.fit(truth, claimed) is None
    assert calibrator.fit(np.zeros(100, dtype=int), drawn(100, 2)[1]) is None


def test_a_class_without_a_record_has_no_curve():
    assert Isotonic().fit(np.arange(60) % 2, drawn(60, 2, n_classes=3)[1]) is None


def test_no_calibration_fits_nothing():
    assert NoCalibration().fit(*drawn(100, 2)) is None

"""What is decided on validation records, with a bundle that was trained and data that it was not judged on."""

from types import SimpleNamespace

import hydra
import numpy as np
import pytest
from msgspec import convert, to_builtins
from msgspec.structs import replace

from dnaseq.build import build
from dnaseq.bundle.bundle import load_bundle, save_bundle
from dnaseq.bundle.predictor import Predictor
from dnaseq.bundle.spec import BundleSpec
from dnaseq.errors import ConfigError
from dnaseq.evaluation.decisions import calibration as calibrators
from dnaseq.evaluation.decisions import novelty
from dnaseq.evaluation.decisions.abstention import selective
from dnaseq.evaluation.decisions.thresholds import Decision
from dnaseq.prediction_task import CLASSIFICATION
from dnaseq.tasks.pipeline import fit_decisions as module
from dnaseq.tasks.pipeline.factories import build_datamodule
from dnaseq.tasks.pipeline.fit_decisions import check_decisions, decision_settings, fit_decisions


@pytest.fixture(scope="module")
def config_of(easy_fasta):
    """config_of("threshold=cost", ...) -> the configuration of a training with 38 validation records."""

    def make(*overrides: str):
        with hydra.initialize_config_module("dnaseq.conf", version_base="1.3"):
            data = ["data=fasta", f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa"]
            return hydra.compose("train", overrides=[*data, "split.val=0.4", *overrides])

    return make


@pytest.fixture(scope="module")
def settings(config_of):
    """settings("threshold=cost", ...) -> the decisions of this training."""
    return lambda *overrides: decision_settings(config_of(*overrides))


@pytest.fixture(scope="module")
def data(config_of):
    cfg = config_of()
    module = build_datamodule(cfg, build(cfg.encoding))
    module.setup()
    assert len(module.data.rows("val")) == 38
    return module.data


@pytest.fixture(scope="module")
def undecided(trained, tmp_path_factory):
    """The predictor of the trained bundle with nothing decided, and less sure of itself."""
    found = load_bundle(trained / "bundle")
    found.net.head.classify[-1].weight.data.mul_(0.3)
    folder = tmp_path_factory.mktemp("undecided") / "bundle"
    nothing = {"calibration": None, "threshold": 0.5, "decision": Decision(rule="fixed"), "novelty": None}
    save_bundle(folder, replace(found.spec, **nothing), found.net)
    return Predictor.load(folder, device="cpu")


@pytest.fixture
def told(caplog, monkeypatch):
    """told() -> what was logged."""
    monkeypatch.setattr(module.logger, "propagate", True)
    return lambda: caplog.text


def validation(predictor: Predictor, data) -> tuple[np.ndarray, np.ndarray]:
    rows = data.rows("val")
    answers = predictor.predict_blocks(data.store.blocks(rows))
    return data.y[rows], np.concatenate([block.probabilities for block in answers])


@pytest.mark.parametrize("rule", ["fixed", "max_mcc", "sensitivity", "cost"])
@pytest.mark.parametrize("calibration", ["temperature", "isotonic", "none"])
def test_every_choice_makes_entries_that_a_bundle_takes(settings, undecided, data, calibration, rule):
    found = fit_decisions(
        settings(f"calibration={calibration}", f"threshold={rule}", "abstain=0.3"), undecided, data
    )
    assert convert(to_builtins(found), BundleSpec) == found
    assert found.decision.rule == rule
    assert (to_builtins(found.calibration) or {"kind": "none"})["kind"] == calibration


def test_only_validation_records_are_asked(settings, undecided, data, monkeypatch):
    asked = []
    blocks = type(data.store).blocks
    monkeypatch.setattr(
        type(data.store), "blocks", lambda store, rows: asked.append(rows) or blocks(store, rows)
    )
    fit_decisions(settings("novelty=null"), undecided, data)
    (rows,) = asked
    assert rows.tolist() == data.rows("val").tolist()


def test_novelty_looks_at_training_and_validation_records(settings, undecided, data, monkeypatch):
    monkeypatch.setattr(novelty, "FEWEST", 1)
    found = fit_decisions(settings(), undecided, data).novelty
    assert (found.n_train, found.n) == (len(data.rows("train")), len(data.rows("val")))


def test_a_sample_of_many_training_records_is_enough_and_the_same_again(
    settings, undecided, data, monkeypatch
):
    monkeypatch.setattr(module, "MOST_RECORDS", 30)
    first, second = (fit_decisions(settings(), undecided, data).novelty for _ in range(2))
    assert (first.n_train, first.n) == (30, 30)
    assert first == second


def test_the_threshold_is_chosen_after_calibration(settings, undecided, data):
    found = fit_decisions(settings("calibration=temperature", "threshold=max_mcc"), undecided, data)
    plain = fit_decisions(settings("calibration=none", "threshold=max_mcc"), undecided, data)
    assert found.decision == plain.decision  # a temperature moves no record past another
    own = np.array([[1 - plain.threshold, plain.threshold]])
    _, p = validation(undecided, data)
    moved = found.calibration.apply(p)[:, 1] >= found.threshold
    assert (moved == (p[:, 1] >= plain.threshold)).all()
    assert found.calibration.apply(own)[0, 1] != pytest.approx(plain.threshold, abs=1e-4)


def test_abstention_holds_for_the_probabilities_that_are_written(settings, undecided, data):
    found = fit_decisions(settings("abstain=0.1", "threshold=sensitivity"), undecided, data)
    truth, p = validation(undecided, data)
    p = found.calibration.apply(p)
    rule = found.abstention
    assert rule.reached
    kept = selective(truth, p, found.threshold, rule.confidence)
    assert kept.error_rate == pytest.approx(rule.error_rate, abs=1e-6)
    assert kept.coverage == pytest.approx(rule.coverage, abs=1e-6)


def test_a_rate_that_is_not_reached_is_told(settings, undecided, data, told):
    rule = fit_decisions(settings("abstain=0.001"), undecided, data).abstention
    assert not rule.reached
    assert "abstain=0.001: no confidence reaches it on the validation records" in told()


def test_too_few_records_leave_probabilities_as_they_are_and_it_is_told(
    settings, undecided, data, told, monkeypatch
):
    monkeypatch.setattr(calibrators, "FEWEST", 1000)
    monkeypatch.setattr(novelty, "FEWEST", 1000)
    found = fit_decisions(settings(), undecided, data)
    assert (found.calibration, found.novelty) == (None, None)
    assert "not calibrated: too few validation records" in told()
    assert "will not mark records unlike the training records" in told()


def test_isotonic_regression_on_few_records_is_warned_of(settings, undecided, data, told):
    fit_decisions(settings("calibration=isotonic"), undecided, data)
    assert "overfits on fewer than 1000 validation records" in told()


class Three:
    """Labelled records of three classes, as far as a check looks at them."""

    classes = ("a", "b", "c")
    targets = SimpleNamespace(prediction=CLASSIFICATION)

    def __init__(self, *counts: int):
        self.counts = np.array(counts)

    def class_counts(self, part: str) -> np.ndarray:
        return self.counts


@pytest.mark.parametrize("choice", ["threshold=max_mcc", "threshold.value=0.4"])
def test_three_classes_have_no_threshold_to_choose(settings, choice):
    check_decisions(settings(), Three(1, 1, 1))
    with pytest.raises(ConfigError, match=r"of 3 classes the likeliest is predicted. Leave threshold out"):
        check_decisions(settings(choice), Three(1, 1, 1))


def test_a_threshold_cannot_be_chosen_without_a_class(settings):
    data = Three(5, 0)
    data.classes = ("neg", "pos")
    check_decisions(settings("threshold.value=0.4"), data)
    with pytest.raises(ConfigError, match="no validation record is pos, so no threshold can be chosen"):
        check_decisions(settings("threshold=max_mcc"), data)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("abstain=2", "abstain must be an error rate"),
        ("novelty=0", "novelty must be a rate"),
        ("threshold.value=2", "threshold.value must be from 0 to 1"),
    ],
)
def test_a_setting_out_of_range_is_known_before_training(settings, data, setting, said):
    with pytest.raises(ConfigError, match=said):
        check_decisions(settings(setting), data)

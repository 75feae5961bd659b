"""Decisions of a bundle, fitted on the validation set alone: calibration, threshold and abstention; and the reference
of novelty, from the training set."""

import logging
from typing import NamedTuple

import numpy as np
from msgspec.structs import replace
from omegaconf import DictConfig

from dnaseq.build import build
from dnaseq.bundle.inference.novelty_features import record_composition
from dnaseq.bundle.postprocess import round_to_digits
from dnaseq.bundle.predictor import Predictor
from dnaseq.bundle.spec import BundleSpec
from dnaseq.data.dataset import LabelledSet
from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.errors import ConfigError
from dnaseq.evaluation.decisions.abstention import Abstention, abstention, check_rate
from dnaseq.evaluation.decisions.calibration import Calibration, Calibrator, Isotonic, NoCalibration
from dnaseq.evaluation.decisions.novelty import (
    MOST_RECORDS,
    NoveltyReference,
    check_novelty,
    novelty_reference,
)
from dnaseq.evaluation.decisions.thresholds import Fixed, ThresholdRule
from dnaseq.prediction_task import CLASSIFICATION

RULES = ("dnaseq.evaluation.",)
MANY = 1000  # validation records; isotonic regression overfits on fewer (Niculescu-Mizil and Caruana 2005)
logger = logging.getLogger("dnaseq")


class DecisionSettings(NamedTuple):
    """The decisions to fit."""

    calibrator: Calibrator
    rule: ThresholdRule
    abstain: float | None  # the highest error rate among the records that are assigned
    novelty: float | None  # the share of validation records that may be called novel
    seed: int


def decision_settings(cfg: DictConfig) -> DecisionSettings:
    """Read the decisions of a configuration."""
    calibrator, rule = build(cfg.calibration, RULES), build(cfg.threshold, RULES)
    return DecisionSettings(calibrator, rule, cfg.abstain, cfg.novelty, cfg.seed)


def check_decisions(settings: DecisionSettings, data: LabelledSet) -> None:
    """Raise ConfigError, before any training, for decisions that cannot be fitted on the validation set."""
    check_rate(settings.abstain)
    check_novelty(settings.novelty)
    if data.targets.prediction is not CLASSIFICATION:
        _check_undecided(settings, data.targets.task)
        return
    if settings.rule != Fixed() and len(data.classes) > 2:
        raise ConfigError(
            f"threshold: of {len(data.classes)} classes the likeliest is predicted. Leave threshold out"
        )
    absent = [name for name, n in zip(data.classes, data.class_counts("val"), strict=True) if not n]
    if absent and not isinstance(settings.rule, Fixed):
        raise ConfigError(
            f"threshold: no validation record is {absent[0]}, so no threshold can be chosen. Use threshold=fixed"
        )


def _check_undecided(settings: DecisionSettings, task: str) -> None:
    """Raise ConfigError for a decision that only classification has."""
    asked = {
        "abstain": settings.abstain is not None,
        "calibration": not isinstance(settings.calibrator, NoCalibration),
        "threshold": settings.rule != Fixed(),
    }
    for name, is_asked in asked.items():
        if is_asked:
            raise ConfigError(f"{name}: only for classes, and this is {task}. Leave {name} out")


def fit_decisions(settings: DecisionSettings, predictor: Predictor, data: LabelledSet) -> BundleSpec:
    """Return the spec of the predictor's bundle with calibration, threshold, decision, abstention and novelty; before,
    nothing is decided."""
    spec = replace(predictor.spec, novelty=_novelty(settings, data, predictor.lengths))
    if predictor.prediction is not CLASSIFICATION:
        return spec
    rows = data.rows("val")
    truth = data.y[rows]
    predictions = predictor.predict_blocks(data.store.blocks(rows), abstain=False)
    own = np.concatenate([block.probabilities for block in predictions])
    calibration = _calibrate(settings.calibrator, truth, own)
    probabilities = round_to_digits(calibration.apply(own) if calibration else own)
    threshold, decision = settings.rule.choose(truth, probabilities[:, -1])
    rule = _abstain(settings.abstain, truth, probabilities, threshold)
    return replace(spec, calibration=calibration, threshold=threshold, decision=decision, abstention=rule)


def _calibrate(calibrator: Calibrator, truth: np.ndarray, probabilities: np.ndarray) -> Calibration | None:
    found = calibrator.fit(truth, probabilities)
    if found is None and not isinstance(calibrator, NoCalibration):
        what = "too few validation records, or none of a class"
        logger.warning("not calibrated: %s (%d in all)", what, len(truth))
    if found and isinstance(calibrator, Isotonic) and len(truth) < MANY:
        logger.warning("calibration=isotonic overfits on fewer than %d validation records", MANY)
    return found


def _abstain(
    rate: float | None, truth: np.ndarray, probabilities: np.ndarray, threshold: float
) -> Abstention | None:
    if rate is None:
        return None
    rule = abstention(truth, probabilities, threshold, rate)
    found = f"{100 * rule.coverage:.1f} % of {rule.n} validation records"
    wrong = f"{100 * rule.error_rate:.1f} % of them wrongly"
    if rule.reached:
        logger.info("abstain=%g: assigns %s, %s", rate, found, wrong)
    else:
        why = "no confidence reaches it on the validation records, so every record is assigned"
        logger.warning("abstain=%g: %s (%s, %s)", rate, why, found, wrong)
    return rule


def _novelty(settings: DecisionSettings, data: LabelledSet, lengths: LengthPolicy) -> NoveltyReference | None:
    if settings.novelty is None:
        return None
    train, val = (_features(data, part, lengths, settings.seed) for part in ("train", "val"))
    found = novelty_reference(train, val, settings.novelty)
    if found is None:
        logger.warning(
            "predictions will not mark records unlike the training records: there are too few to compare with"
        )
    return found


def _features(data: LabelledSet, part: str, lengths: LengthPolicy, seed: int) -> np.ndarray:
    """Compute (n, 33) features of the records of a split, or of MOST_RECORDS of them."""
    rows = data.rows(part)
    if len(rows) > MOST_RECORDS:
        rows = np.sort(np.random.default_rng(seed).choice(rows, MOST_RECORDS, replace=False))
    blocks = data.store.blocks(rows)
    return np.concatenate(
        [record_composition(block, np.arange(len(block.headers)), lengths) for block in blocks]
    )

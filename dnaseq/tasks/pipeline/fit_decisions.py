"""Decisions of a bundle, fitted on the validation set alone: calibration, threshold and abstention; and the reference
of novelty, from the training set."""

import logging

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
from dnaseq.evaluation.decisions.calibration import Calibration, Isotonic, NoCalibration
from dnaseq.evaluation.decisions.novelty import (
    MOST_RECORDS,
    NoveltyReference,
    check_novelty,
    novelty_reference,
)
from dnaseq.evaluation.decisions.thresholds import Fixed
from dnaseq.prediction_task import CLASSIFICATION

RULES = ("dnaseq.evaluation.",)
MANY = 1000  # validation records; isotonic regression overfits on fewer (Niculescu-Mizil and Caruana 2005)
logger = logging.getLogger("dnaseq")


def check_decisions(cfg: DictConfig, data: LabelledSet) -> None:
    """Raise ConfigError, before any training, for decisions that cannot be fitted on the validation set."""
    check_rate(cfg.abstain)
    check_novelty(cfg.novelty)
    calibrator, rule = build(cfg.calibration, RULES), build(cfg.threshold, RULES)
    if data.targets.prediction is not CLASSIFICATION:
        _check_undecided(cfg, calibrator, rule, data.targets.task)
        return
    if rule != Fixed() and len(data.classes) > 2:
        raise ConfigError(
            f"threshold: of {len(data.classes)} classes the likeliest is predicted. Leave threshold out"
        )
    absent = [name for name, n in zip(data.classes, data.class_counts("val"), strict=True) if not n]
    if absent and not isinstance(rule, Fixed):
        raise ConfigError(
            f"threshold: no validation record is {absent[0]}, so no threshold can be chosen. Use threshold=fixed"
        )


def _check_undecided(cfg: DictConfig, calibrator: object, rule: object, task: str) -> None:
    """Raise ConfigError for a decision that only classification has."""
    asked = {
        "abstain": cfg.abstain is not None,
        "calibration": not isinstance(calibrator, NoCalibration),
        "threshold": rule != Fixed(),
    }
    for name, is_asked in asked.items():
        if is_asked:
            raise ConfigError(f"{name}: only for classes, and this is {task}. Leave {name} out")


def fit_decisions(cfg: DictConfig, predictor: Predictor, data: LabelledSet) -> BundleSpec:
    """Return the spec of the predictor's bundle with calibration, threshold, decision, abstention and novelty; before,
    nothing is decided."""
    spec = replace(predictor.spec, novelty=_novelty(cfg, data, predictor.lengths))
    if predictor.prediction is not CLASSIFICATION:
        return spec
    rows = data.rows("val")
    truth = data.y[rows]
    predictions = predictor.predict_blocks(data.store.blocks(rows), abstain=False)
    own = np.concatenate([block.probabilities for block in predictions])
    calibration = _calibration(cfg, truth, own)
    probabilities = round_to_digits(calibration.apply(own) if calibration else own)
    threshold, decision = build(cfg.threshold, RULES).choose(truth, probabilities[:, -1])
    rule = _abstention(cfg, truth, probabilities, threshold)
    return replace(spec, calibration=calibration, threshold=threshold, decision=decision, abstention=rule)


def _calibration(cfg: DictConfig, truth: np.ndarray, probabilities: np.ndarray) -> Calibration | None:
    calibrator = build(cfg.calibration, RULES)
    found = calibrator.fit(truth, probabilities)
    if found is None and not isinstance(calibrator, NoCalibration):
        what = "too few validation records, or none of a class"
        logger.warning("not calibrated: %s (%d in all)", what, len(truth))
    if found and isinstance(calibrator, Isotonic) and len(truth) < MANY:
        logger.warning("calibration=isotonic overfits on fewer than %d validation records", MANY)
    return found


def _abstention(
    cfg: DictConfig, truth: np.ndarray, probabilities: np.ndarray, threshold: float
) -> Abstention | None:
    if cfg.abstain is None:
        return None
    rule = abstention(truth, probabilities, threshold, cfg.abstain)
    found = f"{100 * rule.coverage:.1f} % of {rule.n} validation records"
    wrong = f"{100 * rule.error_rate:.1f} % of them wrongly"
    if rule.reached:
        logger.info("abstain=%g: assigns %s, %s", cfg.abstain, found, wrong)
    else:
        why = "no confidence reaches it on the validation records, so every record is assigned"
        logger.warning("abstain=%g: %s (%s, %s)", cfg.abstain, why, found, wrong)
    return rule


def _novelty(cfg: DictConfig, data: LabelledSet, lengths: LengthPolicy) -> NoveltyReference | None:
    if cfg.novelty is None:
        return None
    train, val = (_features(data, part, lengths, cfg.seed) for part in ("train", "val"))
    found = novelty_reference(train, val, cfg.novelty)
    if found is None:
        logger.warning("novel records cannot be recognised: too few records")
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

"""Sentences on how probabilities become predictions: calibration, threshold, abstention, novelty."""

from dnaseq.evaluation.comparison.results import Scores
from dnaseq.evaluation.decisions.abstention import Selective
from dnaseq.evaluation.decisions.calibration import Calibration, Scaling

RULES = {"max_mcc": "greatest MCC", "cost": "least cost"}


def decisions_in_words(scores: Scores) -> str:
    """Describe the calibration, decision rule, abstention and novelty in scores.json."""
    parts = [_calibration(scores.calibration or None), _threshold(scores)]
    parts += [_abstention(scores.selective)] if scores.selective else []
    if isinstance(scores.novel, int):
        parts.append(f"Novel, unlike the training records: {scores.novel} of {scores.n} test records.")
    return " ".join(part for part in parts if part)


def _calibration(calibration: Calibration | None) -> str:
    if not calibration:
        return "Probabilities are as the network gave them, not calibrated."
    kind = "isotonic regression"
    if isinstance(calibration, Scaling):
        kind = f"temperature scaling (temperature {calibration.temperature:.3g})"
    return f"Probabilities are calibrated by {kind}, fitted on {calibration.n} validation records."


def _threshold(scores: Scores) -> str:
    if len(scores.classes) != 2:
        return "A record is assigned to the class with the greatest probability."
    rule = scores.decision.rule if scores.decision else "fixed"
    chosen = "fixed" if rule == "fixed" else f"rule: {RULES.get(rule, rule)}, on validation records"
    threshold = scores.threshold if isinstance(scores.threshold, float) else 0.5
    return f"A record is assigned to the class {scores.classes[1]} from a probability of {threshold:.3g} ({chosen})."


def _abstention(selective: Selective) -> str:
    answered, coverage = selective.n_answered, selective.coverage
    share = f"With a label, at enough confidence: {answered} test records ({100 * coverage:.1f} %)"
    if selective.error_rate is None:
        return f"{share}."
    return f"{share}, of which {100 * selective.error_rate:.1f} % are wrong."

"""The conclusion from the scores of a run, in one sentence, and a next step for the user."""

from dnaseq.evaluation.comparison.phrasing import SHOWN, interval_text
from dnaseq.evaluation.metrics.names import baseline_title, metric_title

DECIDING = ("auroc", "pearson", "mcc", "accuracy")  # the first that a run has decides
CHANCE = {"auroc": 0.5, "pearson": 0.0, "mcc": 0.0}
RANKS_WELL, DECIDES_BADLY = 0.7, 0.1  # AUROC from which, and MCC up to which, the threshold is the fault


def conclusion(scores: dict) -> str:
    """Return one sentence on scores.json: no better than chance, or the comparison with the best baseline.

    It uses the paired test of the run or, without one, the overlap of the 95 % intervals.
    """
    metric = next((m for m in DECIDING if _known(scores["metrics"].get(m))), None)
    if metric is None:
        return "The test records define no score that could be compared."
    own = scores["metrics"][metric]
    label, value = metric_title(metric), interval_text(own).replace(",", ", ")
    if metric in CHANCE and own["low"] <= CHANCE[metric]:
        return f"The model is not shown to be better than chance: {label} {value}, and chance is {CHANCE[metric]:g}."
    if scores.get("comparison"):
        return _by_test(scores["comparison"])
    baselines = {
        name: of.get(metric) for name, of in scores.get("baselines", {}).items() if _known(of.get(metric))
    }
    if not baselines:
        return f"There is no baseline to compare the model with: {label} {value}."
    best = max(baselines, key=lambda baseline: baselines[baseline]["value"])
    other = baselines[best]
    numbers = f"{label} {value} against {interval_text(other).replace(',', ', ')}"
    return f"The model is {_by_intervals(own, other)} the best baseline, {baseline_title(best)}: {numbers}."


def next_step(scores: dict, falling_epochs: int = 0) -> str | None:
    """Return one sentence on what may help, or None. `falling_epochs` is the result of training."""
    auroc, mcc = (scores["metrics"].get(m) for m in ("auroc", "mcc"))
    ranks_well = _known(auroc) and auroc["low"] > RANKS_WELL
    if ranks_well and _known(mcc) and mcc["value"] < DECIDES_BADLY and len(scores["classes"]) == 2:
        return "It ranks records well and decides badly: threshold=max_mcc chooses the threshold by validation records."
    if falling_epochs:
        return f"The validation loss was still falling at the end: max_epochs={2 * falling_epochs} trains for longer."
    return None


def _by_test(comparison: dict) -> str:
    c, baseline = comparison, baseline_title(comparison["baseline"])
    name = metric_title(c["metric"])
    if c["p"] is None or not c["p"] < SHOWN:
        more = "" if c["difference"] is None else f" (difference {_between(c)})"
        return f"The model is not shown to be better than the best baseline, {baseline}, in {name}{more}."
    side = "better" if c["difference"] > 0 else "worse"
    if c["difference"] < 0:
        c = c | {"difference": -c["difference"], "low": -c["high"], "high": -c["low"]}
    return f"The model is {side} than the best baseline, {baseline}, in {name} by {_between(c)}."


def _between(c: dict) -> str:
    p = "no test" if c["p"] is None else "p < 0.001" if c["p"] < 0.001 else f"p = {c['p']:.3f}"
    return f"{c['difference']:.3f} [{c['low']:.3f}, {c['high']:.3f}], {p} ({c['test']})"


def _by_intervals(own: dict, baseline: dict) -> str:
    if own["low"] > baseline["high"]:
        return "better than"
    return "worse than" if own["high"] < baseline["low"] else "not shown to be better than"


def _known(score: dict | None) -> bool:
    return score is not None and all(score.get(key) is not None for key in ("value", "low", "high"))

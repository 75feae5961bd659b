"""The conclusion from the scores of a run, in one sentence, and a next step for the user."""

import math

from dnaseq.evaluation.comparison.phrasing import SHOWN, interval_text
from dnaseq.evaluation.comparison.results import AgainstBaseline, Scores
from dnaseq.evaluation.metrics.names import baseline_title, metric_title
from dnaseq.schemas import Estimate

DECIDING = ("auroc", "pearson", "mcc", "accuracy")  # the first that a run has decides
CHANCE = {"auroc": 0.5, "pearson": 0.0, "mcc": 0.0}
RANKS_WELL, DECIDES_BADLY = 0.7, 0.1  # AUROC from which, and MCC up to which, the threshold is the fault


def conclusion(scores: Scores) -> str:
    """Return one sentence on scores.json: no better than chance, or the comparison with the best baseline.

    It uses the paired test of the run or, without one, the overlap of the 95 % intervals.
    """
    known = {m: ends for m in DECIDING if (ends := _known(scores.metrics.get(m)))}
    if not known:
        return "The test records define no score that could be compared."
    metric, own = next(iter(known.items()))
    label, value = metric_title(metric), _spaced(scores.metrics[metric])
    if metric in CHANCE and own[1] <= CHANCE[metric]:
        return f"The model is not shown to be better than chance: {label} {value}, and chance is {CHANCE[metric]:g}."
    if scores.comparison:
        return _by_test(scores.comparison)
    baselines = {name: ends for name, of in scores.baselines.items() if (ends := _known(of.get(metric)))}
    if not baselines:
        return f"There is no baseline to compare the model with: {label} {value}."
    best = max(baselines, key=lambda baseline: baselines[baseline][0])
    numbers = f"{label} {value} against {_spaced(scores.baselines[best][metric])}"
    side = "not shown to be better than"
    if own[1] > baselines[best][2]:
        side = "better than"
    elif own[2] < baselines[best][1]:
        side = "worse than"
    return f"The model is {side} the best baseline, {baseline_title(best)}: {numbers}."


def next_step(scores: Scores, falling_epochs: int = 0) -> str | None:
    """Return one sentence on what may help, or None. `falling_epochs` is the result of training."""
    auroc, mcc = (_known(scores.metrics.get(m)) for m in ("auroc", "mcc"))
    ranks_well = auroc is not None and auroc[1] > RANKS_WELL
    if ranks_well and mcc is not None and mcc[0] < DECIDES_BADLY and len(scores.classes) == 2:
        return "It ranks records well and decides badly: threshold=max_mcc chooses the threshold by validation records."
    if falling_epochs:
        return f"The validation loss was still falling at the end: max_epochs={2 * falling_epochs} trains for longer."
    return None


def _by_test(found: AgainstBaseline) -> str:
    baseline, name = baseline_title(found.baseline), metric_title(found.metric)
    if found.p is None or found.difference is None or not found.p < SHOWN:
        more = "" if found.difference is None else f" (difference {_between(found, 1)})"
        return f"The model is not shown to be better than the best baseline, {baseline}, in {name}{more}."
    side, sign = ("better", 1) if found.difference > 0 else ("worse", -1)
    return f"The model is {side} than the best baseline, {baseline}, in {name} by {_between(found, sign)}."


def _between(found: AgainstBaseline, sign: int) -> str:
    p = "no test" if found.p is None else "p < 0.001" if found.p < 0.001 else f"p = {found.p:.3f}"
    ends = (found.low, found.high)[::sign]
    low, high = (math.nan if end is None else sign * end for end in ends)
    return f"{sign * (found.difference or 0):.3f} [{low:.3f}, {high:.3f}], {p} ({found.test})"


def _known(score: Estimate | None) -> tuple[float, float, float] | None:
    return None if score is None else score.known


def _spaced(score: Estimate) -> str:
    return interval_text(score).replace(",", ", ")

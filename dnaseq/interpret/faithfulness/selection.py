"""Measurement of methods on some records, and the choice of the most faithful one."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dnaseq.interpret.faithfulness.curves import Curves, Trial, curves_of_values, make_trial, random_curves
from dnaseq.interpret.faithfulness.measures import explained_share, mean_curve
from dnaseq.interpret.logit import Logit
from dnaseq.interpret.methods.choices import TITLES, UNSIGNED, explain, methods_of
from dnaseq.interpret.methods.explanation import MethodSettings
from dnaseq.io.results.explanation import RANDOM, MethodCurves

AUTO = "auto"
NEVER_CHOSEN = ("attention",)  # it is measured, to show its place
COMPARED = ("ism", "ig", "occlusion", "gradient_input")  # with the first of them another method is compared
QUICKEST = ("gradient_input", "gradient", "ig", "occlusion", "ism")
ALIKE = 0.01  # difference of faithfulness within which methods are as good


class Measured(NamedTuple):
    """Methods on the same records: the most faithful first, a random order last; values by the name of the method."""

    methods: list[MethodCurves]
    values: dict[str, np.ndarray]  # (n, L) each
    trial: Trial

    @property
    def best(self) -> str:
        """The most faithful method that may be chosen; of several that are as good, the quickest."""
        shares = {one.method: one.faithfulness.value or 0.0 for one in self.methods if one.method in QUICKEST}
        least = max(shares.values()) - ALIKE
        return next(name for name in QUICKEST if shares.get(name, -1.0) >= least)

    def other(self, method: str) -> str:
        """Return the method to compare one with: mutagenesis, which asks the model itself, where it was measured."""
        return next(name for name in COMPARED if name in self.values and name != method)


def measured_methods(logit: Logit, method: str, without: Sequence[str] = ()) -> list[str]:
    """List the methods to measure: with `method` auto all of the model but those of `without`, else that one, one to
    compare it with, and the attention weights of a model that has them."""
    known = methods_of(logit)
    if method == AUTO:
        return [name for name in known if name not in without]
    other = next(name for name in COMPARED if name in known and name != method)
    return [name for name in known if name in {method, other, *NEVER_CHOSEN}]


def measure(
    logit: Logit,
    codes: np.ndarray,
    lengths: np.ndarray,
    methods: Sequence[str],
    settings: MethodSettings,
) -> Measured:
    """Explain (n, L) codes by each method, and measure how faithful each explanation is."""
    rng = np.random.default_rng(settings.seed)
    trial = make_trial(logit, codes, lengths, rng)
    values = {name: explain(logit, codes, lengths, name, settings).values for name in methods}
    found = []
    for name, own in values.items():
        curves = curves_of_values(logit, trial, own, name not in UNSIGNED)
        found.append(_summary(name, TITLES[name], trial, curves, settings.seed))
    found.sort(key=lambda one: -(one.faithfulness.value or 0.0))
    chance = random_curves(logit, trial, rng)
    return Measured([*found, _summary(RANDOM, "random order", trial, chance, settings.seed)], values, trial)


def _summary(name: str, title: str, trial: Trial, curves: Curves, seed: int) -> MethodCurves:
    """Summarise curves; every method's intervals come from the same resamples."""
    share = explained_share(trial, curves, np.random.default_rng(seed))
    deletion = mean_curve(curves.deletion, np.random.default_rng(seed))
    insertion = mean_curve(curves.insertion, np.random.default_rng(seed))
    return MethodCurves(name, title, share, deletion, insertion)

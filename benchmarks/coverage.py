"""Do 95 % intervals cover, and do tests reject a true null in 5 of 100 cases? Simulated scores of known truth.

    python benchmarks/coverage.py [--simulations 2000] [--resamples 400]

Scores are binormal: N(0, 1) of negatives and N(d, 1) of positives, turned into the true probability of the class,
decided at 0.5; so AUROC, accuracy and MCC are known in closed form. Labels are drawn at random, so class sizes
vary. Two models of equal d see the same records with errors that correlate by 0.5: both give coverage, the pair
the size of the tests. For the power, the second model has a smaller d. In the setting with groups, the four
records of a group share their label and half of the variance of their errors. Prints Markdown.
"""

import argparse
from typing import NamedTuple

import numpy as np
from scipy.special import expit
from scipy.stats import norm

from dnaseq.evaluation.comparison.comparison import Candidate, compare
from dnaseq.evaluation.metrics.weighted import WeightedScores

CLASSES = ["no", "yes"]
COVERED = ("auroc", "accuracy", "mcc")
TESTED = ("auroc", "accuracy", "mcc", "auprc", "log_loss", "brier")
WITHIN = 0.5  # correlation of the errors of two records of a group
BETWEEN = 0.5  # correlation of the errors of two models on a record


class Setting(NamedTuple):
    n: int
    positives: float  # their share
    d: float  # distance of the classes in standard deviations
    group_size: int = 1

    @property
    def name(self) -> str:
        groups = f" in groups of {self.group_size}" if self.group_size > 1 else ""
        return f"{self.n:,}{groups} | {self.positives:g} | {norm.cdf(self.d / np.sqrt(2)):.3f}"


SETTINGS = [Setting(n, share, 1.25) for n in (100, 400, 2000) for share in (0.5, 0.2)]
SETTINGS += [Setting(100, 0.5, 2.5), Setting(100, 0.2, 2.5), Setting(100, 0.5, 4.65)]
SETTINGS += [Setting(400, 0.2, 1.25, 4)]
POWER = [Setting(400, share, 1.25) for share in (0.5, 0.2)]
WORSE = 1.0  # d of the second model where there is something to find


def main() -> None:
    arguments = _parsed()
    rng = np.random.default_rng(0)
    few = (arguments.simulations, arguments.resamples, rng)
    print(_head("Intervals: truths covered of 100", [*COVERED, *[f"{name}, stratified" for name in COVERED]]))
    sizes = []
    for setting in SETTINGS:
        covered, rejected = simulated(setting, setting.d, *few)
        old = stratified(setting, *few) if setting.n < 2000 and setting.group_size == 1 else {}
        print(_row(setting, [*[covered[m] for m in COVERED], *[old.get(m) for m in COVERED]]), flush=True)
        sizes.append(_row(setting, [rejected[m] for m in TESTED]))
    print(_head("Tests of equal models: rejected of 100 at p < 0.05", TESTED), *sizes, sep="\n")
    print(_head(f"Power: AUROC of the second model {norm.cdf(WORSE / np.sqrt(2)):.3f}", TESTED))
    for setting in POWER:
        rejected = simulated(setting, WORSE, *few)[1]
        print(_row(setting, [rejected[m] for m in TESTED]), flush=True)


def simulated(
    setting: Setting, other_d: float, simulations: int, resamples: int, rng: np.random.Generator
) -> tuple[dict[str, float], dict[str, float]]:
    """Metric -> share of intervals of the first model's d that hold the truth, share of p-values below 0.05."""
    true, covered, rejected = truths(setting), dict.fromkeys(COVERED, 0), dict.fromkeys(TESTED, 0)
    groups = np.arange(setting.n) // setting.group_size if setting.group_size > 1 else None
    for i in range(simulations):
        truth, probabilities = records(setting, (setting.d, other_d), rng)
        models = [Candidate(name, [(p, 0.5)]) for name, p in zip("AB", probabilities, strict=True)]
        found = compare(truth, models, CLASSES, TESTED, seed=i, resamples=resamples, groups=groups)
        for model in found["models"]:
            for m in COVERED:
                covered[m] += model["metrics"][m]["low"] <= true[m] <= model["metrics"][m]["high"]
        for pair in found["pairs"]:
            rejected[pair["metric"]] += pair["p"] < 0.05
    return {m: c / simulations / 2 for m, c in covered.items()}, {
        m: r / simulations for m, r in rejected.items()
    }


def stratified(
    setting: Setting, simulations: int, resamples: int, rng: np.random.Generator
) -> dict[str, float]:
    """Metric -> coverage of percentile intervals from resamples in which every class keeps its size."""
    true, covered = truths(setting), dict.fromkeys(COVERED, 0)
    for _ in range(simulations):
        truth, (p,) = records(setting, (setting.d,), rng)
        counts = np.zeros((resamples, setting.n))
        for c in (0, 1):
            members = np.flatnonzero(truth == c)
            counts[:, members] = rng.multinomial(
                len(members), np.full(len(members), 1 / len(members)), resamples
            )
        found = WeightedScores(truth, (p[:, 1] >= 0.5).astype(int), p, CLASSES)(counts)
        for m in COVERED:
            low, high = np.percentile(found[m], [2.5, 97.5])
            covered[m] += low <= true[m] <= high
    return {m: c / simulations for m, c in covered.items()}


def records(
    setting: Setting, separations: tuple[float, ...], rng: np.random.Generator
) -> tuple[np.ndarray, list[np.ndarray]]:
    """(n,) classes with at least two records of either, and of each model (n, 2) probabilities."""
    n_groups = setting.n // setting.group_size
    of_group = np.arange(setting.n) // setting.group_size
    truth = np.zeros(setting.n, dtype=np.int64)
    while not 2 <= truth.sum() <= setting.n - 2:
        truth = (rng.random(n_groups) < setting.positives).astype(np.int64)[of_group]
    shared = _errors(setting, of_group, rng)
    odds = np.log(setting.positives / (1 - setting.positives))
    probabilities = []
    for d in separations:
        error = np.sqrt(BETWEEN) * shared + np.sqrt(1 - BETWEEN) * _errors(setting, of_group, rng)
        p = expit(d * (d * truth + error) - d**2 / 2 + odds)
        probabilities.append(np.column_stack([1 - p, p]))
    return truth, probabilities


def truths(setting: Setting) -> dict[str, float]:
    """The scores in the population."""
    cut = setting.d / 2 - np.log(setting.positives / (1 - setting.positives)) / setting.d
    yes, no = setting.positives, 1 - setting.positives
    hits, alarms = yes * norm.sf(cut - setting.d), no * norm.sf(cut)
    called = hits + alarms
    return {
        "auroc": norm.cdf(setting.d / np.sqrt(2)),
        "accuracy": hits + no - alarms,
        "mcc": (hits - yes * called) / np.sqrt(yes * no * called * (1 - called)),
    }


def _errors(setting: Setting, of_group: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    own = rng.normal(size=setting.n)
    if setting.group_size == 1:
        return own
    return np.sqrt(WITHIN) * rng.normal(size=setting.n)[of_group] + np.sqrt(1 - WITHIN) * own


def _head(title: str, columns: list[str] | tuple[str, ...]) -> str:
    names = ["records", "share of positives", "AUROC", *columns]
    return f"\n{title}\n\n| " + " | ".join(names) + " |\n" + "| --- " * len(names) + "|"


def _row(setting: Setting, shares: list[float | None]) -> str:
    return f"| {setting.name} | " + " | ".join("" if s is None else f"{100 * s:.1f}" for s in shares) + " |"


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--simulations", type=int, default=2000)
    parser.add_argument("--resamples", type=int, default=400)
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""Sentences on the comparison of models."""

from typing import NamedTuple

from dnaseq.evaluation.comparison.results import Pair
from dnaseq.evaluation.metrics.names import metric_title
from dnaseq.schemas import Estimate

SHOWN = 0.05  # a p-value below this shows a difference
BETTER_IF_LOWER = ("log_loss", "brier", "ece")


class Size(NamedTuple):
    """The number of records, and of their groups, in a comparison."""

    records: int
    groups: int | None  # None where every record stands for itself

    def __str__(self) -> str:
        return f"n = {self.records:,}" + (f" in {self.groups:,} groups" if self.groups is not None else "")


def pair_words(pair: Pair, values: list[float], pairs: int, size: Size) -> str:
    """One sentence on a pair: `values` of its two models, `pairs` in the family of tests."""
    words, difference, low, high = metric_title(pair.metric), pair.difference, pair.low, pair.high
    if pair.p_holm is None or difference is None or low is None or high is None:
        known = difference is not None
        why = "the records are one record or one group" if known else "it is not defined on these records"
        return f"{pair.a} and {pair.b} cannot be compared in {words}: {why}"
    p = p_words(pair.p_holm, pairs)
    if not pair.p_holm < SHOWN:
        return (
            f"no difference shown between {pair.a} and {pair.b} at {size} ({words} {values[0]:.3f} against "
            f"{values[1]:.3f}, difference {difference:.3f} [{low:.3f}, {high:.3f}], {p})"
        )
    names = (pair.a, pair.b)
    if (difference > 0) == (pair.metric.partition("/")[0] in BETTER_IF_LOWER):
        names = names[::-1]
    if difference < 0:
        low, high = -high, -low
    return (
        f"{names[0]} is better than {names[1]} in {words} by {abs(difference):.3f} "
        f"[{low:.3f}, {high:.3f}] ({p}; {size})"
    )


def summarise_pairs(pairs: list[Pair], size: Size) -> list[str]:
    """Return the sentences that matter: the differences shown in each metric, or that none is shown."""
    sentences = []
    for metric in dict.fromkeys(pair.metric for pair in pairs):
        mine = [pair for pair in pairs if pair.metric == metric]
        shown = [pair.words for pair in mine if pair.p_holm is not None and pair.p_holm < SHOWN]
        known = [pair.p_holm for pair in mine if pair.p_holm is not None]
        if shown or len(mine) == 1 or not known:
            sentences += shown or [mine[0].words]
        else:
            models = len({name for pair in mine for name in (pair.a, pair.b)})
            smallest = p_words(min(known), len(mine))
            sentences.append(
                f"no difference shown between any two of the {models} models in {metric_title(metric)} at {size} "
                f"(smallest {smallest})"
            )
    return sentences


def p_words(p: float, pairs: int) -> str:
    """'p = 0.41', 'p = 0.004', 'p < 0.001'; ', Holm' where it was adjusted for several pairs."""
    digits = 3 if p < 0.1 else 2
    text = "p < 0.001" if p < 0.001 else f"p = {p:.{digits}f}"
    return f"{text}, Holm" if pairs > 1 else text


def interval_text(score: Estimate | None) -> str:
    """'0.775 [0.733,0.815]'; a dash for a score that is not known."""
    if score is None or score.value is None:
        return "-"
    return f"{score.value:.3f}" + (f" [{score.low:.3f},{score.high:.3f}]" if score.known else "")

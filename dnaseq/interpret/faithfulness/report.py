"""The record of faithfulness.json: every measure of an explanation, each with a sentence on what it means."""

import numpy as np

from dnaseq.interpret.faithfulness.measures import (
    EARLY,
    comparable,
    incompleteness,
    mean,
    random_network,
    rank_correlations,
)
from dnaseq.interpret.faithfulness.selection import Measured
from dnaseq.interpret.logit import Logit
from dnaseq.interpret.methods.choices import TITLES, explain
from dnaseq.interpret.methods.explanation import MethodSettings
from dnaseq.interpret.methods.gradients import baseline_logits
from dnaseq.io.results.explanation import RANDOM, Check, Faithfulness, beats_chance
from dnaseq.prediction_task import REGRESSION
from dnaseq.schemas import Estimate

OF_FAITHFULNESS = (
    "The share of what all bases of a record do to the logit that the bases which the method puts first do alone, in a "
    "record of otherwise random bases: the mean over a tenth to a fifth of the bases. 1 is all; the random order shows "
    "what chance gives."
)
OF_DELETION = (
    "What the logit loses when the bases that the method puts first are replaced by other bases, drawn at random: the "
    "earlier a curve rises above that of the random order, the better the method finds the bases that the model needs."
)
OF_INSERTION = (
    "What the logit gains when only the bases that the method puts first are put back into a record of random bases: "
    "the earlier a curve rises, the better the method finds the bases that are enough for the model."
)
OF_COMPLETENESS = (
    "The values of a record should sum to its logit minus that of the baseline; this share of it is missing, or too "
    "much."
)
OF_AGREEMENT = (
    "The rank correlation of this method's values with those of {other}, mean over records: 1 is the same order, 0 "
    "none in common. Where methods disagree, neither picture should be trusted in its details."
)
OF_RANDOM_NETWORK = (
    "The rank correlation of the sizes of the values with those on a network of the same weights in random order, mean "
    "over records (Adebayo et al. 2018). Near 0 the picture shows what the model has learnt; near 1 it would look the "
    "same for a model that knows nothing."
)
NOTHING = "The logit is the same whatever the bases are, so there is nothing to explain."
NO_BETTER = "The order of this method explains no more than a random order. Do not trust the picture."
DISAGREE = (
    "The curves disagree on the best method: among the first bases, {deletion} finds those that the model "
    "needs (deletion), {insertion} those that are enough for it (insertion)."
)
UNLEARNT = "A network of random weights gives much the same picture. It shows the record more than the model."
ATTENTION = (
    "Attention weights say where the model looks, which is not why it decides. Their place among the methods is in the "
    "table."
)
SIMILAR = 0.5  # rank correlation with a random network from which on the picture is not what was learnt


def describe(
    logit: Logit, measured: Measured, method: str, is_typed: bool, settings: MethodSettings, records: int
) -> Faithfulness:
    """Measure what is left about the method that was chosen or typed, and put all measures together."""
    values, (codes, lengths, *_) = measured.values[method], measured.trial
    other = measured.other(method)
    correlations = rank_correlations(
        comparable(values, method, other), comparable(measured.values[other], other, method), codes
    )
    untrained = explain(random_network(logit, settings.seed), codes, lengths, method, settings).values
    similarity = mean(rank_correlations(np.abs(values), np.abs(untrained), codes), _rng(settings))
    completeness = None
    if method == "ig":
        due = logit.of_codes(codes, lengths) - baseline_logits(logit, codes, lengths, settings)
        completeness = _check(incompleteness(values.sum(axis=1), due, _rng(settings)), OF_COMPLETENESS)
    return Faithfulness(
        target=logit.target,
        position=logit.position,
        of_number=logit.predictor.prediction is REGRESSION,
        method=method,
        title=TITLES[method],
        chosen_by="user" if is_typed else "measurement",
        baseline=settings.baseline,
        records=records,
        sample=len(codes),
        methods=measured.methods,
        meaning_of_faithfulness=OF_FAITHFULNESS,
        meaning_of_deletion=OF_DELETION,
        meaning_of_insertion=OF_INSERTION,
        completeness=completeness,
        agreement=_check(mean(correlations, _rng(settings)), OF_AGREEMENT.format(other=TITLES[other])),
        agreement_with=other,
        random_network=_check(similarity, OF_RANDOM_NETWORK),
        cautions=_cautions(measured, method, similarity),
    )


def _rng(settings: MethodSettings) -> np.random.Generator:
    return np.random.default_rng(settings.seed)


def _check(estimate: Estimate, meaning: str) -> Check:
    return Check(estimate.value, estimate.low, estimate.high, meaning)


def _cautions(measured: Measured, method: str, similarity: Estimate) -> list[str]:
    """List what a reader of the picture should know."""
    found = []
    is_better = beats_chance(measured.methods, method)
    if is_better is None:
        return [NOTHING]
    if not is_better:
        found.append(NO_BETTER)
    others = [one for one in measured.methods if one.method != RANDOM]
    by_deletion = max(others, key=lambda one: np.array(one.deletion.mean)[EARLY].mean())
    if by_deletion is not others[0]:
        found.append(DISAGREE.format(deletion=by_deletion.title, insertion=others[0].title))
    if (similarity.value or 0.0) > SIMILAR:
        found.append(UNLEARNT)
    if method == "attention":
        found.append(ATTENTION)
    return found

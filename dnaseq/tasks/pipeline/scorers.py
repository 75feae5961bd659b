"""Scores of the predictions of the test set and of simple models on the same records, for each prediction task."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from msgspec import UNSET, UnsetType

from dnaseq.bundle.postprocess import OfNumbers
from dnaseq.bundle.predictor import Predictor
from dnaseq.data.dataset import LabelledSet
from dnaseq.data.targets.classes import LabelSets
from dnaseq.data.targets.per_base import BaseLabels
from dnaseq.data.targets.regression import Numbers
from dnaseq.evaluation.baselines.classification import baselines
from dnaseq.evaluation.baselines.multilabel import multilabel_baselines
from dnaseq.evaluation.baselines.per_base import LabelledBases, labelling_baselines
from dnaseq.evaluation.baselines.regression import regression_baselines
from dnaseq.evaluation.comparison.comparison import Candidate, against_baseline, best_baseline
from dnaseq.evaluation.comparison.results import AgainstBaseline
from dnaseq.evaluation.decisions.abstention import Selective, selective
from dnaseq.evaluation.decisions.calibration import Calibration
from dnaseq.evaluation.decisions.thresholds import Decision
from dnaseq.evaluation.intervals.bootstrap import unless_alone
from dnaseq.evaluation.metrics.classification import scores
from dnaseq.evaluation.metrics.multilabel import multilabel_scores
from dnaseq.evaluation.metrics.per_base import labelling_scores
from dnaseq.evaluation.metrics.regression import regression_scores
from dnaseq.io.progress import show_progress
from dnaseq.prediction_task import CLASSIFICATION, MULTILABEL, PER_BASE, REGRESSION, PredictionTask
from dnaseq.schemas import Estimate
from dnaseq.tasks.pipeline.factories import make_examples

FITTING, SCORING = "fitting simple models", "scoring predictions, with intervals"  # steps that may take long


class Scored(NamedTuple):
    """Entries of Scores: those of a prediction task and its baselines, and the decisions, which only classes have."""

    metrics: dict[str, Estimate]
    baselines: dict[str, dict[str, Estimate]]
    task: str | UnsetType = UNSET
    comparison: AgainstBaseline | UnsetType | None = UNSET
    threshold: float | UnsetType | None = UNSET
    decision: Decision | UnsetType | None = UNSET
    calibration: Calibration | UnsetType | None = UNSET
    selective: Selective | UnsetType | None = UNSET


Scorer = Callable[[LabelledSet, Predictor, np.ndarray, list[np.ndarray], int], Scored]


def score_classes(
    data: LabelledSet, predictor: Predictor, probabilities: np.ndarray, bases: list[np.ndarray], seed: int
) -> Scored:
    """Return the entries of Scores about (n, C) probabilities, and about the best baseline beside them."""
    classes, rows = predictor.classes, data.rows("test")
    truth = data.y[rows].astype(np.int64)
    groups = unless_alone(data.group[rows])  # similar records are drawn together
    spec, threshold = predictor.spec, predictor.spec.threshold
    trivial = _class_baselines(data, seed)
    own = Candidate("the model", [(probabilities, threshold)])
    with show_progress(SCORING):
        of_baselines = {
            name: scores(truth, own, classes, seed=seed, groups=groups) for name, own in trivial.items()
        }
        of_model = scores(truth, probabilities, classes, threshold, seed=seed, groups=groups)
        best = best_baseline(of_baselines)
        comparison = (
            against_baseline(truth, own, best, trivial[best], classes, seed, groups) if best else None
        )
    return Scored(
        metrics=of_model,
        baselines=of_baselines,
        comparison=comparison,
        threshold=threshold,
        decision=spec.decision,
        calibration=spec.calibration,
        selective=_selective(truth, probabilities, predictor),
    )


def score_labels(
    data: LabelledSet, predictor: Predictor, probabilities: np.ndarray, bases: list[np.ndarray], seed: int
) -> Scored:
    """Return the entries of Scores about (n, C) probabilities of labels that do not exclude each other."""
    assert isinstance(data.targets, LabelSets)
    score = partial(multilabel_scores, thresholds=predictor.spec.threshold)
    return _score_arrays(data, predictor, probabilities, seed, data.targets.has, score, multilabel_baselines)


def score_numbers(
    data: LabelledSet, predictor: Predictor, numbers: np.ndarray, bases: list[np.ndarray], seed: int
) -> Scored:
    """Return the entries of Scores about (n, T) predicted numbers."""
    postprocessor = predictor.postprocessor
    assert isinstance(data.targets, Numbers)
    assert isinstance(postprocessor, OfNumbers)
    labels = data.targets.values.__getitem__
    fit = partial(regression_baselines, counts=postprocessor.is_log)
    return _score_arrays(data, predictor, numbers, seed, labels, regression_scores, fit)


def _score_arrays(
    data: LabelledSet,
    predictor: Predictor,
    own: np.ndarray,
    seed: int,
    labels: Callable[[np.ndarray], np.ndarray],
    score: Callable[..., dict[str, Estimate]],
    baselines: Callable[..., dict[str, np.ndarray]],
) -> Scored:
    """Score (n, C) predictions of the test set and those of simple models; `labels` gives (m, C) of some rows."""
    test, known = data.rows("test"), data.rows("train", "val")
    trivial: dict[str, np.ndarray] = {}
    if known.size:
        fit, tested = (make_examples(data, rows)._replace(labels=labels(rows)) for rows in (known, test))
        with show_progress(FITTING):
            trivial = baselines(fit, tested, seed, groups=data.group[known], stranded=data.stranded)
    truth, more = labels(test), {"seed": seed, "groups": unless_alone(data.group[test])}
    return _entries(predictor, lambda scored: score(truth, scored, predictor.classes, **more), own, trivial)


def score_bases(
    data: LabelledSet, predictor: Predictor, numbers: np.ndarray, bases: list[np.ndarray], seed: int
) -> Scored:
    """Return the entries of Scores about the labels of bases: their probabilities are (L, C) a record."""
    test, known, group = data.rows("test"), data.rows("train", "val"), data.group
    if data.store.chromosomes is not None:  # windows of a contig beside each other are parts of one gene
        group = np.unique(data.store.chromosomes, return_inverse=True)[1]
    targets, groups = data.targets, unless_alone(group[test])
    assert isinstance(targets, BaseLabels)
    truth = [targets.of_record(row) for row in test]

    def score(scored: list[np.ndarray]) -> dict[str, Estimate]:
        return labelling_scores(truth, scored, predictor.classes, seed=seed, groups=groups)

    fit, tested = _with_base_labels(data, targets, known), _with_base_labels(data, targets, test)
    with show_progress(FITTING):
        trivial = labelling_baselines(fit, tested, len(predictor.classes), seed) if known.size else {}
    return _entries(predictor, score, bases, trivial)


SCORERS: dict[PredictionTask, Scorer] = {
    CLASSIFICATION: score_classes,
    MULTILABEL: score_labels,
    REGRESSION: score_numbers,
    PER_BASE: score_bases,
}


def _entries(predictor: Predictor, score: Callable, own: object, trivial: Mapping[str, Any]) -> Scored:
    with show_progress(SCORING):
        of_baselines = {name: score(scored) for name, scored in trivial.items()}
        return Scored(score(own), of_baselines, predictor.spec.task)


def _with_base_labels(data: LabelledSet, targets: BaseLabels, rows: np.ndarray) -> LabelledBases:
    codes, starts, lengths, *_ = make_examples(data, rows)
    return LabelledBases(codes, starts, lengths, [targets.of_record(row) for row in rows])


def _selective(truth: np.ndarray, probabilities: np.ndarray, predictor: Predictor) -> Selective | None:
    """Score abstention on the test set; None where the bundle assigns every record."""
    abstention = predictor.spec.abstention
    if abstention is None or not abstention.reached:
        return None
    return selective(truth, probabilities, predictor.spec.threshold, abstention.confidence)


def _class_baselines(data: LabelledSet, seed: int) -> dict[str, np.ndarray]:
    """Fit on all records but those of the test set: baselines need no validation set, so they get it as well."""
    known = data.rows("train", "val")
    if not known.size:
        return {}
    train, test = make_examples(data, known), make_examples(data, data.rows("test"))
    with show_progress(FITTING):
        return baselines(train, test, len(data.classes), seed, data.group[known], data.stranded)

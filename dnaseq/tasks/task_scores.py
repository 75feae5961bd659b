"""Scores of a model of label sets, of numbers or of labelled bases, and of the simple models beside it."""

from functools import partial
from pathlib import Path

import numpy as np

from dnaseq.bundle.predictor import Predictor
from dnaseq.data.labelled_set import LabelledSet
from dnaseq.evaluation.bootstrap import unless_alone
from dnaseq.evaluation.labelling_baselines import LabelledBases, labelling_baselines
from dnaseq.evaluation.labelling_scores import labelling_scores
from dnaseq.evaluation.multilabel_baselines import multilabel_baselines
from dnaseq.evaluation.multilabel_scores import multilabel_scores
from dnaseq.evaluation.regression_baselines import regression_baselines
from dnaseq.evaluation.regression_scores import regression_scores
from dnaseq.io.rows import read_rows
from dnaseq.tasks.materials import examples_of

MAIN = {
    "multilabel": "auroc",
    "regression": "pearson",
    "labelling": "accuracy",
}  # the score that stands for all


def task_scores(
    predictions: Path, data: LabelledSet, predictor: Predictor, bases: list[np.ndarray], seed: int
) -> dict:
    """The entries task, metrics and baselines of scores.json, from the saved predictions of the test records.

    Of labelled bases the table has only the letters; their probabilities, (L, C) a record, are `bases`.
    """
    test, known = data.rows("test"), data.rows("train", "val")
    settings = {"seed": seed, "groups": unless_alone(_groups(data)[test])}
    if predictor.task == "labelling":
        truth, own, score = [data.targets.of_record(row) for row in test], bases, labelling_scores
    elif predictor.task == "multilabel":
        truth, own = data.targets.has(test), read_rows(predictions)[1].probabilities
        score = partial(multilabel_scores, thresholds=predictor.threshold)
    else:
        truth, own, score = (
            data.targets.values[test],
            read_rows(predictions)[1].probabilities,
            regression_scores,
        )
    trivial = _baselines(data, predictor, known, test, seed) if known.size else {}
    return {
        "task": predictor.task,
        "metrics": score(truth, own, predictor.classes, **settings),
        "baselines": {
            name: score(truth, answers, predictor.classes, **settings) for name, answers in trivial.items()
        },
    }


def _groups(data: LabelledSet) -> np.ndarray:
    """(n,) what is drawn together: similar records; of labelled bases whole stretches, where there are any, for windows
    beside each other are parts of one gene."""
    if data.targets.task == "labelling" and data.store.chromosomes is not None:
        return np.unique(data.store.chromosomes, return_inverse=True)[1]
    return data.group


def _baselines(
    data: LabelledSet, predictor: Predictor, known: np.ndarray, test: np.ndarray, seed: int
) -> dict:
    """Fitted on all records that are not test records."""
    if predictor.task == "labelling":
        return labelling_baselines(
            _labelled(data, known), _labelled(data, test), len(predictor.classes), seed
        )
    more = {"groups": data.group[known], "stranded": data.stranded}
    of_rows = data.targets.has if predictor.task == "multilabel" else data.targets.values.__getitem__
    train, judged = (examples_of(data, rows)._replace(labels=of_rows(rows)) for rows in (known, test))
    if predictor.task == "multilabel":
        return multilabel_baselines(train, judged, seed, **more)
    return regression_baselines(train, judged, seed, counts=predictor.answers.is_log, **more)


def _labelled(data: LabelledSet, rows: np.ndarray) -> LabelledBases:
    starts = np.asarray(data.store.offsets[rows], dtype=np.int64)
    lengths = data.store.offsets[rows + 1] - starts
    return LabelledBases(data.store.codes, starts, lengths, [data.targets.of_record(r) for r in rows])

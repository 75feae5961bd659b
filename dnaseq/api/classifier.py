"""A classifier of sequences that scikit-learn can use as its own."""

from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from dnaseq.api.estimator import PREFIXES, Answers, DnaEstimator
from dnaseq.api.inputs import checked_sequences
from dnaseq.data.targets.names import is_name
from dnaseq.errors import ArgumentError, ConfigError
from dnaseq.evaluation.decisions.thresholds import predict_classes
from dnaseq.prediction_task import CLASSIFICATION

SMALLEST = 1e-22  # a probability below it is rounded to 0, see postprocess.round_to_digits


class DnaClassifier(ClassifierMixin, DnaEstimator):
    """A network that assigns one of several classes to a sequence; the settings are those of `dnaseq train`.

    `classes_` are the labels, sorted; the last of two is the positive one. `run_` is the training with its report,
    `predictor_` the trained model. predict() always gives a class, whatever `abstain` says: `predictor_` does abstain.
    A pickle holds the bundle and no run; to give a model to others write to_bundle(FOLDER), which nobody must trust.

    >>> import dnaseq, random
    >>> sequences = ["".join(random.Random(i).choices("ACGG" if i % 2 else "ACTT", k=40)) for i in range(60)]
    >>> net = dnaseq.DnaClassifier("rnn", recipe="none", max_epochs=1, config={"model.encoder.hidden": 4})
    >>> net.fit(sequences, ["poor", "rich"] * 30).classes_.tolist()
    ['poor', 'rich']
    >>> net.predict_proba(sequences[:3]).shape
    (3, 2)
    """

    def predict(self, X: Any) -> np.ndarray:
        """Return the class of each sequence, (n,), decided as `dnaseq predict` decides."""
        winner = predict_classes(self.predict_proba(X), self._threshold())
        return self.classes_[winner]

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return calibrated probabilities, (n, C) float64, a column for each of `classes_`."""
        check_is_fitted(self)
        given = checked_sequences(X)
        return self.predictor_.predict_proba(given.sequences)[:, self._columns()]

    def decision_function(self, X: Any) -> np.ndarray:
        """Return log odds, (n,), above 0 where the last of two classes is predicted; of more classes (n, C) log
        probabilities."""
        logs = np.log(np.maximum(self.predict_proba(X), SMALLEST))
        if len(self.classes_) > 2:
            return logs
        threshold = min(max(self._threshold(), SMALLEST), 1 - 1e-16)
        return logs[:, 1] - logs[:, 0] - np.log(threshold / (1 - threshold))

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Return the accuracy; y may be left out for a file with labels."""
        given, labels = self._read_pair(X, y)
        truth = column_or_1d(np.asarray(labels))
        return float(accuracy_score(truth, self.predict(given.sequences), sample_weight=sample_weight))

    def _threshold(self) -> float:
        check_is_fitted(self)
        return self.predictor_.spec.threshold

    def _columns(self) -> list[int]:
        """Return the column of each of classes_ in the bundle."""
        return [self.predictor_.classes.index(str(name)) for name in self.classes_]

    def _read_labels(self, given: dict[str, list[Any]]) -> Answers:
        for part, each in given.items():
            if len({isinstance(one, str) for one in each}) > 1:
                raise ArgumentError(
                    f"{PREFIXES[part]}y mixes texts and other labels. Write all of them alike"
                )
        labels = {part: column_or_1d(np.asarray(each), warn=True) for part, each in given.items()}
        for each in labels.values():
            _check_classes(each)
        classes = _sorted_classes(labels["train"])
        for part, each in labels.items():
            if strange := [one for one in np.unique(each).tolist() if one not in classes.tolist()]:
                raise ArgumentError(
                    f"{PREFIXES[part]}y has the class {strange[0]!r}, which no training record has"
                )
        names = [str(name) for name in classes]
        settings: dict[str, object] = {"data.classes": names} if names != sorted(names) else {}
        written = {part: [str(one) for one in each] for part, each in labels.items()}
        return Answers(written, settings, {"classes_": classes})

    def _take_bundle(self, folder: Any) -> None:
        super()._take_bundle(folder)
        if self.predictor_.prediction is not CLASSIFICATION:
            raise ConfigError(
                "config: DnaClassifier is for one class a record. Use dnaseq.train for other tasks"
            )


def _check_classes(labels: np.ndarray) -> None:
    """Raise ArgumentError for numbers that are no classes, in the words of scikit-learn and what to do."""
    try:
        check_classification_targets(labels)
    except ValueError as error:
        raise ArgumentError(str(error).rstrip("."), fix="DnaRegressor is for numbers") from error


def _sorted_classes(labels: np.ndarray) -> np.ndarray:
    """Return the classes. Raises ArgumentError for fewer than two, and for names that a file cannot tell apart."""
    classes = np.unique(labels)
    if len(classes) < 2:
        raise ArgumentError(f"y has one class, {str(classes[0])!r}, and a classifier needs two or more")
    names = [str(name) for name in classes]
    for name in names:
        if not is_name(name) or name != name.strip():
            raise ArgumentError(f"y: a class cannot be named {name[:40]!r}. Use visible letters")
    if len(set(names)) < len(names):
        raise ArgumentError("y has two classes that are written alike")
    return classes

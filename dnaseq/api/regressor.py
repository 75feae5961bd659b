"""A regression on sequences that scikit-learn can use as its own."""

from pathlib import Path
from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from dnaseq.api.estimator import PREFIXES, Answers, DnaEstimator
from dnaseq.api.inputs import checked_sequences
from dnaseq.errors import ArgumentError, ConfigError
from dnaseq.prediction_task import REGRESSION

BINS = 5  # quantiles of y that a split by groups spreads alike


class DnaRegressor(RegressorMixin, DnaEstimator):
    """A network that predicts a number for a sequence, or T of them, as `dnaseq train task=regression` does.

    y is (n,) or (n, T). For counts set config={"loss": "poisson"}. The rest is as in DnaClassifier.

    >>> import dnaseq, random
    >>> sequences = ["".join(random.Random(i).choices("ACGT", k=30)) for i in range(80)]
    >>> y = [sequence.count("G") / 30 for sequence in sequences]
    >>> net = dnaseq.DnaRegressor("rnn", recipe="none", max_epochs=1, config={"model.encoder.hidden": 4})
    >>> net.fit(sequences, y).predict(sequences[:2]).shape
    (2,)
    """

    def predict(self, X: Any) -> np.ndarray:
        """Return the number of each sequence, (n,), or (n, T) of several targets."""
        check_is_fitted(self)
        values = self.predictor_.predict_proba(checked_sequences(X).sequences)
        return values[:, 0] if values.shape[1] == 1 else values

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Return R2; y may be left out for a file with labels."""
        given, numbers = self._read_pair(X, y)
        return float(
            r2_score(_as_numbers(numbers), self.predict(given.sequences), sample_weight=sample_weight)
        )

    def _read_labels(self, given: dict[str, list[Any]]) -> Answers:
        values = {part: _as_numbers(each, f"{PREFIXES[part]}y") for part, each in given.items()}
        count = values["train"].shape[1]
        for part, each in values.items():
            if each.shape[1] != count:
                raise ArgumentError(
                    f"{PREFIXES[part]}y has {each.shape[1]} numbers a record, and that of training {count}"
                )
        settings: dict[str, object] = {"task": "regression"}
        if count > 1:
            settings["data.classes"] = [f"y{number + 1}" for number in range(count)]
        written = {part: [";".join(map(repr, row)) for row in each.tolist()] for part, each in values.items()}
        return Answers(written, settings, {})

    def _strata(self, labels: list[str]) -> list[str]:
        first = np.array([float(label.partition(";")[0]) for label in labels])
        edges = np.quantile(first, np.arange(1, BINS) / BINS)
        return [str(one) for one in np.searchsorted(edges, first).tolist()]

    def _take_bundle(self, folder: Path) -> None:
        super()._take_bundle(folder)
        if self.predictor_.prediction is not REGRESSION:
            raise ConfigError("config: DnaRegressor is for numbers. Use dnaseq.train for other tasks")

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _as_numbers(labels: list[Any], name: str = "y") -> np.ndarray:
    """(n,) or (n, T) -> (n, T) float64. Raises ArgumentError for what is no finite number."""
    try:
        values = np.asarray(labels, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ArgumentError(
            f"{name} is not of numbers ({error})", fix="DnaClassifier is for classes"
        ) from error
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim != 2 or not values.shape[1]:
        raise ArgumentError(f"{name} has shape {values.shape}, and (n,) or (n, T) is due")
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
        raise ArgumentError(f"{name}[{row}] is not a finite number (NaN or infinity)")
    return values

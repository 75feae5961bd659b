"""Postprocessing: from the outputs of a network to the rows of a table, in one class for each task.

Outputs of all windows of some records come as one array, (m, C) a row a window or, of labelled bases, (N, C) a row a
base, one window after the other. Windows of a record that was cut are put together: their probabilities or values
are averaged, those of bases where windows overlap.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from dnaseq.bundle.spec import BundleSpec
from dnaseq.data.records.lengths import Windows
from dnaseq.data.targets.classes import written_set
from dnaseq.data.targets.per_base import written_bases
from dnaseq.errors import ModelFileError
from dnaseq.evaluation.decisions.abstention import label_confidence
from dnaseq.evaluation.decisions.thresholds import predict_classes
from dnaseq.io.results.rows import SHARES, VALUES
from dnaseq.prediction_task import CLASSIFICATION, MULTILABEL, PER_BASE, REGRESSION
from dnaseq.schemas import LogLink

# The promise of equality: the same command on the same machine gives the same bytes; with another batch size,
# number of processes, engine or processor the probabilities of a record are within SAME_WITHIN of each other, because
# kernels round by the shape of a batch and by what the processor has. Those of a GPU use shorter numbers (TF32).
SAME_WITHIN, SAME_WITHIN_ON_GPU = 1e-6, 1e-2
DIGITS = 7  # significant ones, as io/results prints them
# Powers of ten that float64 holds exactly: a whole number divided by one is the float64 nearest to its decimals,
# which is also what reading those decimals gives.
_POWERS = np.array([float(10**n) for n in range(23)])


def round_to_digits(probabilities: np.ndarray) -> np.ndarray:
    """Numbers from 0 to 1 -> the same with DIGITS significant digits (fewer below 1e-15, none below 1e-22).

    Printing a result with DIGITS digits and reading it again gives it back to the last bit. One number moves by
    at most 5e-8, so a row of two still sums to 1 within 1e-7.
    """
    magnitude = np.floor(np.log10(np.clip(probabilities, 1e-22, 1)))
    scale = _POWERS[np.clip(DIGITS - 1 - magnitude, 0, len(_POWERS) - 1).astype(np.int64)]
    return np.rint(probabilities * scale) / scale


class Predictions(NamedTuple):
    """The predictions of n records. Of predicted numbers, labels are "" and scores NaN."""

    labels: list[str]
    scores: np.ndarray  # (n,) float64
    numbers: np.ndarray  # (n, C) float64: the columns of a table; none of labelled bases
    unsure: np.ndarray  # (n,) bool: left without a label
    bases: list[np.ndarray] | None = None  # of labelled bases: n arrays (L_i, C) float32 of probabilities


class Postprocessor:
    """The predictions of a task from the outputs of a network."""

    columns: Sequence[str]  # names of the columns of numbers
    prefix: str  # of the names of these columns
    per_base: bool
    is_log = False  # True for a regression of counts

    def __init__(self, spec: BundleSpec):
        self.columns = spec.classes

    def predict(
        self, outputs: np.ndarray, windows: Windows, lengths: np.ndarray, abstain: bool
    ) -> Predictions:
        """Turn the outputs of the windows of n records, (n,) lengths, into predictions."""
        raise NotImplementedError


def build_postprocessor(spec: BundleSpec) -> Postprocessor:
    """Build the postprocessor of the task of a bundle."""
    makers = {CLASSIFICATION: OfClasses, MULTILABEL: OfLabelSets, REGRESSION: OfNumbers, PER_BASE: OfBases}
    return makers[spec.prediction](spec)


class OfClasses(Postprocessor):
    """Calibrated probabilities of classes, rounded to the seven digits of a table; label and abstention follow from
    the rounded ones."""

    prefix, per_base = SHARES, False

    def __init__(self, spec: BundleSpec):
        super().__init__(spec)
        self.calibration, self.threshold = spec.calibration, spec.threshold
        self.confidence = spec.abstention.confidence if spec.abstention else None

    def predict(
        self, outputs: np.ndarray, windows: Windows, lengths: np.ndarray, abstain: bool
    ) -> Predictions:
        own = mean_of_windows(softmax(outputs), windows, len(lengths))
        probabilities = round_to_digits(self.calibration.apply(own) if self.calibration else own)
        winner = predict_classes(probabilities, self.threshold)
        unsure = np.zeros(len(winner), dtype=bool)
        if abstain and self.confidence is not None:
            unsure = label_confidence(probabilities, self.threshold) < self.confidence
        pairs = zip(winner.tolist(), unsure.tolist(), strict=True)
        labels = ["" if without else self.columns[w] for w, without in pairs]
        return Predictions(labels, probabilities[np.arange(len(winner)), winner], probabilities, unsure)


class OfLabelSets(Postprocessor):
    """A probability for every label; labels from the threshold on are predicted. The score is the mean probability
    of the predicted presence or absence over the labels."""

    prefix, per_base = SHARES, False

    def __init__(self, spec: BundleSpec):
        super().__init__(spec)
        self.threshold = spec.threshold

    def predict(
        self, outputs: np.ndarray, windows: Windows, lengths: np.ndarray, abstain: bool
    ) -> Predictions:
        shares = round_to_digits(mean_of_windows(sigmoid(outputs), windows, len(lengths)))
        present = shares >= self.threshold
        scores = np.where(present, shares, 1 - shares).mean(axis=1)
        labels = [written_set(self.columns, one) for one in present]
        return Predictions(labels, scores, shares, np.zeros(len(labels), dtype=bool))


class OfNumbers(Postprocessor):
    """A number for every target."""

    prefix, per_base = VALUES, False

    def __init__(self, spec: BundleSpec):
        super().__init__(spec)
        assert spec.link is not None  # the spec has been checked
        self.link, self.is_log = spec.link, isinstance(spec.link, LogLink)  # of counts

    def predict(
        self, outputs: np.ndarray, windows: Windows, lengths: np.ndarray, abstain: bool
    ) -> Predictions:
        n = len(lengths)
        with np.errstate(over="ignore"):  # an error is raised below
            values = self.link.values(outputs)
        numbers = mean_of_windows(values, windows, n)
        if not np.isfinite(numbers).all():
            raise ModelFileError("the model's prediction for a record is not a finite number")
        return Predictions([""] * n, np.full(n, np.nan), numbers, np.zeros(n, dtype=bool))


class OfBases(Postprocessor):
    """The likeliest letter for every base; the score is the mean of their probabilities."""

    prefix, per_base = SHARES, True

    def __init__(self, spec: BundleSpec):
        super().__init__(spec)
        self.letters, self.columns = self.columns, ()

    def predict(
        self, outputs: np.ndarray, windows: Windows, lengths: np.ndarray, abstain: bool
    ) -> Predictions:
        shares = mean_of_bases(softmax(outputs), windows, lengths)
        ends = np.cumsum(lengths)
        winner = predict_classes(shares)
        text = written_bases(self.letters, winner)
        labels = [text[end - n : end] for end, n in zip(ends.tolist(), lengths.tolist(), strict=True)]
        given = np.take_along_axis(shares, winner[:, None], axis=1)[:, 0]
        sums = np.add.reduceat(given, ends - lengths, dtype=np.float64)
        n = len(lengths)
        bases = np.split(shares, ends[:-1])
        return Predictions(
            labels, round_to_digits(sums / lengths), np.empty((n, 0)), np.zeros(n, dtype=bool), bases
        )


def softmax(logits: np.ndarray) -> np.ndarray:
    """(m, C) -> (m, C) that sum to 1."""
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return shares


def sigmoid(logits: np.ndarray) -> np.ndarray:
    # the exponential of a number below 0 does not overflow
    small = np.exp(-np.abs(logits))
    return np.where(logits >= 0, 1, small) / (1 + small)


def mean_of_windows(each: np.ndarray, windows: Windows, n: int) -> np.ndarray:
    """(m, C) of windows -> (n, C) of their records."""
    counts = np.bincount(windows.record, minlength=n)
    return np.add.reduceat(each, np.cumsum(counts) - counts, axis=0) / counts[:, None]


def mean_of_bases(each: np.ndarray, windows: Windows, lengths: np.ndarray) -> np.ndarray:
    """(N, C) of the bases of windows -> (sum of lengths, C) of those of their records, which windows cover."""
    if len(windows.record) == len(lengths):
        return each
    first = (np.cumsum(lengths) - lengths)[windows.record] + windows.start  # of each window, among all bases
    of_window = np.arange(len(each)) - np.repeat(np.cumsum(windows.length) - windows.length, windows.length)
    place = np.repeat(first, windows.length) + of_window
    counts = np.bincount(place, minlength=int(lengths.sum()))
    sums = [np.bincount(place, column, len(counts)) for column in each.T]
    return (np.stack(sums, axis=1) / counts[:, None]).astype(each.dtype)

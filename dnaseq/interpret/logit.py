"""The number that is explained: the log-odds of one class, before calibration."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from dnaseq.bundle.inference.windows import Spans
from dnaseq.bundle.predictor import Predictor
from dnaseq.data.records.lengths import Windows
from dnaseq.encode.encoding import OfBases
from dnaseq.errors import ConfigError, InputError, first_names
from dnaseq.models.encoded import reverse_each
from dnaseq.models.ensemble import mean_of_strands
from dnaseq.models.kmer_counts import KmerCounts
from dnaseq.models.linear_profile import LinearProfile

COUNTING = (KmerCounts, LinearProfile)  # parts of a network that count k-mers, which have no gradient


class Scores(NamedTuple):
    """(n,) float64 each: the logit of the target, and its calibrated probability as `dnaseq predict` gives it (of a
    predicted number, the number)."""

    logits: np.ndarray
    probabilities: np.ndarray


class Logit:
    """The logit of one class: z of the class minus the logarithm of the summed exp(z) of the others, which of two
    classes is the difference of the two.

    Of a label of a set it is the output for that label; of a predicted number the output on the scale of its link;
    of labelled bases the logit of the class at one `position`, 0-based. Strands and ensemble are those of the bundle,
    and so is the policy of lengths: the logit of a record that is cut into windows is the mean of those of the
    windows, or of those that hold the position.

    `target` names the class; without it there must be one output, or two classes, of which it is the second. Raises
    ConfigError for a target that the bundle does not have or that is not clear, where `key` is what a user types to
    name it, and for a position where there are no labelled bases.
    """

    def __init__(
        self,
        predictor: Predictor,
        target: str | None = None,
        position: int | None = None,
        key: str = "target",
    ):
        self.predictor = predictor
        self._index = _index(predictor, target, key)
        self.target = predictor.classes[self._index]
        _check_position(predictor, position)
        self.position = position

    @property
    def obstacle(self) -> str | None:
        """The part of the model at which gradients stop; None where they reach the bases."""
        if not isinstance(self.predictor.encoding, OfBases):
            return f"the ids of encoding {type(self.predictor.encoding).__name__.lower()}"
        counting = next((m for m in self.predictor.net.modules() if isinstance(m, COUNTING)), None)
        return None if counting is None else "the k-mers that a linear part of the model counts"

    @property
    def differentiable(self) -> bool:
        """True if the logit has a gradient by the bases."""
        return self.obstacle is None

    def of_codes(self, codes: np.ndarray, lengths: np.ndarray | None = None) -> np.ndarray:
        """(B, L) uint8 codes, (B,) lengths, None without padding -> (B,) float64, by batches of the predictor.

        Raises InputError for a record of a length that the bundle refuses or that does not reach `position`.
        """
        outputs, windows, lengths = self._outputs(codes, lengths)
        return self._of_outputs(outputs, windows, len(lengths))

    def scores(self, codes: np.ndarray, lengths: np.ndarray | None = None) -> Scores:
        """Compute the logits as of_codes does, and the calibrated probabilities beside them."""
        return self._scores(*self._outputs(codes, lengths))

    def scores_of_stretches(self, codes: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> Scores:
        """Compute the same for (n,) stretches of one array of codes, which may overlap; they are not copied at once."""
        return self._scores(*self._outputs_of(codes, starts, lengths))

    def _scores(self, outputs: np.ndarray, windows: Windows, lengths: np.ndarray) -> Scores:
        predictions = self.predictor.postprocessor.predict(outputs, windows, lengths, abstain=False)
        if predictions.bases is not None:
            shares = np.array([bases[self.position, self._index] for bases in predictions.bases])
        else:
            shares = predictions.numbers[:, self._index]
        return Scores(self._of_outputs(outputs, windows, len(lengths)), shares.astype(np.float64))

    def of_onehot(self, x: Tensor, lengths: Tensor | None = None) -> Tensor:
        """(L, B, 4) shares of the bases on the predictor's device, (B,) lengths, None without padding -> (B,).

        It has a gradient by x. Raises ConfigError where `differentiable` is false.
        """
        encoding, n = self.predictor.encoding, x.shape[1]
        if self.obstacle or not isinstance(encoding, OfBases):
            raise ConfigError(f"gradients stop at {self.obstacle}. Use method=ism or method=occlusion")
        windows = self._windows(np.full(n, len(x)) if lengths is None else lengths.cpu().numpy())
        x, lengths = _cut(x, windows)
        if self.predictor.sees_both_strands:
            x = torch.cat([x, reverse_each(x, lengths).flip(-1)], dim=1)  # (L, 2m, 4)
            lengths = None if lengths is None else torch.cat([lengths, lengths])
        lengths = encoding.lengths(lengths)
        outputs = self.predictor.net(encoding.of_bases(x), lengths)
        if self.predictor.sees_both_strands:
            outputs = mean_of_strands(outputs, lengths)
        record = torch.from_numpy(windows.record.astype(np.int64)).to(x.device)
        if self.position is not None:
            held = _holding(windows, self.position)
            place = torch.from_numpy(self.position - windows.start[held]).to(x.device)
            chosen = torch.from_numpy(held).to(x.device)
            outputs, record = outputs[place, chosen], record[chosen]
        sums = outputs.new_zeros(n).index_add(0, record, self._log_odds(outputs))
        return sums / torch.bincount(record, minlength=n)

    def _outputs(
        self, codes: np.ndarray, lengths: np.ndarray | None
    ) -> tuple[np.ndarray, Windows, np.ndarray]:
        """Run the network on all windows: its outputs, the windows, and (B,) the lengths."""
        n, longest = codes.shape
        lengths = np.full(n, longest) if lengths is None else np.asarray(lengths, dtype=np.int64)
        return self._outputs_of(np.ascontiguousarray(codes).reshape(-1), np.arange(n) * longest, lengths)

    def _outputs_of(
        self, codes: np.ndarray, starts: np.ndarray, lengths: np.ndarray
    ) -> tuple[np.ndarray, Windows, np.ndarray]:
        windows = self._windows(lengths)
        rows = np.arange(len(lengths))
        spans = Spans([str(number + 1) for number in rows.tolist()], codes, starts, lengths, {})
        return self.predictor.outputs(spans, rows, windows), windows, lengths

    def _windows(self, lengths: np.ndarray) -> Windows:
        """Cut records of (B,) lengths as the bundle does."""
        policy = self.predictor.lengths
        if (refused := policy.refused(lengths)).any():
            raise InputError(f"a record has {policy.refusal(int(lengths[refused][0]))}")
        if self.position is not None and (lengths <= self.position).any():
            raise InputError(f"a record of {lengths.min()} bases has no position {self.position} (0-based)")
        return policy.windows(lengths)

    def _of_outputs(self, outputs: np.ndarray, windows: Windows, n: int) -> np.ndarray:
        """Turn outputs in the form of postprocess.py into the logits of n records."""
        record = windows.record
        if self.position is not None:
            held = _holding(windows, self.position)
            first = np.cumsum(windows.length) - windows.length
            outputs = outputs[(first - windows.start)[held] + self.position]
            record = record[held]
        logits = self._log_odds(torch.from_numpy(outputs).double()).numpy()
        return np.bincount(record, logits, minlength=n) / np.bincount(record, minlength=n)

    def _log_odds(self, outputs: Tensor) -> Tensor:
        """(m, C) -> (m,)"""
        own = outputs[:, self._index]
        if not self.predictor.prediction.has_exclusive_outputs:
            return own
        others = torch.cat([outputs[:, : self._index], outputs[:, self._index + 1 :]], dim=1)
        return own - others.logsumexp(1)


def _index(predictor: Predictor, target: str | None, key: str) -> int:
    """Find the output that a target names."""
    classes, task = list(predictor.classes), predictor.prediction
    named = f"{task.items} {first_names(classes, 10)}"
    if target is None:
        if len(classes) > 2 or (len(classes) == 2 and not task.has_exclusive_outputs):
            raise ConfigError(f"the bundle has the {named}. Set {key}= to one of them")
        return len(classes) - 1
    if target not in classes:
        raise ConfigError(f"{key}={target}: the bundle has the {named}. Set {key}= to one of them")
    return classes.index(target)


def _check_position(predictor: Predictor, position: int | None) -> None:
    if predictor.prediction.is_per_base and position is None:
        raise ConfigError("every base has a label. Set position= to the base to be explained, counted from 0")
    if not predictor.prediction.is_per_base and position is not None:
        raise ConfigError(f"position={position}: the bundle labels whole records. Leave position out")
    if position is not None and (type(position) is not int or position < 0):
        raise ConfigError(f"position must be a whole number of at least 0; got {position!r}")


def _holding(windows: Windows, position: int) -> np.ndarray:
    """Find the windows that hold a position of their record."""
    return np.flatnonzero((windows.start <= position) & (position < windows.start + windows.length))


def _cut(x: Tensor, windows: Windows) -> tuple[Tensor, Tensor | None]:
    """(L, B, 4) records -> (longest, m, 4) windows, zeros at padding, and (m,) their lengths; None without padding."""
    longest = int(windows.length.max())
    lengths = None
    if (windows.length != longest).any():
        lengths = torch.from_numpy(np.array(windows.length, dtype=np.int64)).to(x.device)
    if longest == len(x) and len(windows.record) == x.shape[1]:
        return x, lengths  # whole records
    step = np.arange(longest)[:, None]
    place = torch.from_numpy(np.minimum(step + windows.start, len(x) - 1)).to(x.device)
    record = torch.from_numpy(windows.record.astype(np.int64)).to(x.device)
    real = torch.from_numpy(step < windows.length).to(x.device)
    return x[place, record] * real[..., None], lengths  # (longest, m, 4)

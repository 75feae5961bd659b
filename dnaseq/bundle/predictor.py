"""The one way to get a prediction: from Python, from `dnaseq predict` and in evaluation."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from dnaseq.bundle.budget import FEWEST_ROWS, MOST_POSITIONS, batches
from dnaseq.bundle.folder import Bundle, load_bundle
from dnaseq.bundle.regroup import regroup
from dnaseq.bundle.rounding import as_written
from dnaseq.bundle.sequences import sequence_blocks
from dnaseq.data.gather import gather
from dnaseq.data.lengths import POLICIES, LengthPolicy
from dnaseq.data.usable import LENGTH, problems
from dnaseq.errors import ConfigError, InputError, ModelFileError
from dnaseq.io.reading import Block, Reading, read_blocks, record_id
from dnaseq.io.rows import Rows

RECORDS_AT_ONCE = 8192  # of one window; within it records are sorted by length into batches
DEVICES = ("auto", "cpu", "gpu", "cuda")
KEEP = "let bad_records=keep answer it with a status"


class Prediction(NamedTuple):
    """The answer for one record; `score` is the probability of `label`."""

    id: str
    length: int
    label: str
    score: float
    probabilities: dict[str, float]
    status: str


class Predictor:
    """A verified bundle on a device. A record's answer does not depend on the records beside it.

    Probabilities have the seven digits that tables are written with, and the label is decided on them: scores
    that are computed from a written table are those of the labels in it.
    """

    def __init__(
        self, bundle: Bundle, device: str = "auto", batch_size: int = 256, length_policy: str | None = None
    ):
        if not isinstance(batch_size, int) or batch_size < 1:
            raise ConfigError(f"batch_size must be a whole number of at least 1; got {batch_size!r}")
        self.device = _device(device)
        self.lengths = _lengths(bundle.lengths, length_policy)
        self.net = bundle.net.to(self.device)
        self.encoding, self.batch_size = bundle.encoding, batch_size
        self.classes: list[str] = list(bundle.spec["classes"])
        self.threshold: float = bundle.spec["threshold"]

    @classmethod
    def load(cls, folder: str | Path, **options) -> "Predictor":
        """The predictor of a bundle folder; options are those of the constructor."""
        return cls(load_bundle(folder), **options)

    def predict(self, sequences: Sequence[str] | str | Path, bad_records: str = "fail") -> list[Prediction]:
        """One answer a record, in order: for a list of sequences, or for the records of a file (FASTA, FASTQ,
        plain or compressed). With bad_records="keep" a record that cannot be used has an answer that says why.
        """
        reading = Reading(bad_records=bad_records)
        is_file = isinstance(sequences, str | Path)
        blocks = read_blocks(sequences, reading) if is_file else sequence_blocks(sequences, reading)
        return [answer for rows in self.predict_blocks(blocks, bad_records) for answer in self._answers(rows)]

    def predict_blocks(self, blocks: Iterable[Block], bad_records: str = "fail") -> Iterator[Rows]:
        """Rows for every record of a stream of blocks, in order and in bounded memory."""
        keep = Reading(bad_records=bad_records).bad_records == "keep"
        # before they are regrouped, for a block knows its file only until then
        judged = (self._judged(block, keep) for block in blocks)
        return map(self._rows, regroup(judged, RECORDS_AT_ONCE))

    def _judged(self, block: Block, keep: bool) -> Block:
        """The block with every record rejected that cannot be answered. Raises InputError for the first, unless
        they are kept."""
        found = problems(block.codes, block.offsets, self.lengths, self.encoding)
        rejected = {i: problem.reason for i, problem in found.items()} | block.rejected
        if rejected and not keep:
            i = min(rejected)
            of_length = i not in block.rejected and found[i].kind == LENGTH
            fix = f"Choose length_policy=trim or tile, or {KEEP}" if of_length else f"Mend it, or {KEEP}"
            line, name = int(block.lines[i]) or None, record_id(block.headers[i])
            raise InputError(rejected[i], file=block.source, line=line, record=name, fix=fix)
        return block._replace(rejected=rejected)

    def _rows(self, block: Block) -> Rows:
        lengths = np.diff(block.offsets)
        usable = np.setdiff1d(np.arange(len(lengths)), np.fromiter(block.rejected, dtype=np.int64))
        probabilities = np.full((len(lengths), len(self.classes)), np.nan)
        if usable.size:
            probabilities[usable] = as_written(self._probabilities(block, usable, lengths[usable]))
        return self._decided(block, lengths, probabilities)

    def _probabilities(self, block: Block, rows: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """(n,) usable rows -> (n, C) float64; a record of several windows gets their mean."""
        windows = self.lengths.windows(lengths)
        starts = block.offsets[rows][windows.record] + windows.start
        order = np.argsort(windows.length, kind="stable")
        logits = np.empty((len(order), len(self.classes)))
        with torch.inference_mode():
            for batch in batches(windows.length[order], self.batch_size):
                chosen = order[batch]
                codes = torch.from_numpy(gather(block.codes, starts[chosen], windows.length[chosen]))
                sizes = torch.from_numpy(windows.length[chosen])
                logits[chosen] = self._logits(codes.to(self.device), sizes.to(self.device))
        bad = np.flatnonzero(~np.isfinite(logits).all(axis=1))
        if bad.size:
            name = record_id(block.headers[rows[windows.record[bad[0]]]])
            raise ModelFileError(f"the model's score of record {name!r} is not a number")
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        counts = np.bincount(windows.record, minlength=len(rows))
        first = np.cumsum(counts) - counts
        return np.add.reduceat(shares, first, axis=0) / counts[:, None]

    def _logits(self, codes: torch.Tensor, lengths: torch.Tensor) -> np.ndarray:
        """(B, L) codes, (B,) lengths -> (B, C) float64. A small batch is filled up with copies of its last
        record, so that every record goes through the kernels of large ones and gets the same answer."""
        n = len(codes)
        if n < FEWEST_ROWS and FEWEST_ROWS * codes.shape[1] <= MOST_POSITIONS:
            rows = torch.arange(FEWEST_ROWS, device=codes.device).clamp(max=n - 1)
            codes, lengths = codes[rows], lengths[rows]
        return self.net(self.encoding(codes), self.encoding.lengths(lengths))[:n].double().cpu().numpy()

    def _decided(self, block: Block, lengths: np.ndarray, probabilities: np.ndarray) -> Rows:
        """The rows of a block: of two classes the last from the threshold on, of more the likeliest."""
        winner = np.nan_to_num(probabilities).argmax(axis=1)
        if len(self.classes) == 2:
            winner = (probabilities[:, 1] >= self.threshold).astype(np.int64)
        rejected = block.rejected
        return Rows(
            ids=[record_id(header) for header in block.headers],
            lengths=lengths,
            labels=["" if i in rejected else self.classes[w] for i, w in enumerate(winner)],
            scores=probabilities[np.arange(len(winner)), winner],
            probabilities=probabilities,
            statuses=[f"rejected:{rejected[i]}" if i in rejected else "ok" for i in range(len(winner))],
        )

    def _answers(self, rows: Rows) -> Iterator[Prediction]:
        for i, name in enumerate(rows.ids):
            shares = dict(zip(self.classes, rows.probabilities[i].tolist(), strict=True))
            yield Prediction(
                name, int(rows.lengths[i]), rows.labels[i], float(rows.scores[i]), shares, rows.statuses[i]
            )


def _device(name: str) -> torch.device:
    if name not in DEVICES:
        raise ConfigError(f"device must be one of {', '.join(DEVICES)}; got {name!r}")
    if name in ("gpu", "cuda") and not torch.cuda.is_available():
        raise ConfigError("no GPU found. Use device=cpu (or device=auto, which takes what is there)")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def _lengths(own: LengthPolicy, wanted: str | None) -> LengthPolicy:
    """The bundle's policy, or another one with the bundle's length."""
    if not wanted:
        return own
    if wanted in POLICIES and wanted != "pad" and own.length is None:
        what = "the bundle has no length; it answers records of any length as they are"
        raise ConfigError(f"length_policy={wanted}: {what}. Leave length_policy out")
    return LengthPolicy(wanted, own.length)

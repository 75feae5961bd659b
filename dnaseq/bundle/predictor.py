"""The one way to get a prediction: from Python, from `dnaseq predict` and in evaluation."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from dnaseq.bundle.folder import Bundle, load_bundle
from dnaseq.bundle.regroup import regroup
from dnaseq.data.gather import gather
from dnaseq.data.lengths import LengthPolicy
from dnaseq.encode.alphabet import to_codes
from dnaseq.errors import ConfigError, InputError, ModelFileError
from dnaseq.io.reading import Block, Reading, read_blocks, record_id
from dnaseq.io.rows import Rows

RECORDS_AT_ONCE = 8192  # of one window; within it records are sorted by length into batches
DEVICES = ("auto", "cpu", "cuda")


class Prediction(NamedTuple):
    """The answer for one record; `score` is the probability of `label`."""

    id: str
    length: int
    label: str
    score: float
    probabilities: dict[str, float]
    status: str


class Predictor:
    """A verified bundle on a device. A record's answer does not depend on the records beside it."""

    def __init__(
        self, bundle: Bundle, device: str = "auto", batch_size: int = 256, length_policy: str | None = None
    ):
        if batch_size < 1:
            raise ConfigError(f"batch_size must be at least 1; got {batch_size}")
        self.device = _device(device)
        self.net = bundle.net.to(self.device)
        self.encoding, self.batch_size = bundle.encoding, batch_size
        self.classes: list[str] = list(bundle.spec["classes"])
        self.threshold: float = bundle.spec["threshold"]
        self.lengths = bundle.lengths
        if length_policy:
            self.lengths = LengthPolicy(length_policy, bundle.lengths.length)

    @classmethod
    def load(cls, folder: str | Path, **options) -> "Predictor":
        """The predictor of a bundle folder; options are those of the constructor."""
        return cls(load_bundle(folder), **options)

    def predict(self, sequences: Sequence[str] | str | Path, bad_records: str = "fail") -> list[Prediction]:
        """One answer a record, in order: for a list of sequences, or for the records of a file (FASTA, FASTQ,
        plain or compressed). With bad_records="keep" a record that cannot be used has an answer that says why.
        """
        if isinstance(sequences, str | Path):
            blocks: Iterable[Block] = read_blocks(sequences, Reading(bad_records=bad_records))
        else:
            blocks = [_block(sequences)] if len(sequences) else []
        return [answer for rows in self.predict_blocks(blocks, bad_records) for answer in self._answers(rows)]

    def predict_blocks(self, blocks: Iterable[Block], bad_records: str = "fail") -> Iterator[Rows]:
        """Rows for every record of a stream of blocks, in order and in bounded memory."""
        for block in regroup(blocks, RECORDS_AT_ONCE):
            yield self._rows(block, bad_records)

    def _rows(self, block: Block, bad_records: str) -> Rows:
        lengths = np.diff(block.offsets)
        rejected = self._rejected(block, lengths)
        if rejected and bad_records == "fail":
            i = min(rejected)
            line = int(block.lines[i]) or None
            fix = "Mend it, or let bad_records=keep answer it with a status"
            raise InputError(
                rejected[i], file=block.source, line=line, record=record_id(block.headers[i]), fix=fix
            )
        usable = np.setdiff1d(np.arange(len(lengths)), np.fromiter(rejected, dtype=np.int64))
        probabilities = np.full((len(lengths), len(self.classes)), np.nan)
        if usable.size:
            probabilities[usable] = self._probabilities(block, usable, lengths[usable])
        return self._decided(block, lengths, probabilities, rejected)

    def _rejected(self, block: Block, lengths: np.ndarray) -> dict[int, str]:
        """Index in the block -> why the record cannot be answered."""
        rejected = dict(block.rejected)
        odd = lengths < self.encoding.shortest
        if self.lengths.length is not None:
            odd |= lengths != self.lengths.length
        for i in np.flatnonzero(odd):
            problem = self.lengths.problem(int(lengths[i]))
            if lengths[i] < self.encoding.shortest:
                problem = f"{lengths[i]} bases, shorter than k = {self.encoding.shortest}"
            if problem:
                rejected.setdefault(int(i), problem)
        if self.encoding.ambiguous == "error":
            for at in np.flatnonzero(block.codes > 3):
                i = int(np.searchsorted(block.offsets, at, side="right")) - 1
                rejected.setdefault(i, f"ambiguous letter at position {at - block.offsets[i] + 1}")
        return rejected

    def _probabilities(self, block: Block, rows: np.ndarray, lengths: np.ndarray) -> np.ndarray:
        """(n,) usable rows -> (n, C) float64; a record of several windows gets their mean."""
        windows = self.lengths.windows(lengths)
        starts = block.offsets[rows][windows.record] + windows.start
        order = np.argsort(windows.length, kind="stable")
        logits = np.empty((len(order), len(self.classes)))
        with torch.inference_mode():
            for at in range(0, len(order), self.batch_size):
                chosen = order[at : at + self.batch_size]
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
        return self.net(self.encoding(codes), self.encoding.lengths(lengths)).double().cpu().numpy()

    def _decided(self, block: Block, lengths: np.ndarray, probabilities: np.ndarray, rejected: dict) -> Rows:
        winner = np.nan_to_num(probabilities).argmax(axis=1)
        if len(self.classes) == 2:
            winner = (probabilities[:, 1] >= self.threshold).astype(np.int64)
        scores = probabilities[np.arange(len(winner)), winner]
        return Rows(
            ids=[record_id(header) for header in block.headers],
            lengths=lengths,
            labels=["" if i in rejected else self.classes[w] for i, w in enumerate(winner)],
            scores=scores,
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
    if name == "cuda" and not torch.cuda.is_available():
        raise ConfigError("no GPU found. Use device=cpu (or device=auto, which takes what is there)")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


def _block(sequences: Sequence[str]) -> Block:
    """Sequences given from Python: ids are their numbers, counted from 1."""
    codes = []
    for number, sequence in enumerate(sequences, start=1):
        try:
            codes.append(to_codes(sequence))
        except InputError as error:
            raise InputError(error.what, record=str(number)) from error
    offsets = np.concatenate([[0], np.cumsum([len(c) for c in codes])])
    headers = [str(number).encode() for number in range(1, len(codes) + 1)]
    lines = np.zeros(len(codes), dtype=np.int64)
    return Block("sequences", headers, np.concatenate(codes), offsets, lines, {})

"""Windows at regular places along records, each predicted on its own; codes are not copied before a batch is made."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dnaseq.bundle.inference.rechunk import part
from dnaseq.data.records.lengths import LengthPolicy, tile_counts, tiles
from dnaseq.data.validation import SHORT, Problem
from dnaseq.encode import alphabet
from dnaseq.encode.encoding import Encoding
from dnaseq.errors import ConfigError
from dnaseq.io.sequences.block import Block, text_of
from dnaseq.prediction_task import PredictionTask


class Spans(NamedTuple):
    """Stretch i is codes[starts[i]:starts[i] + lengths[i]]; they are in order and may overlap.

    `begin` is of windows: (n,) the first base of each in its record, 0-based, or -1 where the record is rejected.
    """

    ids: list[str]  # of the record that each is of
    codes: np.ndarray
    starts: np.ndarray  # (n,) int64
    lengths: np.ndarray  # (n,) int64
    rejected: dict[int, str]  # index -> reason
    begin: np.ndarray | None = None
    kept: Sequence[tuple[str, ...]] = ()  # as in Block, of the record that each is of


def records(block: Block) -> Spans:
    """Every record as a whole."""
    starts, lengths = block.offsets[:-1], np.diff(block.offsets)
    return Spans(_ids(block), block.codes, starts, lengths, block.rejected, kept=block.kept)


def _ids(block: Block) -> list[str]:
    return [text_of(name) for name in block.ids]


WITHOUT_BASE = "every letter is N"
AMBIGUOUS = "ambiguous letter"


@dataclass(frozen=True)
class Scan:
    """Windows of `window` bases that begin `stride` bases apart; the last one ends with the record. A record that is
    shorter is one window, unless it is shorter than `shortest`."""

    window: int
    stride: int
    shortest: int
    ambiguous: bool  # True if a window may have letters that are not one base

    def problems(self, lengths: np.ndarray) -> dict[int, Problem]:
        """(n,) record lengths -> index of each that has no window, and why."""
        short = np.flatnonzero(lengths < self.shortest).tolist()
        return {i: Problem(SHORT, f"{lengths[i]} bases, shorter than {self.shortest}") for i in short}

    def cut(self, block: Block, most: int) -> Iterator[Block]:
        """The block in pieces of at most `most` windows, or of one record that is rejected."""
        ends = np.cumsum(tile_counts(np.diff(block.offsets), self.window, self.stride))
        first, done = 0, 0
        while first < len(ends):
            last = int(np.searchsorted(ends, done + most, side="right"))
            if last > first or first in block.rejected:
                last = max(last, first + 1)
                yield part(block, first, last)
            else:
                last = first + 1
                yield from self._parts_of_record(part(block, first, last), int(ends[first]) - done, most)
            first, done = last, int(ends[last - 1])

    def _parts_of_record(self, record: Block, windows: int, most: int) -> Iterator[Block]:
        """A block of one record of so many windows as several, each with `most` of them."""
        length = int(record.offsets[1])
        for number in range(0, windows, most):
            begin, end = number * self.stride, (number + most - 1) * self.stride + self.window
            if number + most >= windows:  # the last window alone may begin off the stride
                begin, end = min(begin, length - self.window), length
            offsets = np.array([0, end - begin])
            yield record._replace(codes=record.codes[begin:end], offsets=offsets, begin=begin)

    def spans(self, block: Block) -> Spans:
        """The windows of the records of one of the pieces that cut() gives; a rejected record is one without bases."""
        lengths, bad = np.diff(block.offsets), np.array(sorted(block.rejected), dtype=np.int64)
        lengths[bad] = 0
        windows = tiles(lengths, self.window, self.stride)
        begin = windows.start + block.begin
        begin[np.isin(windows.record, bad)] = -1
        starts = block.offsets[:-1][windows.record] + windows.start
        rejected = self._rejected(block.codes, starts, windows.length)
        of_record = np.flatnonzero(begin < 0).tolist()
        rejected |= {i: block.rejected[int(windows.record[i])] for i in of_record}
        ids = _ids(block)
        of_windows = [ids[i] for i in windows.record.tolist()]
        kept = [block.kept[i] for i in windows.record.tolist()] if block.kept else ()
        return Spans(of_windows, block.codes, starts, windows.length, rejected, begin, kept)

    def _rejected(self, codes: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> dict[int, str]:
        """Index of each window that cannot be predicted, and why."""
        if codes.max(initial=0) < alphabet.N:
            return {}
        before = np.concatenate(([0], np.cumsum(codes < alphabet.N)))
        bases = before[starts + lengths] - before[starts]
        found = {} if self.ambiguous else dict.fromkeys(np.flatnonzero(bases < lengths).tolist(), AMBIGUOUS)
        return found | dict.fromkeys(np.flatnonzero(bases == 0).tolist(), WITHOUT_BASE)


def build_scan(
    window: int | None, stride: int | None, own: LengthPolicy, encoding: Encoding, prediction: PredictionTask
) -> Scan | None:
    """Build the scan with `window` and `stride` of a bundle with its `own` lengths; None without a window.

    Raises ConfigError for a window that the bundle cannot predict.
    """
    if window is None and stride is None:
        return None
    if window is None:
        raise ConfigError(
            "stride=N is from one window to the next, and there is no window. Set window=N as well"
        )
    for name, value in (("window", window), ("stride", stride)):
        if value is not None and (type(value) is not int or value < 1):
            raise ConfigError(f"{name} must be a whole number of bases, at least 1; got {value!r}")
    if prediction.is_per_base:
        raise ConfigError("window: this bundle labels every base, not whole windows. Use length_policy=tile")
    if window < encoding.shortest:
        raise ConfigError(f"window={window} is less than k = {encoding.shortest}. Use a larger one")
    exact = own.policy == "error"
    if own.length is not None and (window > own.length or (exact and window != own.length)):
        what = f"window={window}: the bundle takes {'exactly' if exact else 'at most'} {own.length} bases"
        raise ConfigError(f"{what}. Use window={own.length}")
    shortest = window if exact else encoding.shortest
    return Scan(window, stride or window, shortest, encoding.ambiguous != "error")

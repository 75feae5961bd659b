"""Windows of a genome to blocks of labelled records."""

import logging
import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from dnaseq.data.records.store_writer import LabelledBlock
from dnaseq.data.regions.negatives import NO_FILE, by_contig
from dnaseq.data.regions.traits import measure_traits, stretches
from dnaseq.data.regions.windows import Windows, join_windows
from dnaseq.encode.alphabet import COMPLEMENT
from dnaseq.encode.counting import steps
from dnaseq.encode.shuffle import shuffle_each
from dnaseq.io.genome.bigwig import BigWig
from dnaseq.io.genome.genome import Genome
from dnaseq.io.sequences.block import Block
from dnaseq.io.sequences.reading import Reading, read_blocks

AT_ONCE = 8192  # windows of a block
_NAMED_PLACE = re.compile(r"(?:shuffled\d+:)?(.+):(\d+)-(\d+)(?:\([+-]\))?")  # as ids of windows are written
_JOINT = ";"  # between the numbers of a label

logger = logging.getLogger("dnaseq")


class Letters(NamedTuple):
    """The bases of n windows, one after the other."""

    codes: np.ndarray  # (total,) uint8
    offsets: np.ndarray  # (n + 1,) int64
    masked: np.ndarray  # (n,) share of letters in lower case


class Records(NamedTuple):
    """n records with their headers, labels and names in the column of chromosomes."""

    headers: list[str]
    codes: np.ndarray  # (total,) uint8
    offsets: np.ndarray  # (n + 1,) int64
    labels: list[str]
    places: list[str]


class WindowReader:
    """A reader of windows as records.

    stretch: bases of a contig that have one name in the column of chromosomes; None: all of it.
    negative, kind: label and kind of negatives.
    """

    def __init__(
        self,
        genome: Genome,
        signals: list[BigWig],
        value: str,
        stretch: int | None,
        negative: str,
        kind: str,
    ):
        self.genome, self.signals, self.value = genome, signals, value
        self.stretch, self.negative, self.kind = stretch, negative, kind
        self._read = 0  # records so far

    def with_bases(self, windows: Windows) -> Windows:
        """Leave out windows of nothing but N; windows are in the order of the genome."""
        kept = np.ones(len(windows), dtype=bool)
        for contig, rows in by_contig(windows):
            name = self.genome.names[contig]
            traits = measure_traits(self.genome, name, windows.starts[rows], windows.ends[rows])
            kept[rows] = traits.unknown < 1
        if not kept.all():
            count = int(np.count_nonzero(~kept))
            logger.info("note: %s windows have nothing but N, and are left out", f"{count:,}")
        return windows.take(kept)

    def blocks(
        self, positives: Windows, negatives: Windows, shuffles: float, key: tuple[int, ...]
    ) -> Iterator[LabelledBlock]:
        """Yield the windows in the order of the genome, each shuffle after the window that it is of.

        `shuffles` are the shuffles of each window, of a fraction one more of some at random; `key` are numbers that
        these and their order depend on.
        """
        windows = join_windows([positives, negatives])
        windows = windows.take(np.lexsort((windows.ends, windows.starts, windows.contigs)))
        counts = np.full(len(windows), int(shuffles))
        more = np.random.default_rng(key).permutation(len(windows))
        counts[more[: round((shuffles - int(shuffles)) * len(windows))]] += 1
        for contig, rows in by_contig(windows):
            for first in range(rows.start, rows.stop, AT_ONCE):
                at = slice(first, min(first + AT_ONCE, rows.stop))
                records = self._records(self.genome.names[contig], windows.take(at))
                if shuffles:
                    rng = np.random.default_rng((*key, contig, first))
                    records = self._with_shuffles(records, counts[at], rng)
                yield self._block(records)

    def _records(self, name: str, windows: Windows) -> Records:
        letters = self._letters(name, windows)
        places = [self._place(name, start) for start in ((windows.starts + windows.ends) // 2).tolist()]
        endings = ["", f" negative={self.kind}"]
        is_negative = (windows.files == NO_FILE).tolist()
        each = zip(self._ids(name, windows), letters.masked.tolist(), is_negative, strict=True)
        headers = [f"{one} masked={share:.4f}{endings[negative]}" for one, share, negative in each]
        return Records(headers, letters.codes, letters.offsets, self._labels(name, windows), places)

    def given_records(self, paths: list[str], reading: Reading) -> Iterator[LabelledBlock]:
        """Yield the records of sequence files as negatives; an id that is a place says on which contig it lies."""
        for block in read_blocks(paths, reading):
            ending = f" negative={self.kind}".encode()
            headers = [one if b" negative=" in one else one + ending for one in block.headers]
            n = len(headers)
            places = [self._place_of(block.id(i)) for i in range(n)]
            yield LabelledBlock(
                block._replace(headers=headers), [self.negative] * n, places, (self.kind,), by_id=False
            )

    def _place_of(self, name: str) -> str:
        match = _NAMED_PLACE.fullmatch(name)
        if not match or match[1] not in self.genome.names:
            return ""
        return self._place(match[1], (int(match[2]) + int(match[3])) // 2)

    def _letters(self, name: str, windows: Windows) -> Letters:
        lengths = windows.ends - windows.starts
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        codes = np.empty(int(offsets[-1]), dtype=np.uint8)
        masked = np.empty(len(windows))
        for first, last, start, end in stretches(windows.starts, windows.ends):
            own = lengths[first:last]
            along = steps(own)
            turned = np.repeat(windows.strands[first:last] < 0, own)
            at = np.where(
                turned,
                np.repeat(windows.ends[first:last] - start - 1, own) - along,
                np.repeat(windows.starts[first:last] - start, own) + along,
            )
            read = self.genome.codes(name, start, end)[at]
            codes[offsets[first] : offsets[last]] = np.where(turned, COMPLEMENT[read], read)
            lower = self.genome.masked(name, start, end)[at]
            masked[first:last] = np.add.reduceat(lower, offsets[first:last] - offsets[first], dtype=np.int64)
        return Letters(codes, offsets, masked / lengths)

    def _ids(self, name: str, windows: Windows) -> list[str]:
        ends = {1: "(+)", -1: "(-)", 0: ""}
        each = zip(windows.starts.tolist(), windows.ends.tolist(), windows.strands.tolist(), strict=True)
        return [f"{name}:{start}-{end}{ends[strand]}" for start, end, strand in each]

    def _labels(self, name: str, windows: Windows) -> list[str]:
        if not self.signals:
            return windows.labels.tolist()
        sums = np.stack([one.sums(name, windows.starts, windows.ends) for one in self.signals])
        values = sums / (windows.ends - windows.starts) if self.value == "mean" else sums
        return [_JOINT.join(f"{value:.7g}" for value in row) for row in values.T.tolist()]

    def _place(self, name: str, middle: int) -> str:
        if self.stretch is None:
            return name
        start = middle // self.stretch * self.stretch
        return f"{name}:{start}-{min(start + self.stretch, self.genome.length(name))}"

    def _with_shuffles(self, records: Records, counts: np.ndarray, rng: np.random.Generator) -> Records:
        """Put shuffles of each record after it, (n,) counts of them."""
        n = len(records.headers)
        rows, number = np.repeat(np.arange(n), counts), 1 + steps(counts)
        lengths = np.diff(records.offsets)
        at = np.repeat(records.offsets[rows], lengths[rows]) + steps(lengths[rows])
        offsets = np.concatenate([[0], np.cumsum(lengths[rows])])
        shuffled = shuffle_each(records.codes[at], offsets, rng)
        headers = [
            f"shuffled{k}:{records.headers[row]} negative={self.kind}"
            for row, k in zip(rows.tolist(), number.tolist(), strict=True)
        ]
        order = np.argsort(np.concatenate([np.arange(n), rows]), kind="stable")
        every, sizes = [*records.headers, *headers], np.concatenate([lengths, lengths[rows]])
        labels = [*records.labels, *[self.negative] * len(rows)]
        places = [*records.places, *(records.places[row] for row in rows.tolist())]
        codes = np.concatenate([records.codes, shuffled])
        begins = np.cumsum(sizes) - sizes
        at = np.repeat(begins[order], sizes[order]) + steps(sizes[order])
        mixed = order.tolist()
        return Records(
            [every[i] for i in mixed],
            codes[at],
            np.concatenate([[0], np.cumsum(sizes[order])]),
            [labels[i] for i in mixed],
            [places[i] for i in mixed],
        )

    def _block(self, records: Records) -> LabelledBlock:
        # in place of lines, which records of a genome have none of: numbers that tell two of one id apart
        n = len(records.headers)
        numbers = np.arange(self._read + 1, self._read + 1 + n, dtype=np.int64)
        self._read += n
        texts = [header.encode("utf-8", "backslashreplace") for header in records.headers]
        block = Block(self.genome.path, texts, records.codes, records.offsets, numbers, {})
        return LabelledBlock(block, records.labels, records.places, by_id=False)

"""Regions of a genome (BED, narrowPeak, broadPeak) as labelled windows, with negatives from the same genome."""

import logging
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np

from dnaseq.data.records.store_writer import LabelledBlock
from dnaseq.data.regions.intervals import Intervals, add_places
from dnaseq.data.regions.negatives import MATCHED, NO_FILE, SHUFFLED, Draw, by_contig
from dnaseq.data.regions.reading import WindowReader
from dnaseq.data.regions.settings import AUTO, FILE, NONE, Negatives
from dnaseq.data.regions.windows import Cutting, Windows, number_contigs
from dnaseq.data.sources.files import Paths, located_files, some_files
from dnaseq.errors import ConfigError, InputError, first_names
from dnaseq.io.address import expand
from dnaseq.io.compress import chunks, shown, stem_and_suffix
from dnaseq.io.genome.bed import Regions as RegionFile
from dnaseq.io.genome.bed import read_regions
from dnaseq.io.genome.bigwig import open_signals
from dnaseq.io.genome.genome import Genome
from dnaseq.io.genome.names import ADD, DROP, chrom_map
from dnaseq.io.sequences.reading import Reading

POSITIVE, NEGATIVE, NO_LABEL = "positive", "negative", "-"
VALUES = ("mean", "sum")
FORMAT = 1  # another number where the same files give other windows
_NAMED = 5  # contigs in a message
_HOW = "data.train=PEAKS.bed data.genome=GENOME.fa"

logger = logging.getLogger("dnaseq")


class Regions:
    """Files of regions in a genome, cut into windows.

    Labels are those of a column (`label`: its number or name), or else the names of several files, or else `positive`;
    with `signal`, bigWig files, the mean or the sum (`value`) of each over the window. Negatives are labelled
    `negative` (None: "negative", or of label sets the empty one).

    width, summit, overlaps: see Cutting. `strands`: windows of the reverse strand are read on it.
    stretch: bases of a contig that split=chromosome keeps together (None: all of it).
    exclude: files of regions where no window may lie. `names` is the chrom_map of names in all files to the genome.
    label_sets: True: a label is a set of labels, and windows that share bases have those of all their regions.

    The id of a window is `contig:start-end`, counted from 0 without the end, and with strands `(+)` or `(-)`; its
    header has the soft-masked share and the kind of a negative. Windows of nothing but N are left out.
    """

    def __init__(
        self,
        train: Paths,
        genome: str | None,
        val: Paths = None,
        test: Paths = None,
        width: int | None = None,
        summit: bool = False,
        overlaps: str = "keep",
        length_policy: str = "pad",
        strands: bool = False,
        label: int | str | None = None,
        negative: str | None = None,
        stretch: int | None = None,
        signal: Paths = None,
        value: str = "mean",
        exclude: Paths = None,
        names: str | None = None,
        negatives: Negatives | None = None,
        label_sets: bool = False,
    ):
        self.files = some_files(located_files(train=train, val=val, test=test), _HOW)
        if not genome:
            raise ConfigError(f"data.genome must be given: {_HOW}")
        self.negatives = negatives or Negatives()
        self.genome = expand(genome)[0]
        self.excluded = located_files(it=exclude).get("it", [])
        self.signals = located_files(it=signal).get("it", [])
        self.given = expand(self.negatives.path) if self.negatives.path else []
        self.names = names
        self.label, self.value, self.stretch = label, value, stretch
        self.negative = negative or (NO_LABEL if label_sets else NEGATIVE)
        overlaps = "merge" if label_sets else overlaps
        self.cutting = Cutting(width, summit, strands, overlaps, length_policy != "error", label_sets)
        self._check()

    @property
    def side_files(self) -> list[str]:
        own = [] if self.names in (None, ADD, DROP) else expand(str(self.names))
        return [self.genome, *self.excluded, *self.signals, *self.given, *own]

    @property
    def settings(self) -> dict:
        """Return all that decides which records there are, beside the content of files."""
        sides = [len(self.excluded), len(self.signals), len(self.given)]
        return {
            "kind": "regions",
            "format": FORMAT,
            "cutting": astuple(self.cutting),
            "labels": [self.label, self.negative, self.value if self.signals else None],
            "files": [[_stem(path) for path in paths] for paths in self.files.values()] * self._by_file,
            "sides": [*sides, self.names if self.names in (None, ADD, DROP) else "table"],
            "negatives": self.negatives.chosen,
            "stretch": self.stretch,
        }

    def _check(self) -> None:
        if self.signals and self.negatives.kind == SHUFFLED:
            raise ConfigError("negatives=shuffled have no place in data.signal. Write negatives=matched")
        if self.given and len(self.files) > 1:
            what = "negatives=file gives negatives of one part"
            raise ConfigError(f"{what}. Give all regions as data.train, and a split such as split=chromosome")
        if self.value not in VALUES:
            raise ConfigError(f"data.value must be one of {', '.join(VALUES)}; got {self.value!r}")
        if self.stretch is not None and (type(self.stretch) is not int or self.stretch < 1):
            what = "must be a whole number of at least 1, or null"
            raise ConfigError(f"data.stretch {what}; got {self.stretch!r}")

    @property
    def _by_file(self) -> bool:
        return self.label is None and any(len(paths) > 1 for paths in self.files.values())

    def read(self, reading: Reading) -> Iterator[tuple[str, LabelledBlock]]:
        """(part, windows of one contig with their labels). Raises InputError for regions that do not fit the genome,
        and where there are too few places for negatives."""
        genome = Genome.open(self.genome)
        found = {part: [self._read_file(path) for path in paths] for part, paths in self.files.items()}
        excluded = [read_regions(path) for path in self.excluded]
        sequences = [path for path in self.given if _is_fasta(path)]
        if sequences and self.signals:
            raise ConfigError(
                "negatives.path is FASTA, which has no place in data.signal. Give regions there"
            )
        given = [read_regions(path) for path in self.given if path not in sequences]
        every = [*(one for files in found.values() for one in files), *given]
        rename = chrom_map(self.names) or str
        renamed = {name: rename(name) for regions in [*every, *excluded] for name in regions.contigs}
        numbers = number_contigs(every, genome, renamed)
        kept_out = _excluded(excluded, {n: i for i, n in enumerate(genome.names)}, renamed)
        cut = {part: self.cutting.cut(files, genome, numbers, kept_out) for part, files in found.items()}
        kind = self._kind(cut)
        blocked = _blocked(found, cut, kept_out, numbers, self.negatives.distance)
        with ExitStack() as stack:
            signals = [stack.enter_context(closing(one)) for one in open_signals(self.signals)]
            reader = WindowReader(genome, signals, self.value, self.stretch, self.negative, kind)
            for number, (part, positives) in enumerate(cut.items()):
                positives = _distinct(reader.with_bases(positives))
                key, none = (self.negatives.seed, number), positives.take(slice(0, 0))
                if kind == FILE:
                    own = self._given(given, genome, numbers, kept_out, blocked) if given else none
                    negatives = _distinct(reader.with_bases(own))
                elif kind in (NONE, SHUFFLED):
                    negatives = none
                else:
                    draw = Draw(genome, blocked, kind, key, self.stretch)
                    negatives = draw.draw(positives, self.negatives.ratio, self.negative)
                    add_places(blocked, negatives.contigs, negatives.starts, negatives.ends)
                shuffles = self.negatives.ratio if kind == SHUFFLED else 0.0
                yield from ((part, block) for block in reader.blocks(positives, negatives, shuffles, key))
                if sequences:
                    yield from ((part, block) for block in reader.given_records(sequences, reading))

    def _read_file(self, path: str) -> RegionFile:
        regions = read_regions(path, self.label)
        if self.label is not None:
            return regions
        return regions._replace(labels=[_stem(path) if self._by_file else POSITIVE] * len(regions.contigs))

    def _kind(self, cut: dict[str, Windows]) -> str:
        """Return the kind of negatives; of `auto` that which the labels ask for."""
        labels = sorted({label for windows in cut.values() for label in windows.labels})
        if self.negative in labels and self.negatives.kind not in (AUTO, NONE):
            fix = "Write data.negative=NAME, or negatives=none"
            raise InputError(f"regions have the label {self.negative!r} that negatives get", fix=fix)
        if self.negatives.kind != AUTO:
            return self.negatives.kind
        if self.signals or self.cutting.sets or len(labels) != 1:
            return NONE
        logger.info("note: all regions are %r, so negatives are drawn (negatives=matched)", labels[0])
        return MATCHED

    def _given(
        self,
        given: list[RegionFile],
        genome: Genome,
        numbers: dict[str, int],
        kept_out: dict[int, Intervals],
        blocked: dict[int, Intervals],
    ) -> Windows:
        """Cut windows of the regions in negatives.path, and leave those out that share bases with a positive one."""
        labelled = [one._replace(labels=[self.negative] * len(one.contigs)) for one in given]
        windows = self.cutting.cut(labelled, genome, numbers, kept_out)
        is_free = np.ones(len(windows), dtype=bool)
        for contig, rows in by_contig(windows):
            if contig in blocked:
                is_free[rows] = ~blocked[contig].overlap(windows.starts[rows], windows.ends[rows])
        if not is_free.all():
            count = int(np.count_nonzero(~is_free))
            logger.warning("note: %s negatives share bases with regions, and are left out", f"{count:,}")
        kept = windows.take(is_free)
        return replace(kept, files=np.full(len(kept), NO_FILE, dtype=np.int32))


def _excluded(
    files: list[RegionFile], numbers: dict[str, int], rename: dict[str, str]
) -> dict[int, Intervals]:
    """Join the regions of exclude= on each contig of the genome. Raises InputError where a file has none on any."""
    places: dict[int, Intervals] = {}
    for regions in files:
        of = np.array([numbers.get(rename[name], -1) for name in regions.contigs])
        if (of < 0).all():
            names = first_names(sorted(set(regions.contigs)), _NAMED)
            what = f"no region is on a contig of the genome; they are on {names}"
            raise InputError(what, file=shown(regions.path), fix="chrom_map= maps names")
        add_places(places, of[of >= 0], regions.starts[of >= 0], regions.ends[of >= 0])
    return places


def _blocked(
    found: dict[str, list[RegionFile]],
    cut: dict[str, Windows],
    excluded: dict[int, Intervals],
    numbers: dict[str, int],
    distance: int,
) -> dict[int, Intervals]:
    """Join where no negative may lie: regions and windows of all parts with `distance` around them, and `excluded`."""
    places = dict(excluded)
    for regions in (one for files in found.values() for one in files):
        of = np.array([numbers[name] for name in regions.contigs])
        add_places(places, of, regions.starts, regions.ends, distance)
    for windows in cut.values():
        add_places(places, windows.contigs, windows.starts, windows.ends, distance)
    return places


def _distinct(windows: Windows) -> Windows:
    """Leave out windows that are there already, with the same label."""
    first: dict[tuple, int] = {}
    keys = zip(*(column.tolist() for column in windows.columns[:5]), strict=True)
    for row, key in enumerate(keys):
        first.setdefault(key, row)
    if len(first) < len(windows):
        count = len(windows) - len(first)
        logger.info("note: %s windows are there twice with one label, and are read once", f"{count:,}")
    return windows.take(np.array(list(first.values()), dtype=np.int64))


def _is_fasta(path: str) -> bool:
    return next(iter(chunks(path)), b"").lstrip().startswith(b">")


def _stem(path: str) -> str:
    return Path(stem_and_suffix(path)[0]).stem

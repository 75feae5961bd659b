"""A genome and its annotation as labelled windows: every base is inside or outside the features of one type."""

import logging
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from dnaseq.data.records.store_writer import LabelledBlock
from dnaseq.data.sources.files import ROWS_PER_BLOCK, Paths, located_files, some_files
from dnaseq.encode import alphabet
from dnaseq.errors import ConfigError, InputError, first_names
from dnaseq.io.compress import shown
from dnaseq.io.reading_options import HEADER
from dnaseq.io.sequences.block import Fault, rejected_block
from dnaseq.io.sequences.feature_files import Features, read_features
from dnaseq.io.sequences.reading import Block, Reading, read_blocks

FORWARD, REVERSE = 1, 2  # bits of a base: within a feature of this strand
# Which of the labels a base has that no feature covers, one of the forward strand, of the reverse one, of both.
LETTERS = {"any": (0, 1, 1, 1), "forward": (0, 1, 0, 1), "both": (0, 1, 2, 3)}
NAMED = 3  # sequences that a message lists

logger = logging.getLogger("dnaseq")


class Annotation:
    """Sequence files and files of features along them (GFF3, GTF or BED), cut into windows.

    labels:   one letter for bases outside the features and one for those inside.
    strands:  any: a feature of either strand counts; forward: those of the forward strand alone; both: four labels,
              for bases outside, of the forward strand, of the reverse one, of both.
    window, step: bases in a window, and from the start of one to the next (None: as many).
    stretch:  bases in a stretch (None: a whole sequence). Stretches stand in the column of chromosomes, so that
              split=chromosome keeps them whole; no window reaches over the border of two.
    shortest: bases that the last window of a stretch must have (None: half a window).

    The id of a window is `sequence:start-end`, counted from 0 without the end. Windows of nothing but N are left out.
    """

    def __init__(
        self,
        train: Paths,
        features: Paths,
        val: Paths = None,
        test: Paths = None,
        feature_type: str | None = "CDS",
        labels: Sequence[str] = ("N", "C"),
        strands: str = "any",
        window: int = 500,
        step: int | None = None,
        shortest: int | None = None,
        stretch: int | None = 50_000,
        stranded: bool = False,
    ):
        how = "data.train=GENOME.fa data.features=GENES.gff"
        self.files = some_files(located_files(train=train, val=val, test=test), how)
        self.side_files = some_files(located_files(features=features), how)["features"]
        self.feature_type, self.strands = feature_type, strands
        self.labels = [str(one) for one in labels or ()]
        _check_labels(self.labels, strands, stranded)
        _check_sizes(window, step, shortest, stretch)
        self.window, self.step = window, step or window
        self.shortest, self.stretch = shortest or (window + 1) // 2, stretch
        self.settings = {
            "kind": "annotation",
            "features": [feature_type, self.strands, self.labels],
            "windows": [self.window, self.step, self.shortest, stretch],
        }

    def read(self, reading: Reading) -> Iterator[tuple[str, LabelledBlock]]:
        """(part, windows of one sequence with their labels) of every file. Raises InputError for a feature beyond
        its sequence, one without the strand that is asked for, and features of which none is on a sequence here."""
        if reading.gaps == "drop":
            raise ConfigError("reading.gaps=drop would move bases away from their features. Leave it out")
        annotated = self._features()
        met: list[str] = []
        for part, paths in self.files.items():
            for block in read_blocks(paths, reading):
                for i in range(len(block.headers)):
                    met.append(block.id(i))
                    if i in block.rejected:
                        yield part, _rejected(block, i)
                    else:
                        path, features = annotated.get(met[-1], ("", None))
                        labels = self._labels(met[-1], _codes(block, i).size, path, features)
                        yield from ((part, cut) for cut in self._windows(block, i, labels))
        self._check_matched(annotated, met)

    def _features(self) -> dict[str, tuple[str, Features]]:
        """Read the features: sequence id -> the file that annotates it, and its features."""
        annotated: dict[str, tuple[str, Features]] = {}
        for path in self.side_files:
            found = read_features(path, self.feature_type)
            if twice := next((name for name in found if name in annotated), None):
                what = f"the file {shown(annotated[twice][0])} has features of this sequence too"
                fix = "Put all features of a sequence into one file"
                raise InputError(what, file=shown(path), record=twice, fix=fix)
            annotated |= {name: (path, features) for name, features in found.items()}
        return annotated

    def _labels(self, name: str, length: int, path: str, features: Features | None) -> bytes:
        """Label every base of a sequence with a letter."""
        letters = np.array([ord(self.labels[place]) for place in LETTERS[self.strands]], dtype=np.uint8)
        if features is None:
            return letters[:1].tobytes() * length
        if self.strands != "any" and not features.strands.all():
            line = int(features.lines[features.strands == 0][0])
            raise InputError("a feature without strand", file=path, line=line, fix="Set data.strands=any")
        if fault := beyond(features, length):
            line, what = fault
            fix = "Genome and annotation must be of the same version"
            raise InputError(what, file=path, line=line, record=name, fix=fix)
        return letters[covered(features, length)].tobytes()

    def _windows(self, block: Block, i: int, labels: bytes) -> Iterator[LabelledBlock]:
        """Record i of a block, in pieces of at most ROWS_PER_BLOCK windows."""
        name, codes = block.id(i), _codes(block, i)
        cuts = windows(codes.size, self.window, self.step, self.shortest, self.stretch or codes.size)
        kept = [cut for cut in cuts.tolist() if (codes[cut[0] : cut[1]] < alphabet.N).any()]
        for at in range(0, len(kept), ROWS_PER_BLOCK):
            chosen = kept[at : at + ROWS_PER_BLOCK]
            ids = [f"{name}:{start}-{end}".encode() for start, end, _ in chosen]
            offsets = np.cumsum([0] + [end - start for start, end, _ in chosen], dtype=np.int64)
            letters = np.concatenate([codes[start:end] for start, end, _ in chosen])
            lines = np.repeat(block.lines[i], len(ids))
            yield LabelledBlock(
                Block(block.source, ids, letters, offsets, lines, {}, id_from=HEADER),
                [labels[start:end].decode() for start, end, _ in chosen],
                [self._place(name, stretch, codes.size) for _, _, stretch in chosen],
            )

    def _place(self, name: str, start: int, length: int) -> str:
        return name if self.stretch is None else f"{name}:{start}-{min(start + self.stretch, length)}"

    def _check_matched(self, annotated: Mapping[str, object], met: list[str]) -> None:
        """Require that ids match: ids written differently in the two files would look like a genome without genes."""
        strange, bare = sorted(annotated.keys() - set(met)), [name for name in met if name not in annotated]
        files = ", ".join(shown(path) for path in self.side_files)
        if len(strange) == len(annotated):
            what = (
                f"features of {first_names(strange, NAMED)}, but the sequences are {first_names(met, NAMED)}"
            )
            raise InputError(what, file=files, fix="The ids must be the same in both files")
        if strange:
            logger.warning(
                "%s: features of sequences that are not in the data: %s", files, first_names(strange, NAMED)
            )
        if bare:
            logger.info(
                "note: sequences without features, all %r: %s", self.labels[0], first_names(bare, NAMED)
            )


def windows(length: int, window: int, step: int, shortest: int, stretch: int) -> np.ndarray:
    """(n, 3) int64: start and end of each window of a sequence, and the start of the stretch that it lies in.

    Each stretch is cut on its own, up to the first window that reaches its end; that one may be shorter.
    """
    found = []
    for begin in range(0, length, stretch):
        size = min(stretch, length - begin)
        starts = step * np.arange(1 + max(0, -((window - size) // step)), dtype=np.int64)
        ends = np.minimum(starts + window, size)
        cuts = np.stack([begin + starts, begin + ends, np.full(len(starts), begin)], axis=1)
        found.append(cuts[ends - starts >= shortest])
    return np.concatenate(found) if found else np.empty((0, 3), dtype=np.int64)


def covered(features: Features, length: int) -> np.ndarray:
    """(length,) uint8: bit FORWARD or REVERSE of each base within a feature of that strand (FORWARD if of none).

    On a circular sequence a feature that ends beyond it continues at its beginning.
    """
    bits = np.zeros(length, dtype=np.uint8)
    each = zip(features.starts.tolist(), features.ends.tolist(), features.strands.tolist(), strict=True)
    for start, end, strand in each:
        bit = REVERSE if strand < 0 else FORWARD
        bits[start:end] |= bit
        if end > length:
            bits[: end - length] |= bit
    return bits


def beyond(features: Features, length: int) -> tuple[int, str] | None:
    """Find line and fault of the first feature in the file that does not fit on a sequence; None where all do."""
    limit = 2 * length if features.circular else length
    wrong = np.flatnonzero((features.ends > limit) | (features.starts >= length) & (features.ends > length))
    if not wrong.size:
        return None
    first = wrong[features.lines[wrong].argmin()]
    return int(
        features.lines[first]
    ), f"ends at {features.ends[first]}, after the last base of its sequence, {length}"


def _check_labels(labels: list[str], strands: str, stranded: bool) -> None:
    if strands not in LETTERS:
        raise ConfigError(f"data.strands must be one of {', '.join(LETTERS)}; got {strands!r}")
    wanted = max(LETTERS[strands]) + 1
    plain = all(len(one) == 1 and one.isascii() and one.isprintable() and one != " " for one in labels)
    if not plain or len(set(labels)) != len(labels) or len(labels) != wanted:
        what = f"data.labels must be {wanted} different letters with data.strands={strands}"
        raise ConfigError(f"{what}; got [{','.join(labels)}]")
    if strands != "any" and not stranded:
        raise ConfigError(f"data.strands={strands} tells strands apart. Set data.stranded=true")


def _check_sizes(window: int, step: int | None, shortest: int | None, stretch: int | None) -> None:
    given = {"window": window} | {k: v for k, v in (("step", step), ("shortest", shortest)) if v is not None}
    for key, value in given.items():
        if type(value) is not int or value < 1:
            raise ConfigError(f"data.{key} must be a whole number of at least 1; got {value!r}")
    if shortest is not None and shortest > window:
        raise ConfigError(f"data.shortest={shortest} is longer than data.window={window}")
    if stretch is not None and (type(stretch) is not int or stretch < window):
        raise ConfigError(f"data.stretch must be null or at least data.window={window}; got {stretch!r}")


def _codes(block: Block, i: int) -> np.ndarray:
    return block.codes[block.offsets[i] : block.offsets[i + 1]]


def _rejected(block: Block, i: int) -> LabelledBlock:
    """Build the block of a sequence that could not be used, which counts as one record."""
    line = int(block.lines[i])
    bad = rejected_block(block.source, block.headers[i], Fault(block.rejected[i], line), line, block.id_from)
    return LabelledBlock(bad, [""], [""])

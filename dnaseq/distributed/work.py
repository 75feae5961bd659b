"""What has to be done in a prediction, whoever does it, and what comes back."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, Protocol

from dnaseq.bundle.predictor import Predictor
from dnaseq.io.address import version_of
from dnaseq.io.compress import STDIN
from dnaseq.io.results.parts import Part
from dnaseq.io.results.rows import Rows
from dnaseq.io.sequences.reading import Reading


class Answered(NamedTuple):
    """A block's rows as the table takes them, and what is counted of them."""

    formed: bytes | dict
    rows: int
    records: int
    rejected: int
    noted: dict[str, int]  # note -> records


class Work(NamedTuple):
    """All records of some files are to be answered, in order."""

    bundle: str
    options: dict  # those of Predictor
    predictor: Predictor  # this process's own
    sources: list[str]
    versions: list[list]  # of the sources, when the work began
    reading: Reading
    finish: Callable[[Rows], Answered]
    columns: tuple[str, ...]  # those of the table that not every table has


class Engine(Protocol):
    """Who does the work."""

    def own_device(self, device: str, sources: Sequence[str]) -> str:
        """Where this process's own predictor is to be."""
        ...

    def depends_on(self, work: Work) -> dict[str, object]:
        """What the rows depend on beside the input, the bundle and the options, by the names that users know."""
        ...

    def shards(self, work: Work) -> Sequence:
        """What is read apart, in order."""
        ...

    def parts(self, work: Work, shards: Sequence, there: list[tuple[set[int], bool]]) -> Iterator[Part]:
        """The parts of all shards in order, but those that are there already: for every shard their numbers, and
        whether these are all. Their content is Answered."""
        ...


def versions_of(sources: Sequence[str]) -> list[list]:
    """What shows later that a file is another one, for each that is no pipe."""
    return [[source, *version_of(source)] for source in sources if source != STDIN]

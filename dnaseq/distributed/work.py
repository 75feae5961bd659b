"""The work of a prediction, the interface of the engines that do it, and their results."""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from dnaseq.bundle.predictor import Predictor
from dnaseq.io.address import STDIN, version_of
from dnaseq.io.os_errors import access
from dnaseq.io.results.parts import Part
from dnaseq.io.results.rows import Rows
from dnaseq.io.sequences.reading import Reading

ID_HASH = 8
Begin = Callable[[Predictor], Callable[[Any], Any]]  # predictor -> the function that answers an item


class Answered(NamedTuple):
    """The rows of a block as the table takes them, with counts."""

    formed: bytes | dict
    rows: int
    records: int
    rejected: int
    noted: dict[str, int]  # note -> records
    id_hashes: bytes = b""  # ID_HASH bytes for each record


class Work(NamedTuple):
    """A prediction of all records of some files, in order."""

    bundle: str
    options: dict  # those of Predictor
    predictor: Predictor  # of this process
    sources: list[str]
    versions: list[list]  # of the sources, and of a genome beside them, when the work began
    reading: Reading
    finish: Callable[[Rows], Answered]
    columns: tuple[str, ...]  # optional columns of the table


class Questions(NamedTuple):
    """Questions to a bundle about items that are no records of files, such as windows of a genome."""

    bundle: str
    options: dict  # those of Predictor
    predictor: Predictor  # of this process
    sources: list[str]  # files whose size says whether several processes are worth it
    begin: Begin


class Engine(Protocol):
    """The interface of an engine, which does the work."""

    def own_device(self, device: str, sources: Sequence[str]) -> str:
        """Return the device of the predictor of this process."""
        ...

    def depends_on(self, work: Work | Questions) -> dict[str, object]:
        """Return the settings that change the answers, beside input, bundle and options, by their keys."""
        ...

    def answers(self, questions: Questions, items: Iterable) -> Iterator:
        """Yield the answer to each item, in order."""
        ...

    def shards(self, work: Work) -> Sequence:
        """Cut the input into shards that are read apart, in order."""
        ...

    def parts(
        self, work: Work, shards: Sequence, there: list[tuple[set[int], bool]]
    ) -> Generator[Part, None, None]:
        """Yield the parts of all shards in order, without those in `there`: for every shard their numbers, and True
        where these are all. Their content is Answered."""
        ...


def versions_of(sources: Sequence[str]) -> list[list]:
    """Return the version of each file that is no pipe, to recognise a changed file later."""
    return [[source, *_version(source)] for source in sources if source != STDIN]


def _version(source: str) -> list:
    with access(source):
        return version_of(source)

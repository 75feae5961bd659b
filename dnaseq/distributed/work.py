"""What has to be done in a prediction, whoever does it, and what comes back."""

from collections.abc import Callable
from typing import NamedTuple

from dnaseq.bundle.predictor import Predictor
from dnaseq.io.reading import Reading
from dnaseq.io.rows import Rows


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
    reading: Reading
    finish: Callable[[Rows], Answered]
    columns: tuple[str, ...]  # those of the table that not every table has
    output: str  # the table's name; "-" is standard output
    overwrite: bool

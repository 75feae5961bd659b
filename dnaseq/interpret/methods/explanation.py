"""The explanation of records by one method, and what the methods share."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from dnaseq.bundle.inference.rechunk import batches
from dnaseq.encode.alphabet import N
from dnaseq.errors import ConfigError
from dnaseq.interpret.logit import Logit

BASELINES = ("uniform", "shuffles")


class Explanation(NamedTuple):
    """A number for every base, 0 at padding and at letters that are not one base.

    `hypothetical` has the number that each of the four bases would have there; at the base that is there it is the
    value. None of a method that knows only the bases that are there.
    """

    values: np.ndarray  # (n, L) float32
    hypothetical: np.ndarray | None = None  # (n, L, 4) float32


@dataclass(frozen=True)
class MethodSettings:
    """Settings of the methods, which a user may choose.

    `baseline` is what integrated gradients compare a record with: a quarter of each base at every position, or
    `shuffles` dinucleotide-preserving shuffles of it, drawn by `seed` and the record alone. `steps` are the points on
    the way from there to the record.
    """

    baseline: str = "uniform"
    steps: int = 25
    shuffles: int = 20
    seed: int = 1

    def __post_init__(self) -> None:
        if self.baseline not in BASELINES:
            raise ConfigError(f"baseline must be one of {', '.join(BASELINES)}; got {self.baseline!r}")
        for name, value in (("steps", self.steps), ("shuffles", self.shuffles)):
            if type(value) is not int or value < 1:
                raise ConfigError(f"{name} must be a whole number of at least 1; got {value!r}")


# (logit, (n, L) codes, (n,) lengths, settings) -> the explanation of these records
Method = Callable[[Logit, np.ndarray, np.ndarray, MethodSettings], Explanation]


def is_one_base(codes: np.ndarray) -> np.ndarray:
    """(n, L) codes -> (n, L) bool, True for A, C, G and T."""
    return codes < N


def at_bases(hypothetical: np.ndarray, codes: np.ndarray) -> Explanation:
    """(n, L, 4) numbers of the four bases -> the explanation with those of the bases that are there."""
    real = is_one_base(codes)
    hypothetical = np.where(real[..., None], hypothetical, 0).astype(np.float32)
    index = np.where(real, codes, 0)[..., None].astype(np.int64)
    return Explanation(np.take_along_axis(hypothetical, index, axis=2)[..., 0], hypothetical)


def rows_by_length(lengths: np.ndarray, most: int) -> Iterator[np.ndarray]:
    """(n,) lengths -> row numbers of batches of at most `most` records of similar length, all rows once."""
    order = np.argsort(lengths, kind="stable")
    for batch in batches(lengths[order], most):
        yield order[batch]

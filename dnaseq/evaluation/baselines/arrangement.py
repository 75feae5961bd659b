"""The places and strands of the sites of a data set, found by the linear models that describe its training records."""

import math
from collections.abc import Mapping
from typing import NamedTuple

HARDLY = 0.01  # share of the log loss of chance below which a model says nothing
GAIN = 0.05  # share of the log loss by which k-mers and positions together must be better than either alone


class Arrangement(NamedTuple):
    """The places and strands that a site may have in a record."""

    anywhere: bool  # counts of k-mers tell the classes apart
    aligned: bool  # so do the bases at single positions
    either_strand: bool

    def in_words(self) -> str:
        """Return a text such as "sites anywhere, on either strand"."""
        places = ["anywhere"] * self.anywhere + ["at fixed positions"] * self.aligned
        strand = "on either strand" if self.either_strand else "on the strand that is given"
        return f"sites {' and '.join(places)}, {strand}"


def find_arrangement(log_loss: Mapping[str, float | None], chance: float) -> Arrangement:
    """The arrangement under which the training records are described best.

    `log_loss` of logistic regression in cross-validation by the names of baselines: "kmer_logistic" (counts on
    the strand that is given) and, where they make sense, "kmer_canonical_logistic" (on either strand),
    "position_logistic" and "kmer_position_logistic" (both together). `chance` is the loss of the class frequencies; a
    loss that is hardly below it, or None, says nothing. Where no model says anything, sites may be anywhere, and on
    either strand where that makes sense.
    """

    def loss(name: str) -> float:
        found = log_loss.get(name)
        return found if found is not None and found < (1 - HARDLY) * chance else math.inf

    given, either = loss("kmer_logistic"), loss("kmer_canonical_logistic")
    position, both = loss("position_logistic"), loss("kmer_position_logistic")
    counts = min(given, either)
    if math.isinf(min(counts, position)):
        return Arrangement(True, False, "kmer_canonical_logistic" in log_loss)
    together = both < (1 - GAIN) * min(counts, position)
    aligned = position < counts or together
    return Arrangement(counts <= position or together, aligned, not aligned and either < given)

"""Where the sites of a data set lie and on which strand, told by which linear models describe its training records."""

import math
from collections.abc import Mapping
from typing import NamedTuple

GAIN = 0.05  # share of the log loss by which k-mers and positions together must be better than either alone


class Arrangement(NamedTuple):
    """Where a site may be in a record."""

    anywhere: bool  # counts of k-mers tell the classes apart
    aligned: bool  # so do the bases at single positions
    either_strand: bool

    def in_words(self) -> str:
        """Such as "sites anywhere, on either strand"."""
        places = ["anywhere"] * self.anywhere + ["at fixed positions"] * self.aligned
        strand = "on either strand" if self.either_strand else "on the strand that is given"
        return f"sites {' and '.join(places)}, {strand}"


def arrangement_of(log_loss: Mapping[str, float]) -> Arrangement:
    """The arrangement under which the training records are described best; sites anywhere where nothing is known.

    `log_loss` of logistic regression in cross-validation by the names of baselines: "kmer_logistic" (counts on
    the strand that is given) and, where they make sense, "kmer_canonical_logistic" (on either strand),
    "position_logistic" and "kmer_position_logistic" (both together). One that is NaN says nothing.
    """
    known = {name: math.inf if math.isnan(loss) else loss for name, loss in log_loss.items()}
    either, position, both = (
        known.get(name, math.inf)
        for name in ("kmer_canonical_logistic", "position_logistic", "kmer_position_logistic")
    )
    counts = min(known["kmer_logistic"], either)
    together = both < (1 - GAIN) * min(counts, position)
    aligned = position < counts or together
    return Arrangement(
        counts <= position or together, aligned, not aligned and either < known["kmer_logistic"]
    )

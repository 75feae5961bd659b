"""Records written as letters, as simple models take them."""

from collections.abc import Sequence

import numpy as np

from dnaseq.encode.alphabet import to_codes
from dnaseq.evaluation.baselines.fitting import Examples


def examples(sequences: Sequence[str], labels: Sequence | None = None, *more) -> Examples:
    """The records packed one after the other; class 0 where no labels are given."""
    lengths = np.array([len(s) for s in sequences], dtype=np.int64)
    labels = np.zeros(len(sequences), dtype=np.int64) if labels is None else np.asarray(labels)
    return Examples(to_codes("".join(sequences)), np.cumsum(lengths) - lengths, lengths, labels, *more)


def letters(some: Examples) -> list[str]:
    """The sequences again."""
    return [
        "".join("ACGTN-RYSWKMBDHV"[code] for code in some.codes[start : start + length])
        for start, length in zip(some.starts, some.lengths, strict=True)
    ]

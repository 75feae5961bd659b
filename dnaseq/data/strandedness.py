"""Strands of a record that a model reads, in training and in prediction."""

import torch
from torch import Tensor

from dnaseq.encode.revcomp import reverse_complement
from dnaseq.errors import ConfigError

ONE, BOTH = "one", "both"
SEEN = (ONE, BOTH)  # in prediction: the record as it was read, or that and its reverse complement
OTHER = "other"  # in prediction, where it is asked for: the reverse complement alone
AUGMENT, SHARED = "augment", "shared"
STRANDS = (ONE, AUGMENT, BOTH, SHARED)  # in training


def prediction_strands(strands: str) -> str:
    """Return the strands of prediction, one of SEEN, for those of training, one of STRANDS.

    one:     every record as it was read; right for data that have a strand.
    augment: training on either strand at random, predictions from the given one.
    both:    training on either strand at random, predictions averaged over both.
    shared:  averaged over both in training too, by one set of weights: f(x) = f(reverse complement of x).
    """
    return BOTH if strands in (BOTH, SHARED) else ONE


def check_strands(strands: str, stranded: bool) -> None:
    """Raise ConfigError for anything but STRANDS, and for both strands of data that have a strand."""
    if strands not in STRANDS:
        raise ConfigError(f"strands must be one of {', '.join(STRANDS)}; got {strands!r}")
    if stranded and strands != ONE:
        raise ConfigError(
            f"strands={strands}, but the data have a strand (data.stranded=true). Use strands=one"
        )


def with_other_strand(codes: Tensor, lengths: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """(B, L) codes, (B,) lengths or None -> (2B, L), (2B,) or None: the records, then their reverse complements."""
    both = torch.cat([codes, reverse_complement(codes, lengths)])
    return both, None if lengths is None else torch.cat([lengths, lengths])

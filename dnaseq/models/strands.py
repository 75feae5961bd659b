"""Predictions from both strands, for every network alike.

Such a batch holds 2B records: B as they were read, then, in the same order, their reverse complements.
"""

from torch import Tensor

from dnaseq.models.encoded import reverse_each


def mean_of_strands(outputs: Tensor, lengths: Tensor | None = None) -> Tensor:
    """Average the outputs for both strands: (2B, C) -> (B, C), or (L, 2B, C) -> (L, B, C).

    Where there are outputs for positions, those of the other strand are reversed over each record, of `lengths`
    (2B,) or of L positions each, so that both are of one position. As the weights are those of both strands,
    f(x) = f(reverse complement of x) to rounding (Zhou et al. 2022 compare this with other ways). Raises ValueError
    for outputs of another shape.
    """
    if outputs.ndim not in (2, 3) or outputs.shape[-2] % 2:
        what = "outputs of both strands must be (2B, C) or (L, 2B, C)"
        raise ValueError(f"{what}; got shape {tuple(outputs.shape)}")
    given, other = outputs.chunk(2, dim=-2)
    if outputs.ndim == 3:
        other = reverse_each(other, None if lengths is None else lengths[len(lengths) // 2 :])
    return (given + other) / 2

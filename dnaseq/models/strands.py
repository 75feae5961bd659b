"""One answer from both strands, for every network alike.

Such a batch holds 2B records: B as they were read, then, in the same order, their reverse complements.
"""

from torch import Tensor

from dnaseq.models.mask import reverse_each


def mean_of_strands(outputs: Tensor, lengths: Tensor | None = None) -> Tensor:
    """The mean of what a network says of both strands: (2B, C) -> (B, C).

    With `lengths` (2B,) the outputs are those of positions, (L, 2B, C) -> (L, B, C), and the other strand's are
    reversed over each record, so that both are of one position. As the weights are those of both strands,
    f(x) = f(reverse complement of x) to rounding (Zhou et al. 2022 compare this with other ways). Raises
    ValueError where the shape of the outputs is not the one said.
    """
    expected = "(2B, C)" if lengths is None else "(L, 2B, C)"
    if outputs.ndim != expected.count(",") + 1 or outputs.shape[-2] % 2:
        raise ValueError(f"outputs of both strands must be {expected}; got shape {tuple(outputs.shape)}")
    given, other = outputs.chunk(2, dim=-2)
    if lengths is not None:
        other = reverse_each(other, lengths[len(lengths) // 2 :])
    return (given + other) / 2

"""One answer from both strands, for every network alike."""

from torch import Tensor

from dnaseq.models.mask import reverse_each


def mean_of_strands(outputs: Tensor, lengths: Tensor | None = None) -> Tensor:
    """The mean of what a network says of 2B records: B as they were read, then their reverse complements.

    (2B, C) -> (B, C). With `lengths` (2B,) the outputs are those of positions, (L, 2B, C) -> (L, B, C), and the
    other strand's are reversed over each record, so that both are of one position. As the weights are those of
    both strands, f(x) = f(reverse complement of x) to rounding (Zhou et al. 2022 compare this with other ways).
    """
    if lengths is None:
        given, other = outputs.chunk(2)
        return (given + other) / 2
    given, other = outputs.chunk(2, dim=1)
    return (given + reverse_each(other, lengths[len(lengths) // 2 :])) / 2

"""Networks: embed, encode, pool, classify. Models differ in these parts."""

from collections.abc import Callable

from torch import Tensor, nn

from dnaseq.models.encoded import Encoded, Part, positions_after
from dnaseq.models.pool import build_pool

ANY_LENGTH = 1000  # long enough to show whether an encoder shortens


class SequenceLabeller(nn.Module):
    """A SequenceClassifier without a pool. Raises ValueError for an encoder that shortens its records."""

    def __init__(
        self,
        embed: Callable[[int], Part],
        encoder: Callable[[int], Part],
        head: Callable[[int, int], nn.Module],
        n_symbols: int,
        n_classes: int,
    ):
        super().__init__()
        self.embed = embed(n_symbols)
        self.encoder = encoder(self.embed.d_out)
        if positions_after(self.encoder, ANY_LENGTH) != ANY_LENGTH:
            raise ValueError("an encoder of a labeller must keep every position: set pool to 1 in each part")
        self.head = head(self.encoder.d_out, n_classes)

    def forward(self, x: Tensor, lengths: Tensor | None) -> Tensor:
        """(L, B, 4) one-hot or (L, B) ids, (B,) lengths -> (L, B, n_classes) logits; undefined at padding."""
        return self.head(self.encoder(self.embed(x), lengths).h)


class SequenceClassifier(nn.Module):
    """A network of parts, each given as a function of the widths it cannot know; only here are widths passed along.

    `length` is that of the longest record, in bases, for a pool that has weights for every position. Raises
    ValueError where such a pool is given none. The output of `wide` is added to the logits.
    """

    def __init__(
        self,
        embed: Callable[[int], Part],
        encoder: Callable[[int], Part],
        pool: Callable[..., Part],
        head: Callable[[int, int], nn.Module],
        n_symbols: int,
        n_classes: int,
        length: int | None = None,
        wide: Callable[[int, int], nn.Module] | None = None,
    ):
        super().__init__()
        self.embed = embed(n_symbols)
        self.encoder = encoder(self.embed.d_out)
        positions = None if length is None else positions_after(self.encoder, length)
        self.pool = build_pool(pool, self.encoder.d_out, positions)
        self.head = head(self.pool.d_out, n_classes)
        self.wide = wide(n_symbols, n_classes) if wide else None

    def encode(self, x: Tensor, lengths: Tensor | None) -> Encoded:
        """Return the input of the pool; pool.weights of it are the weights of an attention model."""
        return self.encoder(self.embed(x), lengths)

    def forward(self, x: Tensor, lengths: Tensor | None) -> Tensor:
        """(L, B, 4) one-hot or (L, B) ids, (B,) lengths of at least 1, or None where
        no record has padding -> (B, n_classes) logits."""
        logits = self.head(self.pool(self.encode(x, lengths)))
        return logits if self.wide is None else logits + self.wide(x)

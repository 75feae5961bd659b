"""Networks that answer for every position rather than for a record: embed, encode, classify each position."""

from collections.abc import Callable

from torch import Tensor, nn

from dnaseq.models.encoded import positions_after

ANY_LENGTH = 1000  # long enough to show whether an encoder shortens


class SequenceLabeller(nn.Module):
    """A SequenceClassifier without a pool. Raises ValueError for an encoder that shortens its records."""

    def __init__(
        self,
        embed: Callable[[int], nn.Module],
        encoder: Callable[[int], nn.Module],
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
        """(L, B, 4) one-hot or (L, B) ids, (B,) lengths -> (L, B, n_classes) logits; at padding they mean nothing."""
        return self.head(self.encoder(self.embed(x), lengths).h)

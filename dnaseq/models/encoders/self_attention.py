"""Self-attention over the positions of a record, for use on top of another encoder."""

from torch import Tensor, nn

from dnaseq.models.encoded import Encoded, Part, attention_padding, last_real
from dnaseq.models.limits import at_least_one, multiple_of, share


class SelfAttention(Part):
    """(L, B, d_in) -> (L, B, d_in): scaled dot-product attention (Vaswani et al. 2017), residual, LayerNorm.

    It knows no order of positions, so the encoder below must (a recurrent network does). Several heads learn as many
    patterns of attention, each on d_in / heads features. `final` is h at the last real
    position.
    """

    def __init__(self, d_in: int, heads: int = 1, dropout: float = 0.0):
        super().__init__()
        at_least_one(heads=heads)
        share(dropout=dropout)
        multiple_of("width of the encoder below", d_in, "heads", heads)
        self.d_out = d_in
        self.attend = nn.MultiheadAttention(d_in, heads, dropout)
        self.norm = nn.LayerNorm(d_in)

    def forward(self, h: Tensor, lengths: Tensor | None) -> Encoded:
        padding = attention_padding(lengths, len(h))
        context, _ = self.attend(h, h, h, key_padding_mask=padding, need_weights=False)  # (L, B, d_in)
        h = self.norm(h + context)
        return Encoded(h, last_real(h, lengths), lengths)

    def weights(self, h: Tensor, lengths: Tensor | None) -> Tensor:
        """(L, B, d_in), (B,) -> (B, heads, L, L): how much each position (row) attends to each (column).

        A row sums to 1 over the real positions and is 0 at padding; rows of padding mean nothing. Call it in
        eval mode: in training, dropout changes the weights.
        """
        padding = attention_padding(lengths, len(h))
        return self.attend(h, h, h, key_padding_mask=padding, average_attn_weights=False)[1]

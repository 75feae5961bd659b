"""Self-attention over positions: the transformer encoder (Vaswani et al. 2017), and one layer on another encoder."""

import math

import torch
from torch import Tensor, nn

from dnaseq.models.encoded import Encoded, Part, attention_padding, last_real
from dnaseq.models.limits import at_least_one, multiple_of, share

# The slowest sine has this period over 2 pi, in positions (Vaswani et al. 2017, section 3.5).
SLOWEST = 10_000.0


class Transformer(Part):
    """(L, B, d_in) -> (L, B, width): linear map, sinusoids added, then `layers` of attention and feed-forward.

    LayerNorm comes before each part rather than after it (Xiong et al. 2020), which trains without a warm-up.
    `feedforward` is the hidden width of the feed-forward part; `dropout` acts in it and on the output of
    each part. `final` is h at the last real position.
    """

    def __init__(
        self, d_in: int, width: int, heads: int, layers: int, feedforward: int, dropout: float = 0.0
    ):
        super().__init__()
        at_least_one(width=width, heads=heads, layers=layers, feedforward=feedforward)
        share(dropout=dropout)
        multiple_of("width", width, "heads", heads)
        multiple_of("width", width, "a sine and a cosine each", 2)
        self.d_out = width
        self.project = nn.Linear(d_in, width)
        # not nn.TransformerEncoder, which copies one layer and so starts all of them with the same weights
        each = [
            nn.TransformerEncoderLayer(width, heads, feedforward, dropout, norm_first=True)
            for _ in range(layers)
        ]
        for layer in each:
            layer.self_attn.dropout = 0.0  # there it would rule out the fused kernels, several times as fast
        self.layers = nn.ModuleList(each)
        self.norm = nn.LayerNorm(width)

    def forward(self, h: Tensor, lengths: Tensor | None) -> Encoded:
        padding = attention_padding(lengths, len(h))
        h = self.project(h)  # (L, B, width)
        h = h + sinusoids(len(h), self.d_out, h)[:, None]
        for layer in self.layers:
            h = layer(h, src_key_padding_mask=padding)
        h = self.norm(h)
        return Encoded(h, last_real(h, lengths), lengths)


def sinusoids(n: int, width: int, like: Tensor) -> Tensor:
    """Compute the (n, width) position code: sines in even columns, cosines in odd ones, in wavelengths from 2 pi up.

    It is computed for the length at hand, so there is no longest record. Device and dtype are those of `like`.
    """
    position = torch.arange(n, device=like.device, dtype=torch.float32)[:, None]
    column = torch.arange(0, width, 2, device=like.device, dtype=torch.float32)
    angle = position * torch.exp(column * (-math.log(SLOWEST) / width))  # (n, width / 2)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).view(n, width).to(like.dtype)


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

"""A transformer encoder whose attention depends on the distance between positions."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dnaseq.models.encoded import Encoded, Part, last_real, real_positions
from dnaseq.models.limits import at_least_one, multiple_of, share

PEAK = 3.0  # of the first bias of a head, over distances that it does not look at
HIDDEN = -1e4  # added to the score of padding: exp of it is 0


class RelativeTransformer(Part):
    """(L, B, d_in) -> (L, B, width): linear map, then `layers` of attention and feed-forward.

    A head adds a learned number to the score of every distance up to `reach` positions, and one for all beyond it on
    either side (Raffel et al. 2020). The numbers start so that each head looks at one neighbour, nearer ones in the
    first layer, as a convolution does (d'Ascoli et al. 2021): from sinusoids at the input, attention does not learn to
    find neighbours in a few thousand records. LayerNorm comes before each part (Xiong et al. 2020). `feedforward` is
    the hidden width of the feed-forward part; `dropout` acts in it and on the output of each part. `final` is h at the
    last real position.
    """

    def __init__(
        self,
        d_in: int,
        width: int,
        heads: int,
        layers: int,
        feedforward: int,
        reach: int = 16,
        dropout: float = 0.0,
    ):
        super().__init__()
        at_least_one(width=width, heads=heads, layers=layers, feedforward=feedforward, reach=reach)
        share(dropout=dropout)
        multiple_of("width", width, "heads", heads)
        self.d_out = width
        self.project = nn.Linear(d_in, width)
        self.layers = nn.ModuleList(
            RelativeLayer(width, first_bias(heads, reach, layer), feedforward, dropout)
            for layer in range(layers)
        )
        self.norm = nn.LayerNorm(width)

    def forward(self, h: Tensor, lengths: Tensor | None) -> Encoded:
        h = self.project(h)
        for layer in self.layers:
            h = layer(h, lengths)
        h = self.norm(h)
        return Encoded(h, last_real(h, lengths), lengths)


class RelativeLayer(nn.Module):
    """One layer: attention with a bias (heads, 2 reach + 1) by distance, then the feed-forward part."""

    def __init__(self, width: int, bias: Tensor, feedforward: int, dropout: float):
        super().__init__()
        self.bias = nn.Parameter(bias)
        self.norm_attention, self.norm_feedforward = nn.LayerNorm(width), nn.LayerNorm(width)
        self.project = nn.Linear(width, 3 * width)
        self.merge = nn.Linear(width, width)
        self.feedforward = nn.Sequential(
            nn.Linear(width, feedforward), nn.ReLU(), nn.Dropout(dropout), nn.Linear(feedforward, width)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, h: Tensor, lengths: Tensor | None) -> Tensor:
        """(L, B, width), (B,) -> (L, B, width)"""
        h = h + self.dropout(self.merge(self._attend(self.norm_attention(h), lengths)))
        return h + self.dropout(self.feedforward(self.norm_feedforward(h)))

    def _attend(self, h: Tensor, lengths: Tensor | None) -> Tensor:
        heads = len(self.bias)
        query, key, value = (
            part.unflatten(-1, (heads, -1)).permute(1, 2, 0, 3) for part in self.project(h).chunk(3, dim=-1)
        )  # (B, heads, L, width / heads) each
        d = query.shape[-1]
        if lengths is not None:
            # One more feature hides padding. A mask would be one number for each record, head and pair of positions.
            hidden = HIDDEN * (~real_positions(lengths, len(h))).t().to(h.dtype)  # (B, L)
            query = F.pad(query, (0, 1), value=math.sqrt(d))
            key = torch.cat([key, hidden[:, None, :, None].expand(-1, heads, -1, 1)], dim=-1)
            value = F.pad(value, (0, 1))
        context = F.scaled_dot_product_attention(
            query, key, value, attn_mask=self._by_distance(len(h)).to(h.dtype), scale=1 / math.sqrt(d)
        )
        return context[..., :d].permute(2, 0, 1, 3).flatten(2)

    def _by_distance(self, n: int) -> Tensor:
        """Compute (1, heads, n, n): the bias for each pair of positions, query in rows."""
        reach = self.bias.shape[1] // 2
        position = torch.arange(n, device=self.bias.device)
        distance = (position - position[:, None]).clamp(-reach, reach) + reach
        return self.bias[:, distance][None]


def first_bias(heads: int, reach: int, layer: int) -> Tensor:
    """Compute (heads, 2 reach + 1), the bias by distance from -reach to reach with which a layer (from 0) starts.

    Heads look 1 position back, 1 ahead, 2 back, 2 ahead, and so on, three times as far in each layer after the first.
    """
    head = torch.arange(heads)
    step = (head // 2 + 1) * 3**layer * (2 * (head % 2) - 1)
    distance = torch.arange(-reach, reach + 1)
    off = distance - step.clamp(-reach, reach)[:, None]
    return PEAK - 0.5 * off.float() ** 2 / (layer + 1)

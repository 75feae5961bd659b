"""Fine-tuning: weights of a trained network at the start, parts that stay as they are, learning rates by layer."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from torch import Tensor, nn

from dnaseq.errors import ConfigError

NONE, EMBED, ENCODER = FREEZE = ("none", "embed", "encoder")
TAKEN = ("embed", "encoder", "pool")  # parts that do not depend on what is predicted
_LAYER = re.compile(r"\.(\d+)\.|_l(\d+)")  # scanners.0.weight, rnn.weight_ih_l0
_STACKED = re.compile(r"^encoder\.parts\.(\d+)\.")


class Tuning(NamedTuple):
    """Settings of a training that begins with weights of a bundle."""

    taken: frozenset[str]  # names of tensors
    freeze: str = NONE
    rate_decay: float = 1.0

    @property
    def frozen(self) -> tuple[str, ...]:
        """Parts of the network that stay as they are: an encoder with the embedding below it."""
        return {NONE: (), EMBED: (EMBED,), ENCODER: (EMBED, ENCODER)}[self.freeze]


def take_weights(net: nn.Module, other: Mapping[str, Tensor]) -> frozenset[str]:
    """Copy weights of another network of the same parts; return the names of the tensors that were copied.

    The head stays as it is, and so does a tensor of another shape, as those of a pool for other lengths. Of a network
    that has no encoder, which is the user's own, all tensors are taken that fit.
    """
    own = net.state_dict()
    parts = TAKEN if hasattr(net, ENCODER) else {name.partition(".")[0] for name in own} - {"head"}
    names = [name for name in own if name.partition(".")[0] in parts and _fits(own[name], other.get(name))]
    for name in names:
        own[name].copy_(other[name])
    return frozenset(names)


def _fits(own: Tensor, other: Tensor | None) -> bool:
    return other is not None and own.shape == other.shape and own.dtype == other.dtype


def freeze_parts(net: nn.Module, tuning: Tuning) -> None:
    """Exclude the frozen parts from training. Raises ConfigError for parts that are not there, or without weights."""
    if absent := [part for part in tuning.frozen if not hasattr(net, part)]:
        raise ConfigError(
            f"freeze={tuning.freeze}: this network has no part named {absent[0]}. Use freeze=none"
        )
    if tuning.freeze == EMBED and not list(net.get_submodule(EMBED).parameters()):
        raise ConfigError(
            "freeze=embed: this network has no embedding with weights. Use freeze=encoder or none"
        )
    for part in tuning.frozen:
        net.get_submodule(part).requires_grad_(False)


class RateGroup(NamedTuple):
    """Weights of one learning rate, which is `factor` times that of the optimizer."""

    weights: list[nn.Parameter]
    factor: float


def rate_groups(net: nn.Module, tuning: Tuning) -> list[RateGroup]:
    """Group the weights that are trained by their learning rate, the highest first.

    Weights that were not taken have the whole rate. From them downwards, the rate of each layer is `rate_decay` times
    that of the layer above it: the pool, the layers of the encoder from the last to the first, the embedding.
    """
    layers: dict[str, tuple[int, int, int]] = {}
    last: tuple[int, int, int] = (0, 0, 0)
    for name, _ in net.named_parameters():
        last = _layer_of(name, last)
        if name in tuning.taken:
            layers[name] = last
    depth = {layer: 1 + i for i, layer in enumerate(sorted(set(layers.values()), reverse=True))}
    depth_of = {name: depth[layers[name]] if name in layers else 0 for name, _ in net.named_parameters()}
    trained = [(depth_of[name], weights) for name, weights in net.named_parameters() if weights.requires_grad]
    return [
        RateGroup([weights for d, weights in trained if d == one], tuning.rate_decay**one)
        for one in sorted({d for d, _ in trained})
    ]


def _layer_of(name: str, before: tuple[int, int, int]) -> tuple[int, int, int]:
    """Return the place of a weight from the bottom: part, encoder of a stack, layer of the encoder.

    A weight without a number, such as a norm behind all layers, is of the layer of the weight `before` it.
    """
    part = (*TAKEN, "").index(root if (root := name.partition(".")[0]) in TAKEN else "")
    if part != TAKEN.index(ENCODER):
        return part, 0, 0
    stacked = _STACKED.match(name)
    encoder = int(stacked[1]) if stacked else 0
    numbered = _LAYER.search(name[stacked.end() - 1 :] if stacked else name)
    if numbered:
        return part, encoder, int(numbered[1] or numbered[2])
    return part, encoder, before[2] if before[:2] == (part, encoder) else 0


def count_weights(tensors: Iterable[Tensor]) -> int:
    return sum(tensor.numel() for tensor in tensors)

"""Random changes to training records that keep their labels, drawn anew every time a record is read."""

from dataclasses import dataclass

import torch
from torch import Tensor

from dnaseq.encode import alphabet
from dnaseq.errors import ConfigError


@dataclass(frozen=True)
class Augmentation:
    """Shifts and point mutations.

    shift:  a record moves by -shift to shift bases, each as likely; what moves in is N, what moves out is gone.
            Wrong where positions carry the signal, such as records aligned at a start site.
    mutate: the share of bases that become one of the other three, drawn for every base on its own.
    """

    shift: int = 0
    mutate: float = 0.0

    def __post_init__(self) -> None:
        if type(self.shift) is not int or self.shift < 0:
            raise ConfigError(f"augmentation.shift must be a whole number of at least 0; got {self.shift!r}")
        if type(self.mutate) not in (int, float) or not 0 <= self.mutate < 1:
            raise ConfigError(f"augmentation.mutate must be at least 0 and below 1; got {self.mutate!r}")

    def __call__(self, codes: Tensor, lengths: Tensor | None, random: torch.Generator) -> Tensor:
        """(B, L) codes, (B,) lengths or None -> (B, L) codes; lengths stay. `random` is on the device of the codes."""
        if self.shift:
            codes = _shift(codes, lengths, self.shift, random)
        if self.mutate:
            codes = _mutate(codes, self.mutate, random)
        return codes


def turned(n: int, random: torch.Generator) -> Tensor:
    """Draw (n,) bool: the records to turn to the other strand, one half of them on average."""
    return torch.rand(n, generator=random, device=random.device) < 0.5


def _shift(codes: Tensor, lengths: Tensor | None, most: int, random: torch.Generator) -> Tensor:
    by = torch.randint(-most, most + 1, (len(codes), 1), generator=random, device=codes.device)
    position = torch.arange(codes.shape[1], device=codes.device)
    source = position + by
    ends = codes.shape[1] if lengths is None else lengths[:, None]
    moved = codes.gather(1, source.clamp(0, codes.shape[1] - 1))
    moved = torch.where((source >= 0) & (source < ends), moved, alphabet.N)
    return (moved if lengths is None else torch.where(position < ends, moved, codes)).to(codes.dtype)


def _mutate(codes: Tensor, share: float, random: torch.Generator) -> Tensor:
    """Change a share of the bases; ambiguous letters stay."""
    device = codes.device
    changes = (torch.rand(codes.shape, generator=random, device=device) < share) & (codes < alphabet.N)
    step = torch.randint(1, 4, codes.shape, generator=random, dtype=codes.dtype, device=device)
    return torch.where(changes, (codes + step) % 4, codes)

"""Samplers: the windows in each batch of an epoch, and the rank that reads them."""

import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch.utils.data import Sampler

from dnaseq.data.records.chunked_arrays import index_type
from dnaseq.errors import ConfigError

SAMPLERS, SHUFFLES = ("none", "balanced"), ("auto", "full", "blocks")
BLOCK_WINDOWS, BLOCK_BASES = 4096, 1 << 20  # of a block, at the most
MIXED = 64  # blocks that are shuffled together


class Drawn(NamedTuple):
    """The windows of a batch, and the seed of its random changes."""

    windows: np.ndarray  # (B,) numbers of windows
    seed: int  # of their random changes
    counted: bool = True  # False where they are not scored


def check_sampling(sampler: str, shuffle: str) -> None:
    if sampler not in SAMPLERS:
        raise ConfigError(f"sampler must be one of {', '.join(SAMPLERS)}; got {sampler!r}")
    if shuffle not in SHUFFLES:
        raise ConfigError(f"shuffle must be one of {', '.join(SHUFFLES)}; got {shuffle!r}")
    if shuffle == "blocks" and sampler == "balanced":
        raise ConfigError(
            "sampler=balanced draws from all records, so shuffle=blocks cannot be. Use shuffle=full"
        )


def choose_shuffle(codes: int, sampler: str) -> str:
    """Choose blocks for more codes than half of the memory of this machine, where the sampler allows it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return "blocks" if codes > memory / 2 and sampler == "none" else "full"


def rank_and_size() -> tuple[int, int]:
    """Return the rank of this process and the number of processes that train together."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return torch.distributed.get_rank(), torch.distributed.get_world_size()
    return 0, 1


def shared_batches(n: int, batch_size: int, rank: int, ranks: int) -> list[Drawn]:
    """List the batches of one rank, when all ranks together read n windows once, in order: every ranks-th window.

    All processes have as many batches, as there may be an exchange between them in each (of the running means of a
    batch normalisation). One that has no window left for a batch draws the first, not counted.
    """
    own = np.arange(rank, n, ranks, dtype=index_type(n))
    starts = range(0, -(-n // ranks), batch_size)
    return [
        Drawn(own[at : at + batch_size], 0) if at < len(own) else Drawn(np.zeros(1, dtype=np.int64), 0, False)
        for at in starts
    ]


class ShuffledBatches(Sampler):
    """The batches of an epoch, each a Drawn: a permutation by (seed, epoch), shared out to the ranks in turn.

    With `strata` (n,) every stratum is drawn as often as any other. Every process gets the same number of windows
    (the first ones are repeated where the count does not divide), because in training all processes must take the
    same number of steps. Lightning calls set_epoch.
    """

    def __init__(self, n: int, batch_size: int, seed: int, strata: np.ndarray | None = None):
        self.n, self.batch_size, self.seed, self.epoch = n, batch_size, seed, 0
        self.strata = strata

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __len__(self) -> int:
        return -(-self.share // self.batch_size)

    def __iter__(self) -> Iterator[Drawn]:
        rank, ranks = rank_and_size()
        seeds = np.random.SeedSequence((self.seed, self.epoch, rank)).generate_state(len(self))
        batches = _cut(self.ordered(rank, ranks), self.batch_size)
        for windows, seed in zip(batches, seeds.tolist(), strict=True):
            yield Drawn(windows, seed)

    @property
    def share(self) -> int:
        """Return the number of windows of each rank."""
        return -(-self.n // rank_and_size()[1])

    def ordered(self, rank: int, ranks: int) -> Iterable[np.ndarray]:
        """Return the windows of a rank, in pieces."""
        rng = np.random.default_rng((self.seed, self.epoch))
        if self.strata is None:
            order = np.arange(self.n, dtype=index_type(self.n))
            rng.shuffle(order)
        else:
            order = balanced_order(self.strata, self.n, rng)
        if self.share * ranks != self.n:
            order = np.resize(order, self.share * ranks)
        return [order[rank::ranks]]


class BlockBatches(ShuffledBatches):
    """The batches of an epoch of data that are larger than the memory, in an order that reads them block by block.

    Blocks of consecutive windows (4096 windows or 1 MiB of bases, what is less) are put in random order, which
    is shared out to the ranks in equal stretches; each process shuffles the windows of 64 blocks together. It remembers
    the order of the blocks and 64 of them, not n windows. Every window is read once an epoch by one of the ranks,
    but for those repeated as in ShuffledBatches.

    It is not a full shuffle: windows of one block are in the same 64 blocks, where two of them are 87,000 windows
    apart in the mean (a third of 64 x 4096). In a file sorted by class, the share of a class among them varies from
    64 blocks to 64 blocks by sqrt(p (1 - p) / 64), 6 percentage points at p = 1/2.
    """

    def __init__(self, n: int, batch_size: int, seed: int, mean_length: float):
        super().__init__(n, batch_size, seed)
        self.block = max(1, min(BLOCK_WINDOWS, int(BLOCK_BASES / mean_length)))

    def ordered(self, rank: int, ranks: int) -> Iterator[np.ndarray]:
        rng = np.random.default_rng((self.seed, self.epoch))
        blocks = rng.permutation(-(-self.n // self.block))
        own = np.random.default_rng((self.seed, self.epoch, rank))
        stretches = self._stretches(blocks, rank * self.share, (rank + 1) * self.share)
        for mixed in _join_pieces(stretches, MIXED):
            yield own.permutation(mixed)

    def _stretches(self, blocks: np.ndarray, at: int, end: int) -> Iterator[np.ndarray]:
        """Yield windows `at` to `end` of the blocks in this order, which repeats at its end; a block at a time."""
        first = blocks * self.block
        ends = np.cumsum(np.minimum(self.n - first, self.block))
        while at < end:
            turn = at % self.n
            number = int(np.searchsorted(ends, turn, side="right"))
            count = min(int(ends[number]) - turn, end - at)
            last = min(int(first[number]) + self.block, self.n)
            start = last - (int(ends[number]) - turn)
            yield np.arange(start, start + count)
            at += count


def balanced_order(y: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """(m,) classes -> (n,) indices into them, shuffled: every class that occurs n / C times, to one.

    A class is read in full, in random order, before any of its records is drawn again. A class of fewer than n / C
    records is repeated; of a larger one some records are left out. The remainder of n / C goes to random classes.
    Raises ValueError where there is nothing to draw from.
    """
    if not len(y):
        raise ValueError("there is nothing to draw from")
    classes, number = np.unique(y, return_inverse=True)
    share = np.full(len(classes), n // len(classes))
    share[rng.permutation(len(classes))[: n % len(classes)]] += 1
    by_class = np.split(np.argsort(number, kind="stable"), np.cumsum(np.bincount(number))[:-1])
    drawn = [_rounds(members, count, rng) for members, count in zip(by_class, share.tolist(), strict=True)]
    return rng.permutation(np.concatenate(drawn))


def _rounds(members: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Draw `count` of the members, each equally often, to one."""
    rounds = [rng.permutation(members) for _ in range(-(-count // len(members)))]
    return np.concatenate([members[:0], *rounds])[:count]


def _join_pieces(pieces: Iterable[np.ndarray], count: int) -> Iterator[np.ndarray]:
    """Join every `count` pieces; the last has the remainder."""
    held: list[np.ndarray] = []
    for piece in pieces:
        held.append(piece)
        if len(held) == count:
            yield np.concatenate(held)
            held = []
    if held:
        yield np.concatenate(held)


def _cut(pieces: Iterable[np.ndarray], size: int) -> Iterator[np.ndarray]:
    """Cut the windows into batches of `size`, the last one smaller."""
    rest = np.empty(0, dtype=np.int64)
    for piece in pieces:
        held = np.concatenate([rest, piece]) if len(rest) else piece
        whole = len(held) - len(held) % size
        yield from (held[at : at + size] for at in range(0, whole, size))
        rest = held[whole:]
    if len(rest):
        yield rest

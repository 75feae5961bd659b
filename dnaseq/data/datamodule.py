"""The Lightning DataModule: from files to encoded batches on the device."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from dnaseq.data.augmentation import Augmentation, turned
from dnaseq.data.batch import Batch
from dnaseq.data.gather import gather, padded_lengths
from dnaseq.data.labelled_set import LabelledSet, Plan, Source, labelled_set, parsed
from dnaseq.data.lengths import Windows
from dnaseq.data.sampling import SAMPLERS, balanced_order
from dnaseq.data.strandedness import AUGMENT, BOTH, ONE, SHARED, check_strands, with_other_strand
from dnaseq.data.usable import AMBIGUOUS, LENGTH, SHORT, check_windows, problems
from dnaseq.encode.revcomp import reverse_complement, reversed_over
from dnaseq.errors import ConfigError, InputError
from dnaseq.io.reading import Reading

FIXES = {
    SHORT: "Remove it or choose a smaller encoding.k",
    LENGTH: "Choose data.length_policy=pad, trim or tile",
    AMBIGUOUS: "Choose another encoding.ambiguous",
}


class SequenceDataModule(pl.LightningDataModule):
    """Files -> store -> parts -> batches. `data` is there after setup().

    A batch leaves the loader as one byte a base; on_after_batch_transfer encodes it where the model is, so the
    model sees (L, B, 4) one-hot or (L, B) k-mer ids.
    """

    def __init__(
        self,
        source: Source,
        reading: Reading,
        plan: Plan,
        encoding,
        batch_size: int = 64,
        seed: int = 1,
        num_workers: int = 0,
        cache: Path | None = None,
        strands: str = ONE,
        augmentation: Augmentation | None = None,
        sampler: str = "none",
    ):
        super().__init__()
        check_strands(strands, plan.stranded)
        if sampler not in SAMPLERS:
            raise ConfigError(f"sampler must be one of {', '.join(SAMPLERS)}; got {sampler!r}")
        if batch_size < 1:
            raise ConfigError(f"batch_size must be at least 1; got {batch_size}")
        self.source, self.reading, self.plan, self.encoding = source, reading, plan, encoding
        self.lengths, self.batch_size, self.seed = plan.lengths, batch_size, seed
        self.num_workers, self.cache = num_workers, cache
        self.strands, self.augmentation = strands, augmentation or Augmentation()
        self.sampler = sampler
        self.data: LabelledSet | None = None

    def setup(self, stage: str | None = None) -> None:
        """Map the parsed records, check that model and encoding can hold them, and deal them into parts."""
        if self.data is not None:
            return
        if self.lengths.policy != "error":  # whose length may be that of the first record, which nobody typed
            check_windows(self.lengths, self.encoding)
        store, files = parsed(self.source, self.reading, self.cache)
        self.lengths = self.lengths.resolved(store.lengths)
        found = problems(store.codes, store.offsets, self.lengths, self.encoding)
        if found and self.reading.bad_records == "fail":
            row = min(found)
            kind, reason = found[row]
            count = sum(problem.kind == kind for problem in found.values())
            more = f", the first of {count} such records" if count > 1 else ""
            raise InputError(reason + more, record=store.id(row), fix=FIXES[kind])
        self.data = labelled_set(store, files, self.plan, unusable=np.array(sorted(found), dtype=np.int64))

    def train_dataloader(self) -> DataLoader:
        windows = self._windows("train")
        balanced = self.data.y[windows.windows.record] if self.sampler == "balanced" else None
        return self._loader(windows, ShuffledBatches(len(windows), self.batch_size, self.seed, balanced))

    def val_dataloader(self) -> DataLoader:
        """Every process sees the whole validation part, so that its score is exact in all of them."""
        windows = self._windows("val")
        rows = np.arange(len(windows))
        batches = [Drawn(rows[i : i + self.batch_size], 0) for i in range(0, len(rows), self.batch_size)]
        return self._loader(windows, batches)

    def on_after_batch_transfer(self, batch: Batch, dataloader_idx: int) -> Batch:
        """Codes to what the model sees, changed at random in training, and of both strands where it sees both."""
        training = self.trainer is None or self.trainer.training
        batch = self._augmented(batch) if training else batch
        codes, lengths = batch.x, batch.lengths
        if self.strands == SHARED or (self.strands == BOTH and not training):
            codes, lengths = with_other_strand(codes, lengths)
        return batch._replace(x=self.encoding(codes), lengths=self.encoding.lengths(lengths))

    def _augmented(self, batch: Batch) -> Batch:
        """(B, L) codes changed at random; the labels of bases go with them."""
        random = torch.Generator(batch.x.device).manual_seed(batch.draw)
        codes, y, lengths = self.augmentation(batch.x, batch.lengths, random), batch.y, batch.lengths
        if self.strands in (AUGMENT, BOTH):
            other = turned(len(codes), random)[:, None]
            codes = torch.where(other, reverse_complement(codes, lengths), codes)
            if self.data.targets.task == "labelling":
                y = torch.where(other, reversed_over(y, lengths), y)
        return batch._replace(x=codes, y=y)

    def _windows(self, part: str) -> "WindowDataset":
        rows = self.data.rows(part)
        windows = self.lengths.windows(np.asarray(self.data.store.lengths)[rows])
        return WindowDataset(self.data, windows._replace(record=rows[windows.record]))

    def _loader(self, windows: "WindowDataset", batches) -> DataLoader:
        # batch_size=None: the sampler hands over all indices of a batch and the set gathers them at once
        return DataLoader(
            windows,
            batch_size=None,
            sampler=batches,
            num_workers=self.num_workers,
            persistent_workers=self.num_workers > 0,
            pin_memory=torch.cuda.is_available(),
        )


class WindowDataset(Dataset):
    """Windows of records; indexed by a Drawn it gives a whole Batch."""

    def __init__(self, data: LabelledSet, windows: Windows):
        self.data, self.windows = data, windows
        self.starts = np.asarray(data.store.offsets)[windows.record] + windows.start

    def __len__(self) -> int:
        return len(self.windows.record)

    def __getitem__(self, drawn: "Drawn") -> Batch:
        chosen = drawn.windows
        lengths = self.windows.length[chosen]
        codes = gather(self.data.store.codes, self.starts[chosen], lengths)
        y = self.data.targets.batch(Windows(*(of_window[chosen] for of_window in self.windows)))
        return Batch(torch.from_numpy(codes), padded_lengths(lengths), torch.from_numpy(y), drawn.seed)


class Drawn(NamedTuple):
    """What a batch is made of."""

    windows: np.ndarray  # (B,) numbers of windows
    seed: int  # of what happens to them at random


class ShuffledBatches(Sampler):
    """One epoch's batches, each a Drawn: a permutation of (seed, epoch), dealt to the processes in turn.

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
        return -(-self._share() // self.batch_size)

    def __iter__(self):
        rng = np.random.default_rng((self.seed, self.epoch))
        order = rng.permutation(self.n) if self.strata is None else balanced_order(self.strata, self.n, rng)
        rank, ranks = _place()
        order = np.resize(order, self._share() * ranks)[rank::ranks]
        starts = range(0, len(order), self.batch_size)
        seeds = np.random.SeedSequence((self.seed, self.epoch, rank)).generate_state(len(starts))
        for at, seed in zip(starts, seeds.tolist(), strict=True):
            yield Drawn(order[at : at + self.batch_size], seed)

    def _share(self) -> int:
        return -(-self.n // _place()[1])


def _place() -> tuple[int, int]:
    """Rank of this process and the number of processes that train together."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        return torch.distributed.get_rank(), torch.distributed.get_world_size()
    return 0, 1

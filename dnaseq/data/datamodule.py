"""The Lightning DataModule: from files to encoded batches on the device."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from dnaseq.data.augmentation import Augmentation, turned
from dnaseq.data.dataset import LabelledSet, Plan, Source, build_labelled_set, parse_source
from dnaseq.data.records.batching import (
    Batch,
    Places,
    check_resident,
    gather,
    gather_on_device,
    is_resident,
    on_device,
    padded_lengths,
)
from dnaseq.data.records.chunked_arrays import look_up
from dnaseq.data.records.lengths import Windows
from dnaseq.data.samplers import (
    BlockBatches,
    Drawn,
    ShuffledBatches,
    check_sampling,
    choose_shuffle,
    rank_and_size,
    shared_batches,
)
from dnaseq.data.strandedness import AUGMENT, BOTH, ONE, SHARED, check_strands, with_other_strand
from dnaseq.data.validation import AMBIGUOUS, LENGTH, SHORT, check_windows, problems
from dnaseq.encode.encoding import Encoding
from dnaseq.encode.revcomp import reverse_complement, reversed_over
from dnaseq.errors import ConfigError, InputError
from dnaseq.io.progress import show_progress
from dnaseq.io.sequences.reading import Reading

FIXES = {
    SHORT: "Remove it or choose a smaller encoding.k",
    LENGTH: "Choose data.length_policy=pad, trim or tile",
    AMBIGUOUS: "Choose another encoding.ambiguous",
}


UNCHANGED = Augmentation()


@dataclass(frozen=True)
class Loading:
    """The way from records to batches: their order and size, the strands that a model reads, changes at random."""

    batch_size: int = 64
    seed: int = 1
    num_workers: int = 0
    strands: str = ONE
    augmentation: Augmentation = UNCHANGED
    sampler: str = "none"
    shuffle: str = "full"
    device_resident: bool | str = False

    def __post_init__(self) -> None:
        check_sampling(self.sampler, self.shuffle)
        check_resident(self.device_resident)
        if self.batch_size < 1:
            raise ConfigError(f"batch_size must be at least 1; got {self.batch_size}")


class SequenceDataModule(pl.LightningDataModule):
    """Files -> store -> splits -> batches.

    A batch leaves the loader as one byte a base; on_after_batch_transfer encodes it where the model is, as
    (L, B, 4) one-hot or (L, B) k-mer ids.
    """

    def __init__(
        self,
        source: Source,
        reading: Reading,
        plan: Plan,
        encoding: Encoding,
        loading: Loading = Loading(),
        cache: Path | None = None,
    ):
        super().__init__()
        check_strands(loading.strands, plan.stranded)
        self.source, self.reading, self.plan, self.encoding = source, reading, plan, encoding
        self.loading, self.lengths, self.cache = loading, plan.lengths, cache
        self._on_device: Tensor | None = None  # all codes, in training
        self._loaded: list[WindowDataset] = []  # the data sets of the loaders
        self._data: LabelledSet | None = None

    @property
    def data(self) -> LabelledSet:
        """Return the labelled records, after setup()."""
        assert self._data is not None, "setup() comes first"
        return self._data

    @data.setter
    def data(self, data: LabelledSet) -> None:
        self._data = data

    def setup(self, stage: str | None = None) -> None:
        """Map the parsed records, check that model and encoding can hold them, and split them."""
        if self._data is None:
            self._read()
        if self.loading.shuffle == "auto":  # chosen by the rank that reads the files, for all ranks
            shuffle = choose_shuffle(len(self.data.store.codes), self.loading.sampler)
            self.loading = replace(self.loading, shuffle=shuffle)

    def _read(self) -> None:
        if self.lengths.policy != "error":  # its length may be that of the first record, not a setting
            check_windows(self.lengths, self.encoding)
        store, files = parse_source(self.source, self.reading, self.cache)
        self.lengths = self.lengths.resolved(store.lengths)
        found = problems(store.codes, store.offsets, self.lengths, self.encoding)
        if found and self.reading.bad_records == "fail":
            row = min(found)
            kind, reason = found[row]
            count = sum(problem.kind == kind for problem in found.values())
            more = f", the first of {count} such records" if count > 1 else ""
            raise InputError(reason + more, record=store.id(row), fix=FIXES[kind])
        unusable = np.array(sorted(found), dtype=np.int64)
        with show_progress(f"comparing {len(store):,} records"):
            self.data = build_labelled_set(store, files, self.plan, unusable)

    def train_dataloader(self) -> DataLoader:
        windows, own = self._windows("train"), self.loading
        if own.shuffle == "blocks":
            batches: ShuffledBatches = BlockBatches(
                len(windows), own.batch_size, own.seed, windows.mean_length
            )
        else:
            balanced = self.data.y[windows.windows.record] if own.sampler == "balanced" else None
            batches = ShuffledBatches(len(windows), own.batch_size, own.seed, balanced)
        return self._loader(windows, batches)

    def val_dataloader(self) -> DataLoader:
        """Load the share of this rank in the validation set; all ranks have as many batches."""
        windows = self._windows("val")
        return self._loader(windows, shared_batches(len(windows), self.loading.batch_size, *rank_and_size()))

    def ids_of_batch(self, number: int) -> list[str]:
        """Return the ids of a batch of the current training epoch, counted from 0."""
        assert self.trainer is not None
        loader = self.trainer.train_dataloader
        assert loader is not None
        drawn = next(islice(loader.sampler, number, None))
        return self.data.store.ids(loader.dataset.windows.record[drawn.windows])

    def teardown(self, stage: str) -> None:
        """Free the memory of the device, and the windows, to which Lightning keeps a reference after training."""
        self._on_device = None
        while self._loaded:
            del self._loaded.pop().windows

    def on_after_batch_transfer(self, batch: Batch, dataloader_idx: int) -> Batch:
        """Encode codes, changed at random in training, and of both strands where the model reads both."""
        training = self.trainer is None or self.trainer.training
        codes, lengths, y = batch.x, batch.lengths, batch.y
        if isinstance(codes, Places):
            codes = self._gather_resident(codes)
        if training:
            codes, y = self._augment(codes, batch)
        strands = self.loading.strands
        if strands == SHARED or (strands == BOTH and not training):
            codes, lengths = with_other_strand(codes, lengths)
        return batch._replace(x=self.encoding(codes), lengths=self.encoding.lengths(lengths), y=y)

    def _gather_resident(self, places: Places) -> Tensor:
        if self._on_device is None:
            self._on_device = on_device(self.data.store.codes, places.starts.device)
        return gather_on_device(self._on_device, places)

    def _augment(self, codes: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
        """Change (B, L) codes at random; return them with y, as the labels of bases turn with them."""
        random = torch.Generator(codes.device).manual_seed(batch.draw)
        y, lengths = batch.y, batch.lengths
        codes = self.loading.augmentation(codes, lengths, random)
        if self.loading.strands in (AUGMENT, BOTH):
            other = turned(len(codes), random)[:, None]
            codes = torch.where(other, reverse_complement(codes, lengths), codes)
            if self.data.targets.prediction.is_per_base:
                y = torch.where(other, reversed_over(y, lengths), y)
        return codes, y

    def _windows(self, part: str) -> "WindowDataset":
        rows = self.data.rows(part)
        windows = self.lengths.windows(look_up(self.data.store.lengths, rows))
        return WindowDataset(self.data, windows._replace(record=look_up(rows, windows.record)))

    def _loader(self, windows: "WindowDataset", batches: Iterable[Drawn]) -> DataLoader:
        device = torch.device("cpu") if self.trainer is None else self.trainer.strategy.root_device
        windows.resident = is_resident(self.loading.device_resident, self.data.store, device)
        self._loaded.append(windows)
        # batch_size=None: the sampler yields all indices of a batch, and the data set gathers them at once
        return DataLoader(
            windows,
            batch_size=None,
            sampler=batches,
            num_workers=self.loading.num_workers,
            persistent_workers=self.loading.num_workers > 0,
            pin_memory=torch.cuda.is_available(),
        )


class WindowDataset(Dataset):
    """Windows of records. A Drawn as index gives a whole Batch; where codes are `resident` on the device, of Places."""

    def __init__(self, data: LabelledSet, windows: Windows):
        self.data, self.windows, self.resident = data, windows, False

    def __len__(self) -> int:
        return len(self.windows.record)

    @property
    def mean_length(self) -> float:
        return float(self.windows.length.mean())

    def __getitem__(self, drawn: Drawn) -> Batch:
        windows = Windows(*(of_window[drawn.windows] for of_window in self.windows))
        starts = self.data.store.offsets[windows.record] + windows.start
        lengths = windows.length.astype(np.int64)
        if self.resident:
            x: Tensor | Places = Places(
                torch.from_numpy(starts), padded_lengths(lengths), int(lengths.max(initial=0))
            )
        else:
            x = torch.from_numpy(gather(self.data.store.codes, starts, lengths))
        y = self.data.targets.batch(windows)
        return Batch(x, padded_lengths(lengths), torch.from_numpy(y), drawn.seed, drawn.counted)

"""A training epoch of dnaseq, a bare loop over tensors that are on the device already, and the textbook pipeline.

    python benchmarks/speed/training.py FOLDER [--models bilstm cnn] [--records 20000] [--batch 256] [--device cpu]

All three train the same network with the same optimizer, loss, gradient clipping and batch size on the same records
of 200 bases. The textbook pipeline parses with SeqIO, makes one-hot of each record in `__getitem__` and collates in
a DataLoader. Timed is one epoch without its validation; parsing is not in it. The bare loop is given dnaseq's
setting of the memory allocator, the textbook pipeline is not.
"""

import argparse
import logging
import shutil
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import hydra
import made
import numpy as np
import pytorch_lightning as pl
import torch
from Bio import SeqIO
from timing import in_turn, machine, options_of_models, table
from torch.utils.data import DataLoader, Dataset

from dnaseq.build import TRAINING, build
from dnaseq.tasks.pipeline.ensemble import Member, prepare_member
from dnaseq.training.allocator import keep_freed_memory
from dnaseq.training.trainer import fit

NAMES = ("dnaseq", "bare", "textbook")
CLASSES = "ab"
BASES = {"A": 0, "C": 1, "G": 2, "T": 3}


def main() -> None:
    arguments = options_of_models(__doc__).parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    path = made.fasta(arguments.folder / f"one-{arguments.records}.fa", arguments.records)
    print(machine("pytorch-lightning", "biopython"))
    for model in arguments.models:
        with ExitStack() as stack:
            # a process each, for what dnaseq tells the allocator would help the others too
            own = {name: stack.enter_context(_process(path, model, arguments, name)) for name in NAMES}
            seconds = in_turn({name: partial(_epoch_in, own[name], name) for name in NAMES}, arguments.rounds)
            n = own["dnaseq"].submit(_records).result()
        title = ", ".join([model, *arguments.overrides, f"batches of {arguments.batch}", arguments.device])
        print("\n" + table(title, seconds, n, "records"))


def _process(path: Path, model: str, arguments: argparse.Namespace, name: str) -> ProcessPoolExecutor:
    given = (path, model, arguments, name)
    return ProcessPoolExecutor(1, get_context("spawn"), initializer=_begin, initargs=given)


def _begin(path: Path, model: str, arguments: argparse.Namespace, name: str) -> None:
    global contenders
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    if name != "textbook":
        keep_freed_memory()
    contenders = Contenders(path, model, arguments, arguments.folder / name)


def _epoch_in(process: ProcessPoolExecutor, name: str) -> float:
    return process.submit(_epoch, name).result()


def _epoch(name: str) -> float:
    return getattr(contenders, name)()


def _records() -> int:
    return len(contenders.y)


class Contenders:
    """Each method trains for an epoch and returns its seconds."""

    def __init__(self, path: Path, model: str, arguments: argparse.Namespace, folder: Path):
        self.device = torch.device("cuda" if arguments.device == "gpu" else "cpu")
        self.folder = folder
        overrides = ["data=fasta", f"data.train={path}", "split=random", f"model={model}", "leaks=keep"]
        overrides += [f"trainer={arguments.device}", f"batch_size={arguments.batch}", "max_epochs=1"]
        with hydra.initialize_config_module("dnaseq.conf", version_base="1.3"):
            overrides += [f"cache_dir={arguments.folder}/cache", *arguments.overrides]
            self.cfg = hydra.compose("train", overrides=overrides)
        self.module = self._prepared().module
        rows = self.module.data.rows("train")
        store = self.module.data.store
        self.y = torch.from_numpy(self.module.data.y[rows]).long()
        codes = np.stack([store.codes[store.offsets[row] : store.offsets[row + 1]] for row in rows])
        self.codes = torch.from_numpy(codes).to(self.device)
        self.batch, self.encoding = arguments.batch, self.module.encoding
        ids = set(store.ids(rows))
        self.textbook_data = Textbook([r for r in SeqIO.parse(path, "fasta") if r.id in ids])

    def dnaseq(self) -> float:
        clock = Clock(self.device)
        member = self._prepared(self.module)
        member.trainer.callbacks.append(clock)
        fit(member.trainer, member.lit, member.module)
        return clock.seconds

    def net(self) -> torch.nn.Module:
        """A new network, on the device."""
        return build(self.cfg.model, TRAINING, n_symbols=4, n_classes=2).to(self.device).train()

    def bare(self, net: torch.nn.Module | None = None) -> float:
        """The loop that nothing can beat: all records on the device, nothing but the step."""
        order = torch.randperm(len(self.y), device=self.device)
        y = self.y.to(self.device)

        def batches():
            for at in range(0, len(order), self.batch):
                chosen = order[at : at + self.batch]
                yield self.encoding(self.codes[chosen]), y[chosen]

        return self._trained(batches(), net)

    def textbook(self) -> float:
        loader = DataLoader(self.textbook_data, batch_size=self.batch, shuffle=True)
        return self._trained((x.transpose(0, 1).to(self.device), y.to(self.device)) for x, y in loader)

    def _prepared(self, module=None) -> Member:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        return prepare_member(self.cfg, self.folder, module)

    def _trained(self, batches, net: torch.nn.Module | None = None) -> float:
        net = self.net() if net is None else net
        optimizer = build(self.cfg.optimizer, TRAINING)(net.parameters())
        precision = torch.bfloat16 if self.device.type == "cuda" else None
        _wait(self.device)
        began = time.perf_counter()
        for x, y in batches:
            with torch.autocast(self.device.type, dtype=precision, enabled=precision is not None):
                loss = torch.nn.functional.cross_entropy(net(x, None), y)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), self.cfg.trainer.clip)
            optimizer.step()
        _wait(self.device)
        return time.perf_counter() - began


class Textbook(Dataset):
    """One-hot of one record at a time, as tutorials have it."""

    def __init__(self, records: list):
        self.records = records

    def __len__(self) -> int:
        return len(self.records)

    def __getitem__(self, i: int) -> tuple[torch.Tensor, int]:
        record = self.records[i]
        x = np.zeros((len(record.seq), 4), dtype=np.float32)
        for position, letter in enumerate(record.seq):
            x[position, BASES[letter]] = 1
        return torch.from_numpy(x), CLASSES.index(record.description.split("label=")[1])


class Clock(pl.Callback):
    """Seconds from the first batch of an epoch to its validation."""

    def __init__(self, device: torch.device):
        self.device, self.seconds = device, 0.0

    def on_train_epoch_start(self, *_) -> None:
        _wait(self.device)
        self.began = time.perf_counter()

    def on_validation_start(self, *_) -> None:
        _wait(self.device)
        self.seconds = time.perf_counter() - self.began


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


if __name__ == "__main__":
    main()

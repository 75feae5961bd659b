"""Batches that are ready for the model, against the textbook pipeline.

    python benchmarks/speed/batching.py FOLDER [--records 1000000] [--batch 256]

Records of 200 bases in random order, one process. dnaseq's loader gives one byte a base, which becomes one-hot on the
device; both are measured. The textbook pipeline makes one-hot of each record in `__getitem__`, and a DataLoader
collates; it is given a twentieth of the records.
"""

import argparse
import logging

import hydra
import made
import torch
from Bio import SeqIO
from timing import interleaved, machine, options, table
from torch.utils.data import DataLoader
from training import Textbook

from dnaseq.build import TRAINING, build
from dnaseq.tasks.pipeline.factories import training_data_of
from dnaseq.training.allocator import keep_freed_memory

SHARE = 20  # of the records that the textbook pipeline is given, one in so many


def main() -> None:
    arguments = _parsed()
    keep_freed_memory()
    torch.set_num_threads(1)
    logging.disable(logging.WARNING)
    arguments.folder.mkdir(parents=True, exist_ok=True)
    path = made.fasta(arguments.folder / f"one-{arguments.records}.fa", arguments.records)
    overrides = ["data=fasta", f"data.train={path}", "split=random", "split.similar=false", "leaks=keep"]
    overrides += [f"batch_size={arguments.batch}", f"cache_dir={arguments.folder}/cache", "trainer=cpu"]
    with hydra.initialize_config_module("dnaseq.conf", version_base="1.3"):
        cfg = hydra.compose("train", overrides=overrides)
    module = training_data_of(cfg, build(cfg.encoding, TRAINING))
    n = len(module.data.rows("train"))
    few = made.fasta(arguments.folder / f"one-{n // SHARE}.fa", n // SHARE)
    textbook = DataLoader(Textbook(list(SeqIO.parse(few, "fasta"))), batch_size=arguments.batch, shuffle=True)

    def codes() -> None:
        assert sum(batch.size for batch in module.train_dataloader()) == n

    def encoded() -> None:
        assert sum(module.on_after_batch_transfer(b, 0).size for b in module.train_dataloader()) == n

    def by_textbook() -> None:
        assert sum(len(y) for _, y in textbook) == n // SHARE

    found = interleaved(
        {"dnaseq, codes": codes, "dnaseq, one-hot": encoded, "textbook": by_textbook}, arguments.rounds
    )
    found["textbook"] = [SHARE * seconds for seconds in found["textbook"]]
    print(machine("biopython"))
    print("\n" + table(f"batches of {arguments.batch}, one thread", found, n, "records"))


def _parsed() -> argparse.Namespace:
    parser = options(__doc__)
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=256)
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""Batches and predictions of gReLU and tangermeme, each in an environment of its own, beside those of dnaseq.

    python -m venv T && T/bin/pip install tangermeme biopython
    python -m venv G && G/bin/pip install gReLU biopython
    python benchmarks/speed/peers.py FOLDER --tangermeme T/bin/python --grelu G/bin/python [--records 20000]

All answer the same records of 200 bases with a network of the same size, that of model=cnn, on the CPU with one
process: from FASTA to one-hot batches of all records, and from FASTA to a table. What they import is not timed.
"""

import argparse
import subprocess
import sys
from functools import partial
from pathlib import Path

import made
import numpy as np
import torch
from prediction import bundle_of, predict
from timing import in_turn, machine, options, table, timed

from dnaseq.bundle.predictor import Predictor
from dnaseq.data.records.batching import gather
from dnaseq.io.sequences.reading import read_blocks
from dnaseq.training.allocator import keep_freed_memory

BATCH = 256
FILTERS, WIDTH = 128, 15  # of model=cnn
NAMES = ("tangermeme", "grelu")
WORK = {"batches": f"one-hot batches of {BATCH}", "table": "predictions, FASTA to table"}


def main() -> None:
    arguments = _parsed()
    keep_freed_memory()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    path = made.fasta(arguments.folder / f"one-{arguments.records}.fa", arguments.records)
    predictor = Predictor.load(bundle_of(arguments.folder, "cnn"), device="cpu")
    own = {"batches": partial(_batches, path, predictor), "table": partial(predict, path, predictor)}
    pythons = {name: vars(arguments)[name] for name in NAMES if vars(arguments)[name]}
    peers = {name: _started(name, python, path) for name, python in pythons.items()}
    print(machine())
    for work, title in WORK.items():
        contenders = {"dnaseq": partial(timed, own[work])}
        contenders |= {name: partial(_seconds, peer, work) for name, peer in peers.items()}
        seconds = in_turn(contenders, arguments.rounds)
        print("\n" + table(title, seconds, arguments.records, "records"))


def _batches(path: Path, predictor: Predictor) -> None:
    for block in read_blocks(str(path)):
        starts, lengths = block.offsets[:-1], np.diff(block.offsets)
        for at in range(0, len(starts), BATCH):
            codes = gather(block.codes, starts[at : at + BATCH], lengths[at : at + BATCH])
            predictor.encoding(torch.from_numpy(codes))


def _started(name: str, python: str, path: Path) -> subprocess.Popen:
    command = [
        python,
        str(Path(__file__).with_name("peer.py")),
        name,
        str(path.resolve()),
        *map(str, (BATCH, FILTERS, WIDTH)),
    ]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=path.parent,
        text=True,
    )
    _said(process, "ready")
    return process


def _seconds(process: subprocess.Popen, work: str) -> float:
    process.stdin.write(work + "\n")
    process.stdin.flush()
    return float(_said(process, "seconds"))


def _said(process: subprocess.Popen, word: str) -> str:
    """The rest of the line that begins with the word; what a package prints before is passed over."""
    for line in process.stdout:
        if line.startswith(word):
            return line.removeprefix(word).strip()
    sys.exit(f"{process.args[0]} ended without {word!r}")


def _parsed() -> argparse.Namespace:
    parser = options(__doc__)
    parser.add_argument("--records", type=int, default=20_000)
    for name in NAMES:
        parser.add_argument(f"--{name}", metavar="PYTHON", help="of the environment that has it")
    return parser.parse_args()


if __name__ == "__main__":
    main()

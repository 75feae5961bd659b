"""Threads of a training on a CPU, while nothing else runs and beside programs that keep a processor busy.

    python benchmarks/speed/threads.py FOLDER [--models bilstm cnn] [--batch 32] [--busy 0 1]

Timed are the steps of an epoch alone, by a network as `dnaseq train model=NAME recipe=none` has it, with one thread and
with as many as there are processors, in turn. Idle threads wait as long as `dnaseq` lets them.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from dnaseq.cli import SPINS

os.environ.setdefault("GOMP_SPINCOUNT", SPINS)  # before torch is loaded

import made
import torch
from timing import in_turn, machine, options_of_models, table
from training import Contenders

RECORDS = 2000


def main() -> None:
    parser = options_of_models(__doc__)
    parser.set_defaults(records=RECORDS, batch=32, rounds=3)
    parser.add_argument("--busy", type=int, nargs="+", default=[0, 1], help="programs beside the training")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    path = made.fasta(arguments.folder / f"one-{arguments.records}.fa", arguments.records)
    print(machine())
    most = torch.get_num_threads()
    for model in arguments.models:
        contenders = Contenders(path, model, arguments, arguments.folder / "run")
        net = contenders.net()

        def epoch(threads: int, contenders: Contenders = contenders, net: torch.nn.Module = net) -> float:
            torch.set_num_threads(threads)
            return contenders.bare(net)

        for programs in arguments.busy:
            with _beside(programs):
                seconds = in_turn({f"{n} threads": lambda n=n: epoch(n) for n in (1, most)}, arguments.rounds)
            title = f"{model}, batches of {arguments.batch}, beside {programs} programs"
            print("\n" + table(title, seconds, len(contenders.y) / arguments.batch, "steps"))


@contextmanager
def _beside(programs: int) -> Iterator[None]:
    """Keep so many processors busy inside the block."""
    running = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(programs)]
    try:
        yield
    finally:
        for program in running:
            program.kill()
            program.wait()


if __name__ == "__main__":
    main()

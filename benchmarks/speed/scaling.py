"""Seconds and peak memory of `dnaseq predict` against the number of records.

    python benchmarks/speed/scaling.py FOLDER [--sizes 10000 100000 1000000 10000000] [--rounds 3]

FASTA to TSV by a small network (an RNN of 16 cells), one process for each size and round. Seconds are those of the
work, without the start of Python and the loading of the bundle; memory is the peak of the whole process. Prints the
slope of the logarithms (1 is a straight line through the origin), fitted to the medians.
"""

import argparse
import resource
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import made
import numpy as np
from prediction import bundle_of, predict
from timing import in_turn, machine, options

from dnaseq.bundle.predictor import Predictor
from dnaseq.training.allocator import keep_freed_memory

NETWORK = ("model.encoder.hidden=16",)


def main() -> None:
    arguments = _parsed()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    bundle = bundle_of(arguments.folder, "rnn", *NETWORK)
    peaks = dict.fromkeys(arguments.sizes, 0)

    def seconds(n: int) -> float:
        path = made.fasta(arguments.folder / f"one-{n}.fa", n)
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            took, peak = process.submit(_predicted, path, bundle).result()
        peaks[n] = max(peaks[n], peak)
        return took

    print(machine())
    found = in_turn({n: partial(seconds, n) for n in arguments.sizes}, arguments.rounds)
    print(
        "\n| records | seconds, median (least to most) | records/s | peak memory |\n| --- | --- | --- | --- |"
    )
    for n, times in found.items():
        spread = f"{median(times):.3g} ({min(times):.3g} to {max(times):.3g})"
        print(f"| {n:,} | {spread} | {n / median(times):,.0f} | {peaks[n] >> 10} MB |")
    slope, _ = np.polyfit(np.log(list(found)), np.log([median(times) for times in found.values()]), 1)
    print(f"\nslope of the logarithms: {slope:.3f}")


def _predicted(path: Path, bundle: Path) -> tuple[float, int]:
    """Seconds, and kilobytes at the peak."""
    keep_freed_memory()
    predictor = Predictor.load(bundle, device="cpu")
    began = time.perf_counter()
    predict(path, predictor)
    return time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _parsed() -> argparse.Namespace:
    parser = options(__doc__)
    parser.set_defaults(rounds=3)
    parser.add_argument("--sizes", nargs="+", type=int, default=[10**k for k in range(4, 8)])
    return parser.parse_args()


if __name__ == "__main__":
    main()

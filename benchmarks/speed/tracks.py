"""A track of a genome as bigWig, beside the same one as bedGraph: seconds, memory, and whether they are equal.

    python benchmarks/speed/tracks.py BUNDLE GENOME.fa FOLDER --class CLASS [--window 200] [--stride 10]

Both by the command, each in a process of its own, with by_strand=true: a track for each strand. Seconds count the start
of the program as well; memory is the most that the process held. Bins are equal if they have the same places and the
same value to 7 digits, which is what bedGraph has.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pyBigWig
from timing import machine

STRANDS = ("plus", "minus")


class Spent(NamedTuple):
    """What one command took."""

    output: Path
    seconds: float
    processor: float  # seconds
    memory: float  # GB


def main() -> None:
    arguments = _parsed()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    print(machine("pyBigWig"))
    spent = [_predicted(arguments, suffix) for suffix in ("bw", "bedgraph")]
    print("\n| output | seconds | of the processor | peak memory, GB |\n| --- | --- | --- | --- |")
    for one in spent:
        print(f"| {one.output.name} | {one.seconds:.1f} | {one.processor:.1f} | {one.memory:.2f} |")
    for strand in STRANDS:
        wig, graph = (one.output.with_suffix(f".{strand}{one.output.suffix}") for one in spent)
        print(compared(wig, graph))


def compared(wig: Path, graph: Path) -> str:
    """Say how many bins of a bigWig file are those of a bedGraph file."""
    with pyBigWig.open(str(wig)) as track:
        found = {
            (name, start, end): float(f"{value:.7g}")
            for name in track.chroms()
            for start, end, value in track.intervals(name) or ()
        }
    equal = bins = 0
    with graph.open() as lines:
        for line in lines:
            if not line.startswith(("track", "#", "browser")):
                name, start, end, value = line.split()
                bins += 1
                equal += found.get((name, int(start), int(end))) == float(value)
    return f"{wig.name}: {len(found):,} bins; {graph.name}: {bins:,} bins, {equal:,} of them equal"


def _predicted(arguments: argparse.Namespace, suffix: str) -> Spent:
    output = arguments.folder / f"track.{suffix}"
    files = [f"bundle={arguments.bundle}", f"input={arguments.genome}", f"output={output}"]
    options = [f"window={arguments.window}", f"stride={arguments.stride}", f"class={arguments.target}"]
    command = [sys.executable, "-m", "dnaseq", "predict", *files, *options, "by_strand=true", "device=cpu"]
    began = time.perf_counter()
    process = subprocess.Popen([*command, "overwrite=true"])
    _, code, used = os.wait4(process.pid, 0)
    if code:
        sys.exit("dnaseq predict failed")
    return Spent(
        output, time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e9
    )


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bundle", type=Path)
    parser.add_argument("genome", type=Path)
    parser.add_argument("folder", type=Path, help="where the tracks go")
    parser.add_argument("--class", dest="target", required=True, help="whose probability")
    parser.add_argument("--window", type=int, default=200)
    parser.add_argument("--stride", type=int, default=10)
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""Contenders timed in turn, round by round, so that a machine that slows down slows all of them."""

import argparse
import gc
import os
import platform
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

import torch


def interleaved(contenders: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of every contender in each round, after one round that does not count."""
    return in_turn({name: partial(timed, contend) for name, contend in contenders.items()}, rounds)


def in_turn(contenders: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """The same of contenders that say their seconds themselves."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + 1):
        for name, contend in contenders.items():
            took = contend()
            if number:
                seconds[name].append(took)
    return seconds


def timed(contend: Callable[[], object]) -> float:
    """Its seconds."""
    gc.collect()
    began = time.perf_counter()
    contend()
    return time.perf_counter() - began


def timed_by_processor(contend: Callable[[], object]) -> float:
    """Seconds that its threads had a processor, which other programs on the machine do not change much."""
    gc.collect()
    began = time.process_time()
    contend()
    return time.process_time() - began


def table(title: str, seconds: dict[str, list[float]], amount: float, unit: str) -> str:
    """Markdown: rates (amount of `unit` a second) by the median, and how many times faster the first contender is."""
    first = median(next(iter(seconds.values())))
    rows = [
        f"| {title} | {unit}/s | seconds, median (least to most) | first is faster by |",
        "| --- | --- | --- | --- |",
    ]
    for name, times in seconds.items():
        middle = median(times)
        spread = f"{middle:.3g} ({min(times):.3g} to {max(times):.3g})"
        rows.append(f"| {name} | {amount / middle:,.0f} | {spread} | {middle / first:.2f} |")
    return "\n".join(rows)


def machine(*packages: str) -> str:
    """One line on where this was measured, with the versions of the packages that are installed."""
    parts = [f"{os.cpu_count()} cores ({platform.machine()})", f"{torch.get_num_threads()} threads"]
    if torch.cuda.is_available():
        parts.append(torch.cuda.get_device_name())
    parts.append(f"Python {platform.python_version()}")
    for package in ("torch", "numpy", *packages):
        try:
            parts.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            print(f"{package} is not installed and is left out", file=sys.stderr)
    return ", ".join(parts)


def options(description: str) -> argparse.ArgumentParser:
    """What every benchmark takes."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where inputs and runs go")
    parser.add_argument("--rounds", type=int, default=5, help="that count; one more comes before them")
    return parser


def options_of_models(description: str) -> argparse.ArgumentParser:
    """What benchmarks of models take besides."""
    parser = options(description)
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="more of dnaseq train")
    parser.add_argument("--models", nargs="+", default=["bilstm", "cnn"])
    parser.add_argument("--records", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--device", choices=["cpu", "gpu"], default="cpu")
    return parser

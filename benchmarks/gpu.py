"""What a GPU does while dnaseq trains and predicts, in one table: at most 8 minutes on a machine with one NVIDIA GPU.

    python benchmarks/gpu.py FOLDER [--records 50000] [--batch 256] [--rounds 3]
    python benchmarks/gpu.py FOLDER --cpu-smoke     # the same code in tiny sizes, to try it without a GPU

Measured with model=bilstm on random records of 200 bases: the share of a training epoch in which the device waits, and
cuDNN's share of it (kernel times of a profiled epoch over the seconds of one that is not profiled); an epoch of
dnaseq, of a bare loop over tensors on the device, and of the textbook loop; bf16 against 32-bit numbers; torch.compile
against none; FASTA to a table of predictions. The table is printed as Markdown, and written to FOLDER/gpu.json with
the seconds of every round.
"""

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

import torch
from torch.autograd import DeviceType
from torch.profiler import ProfilerActivity, profile

sys.path.insert(0, str(Path(__file__).parent / "speed"))
import made
from prediction import bundle_of, predict
from timing import in_turn, interleaved, machine, options
from training import Contenders

from dnaseq.bundle.predictor import Predictor

CUDNN = {"aten::_cudnn_rnn", "aten::_cudnn_rnn_backward"}
COMPILED = (
    "bilstm",
    "cnn",
)  # torch.compile leaves an LSTM to cuDNN, and makes kernels of its own of the rest
SMOKE = {"records": 200, "batch": 32, "rounds": 1}


class Row(NamedTuple):
    """A measurement: of seconds the median counts; `rate` is records a second, `share` is of an epoch's seconds."""

    what: str
    seconds: list[float]
    rate: float | None = None
    share: float | None = None


def main() -> None:
    arguments = _parsed()
    if arguments.device == "cpu" and not arguments.cpu_smoke:
        print("no GPU here: nothing is measured (--cpu-smoke tries the code in tiny sizes)")
        return
    arguments.folder.mkdir(parents=True, exist_ok=True)
    path = made.fasta(arguments.folder / f"one-{arguments.records}.fa", arguments.records)
    rows = [
        *training(path, arguments),
        *precisions(path, arguments),
        *compilation(path, arguments),
        *prediction(path, arguments),
    ]
    about = machine("pytorch-lightning", "biopython")
    content = {"machine": about, "records": arguments.records, "batch": arguments.batch}
    content["rows"] = [row._asdict() for row in rows]
    (arguments.folder / "gpu.json").write_text(json.dumps(content, indent=2) + "\n")
    print(
        f"{about}; {arguments.records:,} records of 200 bases, batches of {arguments.batch}\n\n{table(rows)}"
    )


def training(path: Path, arguments: argparse.Namespace) -> list[Row]:
    """An epoch of dnaseq, of the bare loop and of the textbook one; what the device does in that of dnaseq."""
    contenders = _contenders(path, "bilstm", arguments)
    names = ("dnaseq", "bare", "textbook")
    seconds = in_turn({name: getattr(contenders, name) for name in names}, arguments.rounds)
    n, epoch = len(contenders.y), median(seconds["dnaseq"])
    busy, in_cudnn = device_seconds(contenders.dnaseq, arguments.device)
    return [
        *(_rate(f"training epoch, bilstm: {name}", seconds[name], n) for name in names),
        Row(
            "of dnaseq's epoch: the device waits", [max(epoch - busy, 0.0)], share=max(1 - busy / epoch, 0.0)
        ),
        Row("of dnaseq's epoch: kernels of cuDNN's LSTM", [in_cudnn], share=in_cudnn / epoch),
    ]


def device_seconds(work: Callable[[], object], device: str) -> tuple[float, float]:
    """Seconds of all kernels and copies on the GPU, and of those that cuDNN's recurrent layers start; on a CPU,
    which has no kernels, of all operators, and none."""
    activities = [ProfilerActivity.CPU] + [ProfilerActivity.CUDA] * (device == "gpu")
    with profile(activities=activities) as profiled:
        work()
    found = profiled.key_averages()
    if device == "cpu":
        return sum(one.self_cpu_time_total for one in found) / 1e6, 0.0
    on_gpu = [one for one in found if one.device_type == DeviceType.CUDA and not one.is_user_annotation]
    in_cudnn = sum(one.device_time_total for one in found if one.key in CUDNN)
    return sum(one.self_device_time_total for one in on_gpu) / 1e6, in_cudnn / 1e6


def precisions(path: Path, arguments: argparse.Namespace) -> list[Row]:
    """An epoch of dnaseq in numbers of 16 and of 32 bits."""
    kinds = {name: f"trainer.precision={name}" for name in ("bf16-mixed", "32-true")}
    own = {name: _contenders(path, "bilstm", arguments, setting) for name, setting in kinds.items()}
    seconds = in_turn({name: one.dnaseq for name, one in own.items()}, arguments.rounds)
    return [_rate(f"training epoch, bilstm: {name}", seconds[name], len(own[name].y)) for name in kinds]


def compilation(path: Path, arguments: argparse.Namespace) -> list[Row]:
    """The bare loop over a network as it is and over a compiled one; compiling is in the round that does not count."""
    rows = []
    backend = (
        "inductor" if arguments.device == "gpu" else "eager"
    )  # inductor asks for a compiler of C++ on a CPU
    for model in COMPILED:
        contenders = _contenders(path, model, arguments)
        nets = {
            "as it is": contenders.net(),
            "torch.compile": torch.compile(contenders.net(), backend=backend),
        }
        ways = {name: partial(contenders.bare, net) for name, net in nets.items()}
        seconds = in_turn(ways, arguments.rounds)
        rows += [_rate(f"bare loop, {model}: {name}", seconds[name], len(contenders.y)) for name in ways]
    return rows


def prediction(path: Path, arguments: argparse.Namespace) -> list[Row]:
    """FASTA to a table of predictions, without the start of the program."""
    bundle = bundle_of(arguments.folder, "bilstm")
    predictor = Predictor.load(bundle, device=arguments.device, batch_size=arguments.batch)
    (seconds,) = interleaved({"predict": partial(predict, path, predictor)}, arguments.rounds).values()
    return [_rate("FASTA to a table of predictions, bilstm", seconds, arguments.records)]


def table(rows: list[Row]) -> str:
    """Markdown."""
    lines = [
        "| measured | seconds, median (least to most) | records/s | share of the epoch |",
        "| --- | --- | --- | --- |",
    ]
    for row in rows:
        seconds = f"{median(row.seconds):.3g} ({min(row.seconds):.3g} to {max(row.seconds):.3g})"
        rate = "" if row.rate is None else f"{row.rate:,.0f}"
        share = "" if row.share is None else f"{row.share:.1%}"
        lines.append(f"| {row.what} | {seconds} | {rate} | {share} |")
    return "\n".join(lines)


def _rate(what: str, seconds: list[float], n: int) -> Row:
    return Row(what, seconds, rate=n / median(seconds))


def _contenders(path: Path, model: str, arguments: argparse.Namespace, *overrides: str) -> Contenders:
    given = argparse.Namespace(**vars(arguments), overrides=overrides)
    return Contenders(path, model, given, arguments.folder / "-".join([model, *overrides]))


def _parsed() -> argparse.Namespace:
    parser = options(__doc__)
    parser.set_defaults(rounds=3)
    parser.add_argument("--records", type=int, default=50_000)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--cpu-smoke", action="store_true", help="tiny sizes, on the CPU")
    arguments = parser.parse_args()
    arguments.device = "gpu" if torch.cuda.is_available() and not arguments.cpu_smoke else "cpu"
    return argparse.Namespace(**vars(arguments) | (SMOKE if arguments.cpu_smoke else {}))


if __name__ == "__main__":
    main()

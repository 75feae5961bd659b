"""The parts that insert, ablate and design share: the explained number, records, typed ranges, and files."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from omegaconf import DictConfig

from dnaseq.bundle.bundle import Bundle
from dnaseq.bundle.predictor import Advice, Predictor
from dnaseq.errors import ConfigError
from dnaseq.interpret.experiments.sequences import Record, usable_records
from dnaseq.interpret.logit import Logit
from dnaseq.interpret.records import LEAVE_OUT
from dnaseq.io.atomic import atomic_file, check_writable
from dnaseq.io.results.row_text import tsv_header, tsv_lines
from dnaseq.io.sequences.reading import read_blocks
from dnaseq.report.charts.chart import Chart, draw_chart
from dnaseq.tasks.config.paths import output_of, reading_of, with_columns
from dnaseq.tasks.runs.jobs import Outcome

STDOUT = "-"
PICTURE = ".png"
ADVICE = Advice("Give it the length that the bundle reads", LEAVE_OUT)
Number = TypeVar("Number", int, float)


def build_logit(cfg: DictConfig, bundle: Bundle) -> Logit:
    """Build the number that an experiment changes."""
    predictor = Predictor(bundle, device=cfg.device, batch_size=cfg.batch_size)
    return Logit(predictor, None if cfg.target is None else str(cfg.target), cfg.position)


class Records:
    """The usable records of some files, and the number of the others."""

    def __init__(self, cfg: DictConfig, predictor: Predictor, sources: list[str]):
        self.sources, self.rejected, self.used = sources, 0, 0
        self._predictor = predictor
        self._reading = with_columns(reading_of(cfg), predictor.columns, cfg.data)

    def __iter__(self) -> Iterator[Record]:
        blocks = read_blocks(self.sources, self._reading)
        for block in self._predictor.pieces(blocks, self._reading.bad_records, ADVICE):
            self.rejected += len(block.rejected)
            for record in usable_records(block):
                self.used += 1
                yield record

    def reject(self) -> None:
        """Count the last record as one that cannot be used."""
        self.used, self.rejected = self.used - 1, self.rejected + 1

    @property
    def outcome(self) -> Outcome:
        """The outcome of the command, which tells of records that could not be used."""
        if not self.rejected:
            return Outcome()
        total = self.used + self.rejected
        return Outcome(left_out=f"{self.rejected} of {total} records could not be used and were left out")


class Outputs(NamedTuple):
    """The files of an experiment: the one that is named, and those beside it."""

    main: str
    overwrite: bool

    def beside(self, suffix: str) -> Path:
        return Path(self.main).with_suffix(suffix)


def outputs_of(
    cfg: DictConfig, suffixes: tuple[str, ...], beside: tuple[str, ...], sources: list[str]
) -> Outputs:
    """Check the place of all files before any work: `output` ends in one of the suffixes, or is "-" for stdout where
    an experiment has a table alone."""
    output = output_of(cfg)
    if output == STDOUT and STDOUT in suffixes:
        return Outputs(output, cfg.overwrite)
    if not output.endswith(suffixes):
        raise ConfigError(f"output={output} must end in {' or '.join(s for s in suffixes if s != STDOUT)}")
    found = Outputs(output, cfg.overwrite)
    for path in (Path(output), *(found.beside(suffix) for suffix in beside)):
        check_writable(path, cfg.overwrite)
        if any(Path(source).resolve() == path.resolve() for source in sources):
            raise ConfigError(f"output={output}: {path} is also an input")
    return found


def write_columns(path: str | Path, columns: dict[str, list], overwrite: bool) -> None:
    """Write columns of equal length as TSV; "-" is stdout."""
    text = tsv_header(list(columns)) + tsv_lines(columns)
    if str(path) == STDOUT:
        print(text, end="")
    else:
        with atomic_file(path, "w", overwrite) as handle:
            handle.write(text)


def write_picture(outputs: Outputs, chart: Chart) -> None:
    """Draw a chart as PNG beside the main file; none beside stdout."""
    if outputs.main != STDOUT:
        with atomic_file(outputs.beside(PICTURE), "wb", outputs.overwrite) as handle:
            handle.write(draw_chart(chart).png)


def cells(numbers: np.ndarray) -> list[float | None]:
    """(n,) numbers -> cells of a column, empty where a number is NaN."""
    return [float(one) if np.isfinite(one) else None for one in numbers]


def read_range(key: str, value: object, kind: Callable[[str], Number], example: str) -> list[Number]:
    """Read LOW:HIGH. Raises ConfigError for anything else, and for a high end below the low one."""
    parts = str(value).split(":")
    try:
        numbers = [kind(part) for part in parts]
    except ValueError:
        numbers = []
    fits = 2 <= len(numbers) <= len(example.split(":")) and min(numbers) >= 0 and numbers[0] <= numbers[1]
    if not fits:
        raise ConfigError(
            f"{key} must be as {key}={example}, numbers from 0 with the low one first; got {value}"
        )
    return numbers

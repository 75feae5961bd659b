"""dnaseq runs: the runs in a folder, their scores and whether they are complete."""

import logging
import sys
from collections.abc import Iterable
from pathlib import Path

from omegaconf import DictConfig

from dnaseq.errors import ConfigError, visible
from dnaseq.evaluation.metrics.names import metric_title
from dnaseq.io.results.row_text import tsv_header, tsv_lines
from dnaseq.report.text.summary import align_columns, estimate_text
from dnaseq.schemas import Estimate
from dnaseq.tasks.config.paths import paths
from dnaseq.tasks.runs.jobs import Outcome
from dnaseq.tasks.runs.listing import ListedRun, list_runs

AUTO, TABLE, TSV = FORMATS = ("auto", "table", "tsv")
HEADER = ("data", "model", "seed", "score", "seconds", "state", "time", "folder")
logger = logging.getLogger("dnaseq")


def run(cfg: DictConfig, choices: dict[str, str]) -> Outcome:
    """Print a row for every training and evaluation, by data, the newest first."""
    if cfg.format not in FORMATS:
        raise ConfigError(f"format must be one of {', '.join(FORMATS)}; got {cfg.format!r}")
    folders = paths("folder", cfg.folder)
    found = [one for folder in folders for one in list_runs(Path(folder))]
    if not found:
        logger.info("no run is in %s", ", ".join(folders))
    elif cfg.format == TSV or (cfg.format == AUTO and not sys.stdout.isatty()):
        columns = dict(zip(ListedRun._fields, map(list, zip(*found, strict=True)), strict=True))
        print(tsv_header(ListedRun._fields) + tsv_lines(columns), end="")
    else:
        print(visible(_table(found), keep="\n"))
    return Outcome()


def _table(found: Iterable[ListedRun]) -> str:
    """Lay the runs out for the eye; the data are named once."""
    rows, last = [list(HEADER)], None
    for one in found:
        rows.append([*_cells(one, "" if one.data == last else one.data or "-"), one.path])
        last = one.data
    return "\n".join(align_columns(rows, 2))


def _cells(one: ListedRun, data: str) -> list[str]:
    score = "-"
    if one.metric and one.value is not None:
        score = (
            f"{metric_title(one.metric)} {estimate_text(Estimate(one.value, one.low, one.high), one.metric)}"
        )
    seed, seconds = ("-" if value is None else f"{value:,.0f}" for value in (one.seed, one.seconds))
    return [data, one.model or "-", seed, score, seconds, one.state, one.time]

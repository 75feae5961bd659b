"""dnaseq predict: one row for every record of the input, in order."""

import logging
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from omegaconf import DictConfig, OmegaConf
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from dnaseq.bundle.predictor import ABSTAINED, UNLIKE, Predictor
from dnaseq.distributed.work import Answered, Work
from dnaseq.errors import ConfigError, InputError, RejectedError
from dnaseq.io.reading import expand
from dnaseq.io.rows import OK, Rows, open_rows
from dnaseq.tasks.materials import engine_of, reading_of

logger = logging.getLogger("dnaseq")


def run(cfg: DictConfig, choices: dict[str, str]) -> None:
    """Predict; the output has its name only once it is complete.

    Raises RejectedError at the end where records were answered with a status instead of a label.
    """
    inputs = OmegaConf.to_container(cfg.input) if OmegaConf.is_list(cfg.input) else str(cfg.input)
    sources = expand(inputs)
    _refuse_overlap(sources, cfg.output)
    reading = reading_of(cfg)
    options = {name: cfg[name] for name in ("device", "batch_size", "strands", "length_policy")}
    engine = engine_of(cfg, cfg.workers)
    own = options | {"device": engine.own_device(cfg.device, sources)}
    predictor = Predictor.load(cfg.bundle, **own)
    columns = ("note",) if cfg.notes or predictor.abstains else ()
    layout = (predictor.answers.columns, cfg.overwrite, columns, predictor.answers.prefix)
    total = Answered(b"", 0, 0, dict.fromkeys((ABSTAINED, UNLIKE), 0))
    with open_rows(cfg.output, *layout) as table, _progress() as bar:
        task = bar.add_task("records", total=None)
        finish = partial(_answered, table.form, bool(columns))
        work = Work(
            cfg.bundle, options, predictor, sources, reading, finish, columns, cfg.output, cfg.overwrite
        )
        try:
            for answer in engine.answers(work):
                table.append(answer.formed)
                total = _together(total, answer)
                bar.update(task, completed=total.records)
        except InputError as error:
            if not (cfg.allow_empty and error.what.startswith("no records")):
                raise
    _say(total, marked=bool(columns))


def _answered(form: Callable[[Rows], bytes | dict], marked: bool, rows: Rows) -> Answered:
    """Rows to what is left of them; `form` is the table's, and with `marked` it has a column of notes."""
    rejected = sum(status != OK for status in rows.statuses)
    noted = {kind: sum(kind in note for note in rows.notes) for kind in (ABSTAINED, UNLIKE)}
    rows = rows._replace(extra={"note": rows.notes}) if marked else rows
    return Answered(form(rows), len(rows.ids), rejected, noted)


def _together(total: Answered, more: Answered) -> Answered:
    noted = {kind: total.noted[kind] + more.noted[kind] for kind in total.noted}
    return Answered(b"", total.records + more.records, total.rejected + more.rejected, noted)


def _say(total: Answered, marked: bool) -> None:
    answered = total.records - total.rejected
    logger.info("read %d = predicted %d + rejected %d", total.records, answered, total.rejected)
    _say_noted(total.noted, total.records, marked)
    if total.rejected:
        what = f"{total.rejected} of {total.records} records were rejected"
        raise RejectedError(f"{what}; see the column status")


def _say_noted(noted: dict[str, int], answered: int, marked: bool) -> None:
    """What is to be known of the records in general, where there is anything."""
    if noted[ABSTAINED]:
        logger.info(
            "%d of %d records have no label: the model is not sure enough", noted[ABSTAINED], answered
        )
    if noted[UNLIKE]:
        how = "see the column note" if marked else "notes=true marks them"
        logger.info("%d of %d records are unlike the training records (%s)", noted[UNLIKE], answered, how)


def _refuse_overlap(sources: list[str], output: str) -> None:
    if output != "-" and any(Path(source).resolve() == Path(output).resolve() for source in sources):
        raise ConfigError(f"output={output} is also an input")


def _progress() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = Console(stderr=True)
    return Progress(*columns, TimeElapsedColumn(), console=console, disable=not sys.stderr.isatty())

"""dnaseq predict: one row for every record of the input, in order."""

import logging
import sys
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
from dnaseq.errors import ConfigError, InputError, RejectedError
from dnaseq.io.reading import expand, read_blocks
from dnaseq.io.rows import open_rows
from dnaseq.tasks.materials import reading_of

logger = logging.getLogger("dnaseq")


def run(cfg: DictConfig, choices: dict[str, str]) -> None:
    """Predict; the output has its name only once it is complete.

    Raises RejectedError at the end where records were answered with a status instead of a label.
    """
    inputs = OmegaConf.to_container(cfg.input) if OmegaConf.is_list(cfg.input) else str(cfg.input)
    sources = expand(inputs)
    _refuse_overlap(sources, cfg.output)
    reading = reading_of(cfg)
    options = {"device": cfg.device, "batch_size": cfg.batch_size, "strands": cfg.strands}
    predictor = Predictor.load(cfg.bundle, **options, length_policy=cfg.length_policy)
    columns = ("note",) if cfg.notes or predictor.abstains else ()
    answered = rejected = 0
    noted = dict.fromkeys((ABSTAINED, UNLIKE), 0)
    layout = (predictor.answers.columns, cfg.overwrite, columns, predictor.answers.prefix)
    with open_rows(cfg.output, *layout) as table, _progress() as bar:
        task = bar.add_task("records", total=None)
        try:
            for rows in predictor.predict_blocks(read_blocks(sources, reading), cfg.bad_records):
                table.write(rows._replace(extra={"note": rows.notes}) if columns else rows)
                answered += len(rows.ids)
                rejected += sum(status != "ok" for status in rows.statuses)
                for kind in noted:
                    noted[kind] += sum(kind in note for note in rows.notes)
                bar.update(task, completed=answered)
        except InputError as error:
            if not (cfg.allow_empty and error.what.startswith("no records")):
                raise
    logger.info("read %d = predicted %d + rejected %d", answered, answered - rejected, rejected)
    _say_noted(noted, answered, marked=bool(columns))
    if rejected:
        raise RejectedError(f"{rejected} of {answered} records were rejected; see the column status")


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

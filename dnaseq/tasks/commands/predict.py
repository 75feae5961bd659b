"""dnaseq predict: one row for every record of the input, in order."""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from omegaconf import DictConfig

from dnaseq.bundle.predictor import ABSTAINED, UNLIKE, Predictor
from dnaseq.distributed.predictions import open_parts, predictions
from dnaseq.distributed.work import Answered, Engine, Work, versions_of
from dnaseq.errors import ConfigError, InputError, RejectedError
from dnaseq.io.progress import counted_on_terminal
from dnaseq.io.results.rows import OK, PLACE, Rows, open_rows
from dnaseq.tasks.config.paths import bundle_of, engine_of, input_of, output_of, reading_of

OPTIONS = ("device", "batch_size", "strands", "length_policy", "window", "stride")  # those of Predictor
EMPTY = "without a base"
logger = logging.getLogger("dnaseq")


def run(cfg: DictConfig, choices: dict[str, str]) -> None:
    """Predict; the output has its name only once it is complete.

    Raises RejectedError at the end where records were answered with a status instead of a label.
    """
    sources, output = input_of(cfg), output_of(cfg)
    _refuse_overlap(sources, output)
    reading = reading_of(cfg)
    options = {name: cfg[name] for name in OPTIONS}
    engine = engine_of(cfg, cfg.workers)
    own = options | {"device": engine.own_device(cfg.device, sources)}
    bundle = bundle_of(cfg)
    predictor = Predictor.load(bundle, **own)
    marked = cfg.notes or predictor.abstains
    columns = (*(PLACE if predictor.scan else ()), *(("note",) if marked else ()))
    versions = versions_of(sources)
    finish = partial(_answered, marked)  # the table has the form
    work = Work(bundle, options, predictor, sources, versions, reading, finish, columns)
    total = _predict(engine, work, output, cfg.overwrite, cfg.allow_empty)
    _say(total, bool(predictor.scan), marked)


def _predict(engine: Engine, work: Work, output: str, overwrite: bool, allow_empty: bool) -> Answered:
    """Write the rows of all records, and return what is counted of them."""
    answers, unit = work.predictor.answers, "windows" if work.predictor.scan else "records"
    layout = (answers.columns, overwrite, work.columns, answers.prefix)
    total = Answered(b"", 0, 0, 0, dict.fromkeys((ABSTAINED, UNLIKE, EMPTY), 0))
    with (
        open_parts(engine, work, output, overwrite) as parts,
        open_rows(str(parts.table) if parts else output, *layout) as table,
        counted_on_terminal(unit) as advance,
    ):
        work = work._replace(finish=partial(work.finish, table.form))
        try:
            for answer in predictions(engine, work, parts):
                table.append(answer.formed)
                total = _together(total, answer)
                advance(answer.rows)
        except InputError as error:
            if not (allow_empty and error.what.startswith("no records")):
                raise
    return total


def _answered(marked: bool, form: Callable[[Rows], bytes | dict], rows: Rows) -> Answered:
    """Rows to what is left of them; `form` is the table's, and with `marked` it has a column of notes."""
    n, rejected = len(rows.ids), sum(status != OK for status in rows.statuses)
    noted = {kind: sum(kind in note for note in rows.notes) for kind in (ABSTAINED, UNLIKE)} | {EMPTY: 0}
    records, extra = n, {}
    if rows.starts is not None:
        records, of_records = int((rows.starts <= 0).sum()), int((rows.starts < 0).sum())
        rejected, noted[EMPTY] = of_records, rejected - of_records
        extra = dict(zip(PLACE, _places(rows), strict=True))
    if marked:
        extra["note"] = rows.notes
    return Answered(form(rows._replace(extra=extra)), n, records, rejected, noted)


def _places(rows: Rows) -> tuple[list[int | None], list[int | None]]:
    """First base of each window, and the one after its last; None for a record that is rejected."""
    known = rows.starts >= 0
    ends = rows.starts + rows.lengths
    return np.where(known, rows.starts, None).tolist(), np.where(known, ends, None).tolist()


def _together(total: Answered, more: Answered) -> Answered:
    noted = {kind: total.noted[kind] + more.noted[kind] for kind in total.noted}
    counts = (a + b for a, b in zip(total[1:4], more[1:4], strict=True))
    return Answered(b"", *counts, noted)


def _say(total: Answered, scanned: bool, marked: bool) -> None:
    answered = total.records - total.rejected
    logger.info("read %d = predicted %d + rejected %d", total.records, answered, total.rejected)
    windows = total.rows - total.rejected
    if scanned:
        without = total.noted[EMPTY]
        logger.info("%d windows; %d of them without an answer, for want of bases", windows, without)
    _say_noted(total.noted, f"{windows} windows" if scanned else f"{total.records} records", marked)
    if total.rejected:
        what = f"{total.rejected} of {total.records} records were rejected"
        raise RejectedError(f"{what}; see the column status")


def _say_noted(noted: dict[str, int], among: str, marked: bool) -> None:
    """What is to be known of the rows in general, where there is anything."""
    if noted[ABSTAINED]:
        logger.info("%d of %s have no label: the model is not sure enough", noted[ABSTAINED], among)
    if noted[UNLIKE]:
        how = "see the column note" if marked else "notes=true marks them"
        logger.info("%d of %s are unlike the training records (%s)", noted[UNLIKE], among, how)


def _refuse_overlap(sources: list[str], output: str) -> None:
    if output != "-" and any(Path(source).resolve() == Path(output).resolve() for source in sources):
        raise ConfigError(f"output={output} is also an input")

"""The explanation of a file of records: method, attributions, faithfulness, and the files of all of them."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from dnaseq.data.records.chunked_arrays import stretches
from dnaseq.errors import ConfigError
from dnaseq.interpret.attributions import (
    Attributions,
    attribution_files,
    map_attributions,
    write_npz,
    write_tsv,
)
from dnaseq.interpret.faithfulness.report import describe
from dnaseq.interpret.faithfulness.selection import AUTO, Measured, measure, measured_methods
from dnaseq.interpret.logit import Logit, Scores
from dnaseq.interpret.methods.choices import TITLES, WITH_HYPOTHETICAL, check_method, explain
from dnaseq.interpret.methods.explanation import MethodSettings
from dnaseq.interpret.records import Records, choose_records, read_records
from dnaseq.io.atomic import atomic_file, write_json
from dnaseq.io.progress import show_progress
from dnaseq.io.results.explanation import ARRAYS, FAITHFULNESS, RECORDS, TABLE, Faithfulness
from dnaseq.io.results.row_text import tsv_header, tsv_lines
from dnaseq.io.sequences.block import Block

SAMPLE = 48  # records on which methods are measured
AT_ONCE = 64  # records that are explained in one go
COLUMNS = ("id", "length", "logit", "probability")
logger = logging.getLogger("dnaseq")


@dataclass(frozen=True)
class Wanted:
    """The method of an explanation, or auto, its settings, and how many records it explains at most.

    Methods are measured on `sample` records; auto measures none of `without`.
    """

    method: str
    settings: MethodSettings
    records: int | None = None
    sample: int = SAMPLE
    without: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.records is not None and (type(self.records) is not int or self.records < 1):
            raise ConfigError(f"records must be a whole number of at least 1; got {self.records!r}")


class Explained(NamedTuple):
    """Explained records; the arrays of the attributions are maps of files in the working folder."""

    attributions: Attributions
    scores: Scores
    faithfulness: Faithfulness
    rejected: int  # records of the input that could not be used
    labels: list[str]  # of the headers, "" without one


def explain_records(
    logit: Logit, blocks: Iterable[Block], bad_records: str, wanted: Wanted, work: Path
) -> Explained:
    """Explain the records of a stream of blocks; `work` is a folder for files that the caller removes.

    Raises ConfigError for a method that the model does not have, before anything is read, and InputError for records
    that cannot be used.
    """
    if wanted.method != AUTO:
        check_method(logit, wanted.method)
    rng = np.random.default_rng(wanted.settings.seed)
    with show_progress("reading"):
        found = read_records(logit, blocks, bad_records, work / "codes.bin")
        records = choose_records(found, wanted.records, rng)
    measured = _measure(logit, records, wanted, rng)
    method = measured.best if wanted.method == AUTO else wanted.method
    logger.info("method: %s%s", TITLES[method], _why(measured, method, wanted))
    attributions, scores = _attribute(logit, records, method, wanted.settings, work)
    n = len(records.ids)
    with show_progress("checking the explanation"):
        faithfulness = describe(logit, measured, method, wanted.method != AUTO, wanted.settings, n)
    for caution in faithfulness.cautions:
        logger.warning("note: %s", caution)
    return Explained(attributions, scores, faithfulness, found.rejected, records.labels)


def write_explanation(folder: Path, explained: Explained) -> None:
    """Write the attributions, the table of records and the faithfulness into a folder."""
    with show_progress("writing"):
        write_npz(folder / ARRAYS, explained.attributions)
        write_tsv(folder / TABLE, explained.attributions)
        _write_records(folder / RECORDS, explained)
        write_json(folder / FAITHFULNESS, explained.faithfulness)


def _measure(logit: Logit, records: Records, wanted: Wanted, rng: np.random.Generator) -> Measured:
    """Measure methods on some of the records."""
    n = len(records.ids)
    rows = np.sort(rng.choice(n, min(wanted.sample, n), replace=False))
    names = measured_methods(logit, wanted.method, wanted.without)
    with show_progress(f"measuring methods on {len(rows)} records"):
        return measure(logit, records.padded(rows), records.lengths[rows], names, wanted.settings)


def _why(measured: Measured, method: str, wanted: Wanted) -> str:
    """Describe how a method was chosen, for the log."""
    own = next(one for one in measured.methods if one.method == method)
    chance = measured.methods[-1]
    if own.faithfulness.value is None or chance.faithfulness.value is None:
        return ""
    how = "" if wanted.method != AUTO else "the most faithful here; "
    share, by_chance = 100 * own.faithfulness.value, 100 * chance.faithfulness.value
    return f" ({how}its first bases alone do {share:.0f} % of what all bases do, at random {by_chance:.0f} %)"


def _attribute(
    logit: Logit, records: Records, method: str, settings: MethodSettings, work: Path
) -> tuple[Attributions, Scores]:
    """Explain all records, some at a time, and score them."""
    n, all_lengths = len(records.ids), records.lengths
    scores = Scores(np.empty(n), np.empty(n))
    files = attribution_files(work, n, int(all_lengths.max()), method in WITH_HYPOTHETICAL)
    with files as append, show_progress("explaining", "records", n) as step:
        for some in stretches(n, AT_ONCE):
            rows = np.arange(some.start, some.stop)
            codes, lengths = records.padded(rows), all_lengths[rows]
            found = explain(logit, codes, lengths, method, settings)
            append(codes, found.values, found.hypothetical)
            scores.logits[rows], scores.probabilities[rows] = logit.scores(codes, lengths)
            step.advance(len(rows))
    return map_attributions(work, records.ids, all_lengths), scores


def _write_records(path: Path, explained: Explained) -> None:
    """Write a row for each record: id, length, logit, and the calibrated probability of the target."""
    cells = (
        explained.attributions.ids,
        explained.attributions.lengths.tolist(),
        explained.scores.logits.tolist(),
        explained.scores.probabilities.tolist(),
    )
    with atomic_file(path, "w", overwrite=True) as handle:
        handle.write(tsv_header(COLUMNS))
        handle.write(tsv_lines(dict(zip(COLUMNS, cells, strict=True))))

"""Predictions and scores of the test set, for `train` and `evaluate`."""

import hashlib
import logging
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from dnaseq.bundle.predictor import UNLIKE, Predictor
from dnaseq.data.composition import gc_shares, letter_counts
from dnaseq.data.dataset import LabelledSet
from dnaseq.data.records.chunked_arrays import stretches
from dnaseq.data.statistics import leak_counts, leaks_dropped
from dnaseq.errors import RejectedError, visible
from dnaseq.evaluation.comparison.conclusion import conclusion, next_step
from dnaseq.evaluation.comparison.results import Scores
from dnaseq.io.atomic import atomic_file, write_json
from dnaseq.io.progress import show_progress
from dnaseq.io.results.row_text import tsv_header, tsv_lines
from dnaseq.io.results.rows import open_rows
from dnaseq.prediction_task import CLASSIFICATION
from dnaseq.report.text.summary import summary_table, task_summary_table
from dnaseq.schemas import InitialNetwork
from dnaseq.tasks.pipeline.factories import list_files
from dnaseq.tasks.pipeline.scorers import SCORERS
from dnaseq.tasks.runs.manifest import PREDICTIONS, STRATA, configuration, versions
from dnaseq.training.allocator import release_freed_memory
from dnaseq.training.callbacks import falling_epochs

NO_BASELINES = (
    "no baselines: simple models learn from training records, which a bundle does not hold and these data do not "
    "have. Give them with data.train=FILE"
)
UNTESTED = "no scores: the training had no test set. Get some by split=given, split=kfold or dnaseq evaluate"
logger = logging.getLogger("dnaseq")


class About(NamedTuple):
    """Entries of scores.json that say what is scored, and the seconds that it took so far."""

    data: str
    split_by: str
    seed: int
    model: str
    seconds: dict[str, float]
    parameters: int | UnsetType = UNSET
    init: InitialNetwork | UnsetType = UNSET


def score_test(folder: Path, predictor: Predictor, data: LabelledSet, about: About) -> Scores:
    """Write predictions.test.tsv, strata.tsv and scores.json; return the scores."""
    began = time.monotonic()
    probabilities, novel, bases = _write_predictions(folder, predictor, data)
    _write_strata(folder, data)
    release_freed_memory()
    seconds = about.seconds | {"predict": time.monotonic() - began}
    found = SCORERS[predictor.prediction](data, predictor, probabilities, bases, about.seed)
    if not found.baselines:
        logger.info("note: %s", NO_BASELINES)
    learned: dict[str, int | None] = {}
    if data.shared:
        learner = (
            "learned" if about.init is UNSET else "init"
        )  # the bundle that is scored, or the one it began with
        learned = {learner: data.shared.exact + data.shared.reverse_complement}
    result = replace(
        _describe_run(folder, predictor, data, about._replace(seconds=seconds)),
        **found._asdict(),
        no_baselines=UNSET if found.baselines else NO_BASELINES,
        leaks=leak_counts(data) | learned,
        novel=novel,
    )
    write_json(folder / "scores.json", result)
    release_freed_memory()
    return result


def write_untested(folder: Path, predictor: Predictor, data: LabelledSet, about: About) -> Scores:
    """Write and return scores.json of a training without a test set: n is 0, and there are no scores in it."""
    task = UNSET if predictor.prediction is CLASSIFICATION else predictor.spec.task
    result = replace(_describe_run(folder, predictor, data, about), task=task, no_baselines=UNTESTED)
    write_json(folder / "scores.json", result)
    return result


def _describe_run(folder: Path, predictor: Predictor, data: LabelledSet, about: About) -> Scores:
    """Return the entries of scores.json that no score is in."""
    return Scores(
        **about._replace(seconds={name: round(value, 2) for name, value in about.seconds.items()})._asdict(),
        n=len(data.rows("test")),
        classes=predictor.classes,
        metrics={},
        dropped=leaks_dropped(data) | {"rejected": data.rejected},
        fingerprints=list_files(data),
        command=configuration(folder)["command"],
        versions=versions(),
    )


def show(folder: Path, result: Scores) -> None:
    """Print the summary of one screen."""
    if result.n:
        table = task_summary_table(result) if result.task else summary_table(result)
        print(visible(table, keep="\n"))
    else:
        print(f"{result.model} on {visible(result.data)}: no test set, so no scores")
    if result.n:
        print(f"\n{'verdict':<12}{visible(conclusion(result))}")
    epochs = falling_epochs(folder) if (folder / "history.csv").exists() else 0
    if advice := next_step(result, epochs):
        print(f"{'next':<12}{advice}")
    print()
    for name in ("report.html", "bundle", PREDICTIONS):
        if (folder / name).exists():
            print(f"{Path(name).stem.split('.')[0]:<12}{folder / name}")


def raise_if_left_out(result: Scores) -> None:
    """Raise RejectedError, after all work, where records could not be used."""
    if message := left_out(result):
        raise RejectedError(message)


def left_out(result: Scores) -> str:
    """Count the records of each part that could not be used, as a message; empty where there are none."""
    out = (result.dropped or {})["rejected"]
    counts = ", ".join(f"{count} of {part}" for part, count in out.items() if count)
    return f"{counts}: records could not be used and were left out" if counts else ""


def _write_predictions(
    folder: Path, predictor: Predictor, data: LabelledSet
) -> tuple[np.ndarray, int, list[np.ndarray]]:
    """Write a row a record, with the truth in the last columns. Return the (n, C) numbers as they are written, the
    count of records that are unlike the training records, and in labelling the probabilities of the bases."""
    rows, form = data.rows("test"), predictor.postprocessor
    at = novel = 0
    probabilities = np.empty((len(rows), len(form.columns)))
    bases: list[np.ndarray] = []
    layout = (form.columns, True, tuple(data.targets.truths(rows[:0])), form.prefix)
    with (
        open_rows(str(folder / PREDICTIONS), *layout) as table,
        show_progress("predicting test records", "records", len(rows)) as step,
    ):
        for found in predictor.predict_blocks(data.store.blocks(rows), abstain=False):
            stop = at + len(found.ids)
            table.write(found._replace(extra=data.targets.truths(rows[at:stop])))
            probabilities[at:stop] = found.probabilities
            step.advance(stop - at)
            at = stop
            novel += sum(UNLIKE in note for note in found.notes)
            bases += found.bases or []
    return probabilities, novel, bases


def _write_strata(folder: Path, data: LabelledSet) -> None:
    """Write strata.tsv: strata of the test records, and digests of their letters, to pair records of two runs."""
    rows = data.rows("test")
    with atomic_file(folder / STRATA, "w", overwrite=True) as handle:
        handle.write(tsv_header(list(_strata(data, rows[:0]))))
        for some in stretches(len(rows)):
            handle.write(tsv_lines(_strata(data, rows[some])))


def _strata(data: LabelledSet, rows: np.ndarray) -> dict[str, list]:
    """Compute the columns of some records."""
    codes, starts, ends = data.store.codes, data.store.offsets[rows], data.store.offsets[rows + 1]
    letters = [codes[start:end].tobytes() for start, end in zip(starts, ends, strict=True)]
    gc = gc_shares(letter_counts(data.store, rows)).tolist()
    return {
        "id": data.store.ids(rows),
        "length": (ends - starts).tolist(),
        "gc": [None if np.isnan(share) else round(share, 4) for share in gc],
        "group": data.group[rows].tolist(),
        "sequence": [hashlib.blake2b(one, digest_size=8).hexdigest() for one in letters],
    }

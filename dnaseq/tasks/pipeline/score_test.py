"""Predictions and scores of the test part: what `train` ends with and what `evaluate` is."""

import hashlib
import logging
import time
from functools import partial
from pathlib import Path

import numpy as np

from dnaseq.bundle.inference.predictor import UNLIKE, Predictor
from dnaseq.data.composition import gc_shares, letter_counts
from dnaseq.data.dataset import LabelledSet
from dnaseq.data.records.chunked_arrays import stretches
from dnaseq.data.statistics import leak_counts, leaks_dropped
from dnaseq.data.targets.classes import CLASSIFICATION
from dnaseq.errors import RejectedError, visible
from dnaseq.evaluation.baselines.classification import baselines
from dnaseq.evaluation.baselines.multilabel import multilabel_baselines
from dnaseq.evaluation.baselines.per_base import LabelledBases, labelling_baselines
from dnaseq.evaluation.baselines.regression import regression_baselines
from dnaseq.evaluation.comparison.baseline_comparison import against_baseline, best_baseline
from dnaseq.evaluation.comparison.comparison import Candidate
from dnaseq.evaluation.comparison.conclusion import conclusion, next_step
from dnaseq.evaluation.decisions.abstention import selective
from dnaseq.evaluation.intervals.bootstrap import unless_alone
from dnaseq.evaluation.metrics.classification import scores
from dnaseq.evaluation.metrics.multilabel import multilabel_scores
from dnaseq.evaluation.metrics.per_base import labelling_scores
from dnaseq.evaluation.metrics.regression import regression_scores
from dnaseq.io.atomic import atomic_file, write_json
from dnaseq.io.results.row_text import tsv_header, tsv_lines
from dnaseq.io.results.rows import open_rows, read_rows
from dnaseq.report.page import write_report
from dnaseq.report.text.summary import summary_table, task_summary_table
from dnaseq.tasks.pipeline.factories import examples_of, files_of
from dnaseq.tasks.runs.manifest import PREDICTIONS, STRATA, configuration, versions
from dnaseq.training.allocator import release_freed_memory
from dnaseq.training.callbacks import falling_epochs

MAIN = {
    "multilabel": "auroc",
    "regression": "pearson",
    "labelling": "accuracy",
}  # the score that stands for all


def task_scores(
    predictions: Path, data: LabelledSet, predictor: Predictor, bases: list[np.ndarray], seed: int
) -> dict:
    """The entries task, metrics and baselines of scores.json, from the saved predictions of the test records.

    Of labelled bases the table has only the letters; their probabilities, (L, C) a record, are `bases`.
    """
    test, known = data.rows("test"), data.rows("train", "val")
    settings = {"seed": seed, "groups": unless_alone(_groups(data)[test])}
    if predictor.task == "labelling":
        truth, own, score = [data.targets.of_record(row) for row in test], bases, labelling_scores
    elif predictor.task == "multilabel":
        truth, own = data.targets.has(test), read_rows(predictions)[1].probabilities
        score = partial(multilabel_scores, thresholds=predictor.threshold)
    else:
        truth, own, score = (
            data.targets.values[test],
            read_rows(predictions)[1].probabilities,
            regression_scores,
        )
    trivial = _baselines_of_task(data, predictor, known, test, seed) if known.size else {}
    return {
        "task": predictor.task,
        "metrics": score(truth, own, predictor.classes, **settings),
        "baselines": {
            name: score(truth, answers, predictor.classes, **settings) for name, answers in trivial.items()
        },
    }


def _groups(data: LabelledSet) -> np.ndarray:
    """(n,) what is drawn together: similar records; of labelled bases whole stretches, where there are any, for windows
    beside each other are parts of one gene."""
    if data.targets.task == "labelling" and data.store.chromosomes is not None:
        return np.unique(data.store.chromosomes, return_inverse=True)[1]
    return data.group


def _baselines_of_task(
    data: LabelledSet, predictor: Predictor, known: np.ndarray, test: np.ndarray, seed: int
) -> dict:
    """Fitted on all records that are not test records."""
    if predictor.task == "labelling":
        return labelling_baselines(
            _labelled(data, known), _labelled(data, test), len(predictor.classes), seed
        )
    more = {"groups": data.group[known], "stranded": data.stranded}
    of_rows = data.targets.has if predictor.task == "multilabel" else data.targets.values.__getitem__
    train, judged = (examples_of(data, rows)._replace(labels=of_rows(rows)) for rows in (known, test))
    if predictor.task == "multilabel":
        return multilabel_baselines(train, judged, seed, **more)
    return regression_baselines(train, judged, seed, counts=predictor.answers.is_log, **more)


def _labelled(data: LabelledSet, rows: np.ndarray) -> LabelledBases:
    starts = np.asarray(data.store.offsets[rows], dtype=np.int64)
    lengths = data.store.offsets[rows + 1] - starts
    return LabelledBases(data.store.codes, starts, lengths, [data.targets.of_record(r) for r in rows])


NO_BASELINES = (
    "no baselines: simple models learn from training records, which a bundle does not hold and these data do not "
    "have. Give them with data.train=FILE"
)
MANY = 200_000  # test records times classes, whose scores take more than two seconds
logger = logging.getLogger("dnaseq")


def judge(folder: Path, predictor: Predictor, data: LabelledSet, about: dict, seconds: dict) -> dict:
    """Write predictions.test.tsv, strata.tsv, scores.json and report.html; return what is in scores.json.

    `about` are its first entries: data, split_by, seed and model. `seconds` is completed.
    """
    began = time.monotonic()
    probabilities, novel, bases = _write_predictions(folder, predictor, data)
    _write_strata(folder, data)
    release_freed_memory()
    seconds = seconds | {"predict": time.monotonic() - began}
    result = about | {"split": "test"} | _scores(folder, data, predictor, probabilities, bases, about["seed"])
    result |= {"novel": novel, "command": configuration(folder)["command"], "versions": versions()}
    result["seconds"] = {name: round(value, 2) for name, value in seconds.items()}
    write_json(folder / "scores.json", result)
    release_freed_memory()
    write_report(folder)
    return result


def show(folder: Path, result: dict) -> None:
    """The one-screen summary, on stdout."""
    table = task_summary_table(result) if "task" in result else summary_table(result)
    print(visible(table, keep="\n"))
    if "folds" not in result:  # whose intervals are of another kind
        print(f"\n{'verdict':<12}{visible(conclusion(result))}")
    epochs = falling_epochs(folder) if (folder / "history.csv").exists() else 0
    if advice := next_step(result, epochs):
        print(f"{'next':<12}{advice}")
    print()
    for name in ("report.html", "bundle", PREDICTIONS):
        if (folder / name).exists():
            print(f"{Path(name).stem.split('.')[0]:<12}{folder / name}")


def say_left_out(result: dict) -> None:
    """Raise RejectedError, at the very end, where records could not be used."""
    if told := left_out(result):
        raise RejectedError(told)


def left_out(result: dict) -> str:
    """How many records of which part could not be used; empty where there are none."""
    out = result["dropped"]["rejected"]
    told = ", ".join(f"{count} of {part}" for part, count in out.items() if count)
    return f"{told}: records could not be used and were left out" if told else ""


def _write_predictions(
    folder: Path, predictor: Predictor, data: LabelledSet
) -> tuple[np.ndarray, int, list[np.ndarray]]:
    """The rows of the contract with last columns of the truth. Returns the (n, C) numbers as they are written, how
    many records are unlike the training records, and of labelled bases their probabilities."""
    rows, answers = data.rows("test"), predictor.answers
    at = novel = 0
    probabilities = np.empty((len(rows), len(answers.columns)))
    bases: list[np.ndarray] = []
    layout = (answers.columns, True, tuple(data.targets.truths(rows[:0])), answers.prefix)
    with open_rows(str(folder / PREDICTIONS), *layout) as table:
        for found in predictor.predict_blocks(data.store.blocks(rows), abstain=False):
            stop = at + len(found.ids)
            table.write(found._replace(extra=data.targets.truths(rows[at:stop])))
            probabilities[at:stop] = found.probabilities
            at = stop
            novel += sum(UNLIKE in note for note in found.notes)
            bases += found.bases or []
    return probabilities, novel, bases


def _write_strata(folder: Path, data: LabelledSet) -> None:
    """strata.tsv: by what the scores of test records may differ, and digests of their letters to pair them by."""
    rows = data.rows("test")
    with atomic_file(folder / STRATA, "w", overwrite=True) as handle:
        handle.write(tsv_header(list(_strata(data, rows[:0]))))
        for some in stretches(len(rows)):
            handle.write(tsv_lines(_strata(data, rows[some])))


def _strata(data: LabelledSet, rows: np.ndarray) -> dict[str, list]:
    """The columns of some records."""
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


def _scores(
    folder: Path,
    data: LabelledSet,
    predictor: Predictor,
    probabilities: np.ndarray,
    bases: list[np.ndarray],
    seed: int,
) -> dict:
    """Scores of the predictions as they are written and of the baselines on the same records."""
    if predictor.task in CLASSIFICATION:
        found = _class_scores(probabilities, data, predictor, seed)
    else:
        found = task_scores(folder / PREDICTIONS, data, predictor, bases, seed)
    if not found["baselines"]:
        logger.info("note: %s", NO_BASELINES)
        found |= {"no_baselines": NO_BASELINES}
    return {
        "n": len(data.rows("test")),
        "classes": predictor.classes,
        **found,
        "leaks": leak_counts(data),
        "dropped": leaks_dropped(data) | {"rejected": data.rejected},
        "fingerprints": files_of(data),
    }


def _class_scores(probabilities: np.ndarray, data: LabelledSet, predictor: Predictor, seed: int) -> dict:
    classes, rows = predictor.classes, data.rows("test")
    truth = data.y[rows].astype(np.int64)
    groups = unless_alone(data.group[rows])  # similar records are drawn together
    threshold = predictor.threshold
    if len(rows) * len(classes) > MANY:
        logger.info(
            "scores of %d records and %d classes, with intervals: this takes a while", len(rows), len(classes)
        )
    trivial = _baselines(data, seed)
    of_baselines = {
        name: scores(truth, answers, classes, seed=seed, groups=groups) for name, answers in trivial.items()
    }
    best = best_baseline(of_baselines)
    own = Candidate("the model", [(probabilities, threshold)])
    return {
        "metrics": scores(truth, probabilities, classes, threshold, seed=seed, groups=groups),
        "baselines": of_baselines,
        "comparison": best and against_baseline(truth, own, best, trivial[best], classes, seed, groups),
        "threshold": threshold,
        "decision": predictor.decision,
        "calibration": predictor.calibration,
        "selective": _selective(truth, probabilities, predictor),
    }


def _selective(truth: np.ndarray, probabilities: np.ndarray, predictor: Predictor) -> dict | None:
    """What abstention does to the test records; None where the bundle always answers."""
    if not predictor.abstains:
        return None
    confidence = predictor.abstention["confidence"]
    return selective(truth, probabilities, predictor.threshold, confidence)


def _baselines(data: LabelledSet, seed: int) -> dict[str, np.ndarray]:
    """Fitted on all records that are not test records: they need no validation part, so they get it as well."""
    known = data.rows("train", "val")
    if not known.size:
        return {}
    train, test = examples_of(data, known), examples_of(data, data.rows("test"))
    return baselines(train, test, len(data.classes), seed, data.group[known], data.stranded)

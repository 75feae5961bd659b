"""Cross-validation: one training a fold, and the scores of all folds together."""

import logging
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from msgspec import UNSET, to_builtins
from msgspec.structs import replace
from omegaconf import DictConfig, OmegaConf, open_dict

from dnaseq.audit_record import Audit, Leaks
from dnaseq.data.dataset import FileHashes
from dnaseq.data.records.hashing import file_sha256
from dnaseq.data.splits.kfold import KFold
from dnaseq.errors import ConfigError
from dnaseq.evaluation.comparison.comparison import best_baseline
from dnaseq.evaluation.comparison.folds import OF_RANKING, fold_summary, folds_against_baseline
from dnaseq.evaluation.comparison.results import Fold, Scores, Values
from dnaseq.evaluation.metrics.classification import scores
from dnaseq.evaluation.metrics.names import METRICS
from dnaseq.io.atomic import write_json, write_text
from dnaseq.io.progress import show_progress
from dnaseq.io.results.row_text import tsv_header, tsv_lines
from dnaseq.io.results.rows import Rows, join_rows, open_rows, read_rows
from dnaseq.io.results.run_files import read_columns, read_record
from dnaseq.prediction_task import CLASSIFICATION
from dnaseq.report.page import write_report
from dnaseq.schemas import Estimate, convert
from dnaseq.tasks.explanations.run_explanation import NO_EXPLANATION
from dnaseq.tasks.pipeline.factories import load_data, vectors_sha
from dnaseq.tasks.pipeline.initial_network import init_sha, list_init
from dnaseq.tasks.pipeline.scorers import SCORING
from dnaseq.tasks.pipeline.training_run import train_once
from dnaseq.tasks.runs.manifest import (
    KEPT,
    PREDICTIONS,
    STRATA,
    check_same_data,
    check_same_plan,
    command_of,
    keep_plan,
    read_plan,
    write_config,
    write_split,
)
from dnaseq.tasks.runs.moved_files import file_settings, move_files
from dnaseq.tasks.runs.run_folder import is_complete, resumable, run_folder
from dnaseq.training.callbacks import best_value

OF_ONE_TEST = ("decision", "selective", "no_baselines", "novel")  # entries of its scores.json
OF_ONE_FOLD = ("composition", "fractions", "repeated", "two_labels_within")  # keys of its audit.json
FINAL, BUNDLE = "final", "bundle"
UNTESTED = "dnaseq.data.splits.kfold.Untested"
Value = TypeVar("Value")
logger = logging.getLogger("dnaseq")


def cross_validate(folder: Path, cfg: DictConfig, choices: dict[str, str], resume: bool = False) -> Scores:
    """Train and score every fold, each in a run folder of its own, and return the scores of all folds.

    Its `metrics` are means over the folds with the interval of Nadeau and Bengio (2003), which allows for
    training sets that overlap; `pooled` are the scores of the out-of-fold predictions, with bootstrap intervals.

    runs/latest leads to it only with split.final, as it has no bundle otherwise. Raises ConfigError where the data
    change between folds, or have changed since the start of a run that is resumed.
    """
    splits, files = _read_split(folder, cfg, resume)
    keep = chain(*files.values(), list_init(cfg))
    is_final = bool(cfg.split.get("final"))  # runs of earlier versions lack it
    with run_folder(folder, resume, is_final, keep), resumable("train", folder):
        write_config(folder, cfg, choices)
        keep_plan(folder)
        results = []
        for number in range(splits.runs):
            logger.info("fold %d of %d", number + 1, splits.runs)
            results.append(_train_fold(_fold_folder(folder, number), cfg, choices, number, files))
        folders = [_fold_folder(folder, number) for number in range(splits.runs)]
        _write_split(folder, folders, splits.folds)
        result = _summarize(folder, folders, results, splits.folds)
        write_json(folder / "scores.json", result)
        write_report(folder)
        if is_final and not (folder / BUNDLE).exists():
            logger.info("final model, of all records")
            _train_final(folder, cfg, choices, result, files)
    return result


def best_mean(folder: Path, monitor: str) -> float:
    """Return the mean over the folds of the best value of the monitored score."""
    folds = read_record(folder / "scores.json", Scores).folds or []
    return float(np.mean([best_value(_fold_folder(folder, i), monitor) for i in range(len(folds))]))


def _fold_folder(folder: Path, number: int) -> Path:
    return folder / "folds" / f"{number + 1:02d}"


def _read_split(folder: Path, cfg: DictConfig, resume: bool) -> tuple[KFold, FileHashes]:
    """Return the split and part -> path -> SHA-256. Nothing is written: no folder is made or replaced yet."""
    own = _fold_config(cfg, 0)
    module = load_data(own)
    if (targets := module.data.targets).prediction is not CLASSIFICATION:
        raise ConfigError(
            f"split=kfold is for classes, and this is {targets.task}. Train one fold: split.fold=0"
        )
    if resume and is_complete(_fold_folder(folder, 0)):
        check_same_data(_fold_folder(folder, 0), module.data, vectors_sha(own), init_sha(own))
    split = module.plan.split
    assert isinstance(split, KFold)  # as split=kfold
    return split, module.data.files


def _fold_config(cfg: DictConfig, number: int) -> DictConfig:
    own = cfg.copy()
    own.split.fold, own.run_dir = number, None
    with open_dict(own):  # a configuration of an earlier version has no such key
        own.explain = NO_EXPLANATION
    if "final" in own.split:
        own.split.final = False
    return own


def _train_fold(
    folder: Path, cfg: DictConfig, choices: dict[str, str], number: int, files: FileHashes
) -> Scores:
    """Train a fold, unless it is complete, and return its scores. Raises ConfigError where the files differ."""
    if is_complete(folder):
        result = read_record(folder / "scores.json", Scores)
        used = {part: [file.sha256 for file in each] for part, each in (result.fingerprints or {}).items()}
        _check_files(folder, used, files)
        return result
    command = command_of(folder.parent.parent)  # not that of a resume
    return _train(folder, _fold_config(cfg, number), choices, files, command)


def _train_final(
    folder: Path, cfg: DictConfig, choices: dict[str, str], tested: Scores, files: FileHashes
) -> None:
    """Train on all records, in a folder of its own, and move the bundle to that of the cross-validation."""
    own = cfg.copy()
    untested = {
        "_target_": UNTESTED,
        **{key: cfg.split[key] for key in ("val", "seed", "similar", "stratify")},
    }
    own.run_dir, own.split = None, OmegaConf.create(untested)
    _train(folder / FINAL, own, choices, files, command_of(folder), tested)
    (folder / FINAL / BUNDLE).rename(folder / BUNDLE)


def _train(
    folder: Path,
    cfg: DictConfig,
    choices: dict[str, str],
    files: FileHashes,
    command: str,
    tested: Scores | None = None,
) -> Scores:
    """Train in a folder, or resume there. Raises ConfigError where the files differ."""
    _check_files(folder, {part: [file_sha256(path) for path in each] for part, each in files.items()}, files)
    begun = (folder / "split.tsv").exists()
    if begun:  # its own configuration has the recipe that was found for it
        if (folder / KEPT).exists():
            check_same_plan(folder)
        moved = file_settings(cfg)
        cfg, choices = read_plan(folder)
        move_files(cfg, moved)
    return train_once(folder, cfg, choices, begun, is_latest=False, command=command, tested=tested)


def _check_files(folder: Path, used: dict[str, list[str]], files: FileHashes) -> None:
    """Raise ConfigError unless a fold is trained on the files of the cross-validation, by SHA-256."""
    if used != {part: list(each.values()) for part, each in files.items()}:
        raise ConfigError(f"{folder}: the data have changed since the run began. Start a new run")


def _write_split(folder: Path, folders: list[Path], n_folds: int) -> None:
    """Write split.tsv: its column split is the fold (from 1) that tests the record; each repeat has a column."""
    each = [read_columns(path / "split.tsv") for path in folders]
    folds = np.full((len(folders) // n_folds, len(each[0]["id"])), "dropped", dtype="<U12")
    for number, table in enumerate(each):
        folds[number // n_folds, np.array(table["split"]) == "test"] = f"{number % n_folds + 1}"
    more = {f"repeat_{r + 1}": row.tolist() for r, row in enumerate(folds) if r}
    write_split(folder, each[0]["id"], folds[0].tolist(), each[0]["group"], more)
    audits = [read_record(path / "audit.json", Audit) for path in folders]
    records = {f"fold {i + 1}": one.records["test"] for i, one in enumerate(audits)}
    leaks = convert(_summed([to_builtins(one.leaks) for one in audits]), Leaks)
    whole = replace(audits[0], records=records, leaks=leaks, **dict.fromkeys(OF_ONE_FOLD, UNSET))
    write_json(folder / "audit.json", whole)


def _summarize(folder: Path, folders: list[Path], results: list[Scores], n_folds: int) -> Scores:
    """Return the scores of all folds: the folds, their means, and the scores of all out-of-fold predictions."""
    sizes = [_sizes(path) for path in folders]
    rows = [
        Fold(fold=i % n_folds + 1, repeat=i // n_folds + 1, **size, metrics=_values(result.metrics))
        for i, (result, size) in enumerate(zip(results, sizes, strict=True))
    ]
    _write_folds(folder, rows)
    n_train, n_test = (float(np.mean([size[f"n_{part}"] for size in sizes])) for part in ("train", "test"))
    first = results[0]
    n = sum(fold != "dropped" for fold in read_columns(folder / "split.tsv")["split"])
    names = [name for name in first.baselines if all(name in result.baselines for result in results)]
    of_baselines = {name: [_values(result.baselines[name]) for result in results] for name in names}
    baselines = {name: fold_summary(each, n_train, n_test) for name, each in of_baselines.items()}
    best = best_baseline(baselines)
    return replace(
        first,
        n=n,
        metrics=fold_summary([row.metrics for row in rows], n_train, n_test),
        baselines=baselines,
        comparison=folds_against_baseline(rows, best, of_baselines[best], n, first.classes) if best else None,
        pooled=_pooled(folder, folders, results),
        folds=rows,
        threshold=_common([result.threshold for result in results]),
        calibration=None,
        leaks=_summed([result.leaks or {} for result in results]),
        dropped=_summed([result.dropped or {} for result in results])
        | {"rejected": (first.dropped or {})["rejected"]},
        seconds=_summed([result.seconds or {} for result in results]),
        **dict.fromkeys(OF_ONE_TEST, UNSET),
    )


def _pooled(folder: Path, folders: list[Path], results: list[Scores]) -> dict[str, Estimate]:
    """Score the out-of-fold predictions, and write them to predictions.test.tsv in the order of records.

    The bootstrap draws whole groups, with the predictions of all repeats. Where the folds have different thresholds,
    only the scores that need none are given.
    """
    table = read_columns(folders[0] / "split.tsv")
    place = {name: row for row, name in enumerate(table["id"])}
    predictions = [read_rows(path / PREDICTIONS)[1] for path in folders]
    fold = np.repeat(np.arange(len(folders)) + 1, [len(rows.ids) for rows in predictions])
    rows = join_rows(predictions)
    order = np.lexsort((fold, np.array([place[name] for name in rows.ids])))
    classes = results[0].classes
    rows = _reorder(rows, order)._replace(
        extra={"truth": [rows.extra["truth"][i] for i in order], "fold": fold[order].tolist()}
    )
    with open_rows(str(folder / PREDICTIONS), classes, overwrite=True, extra=("truth", "fold")) as out:
        out.write(rows)
    _write_strata(folder, folders, rows)
    groups = np.array(table["group"])[[place[name] for name in rows.ids]]
    truth = np.array([classes.index(name) for name in rows.extra["truth"]])
    threshold, seed = _common([result.threshold for result in results]), results[0].seed or 0
    used = threshold if isinstance(threshold, float) else 0.5
    with show_progress(SCORING):
        found = scores(truth, rows.probabilities, classes, used, seed=seed, groups=groups)
    return {
        name: s
        for name, s in found.items()
        if isinstance(threshold, float) or name.split("/")[0] in OF_RANKING
    }


def _reorder(rows: Rows, order: np.ndarray) -> Rows:
    return Rows(
        ids=[rows.ids[i] for i in order],
        lengths=rows.lengths[order],
        labels=[rows.labels[i] for i in order],
        scores=rows.scores[order],
        probabilities=rows.probabilities[order],
        statuses=[rows.statuses[i] for i in order],
    )


def _write_strata(folder: Path, folders: list[Path], rows: Rows) -> None:
    """Write strata.tsv, in the order of the predictions."""
    tables = [read_columns(path / STRATA) for path in folders]
    fold_of = {name: i for i, table in enumerate(tables) for name in table["id"]}
    place = [dict(zip(table["id"], range(len(table["id"])), strict=True)) for table in tables]
    columns = {name: [tables[fold_of[i]][name][place[fold_of[i]][i]] for i in rows.ids] for name in tables[0]}
    write_text(folder / STRATA, tsv_header(list(columns)) + tsv_lines(columns))


def _write_folds(folder: Path, rows: list[Fold]) -> None:
    """Write folds.tsv: one row a fold."""
    head = ("repeat", "fold", "n_train", "n_val", "n_test")
    columns = {name: [getattr(row, name) for row in rows] for name in head}
    columns |= {name: [_cell(row.metrics[name]) for row in rows] for name in METRICS}
    write_text(folder / "folds.tsv", tsv_header(list(columns)) + tsv_lines(columns))


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


def _sizes(folder: Path) -> dict[str, int]:
    split = read_columns(folder / "split.tsv")["split"]
    return {f"n_{part}": split.count(part) for part in ("train", "val", "test")}


def _values(metrics: dict[str, Estimate]) -> Values:
    return {name: score.value for name, score in metrics.items()}


def _common(values: list[Value]) -> Value | None:
    """Return the value that all share; None where they differ."""
    return values[0] if all(value == values[0] for value in values) else None


def _summed(tables: list[dict]) -> dict:
    """Add the numbers and join the lists of some tables, null where all are null; leave out other values."""
    total: dict[str, Any] = {}
    for name in tables[0]:
        values = [table[name] for table in tables if table.get(name) is not None]
        if all(isinstance(value, int | float) for value in values):
            total[name] = round(sum(values), 2) if values else None
        elif all(isinstance(value, list) for value in values):
            total[name] = [item for value in values for item in value]
    return total

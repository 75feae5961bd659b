"""dnaseq compare: which of several runs is better, on the same records, and how sure that is."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from omegaconf import DictConfig, OmegaConf

from dnaseq.errors import ConfigError, InputError
from dnaseq.evaluation.comparison import Candidate, compare
from dnaseq.evaluation.comparison_table import comparison_table
from dnaseq.evaluation.folds import compare_folds
from dnaseq.evaluation.metric_names import METRICS
from dnaseq.io.atomic import write_json
from dnaseq.io.rows import OK, Rows, read_rows
from dnaseq.io.saved import read_columns, read_object
from dnaseq.report.page import write_report
from dnaseq.tasks.judging import PREDICTIONS
from dnaseq.tasks.materials import versions
from dnaseq.tasks.plan import command_line, configuration
from dnaseq.tasks.run_folder import chosen_folder, is_complete, run_folder

METRICS_SHOWN = ("accuracy", "auroc", "auprc", "mcc")
ABOUT_PLACES = {"run_dir", "overwrite", "resume", "cache_dir", "num_workers", "trainer", "logger", "command"}


class Run(NamedTuple):
    """What a comparison reads of a run folder."""

    folder: Path
    scores: dict
    settings: dict[str, object]  # dotted key -> value, without what does not change a model
    classes: list[str]
    rows: Rows
    groups: dict[str, str]  # id -> group


def run(cfg: DictConfig, choices: dict[str, str]) -> None:
    """Compare the runs that are named, print the table and write comparison.json and report.html."""
    folders = [Path(folder) for folder in cfg.runs]
    settings = {"metrics": tuple(cfg.metrics), "seed": cfg.seed, "resamples": cfg.resamples}
    with chosen_folder(cfg.run_dir, "compare", overwrite=cfg.overwrite) as folder:
        compare_runs(folder, folders, "comparison", command_line(), **settings)


def compare_runs(
    folder: Path,
    folders: Sequence[Path],
    kind: str,
    command: str,
    metrics: tuple[str, ...] = METRICS_SHOWN,
    seed: int = 1,
    resamples: int = 1000,
) -> None:
    """Compare complete runs: comparison.json and report.html into the folder, a table to stdout.

    `kind` is comparison or sweep. Raises ConfigError for what is no complete run, InputError for runs that judged
    other records.
    """
    if len({path.resolve() for path in folders}) < max(len(folders), 2):
        raise ConfigError("name two different runs or more: dnaseq compare RUN RUN ...")
    if unknown := sorted(set(metrics) - set(METRICS)):
        raise ConfigError(f"metrics: {unknown[0]!r} is not one of {', '.join(METRICS)}")
    runs = [_read(path) for path in folders]
    _check_alike(runs)
    about = {"kind": kind, "data": runs[0].scores["data"], "seed": seed, "command": command}
    about["versions"] = versions()
    result = about | _compared(runs, metrics, seed, resamples)
    with run_folder(folder, keep=folders):
        for one, path in zip(result["runs"], folders, strict=True):
            one["folder"] = os.path.relpath(path.resolve(), folder.resolve())
        write_json(folder / "comparison.json", result)
        write_report(folder)
    print(comparison_table(result))
    print(f"\nreport      {folder / 'report.html'}")


def _read(folder: Path) -> Run:
    if not is_complete(folder) or not (folder / PREDICTIONS).exists():
        raise ConfigError(f"{folder} is not a complete run. Name folders that train or evaluate wrote")
    config = OmegaConf.to_container(configuration(folder))
    settings = {key: value for key, value in _leaves(config) if key.split(".")[0] not in ABOUT_PLACES}
    classes, rows = read_rows(folder / PREDICTIONS)
    if "truth" not in rows.extra:
        raise InputError("no column truth", file=folder / PREDICTIONS)
    split = read_columns(folder / "split.tsv")
    groups = dict(zip(split["id"], split["group"], strict=True))
    return Run(folder, read_object(folder / "scores.json"), settings, classes, rows, groups)


def _check_alike(runs: list[Run]) -> None:
    """Raise InputError unless all runs judged the same records, of the same classes, in the same folds."""
    first = runs[0]
    for run in runs[1:]:
        pair = f"{first.folder} and {run.folder}"
        if ("folds" in run.scores) != ("folds" in first.scores):
            raise InputError(f"{pair}: one is a cross-validation and the other is not")
        if sorted(run.classes) != sorted(first.classes):
            raise InputError(f"{pair}: other classes ({', '.join(first.classes)}; {', '.join(run.classes)})")
        own, other = set(_keys(first)), set(_keys(run))
        if own != other:
            shared = (
                f"{len({k[0] for k in own} & {k[0] for k in other})} of {len(own)} test records in common"
            )
            fix = "Compare runs of the same data and split"
            raise InputError(f"{pair}: judged on different records, labels or folds ({shared})", fix=fix)


def _keys(run: Run) -> list[tuple[str, ...]]:
    return [key for _, key in _rows_of(run)]


def _rows_of(run: Run) -> list[tuple[int, tuple[str, ...]]]:
    """Answered rows, with what makes an answer one to the same question: record, true class, fold if there are."""
    extra = run.rows.extra
    keys = zip(run.rows.ids, extra["truth"], extra.get("fold", run.rows.ids), strict=True)
    return [(row, key) for row, key in enumerate(keys) if run.rows.statuses[row] == OK]


def _compared(runs: list[Run], metrics: tuple[str, ...], seed: int, resamples: int) -> dict:
    """What is in comparison.json of the runs: their settings, and what their models are worth beside each other."""
    names, differing = _names(runs), _differing(runs)
    about = [
        {"name": name, "seed": run.settings["seed"]}
        | {"settings": {key: run.settings.get(key) for key in differing}}
        for name, run in zip(names, runs, strict=True)
    ]
    of_model = {name: [run for n, run in zip(names, runs, strict=True) if n == name] for name in names}
    if "folds" in runs[0].scores:
        of_folds = {name: [run.scores["folds"] for run in own] for name, own in of_model.items()}
        found = compare_folds(of_folds, metrics, runs[0].scores["n"])
        return {"runs": about, "classes": runs[0].classes} | found
    order = _keys(runs[0])
    truth = np.array([runs[0].classes.index(key[1]) for key in order])
    groups = np.array([runs[0].groups[key[0]] for key in order])
    models = [
        Candidate(name, [_answers(run, order, runs[0]) for run in own]) for name, own in of_model.items()
    ]
    of_groups = groups if len(np.unique(groups)) < len(groups) else None
    found = compare(truth, models, runs[0].classes, metrics, seed, resamples, of_groups)
    return {"runs": about} | found


def _answers(run: Run, order: list[tuple[str, ...]], first: Run) -> tuple[np.ndarray, float]:
    """Probabilities of a run, records and classes in the order of the first run; its threshold."""
    place = {key: row for row, key in _rows_of(run)}
    columns = [run.classes.index(name) for name in first.classes]
    rows = [place[key] for key in order]
    return run.rows.probabilities[np.ix_(rows, columns)], run.scores["threshold"]


def _differing(runs: list[Run]) -> list[str]:
    """Settings in which the runs differ; of a model or encoding of another name only the name."""
    keys = dict.fromkeys(key for run in runs for key in run.settings)
    differing = [key for key in keys if len({repr(run.settings.get(key)) for run in runs}) > 1]
    whole = [group for group in ("model", "encoding", "data", "split") if f"choices.{group}" in differing]
    return [key for key in differing if key.split(".")[0] not in whole]


def _names(runs: list[Run]) -> list[str]:
    """What each run's model is called; runs that differ in nothing but the seed share a name."""
    differing = [key for key in _differing(runs) if key != "seed" and not key.startswith("choices.")]
    names = []
    for run in runs:
        more = [f"{key}={run.settings.get(key)}" for key in differing]
        names.append(" ".join([run.scores.get("model", run.folder.name), *more]))
    return names


def _leaves(node: object, prefix: str = "") -> list[tuple[str, object]]:
    """(dotted key, value) of a tree of dicts."""
    if not isinstance(node, dict):
        return [(prefix, node)]
    return [leaf for key, value in node.items() for leaf in _leaves(value, f"{prefix}.{key}".lstrip("."))]

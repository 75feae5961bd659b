"""Comparison of runs on the same records: comparison.json and its report."""

import os
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

import numpy as np
from msgspec.structs import replace

from dnaseq.errors import ConfigError, visible
from dnaseq.evaluation.comparison.comparison import Candidate, compare
from dnaseq.evaluation.comparison.folds import compare_folds
from dnaseq.evaluation.comparison.results import ComparedModel, ComparedRun, Comparison, FailedRun, Scores
from dnaseq.evaluation.intervals.bootstrap import unless_alone
from dnaseq.evaluation.metrics.names import METRICS
from dnaseq.io.atomic import write_json
from dnaseq.io.progress import show_progress
from dnaseq.io.results.run_files import read_record
from dnaseq.report.page import write_report
from dnaseq.report.text.comparison import comparison_table
from dnaseq.tasks.runs.manifest import leaves, versions
from dnaseq.tasks.runs.paired_runs import Run, answers, keys_of, read_runs
from dnaseq.tasks.runs.run_folder import run_folder

METRICS_SHOWN = ("accuracy", "auroc", "auprc", "mcc")
ABOUT_PLACES = {
    "started_in",
    "run_dir",
    "overwrite",
    "resume",
    "cache_dir",
    "num_workers",
    "trainer",
    "logger",
}
# Keys that users fill in freely: each is one value, so that another file is another value.
OPEN = {"data.train", "data.val", "data.test", "data.rename"}
IN_NAME = {"model", "encoding"}  # gru-onehot, in scores.json


def write_comparison(
    folder: Path,
    folders: Sequence[Path],
    kind: str,
    command: str,
    metrics: tuple[str, ...] = METRICS_SHOWN,
    seed: int = 1,
    resamples: int = 1000,
    names: Sequence[str] | None = None,
    failed: Sequence[FailedRun] = (),
) -> Comparison:
    """Compare complete runs, or summarize a single one: write comparison.json, which is returned, and report.html.

    `kind` is comparison or sweep. `names` are those of the runs' models; by default they follow from the settings.
    `failed` are the runs that are missing. Raises ConfigError for an incomplete run and
    for two runs of the same settings and seed, InputError for runs of other test records.
    """
    if unknown := sorted(set(metrics) - set(METRICS)):
        raise ConfigError(f"metrics: {unknown[0]!r} is not one of {', '.join(METRICS)}")
    for path in folders:
        _check_classification(path / "scores.json")
    runs = read_runs(list(folders))
    with show_progress(f"comparing {len(runs)} runs"):
        found = _compare(runs, metrics, seed, resamples, names)
    places = [os.path.relpath(path.resolve(), folder.resolve()) for path in folders]
    result = replace(
        found,
        kind=kind,
        data=runs[0].scores.data,
        seed=seed,
        command=command,
        versions=versions(),
        runs=[replace(one, folder=place) for one, place in zip(found.runs, places, strict=True)],
        models=[_with_costs(model, runs, found.runs) for model in found.models],
        failed=list(failed),
    )
    with run_folder(folder, keep=folders):
        write_json(folder / "comparison.json", result)
        write_report(folder)
    return result


def print_comparison(folder: Path, comparison: Comparison) -> None:
    """Print the table of a comparison that is in a folder."""
    print(visible(comparison_table(comparison), keep="\n"))
    print(f"\nreport      {folder / 'report.html'}")


def _with_costs(model: ComparedModel, runs: list[Run], about: list[ComparedRun]) -> ComparedModel:
    """Add the parameters of a model, and the seconds of its training, the mean over its runs."""
    own = [run.scores for run, one in zip(runs, about, strict=True) if one.name == model.name]
    seconds = [time for scores in own if (time := (scores.seconds or {}).get("train"))]
    parameters = own[0].parameters or None
    return replace(model, parameters=parameters, seconds=round(mean(seconds), 2) if seconds else None)


def _check_classification(path: Path) -> None:
    """Raise ConfigError for the scores of a run of another task than classification."""
    if path.exists() and (task := read_record(path, Scores).task):
        raise ConfigError(f"{path.parent}: a run of {task}. Only runs of classes can be compared")


def _compare(
    runs: list[Run], metrics: tuple[str, ...], seed: int, resamples: int, names: Sequence[str] | None = None
) -> Comparison:
    """Compare the settings and scores of the runs."""
    differing = _differing([_settings(run) for run in runs])
    names = list(names or _names(runs, differing))
    seeds = [None if _is_evaluation(run) else run.config["seed"] for run in runs]
    _check_distinct(runs, names, seeds)
    about = [ComparedRun(*one) for one in zip(names, seeds, differing, strict=True)]
    of_model = {name: [run for n, run in zip(names, runs, strict=True) if n == name] for name in names}
    if runs[0].scores.folds:
        of_folds = {name: [run.scores.folds or [] for run in own] for name, own in of_model.items()}
        return replace(compare_folds(of_folds, metrics, runs[0].scores.n, runs[0].classes), runs=about)
    order = keys_of(runs[0])
    truth = np.array([runs[0].classes.index(key.truth) for key in order])
    groups = np.array([runs[0].groups[key.id] for key in order])
    models = [Candidate(name, [answers(run, order) for run in own]) for name, own in of_model.items()]
    found = compare(truth, models, runs[0].classes, metrics, seed, resamples, unless_alone(groups))
    return replace(found, runs=about)


def _is_evaluation(run: Run) -> bool:
    return "bundle" in run.config


def _settings(run: Run) -> dict[str, object]:
    """Return the settings of a model: the choice of each group and dotted keys; of an evaluation the bundle."""
    if _is_evaluation(run):
        return {"bundle": run.config["bundle"]}
    kept = {key: value for key, value in run.config.items() if key not in ABOUT_PLACES}
    choices, _, _ = kept.pop("choices"), kept.pop("command"), kept.pop("seed")
    chosen = {group: name for group, name in choices.items() if group not in ABOUT_PLACES}
    keys = {key: value for key, value in leaves(kept, whole=OPEN) if not key.startswith("data.source.")}
    return chosen | keys | chosen  # the choice replaces a group that is null


def _differing(settings: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return for each run the settings in which some runs differ.

    Runs with other choices of a group differ in the choice alone: the keys of a group are compared among runs of
    the same choice, and any key among the runs that have it.
    """
    values: dict[tuple[str, object], set[str]] = {}
    for own in settings:
        for key, value in own.items():
            values.setdefault((key, _choice(own, key)), set()).add(repr(value))
    differing = {key for key, found in values.items() if len(found) > 1}
    return [
        {key: value for key, value in own.items() if (key, _choice(own, key)) in differing}
        for own in settings
    ]


def _choice(settings: dict[str, object], key: str) -> object:
    """Return the choice of the group of a key; None for a key of no group."""
    group, dot, _ = key.partition(".")
    return settings.get(group) if dot else None


def _names(runs: list[Run], differing: list[dict[str, object]]) -> list[str]:
    """Name the model of each run; runs that differ in nothing but the seed share a name.

    The bundle of an evaluation is added where another run has the same name.
    """
    names = []
    for run, own in zip(runs, differing, strict=True):
        more = [f"{key}={value}" for key, value in own.items() if key not in IN_NAME | {"bundle"}]
        names.append(" ".join([run.scores.model, *more]))
    return [
        f"{name} bundle={run.config['bundle']}" if _is_evaluation(run) and names.count(name) > 1 else name
        for name, run in zip(names, runs, strict=True)
    ]


def _check_distinct(runs: list[Run], names: list[str], seeds: list[int | None]) -> None:
    """Raise ConfigError where a model of one seed is there twice: it would count as two seeds."""
    first: dict[tuple[str, int | None], Run] = {}
    for run, name, seed in zip(runs, names, seeds, strict=True):
        same = first.setdefault((name, seed), run)
        if same is not run:
            raise ConfigError(
                f"{same.folder} and {run.folder} have the same settings and seed. Leave one out"
            )

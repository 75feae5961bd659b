"""Recipes on public benchmark sets over several seeds, beside what was published: the tables of RESULTS.md.

    python benchmarks/accuracy.py SETS RUNS [KEY=VALUE ...] [--sets CTCF mouse_2] [--recipes own auto bilstm]
        [--seeds 1 2 3]

SETS is the folder of the benchmark files, laid out as accuracy_sets.yaml says; nothing is fetched. RUNS gets a run
folder for every training; those that are complete are not repeated, so the command goes on where it was stopped.
A recipe is `own` (the experiment that accuracy_sets.yaml names for the set), the name of an experiment (auto too),
or that of a model with its default settings. KEY=VALUE are overrides of dnaseq train. Every training has one
thread; `--jobs` of them run at a time. Test records are used once, by the evaluation of each run.
"""

import argparse
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import mean
from typing import NamedTuple

import yaml
from over_seeds import cell, scores_of, values

HERE = Path(__file__).parent
CONF = HERE.parent / "conf"
DEFAULTS = ("data=fasta", "trainer=cpu", "bad_records=keep")  # some sets have records of nothing but N
SHOWN = 0.05  # p of a difference
FINE = (0, 7)  # exit codes: done, and done without records that could not be used


class Job(NamedTuple):
    """One training."""

    set: str
    recipe: str
    leaks: str
    seed: int
    folder: Path
    overrides: list[str]


def main() -> None:
    arguments = _parsed()
    about = yaml.safe_load((HERE / "accuracy_sets.yaml").read_text())
    jobs = [job for name in arguments.sets or about for job in _jobs(name, about[name], arguments)]
    with ThreadPoolExecutor(arguments.jobs) as pool:
        codes = list(pool.map(_train, [job for job in jobs if not scores_of(job.folder)]))
    print("\n\n".join(table(name, about[name], jobs) for name in arguments.sets or about))
    sys.exit(7 if set(codes) - set(FINE) else 0)


def table(name: str, about: dict, jobs: list[Job]) -> str:
    """Markdown: a row a recipe, the mean over its seeds; then baselines of the same runs and what is published.

    How a recipe stands to the best baseline by the paired test of each run: + better, - worse, = no difference shown.
    """
    metric, found = about["metric"], {}
    for job in jobs:
        if job.set == name and (scores := scores_of(job.folder)):
            found.setdefault(job.recipe + (", leaks kept" if job.leaks == "keep" else ""), []).append(scores)
    rows = [
        f"| {name} ({metric}) | mean [95 % interval] | seeds | to the best baseline | parameters | seconds |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for recipe, runs in sorted(found.items(), key=lambda item: -mean(values(item[1], metric))):
        seeds = " ".join(f"{value:.3f}" for value in values(runs, metric))
        size = f"{mean(run.get('parameters', 0) for run in runs):,.0f}"
        seconds = f"{mean(run['seconds']['train'] for run in runs):.0f}"
        scored = cell([run["metrics"] for run in runs], metric)
        stands = " ".join(_side(run["comparison"]) for run in runs)
        rows.append(f"| {recipe} | {scored} | {seeds} | {stands} | {size} | {seconds} |")
    for first, *_ in list(found.values())[:1]:
        for baseline, metrics in first["baselines"].items():
            if baseline not in ("majority", "gc_length"):
                rows.append(f"| *{baseline}, same run* | {cell([metrics], metric)} | | | | |")
    rows += [f"| *published: {who}* | {value:.3f} | | | | |" for who, value in about["published"].items()]
    return "\n".join(rows)


def _side(comparison: dict | None) -> str:
    if not comparison or comparison["p"] is None or comparison["p"] >= SHOWN:
        return "="
    return "+" if comparison["difference"] > 0 else "-"


def _jobs(name: str, about: dict, arguments: argparse.Namespace) -> list[Job]:
    jobs = []
    for recipe in arguments.recipes:
        for leaks in about.get("leaks", ["drop"]) if recipe == "own" else ["drop"]:
            for seed in arguments.seeds:
                chosen = about["recipe"] if recipe == "own" else recipe
                group = "experiment" if (CONF / "experiment" / f"{chosen}.yaml").exists() else "model"
                label = chosen if recipe != "own" else f"own ({chosen})"
                folder = arguments.runs / name / f"{recipe}-{leaks}-{seed}"
                overrides = [
                    *DEFAULTS,
                    *_located(about["data"], arguments.folder),
                    f"{group}={chosen}",
                    f"seed={seed}",
                    f"leaks={leaks}",
                ]
                jobs.append(Job(name, label, leaks, seed, folder, [*overrides, *arguments.overrides]))
    return jobs


def _located(overrides: list[str], folder: Path) -> list[str]:
    """The files below the folder; a data set that dnaseq ships replaces data=fasta."""
    files = ("data.train=", "data.val=", "data.test=")
    return [
        one.replace("=", f"={folder.resolve()}/", 1) if one.startswith(files) else one for one in overrides
    ]


def _train(job: Job) -> int:
    shipped = [one for one in job.overrides if one.startswith("data=")][-1]
    rest = [one for one in job.overrides if not one.startswith("data=")]
    command = [
        sys.executable,
        "-m",
        "dnaseq",
        "train",
        shipped,
        *rest,
        f"run_dir={job.folder}",
        "overwrite=true",
    ]
    job.folder.parent.mkdir(parents=True, exist_ok=True)
    with job.folder.with_suffix(".log").open("w") as log:
        code = subprocess.run(
            command, env=os.environ | {"OMP_NUM_THREADS": "1"}, stdout=log, stderr=log
        ).returncode
    print(f"{job.set} {job.recipe} seed {job.seed}: exit {code}", file=sys.stderr, flush=True)
    return code


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="SETS", help="where the benchmark files are")
    parser.add_argument("runs", type=Path, metavar="RUNS", help="where the run folders go")
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="more of dnaseq train")
    parser.add_argument("--sets", nargs="+")
    parser.add_argument("--recipes", nargs="+", default=["own", "auto", "bilstm"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--jobs", type=int, default=2)
    return parser.parse_args()


if __name__ == "__main__":
    main()

"""Recipes on public benchmark sets over several seeds, beside what was published: the tables of RESULTS.md.

    python benchmarks/accuracy.py FOLDER RUNS [KEY=VALUE ...] [--sets CTCF mouse_2] [--recipes own auto bilstm]
        [--seeds 1 2 3]
    python benchmarks/accuracy.py --table

FOLDER is the folder of the benchmark files, laid out as accuracy_sets.yaml says; nothing is fetched. RUNS gets a run
folder for every training. Its scores become a row of accuracy.tsv as soon as it has ended, and what has a row is not
trained again, so the command goes on where it was stopped, on another machine too. `--table` prints the rows so far.
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
from over_seeds import add_row, parsed, parser_of_rows, read_rows, scores_of

HERE = Path(__file__).parent
CONF = HERE.parent / "conf"
ROWS = HERE / "accuracy.tsv"
# some sets have records of nothing but N; explanations change no score
DEFAULTS = ("data=fasta", "trainer=cpu", "bad_records=keep", "explain=none")
SHOWN = 0.05  # p of a difference
FINE = (0, 7)  # exit codes: done, and done without records that could not be used


class Row(NamedTuple):
    """A finished training. `stands` to the best baseline of the same run by a paired test of AUROC: + better,
    - worse, = no difference shown. Numbers that were not kept are empty."""

    set: str
    recipe: str
    settings: str
    leaks: str
    seed: str
    metric: str
    value: str
    low: str
    high: str
    stands: str
    baseline: str
    baseline_value: str
    parameters: str
    train_seconds: str


class Job(NamedTuple):
    """One training."""

    set: str
    recipe: str
    settings: str
    leaks: str
    seed: int
    metric: str
    folder: Path
    overrides: list[str]

    def is_in(self, rows: list[Row]) -> bool:
        mine = (self.set, self.recipe, self.settings, self.leaks, str(self.seed))
        return any(mine == row[:5] for row in rows)


def main() -> None:
    arguments = _parsed()
    about = yaml.safe_load((HERE / "accuracy_sets.yaml").read_text())
    codes: list[int] = []
    if not arguments.table:
        done = read_rows(ROWS, Row)
        jobs = [job for name in arguments.sets or about for job in _jobs(name, about[name], arguments)]
        with ThreadPoolExecutor(arguments.jobs) as pool:
            codes = list(pool.map(_train, [job for job in jobs if not job.is_in(done)]))
    print(table(about, read_rows(ROWS, Row)))
    sys.exit(7 if set(codes) - set(FINE) else 0)


def table(about: dict, rows: list[Row]) -> str:
    """Markdown: a row a recipe, a column a set: the mean over the seeds, and how each stands to the best baseline."""
    sets = [name for name in about if any(row.set == name for row in rows)]
    recipes = list(dict.fromkeys((row.recipe, row.settings, row.leaks) for row in rows))
    lines = [["recipe", *(f"{name} ({about[name]['metric']})" for name in sets)], ["---"] * (len(sets) + 1)]
    lines.append(["*best published*", *(f"{max(about[name]['published'].values()):.3f}" for name in sets)])
    lines.append(["*best baseline of the runs*", *(_baseline(name, rows) for name in sets)])
    for recipe, settings, leaks in recipes:
        kept = "leaks kept" if leaks == "keep" else ""
        mine = [row for row in rows if row[1:4] == (recipe, settings, leaks)]
        lines.append(
            [" ".join(filter(None, [recipe, settings, kept])), *(_cell(name, mine) for name in sets)]
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _baseline(name: str, rows: list[Row]) -> str:
    found = [row for row in rows if row[:1] + row[3:5] == (name, "drop", "1") and row.baseline_value]
    return f"{found[-1].baseline_value} {found[-1].baseline}" if found else ""


def _cell(name: str, rows: list[Row]) -> str:
    mine = sorted((row for row in rows if row.set == name), key=lambda row: row.seed)
    return (
        f"{mean(float(row.value) for row in mine):.3f} {''.join(row.stands for row in mine)}" if mine else ""
    )


def _row(job: Job, scores: dict) -> Row:
    found, against = scores["metrics"][job.metric], scores["comparison"]
    best = against["baseline"] if against else ""
    least = scores["baselines"][best][job.metric]["value"] if best else None
    return Row(
        *(job.set, job.recipe, job.settings, job.leaks, str(job.seed), job.metric),
        *(f"{found[key]:.3f}" for key in ("value", "low", "high")),
        stands=_side(against),
        baseline=best,
        baseline_value="" if least is None else f"{least:.3f}",
        parameters=str(scores.get("parameters") or ""),
        train_seconds=f"{scores['seconds']['train']:.0f}",
    )


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
                settings = " ".join(arguments.overrides)
                folder = arguments.runs / name / "-".join([recipe, *arguments.overrides, leaks, str(seed)])
                overrides = [
                    *DEFAULTS,
                    *located(about["data"], arguments.folder),
                    f"{group}={chosen}",
                    f"seed={seed}",
                    f"leaks={leaks}",
                ]
                overrides += arguments.overrides
                jobs.append(Job(name, label, settings, leaks, seed, about["metric"], folder, overrides))
    return jobs


def located(overrides: list[str], folder: Path) -> list[str]:
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
    if scores := scores_of(job.folder):
        add_row(ROWS, _row(job, scores))
    print(f"{job.set} {job.recipe} seed {job.seed}: exit {code}", file=sys.stderr, flush=True)
    return code


def _parsed() -> argparse.Namespace:
    parser = parser_of_rows(__doc__, folder="where the benchmark files are", runs="where the run folders go")
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="more of dnaseq train")
    parser.add_argument("--sets", nargs="+")
    parser.add_argument("--recipes", nargs="+", default=["own", "auto", "bilstm"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--jobs", type=int, default=2)
    return parsed(parser)


if __name__ == "__main__":
    main()

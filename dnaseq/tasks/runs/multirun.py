"""Several trainings by one command (-m): one table at the end, with a row for each that failed."""

import logging
from pathlib import Path

from dnaseq.errors import DnaseqError, visible
from dnaseq.evaluation.comparison.results import FailedRun, Scores
from dnaseq.evaluation.comparison.searches import RunRow
from dnaseq.io.results.run_files import read_record
from dnaseq.report.text.comparison import seeds_table
from dnaseq.tasks.runs.comparison import print_comparison, write_comparison
from dnaseq.tasks.runs.jobs import Job

IN_NAME = ("model=", "encoding=", "seed=")  # overrides that are part of the name of a job
logger = logging.getLogger("dnaseq")


def print_jobs(jobs: list[Job], folder: Path, command: str) -> None:
    """Compare the models, on stdout and in a report in a folder; nothing where all trainings have failed, as each has
    printed its error."""
    done = [(job, job.outcome.folder) for job in jobs if job.outcome and job.outcome.folder]
    if not done:
        return
    failed = [FailedRun(name_of(job, jobs), job.seed, job.reason) for job in jobs if not job.outcome]
    folders = [own for _, own in done]
    try:
        print_comparison(folder, write_comparison(folder, folders, "sweep", command, failed=failed))
    except DnaseqError as error:
        logger.warning("note: these runs are not compared: %s", error)
        runs = [run_row(name_of(job, jobs), job.seed, own) for job, own in done]
        table = seeds_table([*runs, *(RunRow(one.name, one.seed, one.reason) for one in failed)])
        print(visible(table, keep="\n"))


def run_row(name: str, seed: int | None, folder: Path) -> RunRow:
    """Return the row of a complete run, with its parameters and its seconds."""
    scores = read_record(folder / "scores.json", Scores)
    values = {metric: score.value for metric, score in scores.metrics.items()}
    return RunRow(name, seed, None, values, scores.parameters or None, (scores.seconds or {}).get("train"))


def name_of(job: Job, jobs: list[Job]) -> str:
    """Name a job among the others: its kind, and the settings in which some of them differ."""
    common = set.intersection(*(set(one.overrides) for one in jobs))
    own = [one for one in job.overrides if one not in common and not one.startswith(IN_NAME)]
    return " ".join([job.kind, *own])

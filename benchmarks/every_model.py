"""Every model with every encoding on the shipped enhancers, over several seeds: the table of RESULTS.md.

    python benchmarks/every_model.py FOLDER [KEY=VALUE ...] [--models bilstm gru] [--seeds 1 2 3] [--jobs 2]

KEY=VALUE are more overrides of dnaseq train. Runs that FOLDER holds already are not repeated, so the command
goes on where it was stopped. Every job has one thread; `--jobs` of them run at a time.
"""

import argparse
import csv
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import mean

from over_seeds import cell, scores_of, values

CONF = Path(__file__).parent.parent / "conf"
ENCODINGS = ("onehot", "kmer")
LABELLERS = {"labeller_bilstm", "labeller_cnn"}  # they answer for bases, not for records


def main() -> None:
    arguments = _parsed()
    os.environ["OMP_NUM_THREADS"] = "1"
    jobs = [
        (arguments.folder / f"{model}-{encoding}-{seed}", model, encoding, seed, arguments.overrides)
        for seed in arguments.seeds
        for model in arguments.models
        for encoding in ENCODINGS
    ]
    todo = [job for job in jobs if not scores_of(job[0])]
    with ProcessPoolExecutor(arguments.jobs, mp_context=get_context("spawn")) as pool:
        codes = list(pool.map(_train, todo))
    print(table([job[0] for job in jobs]))
    sys.exit(7 if any(codes) else 0)


def table(folders: list[Path]) -> str:
    """Markdown: one row a model and encoding, means over seeds; then the baselines, which have no seeds."""
    runs: dict[str, list[dict]] = {}
    for folder in folders:
        if scores := scores_of(folder):
            runs.setdefault(scores["model"], []).append(scores | {"epochs": _epochs(folder)})
    rows = [
        "| model | parameters | accuracy | AUROC | AUROC of the seeds | MCC | epochs | seconds |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, found in sorted(runs.items(), key=lambda item: -mean(values(item[1], "auroc"))):
        spread = " ".join(f"{value:.3f}" for value in values(found, "auroc"))
        own = [run["metrics"] for run in found]
        cells = [name, f"{found[0]['parameters']:,}", cell(own, "accuracy"), cell(own, "auroc"), spread]
        cells += [cell(own, "mcc"), f"{mean(s['epochs'] for s in found):.0f}"]
        rows.append("| " + " | ".join([*cells, f"{mean(s['seconds']['train'] for s in found):.0f}"]) + " |")
    first = next(iter(runs.values()))[0]
    for name, metrics in first["baselines"].items():
        cells = [cell([metrics], metric) for metric in ("accuracy", "auroc", "mcc")]
        rows.append(f"| *{name}* | | {cells[0]} | {cells[1]} | | {cells[2]} | | |")
    return "\n".join(rows)


def _epochs(folder: Path) -> int:
    with (folder / "history.csv").open() as handle:
        return len(list(csv.DictReader(handle)))


def _train(job: tuple) -> int:
    # imported here, in the process of the job, where the number of threads is already set
    from dnaseq.tasks.main import run_task

    folder, model, encoding, seed, more = job
    fixed = [f"model={model}", f"encoding={encoding}", f"seed={seed}", f"run_dir={folder}", "overwrite=true"]
    return run_task("train", [*fixed, "trainer=cpu", *more])


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where the run folders go")
    classifiers = sorted({path.stem for path in (CONF / "model").glob("*.yaml")} - LABELLERS)
    parser.add_argument("--models", nargs="+", default=classifiers)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--jobs", type=int, default=2)
    arguments, overrides = parser.parse_known_args()
    return argparse.Namespace(**vars(arguments), overrides=overrides)


if __name__ == "__main__":
    main()

"""Fine-tuning against training from scratch, on few records of another set: a table of RESULTS.md.

    python benchmarks/finetuning.py FOLDER RUNS [KEY=VALUE ...] [--pairs mouse_2:mouse_3] [--models cnn]
        [--sizes 100 300 1000] [--seeds 1 2 3] [--methods scratch all head slow]
    python benchmarks/finetuning.py --table

FOLDER is the folder of the benchmark files, laid out as accuracy_sets.yaml says; nothing is fetched. RUNS gets a run
folder for every training. For each pair and model one network is trained on the first set (seed 1). Then, for each size
and seed, on some records of the training file of the second set (as many of each class), the same network is trained
from random weights (`scratch`), from those of the first (`all`), with all but the head frozen (`head`), and with
smaller rates for lower layers (`slow`). All are scored on the whole test set of the second set, once, and nothing is
chosen by it. The other settings are those that recipe=probe finds; networks are small, as MODELS says.

A finished training is a row of finetuning.tsv, and what has a row is not trained again. The paired tests of all seeds
of a pair, model and size together (as dnaseq compare makes them) are rows of finetuning_tests.tsv, made when all its
methods have their runs in RUNS. KEY=VALUE are overrides of all trainings.
"""

import argparse
import gzip
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from random import Random
from statistics import mean
from typing import NamedTuple

import yaml
from accuracy import located
from Bio.SeqIO.FastaIO import SimpleFastaParser
from over_seeds import add_row, parsed, parser_of_rows, read_rows, scores_of

from dnaseq.tasks.main import run_task
from dnaseq.tasks.runs.comparison import write_comparison

HERE = Path(__file__).parent
ROWS, TESTS = HERE / "finetuning.tsv", HERE / "finetuning_tests.tsv"
PAIRS = ("mouse_2:mouse_3", "SIN3A:CTCF")  # sets that share no locus
DEFAULTS = ("data=fasta", "trainer=cpu", "bad_records=keep", "explain=none", "overwrite=true")
MODELS = {
    "cnn": ("model=cnn", "model.encoder.filters=32"),
    "bilstm": ("model=bilstm", "model.encoder.hidden=16"),
}
METHODS = {
    "scratch": ("init_weights=false",),
    "all": (),
    "head": ("freeze=encoder",),
    "slow": ("rate_decay=0.3",),
}
KMERS = ("kmer_logistic", "kmer_canonical_logistic", "gapped_kmer")


class Row(NamedTuple):
    """A finished training. The k-mer model is the best one of the same run; `stands` is the run to the best baseline of
    any kind, by a paired test of AUROC: + better, - worse, = no difference shown."""

    pair: str
    model: str
    records: str
    method: str
    settings: str
    seed: str
    auroc: str
    mcc: str
    kmer_auroc: str
    kmer_mcc: str
    stands: str
    train_seconds: str


class Test(NamedTuple):
    """A paired test over all seeds: method a minus method b in AUROC."""

    pair: str
    model: str
    records: str
    settings: str
    a: str
    b: str
    difference: str
    low: str
    high: str
    p_holm: str


class Job(NamedTuple):
    """A training of the second set."""

    pair: str
    model: str
    records: int
    method: str
    settings: str
    seed: int
    folder: Path

    def is_in(self, rows: list[Row]) -> bool:
        return any(tuple(map(str, self[:-1])) == row[:6] for row in rows)


def main() -> None:
    arguments = _parsed()
    failed = False
    if not arguments.table:
        about = yaml.safe_load((HERE / "accuracy_sets.yaml").read_text())
        for job in _jobs(arguments):
            if not job.is_in(read_rows(ROWS, Row)):
                failed |= not _train(job, about, arguments)
            _test(job.pair, job.model, job.records, arguments)
    print(table(read_rows(ROWS, Row), read_rows(TESTS, Test)))
    sys.exit(7 if failed else 0)


def table(rows: list[Row], tests: list[Test]) -> str:
    """Markdown: a row for each pair, model, size and settings; mean AUROC over the seeds, with how each stands to the
    best baseline, and the tests of `all` with `scratch`."""
    methods = [name for name in METHODS if any(row.method == name for row in rows)]
    lines = [["pair", "model", "records", "k-mers", *methods, "all - scratch, p"]]
    lines.append(["---"] * len(lines[0]))
    for key in dict.fromkeys((row.pair, row.model, row.records, row.settings) for row in rows):
        mine = [row for row in rows if (row.pair, row.model, row.records, row.settings) == key]
        cells = [_cell([row for row in mine if row.method == name]) for name in methods]
        tested = [_words(one) for one in tests if one[:4] == key and {one.a, one.b} == {"all", "scratch"}]
        kmers = mean(float(row.kmer_auroc) for row in mine)
        model = " ".join(filter(None, (key[1], key[3])))
        lines.append([key[0], model, key[2], f"{kmers:.3f}", *cells, *(tested or [""])])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(rows: list[Row]) -> str:
    if not rows:
        return ""
    return f"{mean(float(row.auroc) for row in rows):.3f} {''.join(row.stands for row in rows)}"


def _words(test: Test) -> str:
    sign = 1 if test.a == "all" else -1
    ends = sorted(sign * float(one) for one in (test.low, test.high))
    return f"{sign * float(test.difference):+.3f} [{ends[0]:.3f}, {ends[1]:.3f}], {test.p_holm}"


def _jobs(arguments: argparse.Namespace) -> Iterator[Job]:
    settings = " ".join(arguments.overrides)
    for model, pair, records, seed in product(
        arguments.models, arguments.pairs, arguments.sizes, arguments.seeds
    ):
        for method in arguments.methods:
            place = f"{pair.replace(':', '-')}/{model}-{records}-{method}-{seed}"
            yield Job(pair, model, records, method, settings, seed, arguments.runs / place)


def _train(job: Job, about: dict, arguments: argparse.Namespace) -> bool:
    """Train the first network, if it is not there, and the second; write the row of the second."""
    first, second = job.pair.split(":")
    source = arguments.runs / first / job.model
    common = [*DEFAULTS, *arguments.overrides]
    if not scores_of(source):
        files = located(about[first]["data"], arguments.folder)
        run_task("train", [*common, *files, *MODELS[job.model], f"run_dir={source}"])
    train = _some_records(second, job, about, arguments)
    test = next(one for one in located(about[second]["data"], arguments.folder) if "data.test=" in one)
    own = [
        f"init={source}",
        *METHODS[job.method],
        f"data.train={train}",
        test,
        f"run_dir={job.folder}",
        f"seed={job.seed}",
    ]
    code = run_task("train", [*common, *own])
    scores = scores_of(job.folder)
    print(f"{job.pair} {job.model} {job.records} {job.method} seed {job.seed}: exit {code}", flush=True)
    if scores:
        add_row(ROWS, _row(job, scores))
    return scores is not None


def _some_records(name: str, job: Job, about: dict, arguments: argparse.Namespace) -> Path:
    """Write some training records of a set, as many of each class, the same for all methods of a seed."""
    path = arguments.runs / name / f"{job.records}-{job.seed}.fa"
    if not path.exists():
        files = located(about[name]["data"], arguments.folder)
        train = next(one for one in files if one.startswith("data.train=")).partition("=")[2]
        by_class: dict[str, list[str]] = {}
        with gzip.open(train, "rt") as lines:
            for header, sequence in SimpleFastaParser(lines):
                by_class.setdefault(header.partition("label=")[2], []).append(f">{header}\n{sequence}\n")
        random = Random(job.seed)
        chosen = [random.sample(own, job.records // len(by_class)) for _, own in sorted(by_class.items())]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(record for own in chosen for record in own))
    return path


def _row(job: Job, scores: dict) -> Row:
    baselines = {name: own for name, own in scores["baselines"].items() if name in KMERS}
    best = max(baselines.values(), key=lambda own: own["auroc"]["value"])
    against = scores["comparison"]
    is_shown = against and against["p"] is not None and against["p"] < 0.05
    values = [own[metric]["value"] for own in (scores["metrics"], best) for metric in ("auroc", "mcc")]
    return Row(
        *map(str, job[:-1]),
        *(f"{value:.3f}" for value in values),
        stands=("+" if against["difference"] > 0 else "-") if is_shown else "=",
        train_seconds=f"{scores['seconds']['train']:.0f}",
    )


def _test(pair: str, model: str, records: int, arguments: argparse.Namespace) -> None:
    """Compare the methods of a pair, model and size over all seeds, unless that has its rows."""
    key = (pair, model, str(records), " ".join(arguments.overrides))
    if any(row[:4] == key for row in read_rows(TESTS, Test)):
        return
    wanted = (pair, model, records)
    jobs = [job for job in _jobs(arguments) if (job.pair, job.model, job.records) == wanted]
    if not all(scores_of(job.folder) for job in jobs):
        return
    folder = jobs[0].folder.with_name(f"{model}-{records}-comparison")
    found = write_comparison(
        folder, [job.folder for job in jobs], "comparison", "", ("auroc",), names=[job.method for job in jobs]
    )
    for one in found.pairs:
        numbers = [f"{value:.3f}" for value in (one.difference, one.low, one.high)]
        p = one.p if one.p_holm is None else one.p_holm
        add_row(TESTS, Test(*key, one.a, one.b, *numbers, p_holm=f"{p:.2g}"))


def _parsed() -> argparse.Namespace:
    parser = parser_of_rows(__doc__, folder="where the benchmark files are", runs="where the run folders go")
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="more of dnaseq train")
    parser.add_argument("--pairs", nargs="+", default=PAIRS)
    parser.add_argument("--models", nargs="+", default=["cnn"], choices=MODELS)
    parser.add_argument("--sizes", nargs="+", type=int, default=[100, 300, 1000])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=METHODS)
    return parsed(parser)


if __name__ == "__main__":
    main()

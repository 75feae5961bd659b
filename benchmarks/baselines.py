"""What the baselines reach on public benchmark sets, beside what was measured elsewhere: the table of RESULTS.md.

    OMP_NUM_THREADS=1 python benchmarks/baselines.py FOLDER [NAME ...]

FOLDER is the folder of the benchmark files, laid out as baseline_sets.yaml says; nothing is fetched. All records are
used, also training records that are copies of test records (leaks=keep), as in what they are compared with. Choices
are made on training records, similar ones together, as in a training.
Scores of k-mers and of positions that are more than 0.01 below those measured
elsewhere are bold, and the exit code is 1.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import yaml

from dnaseq.data.dataset import parse_source
from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.data.records.store import PARTS
from dnaseq.data.similarity.similar import Similarity, similarity_groups
from dnaseq.data.sources.files import Fasta
from dnaseq.data.splits.leaks import strands
from dnaseq.evaluation.baselines.classification import NAMES, baselines
from dnaseq.evaluation.baselines.fitting import Examples, select_rows
from dnaseq.evaluation.metrics.classification import scores
from dnaseq.io.reading_options import Reading

METRICS = ("mcc", "auroc", "accuracy")
ALLOWED = 0.01  # below what was measured elsewhere
SEED = 1


def main() -> None:
    arguments = _parsed()
    about = yaml.safe_load((Path(__file__).parent / "baseline_sets.yaml").read_text())
    print(
        "| set | train / test | metric | measured elsewhere | " + " | ".join(NAMES.values()) + " | seconds |"
    )
    print("| --- " * (5 + len(NAMES)) + "|", flush=True)
    misses = 0
    for name in arguments.sets or about:
        began = time.monotonic()
        found, sizes = _scored(arguments.folder, about[name])
        misses += _print_rows(name, about[name], found, sizes, time.monotonic() - began)
    sys.exit(bool(misses))


def _print_rows(name: str, about: dict, found: dict, sizes: str, seconds: float) -> int:
    """A row a metric; returns how many scores are too low."""
    misses = 0
    for metric in METRICS:
        known = {
            f"{kind}_logistic": about[kind].get(metric) for kind in ("kmer", "position") if kind in about
        }
        elsewhere = " / ".join(f"{value:.3f}" for value in known.values() if value is not None)
        cells = []
        for baseline in NAMES.values():
            value = found[baseline][metric]["value"] if baseline in found else None
            low = value is not None and known.get(baseline) is not None
            low = low and value < known[baseline] - ALLOWED
            misses += low
            cells.append("-" if value is None else f"**{value:.3f}**" if low else f"{value:.3f}")
        row = [name, sizes, metric, elsewhere or "-", *cells, f"{seconds:.0f}"]
        print("| " + " | ".join(row) + " |", flush=True)
    return misses


class Records(NamedTuple):
    """All records of a set."""

    examples: Examples
    ids: list[str]
    groups: np.ndarray  # (n,) similar records share a number
    fold: np.ndarray  # (n,) in which a record is scored, from 1; 0 for those to learn from only
    classes: list[str]


def _scored(folder: Path, about: dict) -> tuple[dict[str, dict], str]:
    """Scores of each baseline, and how many records there are to learn from and to be scored on."""
    records = _read(folder, about)
    examples, fold, stranded = records.examples, records.fold, about.get("stranded", False)
    left_out = set((folder / about["without"]).read_text().split()) if "without" in about else set()
    learned = np.array([each not in left_out for each in records.ids])
    tested, answers = [], {}
    for number in sorted(set(fold.tolist()) - {0}):
        train, test = np.flatnonzero((fold != number) & learned), np.flatnonzero(fold == number)
        parts = select_rows(examples, train), select_rows(examples, test)
        found = baselines(*parts, len(records.classes), SEED, records.groups[train], stranded)
        for name, answer in found.items():
            answers.setdefault(name, []).append(answer)
        tested.append(test)
    truth = examples.labels[np.concatenate(tested)]
    scored = {
        name: scores(truth, np.concatenate(each), records.classes, seed=SEED)
        for name, each in answers.items()
    }
    folds = f"{len(learned):,}, {len(tested)} folds"
    return scored, folds if "folds" in about else f"{len(train):,} / {len(test):,}"


def _read(folder: Path, about: dict) -> Records:
    """The files of a set as a training reads them."""
    files = {part: _located(folder, about[part]) for part in ("train", "test") if part in about}
    stranded = about.get("stranded", False)
    with tempfile.TemporaryDirectory() as cache:
        store, _ = parse_source(Fasta(**files), Reading(bad_records="keep"), Path(cache))
        known = strands(store, LengthPolicy().windows(store.lengths), stranded)
        groups = similarity_groups(store, known.windows, stranded, Similarity(), known.families)
        classes, y = np.unique(np.array(store.label_names)[store.labels], return_inverse=True)
        starts = np.array(store.offsets[:-1])
        examples = Examples(np.array(store.codes), starts, np.diff(store.offsets), y)
        ids, fold = store.ids(np.arange(len(store))), (store.parts == PARTS.index("test")).astype(int)
    if "folds" in about:
        rows = [line.split("\t") for line in (folder / about["folds"]).read_text().splitlines()[1:]]
        fold_of = {row[0]: int(row[3]) for row in rows}
        fold = np.array([fold_of[each] for each in ids]) + 1
    return Records(examples, ids, groups, fold, list(classes))


def _located(folder: Path, names: str | list[str]) -> list[str]:
    return [str(folder / name) for name in ([names] if isinstance(names, str) else names)]


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where the benchmark files are")
    parser.add_argument("sets", nargs="*", metavar="NAME", help="some of the sets")
    return parser.parse_args()


if __name__ == "__main__":
    main()

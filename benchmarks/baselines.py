"""What the baselines reach on public benchmark sets, beside what was measured elsewhere: the table of RESULTS.md.

    OMP_NUM_THREADS=1 python benchmarks/baselines.py SETS [NAME ...]

SETS is the folder of the benchmark files, laid out as baseline_sets.yaml says; nothing is fetched. All records are
used, also training records that are copies of test records (leaks=keep), as in what they are compared with. Choices
are made on training records. Scores of k-mers and of positions that are more than 0.01 below those measured
elsewhere are bold, and the exit code is 1.
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import yaml

from dnaseq.data.sources import Fasta
from dnaseq.evaluation.baselines import NAMES, baselines
from dnaseq.evaluation.fitting import Examples, taken
from dnaseq.evaluation.scores import scores
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


def _scored(folder: Path, about: dict) -> tuple[dict[str, dict], str]:
    """Scores of each baseline, and how many records there are to learn from and to be scored on."""
    files = {part: _located(folder, about[part]) for part in ("train", "test") if part in about}
    ids, parts, examples, classes = _read(files)
    fold = parts == "test"
    if "without" in about:
        left_out = set((folder / about["without"]).read_text().split())
        parts[[each in left_out and part == "train" for each, part in zip(ids, parts, strict=True)]] = ""
    if "folds" in about:
        rows = [line.split("\t") for line in (folder / about["folds"]).read_text().splitlines()[1:]]
        fold_of = {row[0]: int(row[3]) for row in rows}
        fold = np.array([fold_of[each] for each in ids]) + 1
    tested = np.zeros(0, dtype=np.int64)
    answers: dict[str, list[np.ndarray]] = {}
    for number in sorted(set(fold.tolist()) - {0}):
        train, test = np.flatnonzero((fold != number) & (parts != "")), np.flatnonzero(fold == number)
        both = (taken(examples, train), taken(examples, test))
        for name, answer in baselines(
            *both, len(classes), SEED, stranded=about.get("stranded", False)
        ).items():
            answers.setdefault(name, []).append(answer)
        tested = np.concatenate([tested, test])
    truth = examples.labels[tested]
    found = {name: scores(truth, np.concatenate(each), classes, seed=SEED) for name, each in answers.items()}
    sizes = f"{len(examples.labels):,}, folds" if "folds" in about else f"{len(train):,} / {len(test):,}"
    return found, sizes


def _located(folder: Path, names: str | list[str]) -> list[str]:
    return [str(folder / name) for name in ([names] if isinstance(names, str) else names)]


def _read(files: dict[str, list[str]]) -> tuple[list[str], np.ndarray, Examples, list[str]]:
    """Ids, parts, records and classes of FASTA files; records that cannot be used are left out."""
    ids, parts, labels, codes, lengths = [], [], [], [], []
    for part, labelled in Fasta(**files).read(Reading(bad_records="keep")):
        block = labelled.block
        codes.append(block.codes)
        lengths.append(np.diff(block.offsets))
        ids += [each.decode() for each in labelled.ids]
        parts += [part] * len(labelled.ids)
        labels += [None if i in block.rejected else label for i, label in enumerate(labelled.labels)]
    usable = np.array([label is not None for label in labels])
    lengths = np.concatenate(lengths)
    classes = sorted({label for label in labels if label is not None})
    y = np.array([-1 if label is None else classes.index(label) for label in labels])
    whole = Examples(np.concatenate(codes), np.cumsum(lengths) - lengths, lengths, y)
    rows = np.flatnonzero(usable)
    return [ids[row] for row in rows], np.array(parts)[rows], taken(whole, rows), classes


def _parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="SETS", help="where the benchmark files are")
    parser.add_argument("sets", nargs="*", metavar="NAME", help="some of the sets")
    return parser.parse_args()


if __name__ == "__main__":
    main()

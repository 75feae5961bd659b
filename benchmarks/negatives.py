"""Known promoters of E. coli against matched, random and shuffled negatives, on stretches that are held out.

    python benchmarks/negatives.py SITES.bed GENOME.fa RUNS [--seeds 1] [overrides of dnaseq train ...]
    python benchmarks/negatives.py --table

A stretch of 100,000 bases is a unit of the split: every fifth is for the test, every tenth validates. For each kind of
negatives a network is trained, and scored on the held-out promoters against the negatives of every kind. Baselines are
those of the own test set of a training: GC content and length, and counts of k-mers. Rows go to negatives.tsv as they
come; what has a row is not made again.
"""

import argparse
import json
from pathlib import Path
from typing import NamedTuple

from over_seeds import add_row, parsed, parser_of_rows, read_rows, run_or_leave
from promoters import STRETCH, settings_of_promoters

from dnaseq.io.genome.bed import read_regions
from dnaseq.schemas import Estimate, convert

ROWS = Path(__file__).parent / "negatives.tsv"
KINDS = ("matched", "random", "shuffled")
BASELINES = ("gc_length", "kmer")


class Row(NamedTuple):
    """A network of one kind of negatives, scored against another; baselines beside its own kind alone."""

    trained: str
    scored: str
    seed: str
    records: str
    auroc: str
    gc_length: str
    kmer: str


def main() -> None:
    arguments = _parsed()
    if not arguments.table:
        for seed in arguments.seeds:
            for trained in KINDS:
                _measure(arguments, trained, seed)
    print(table(read_rows(ROWS, Row)))


def table(rows: list[Row]) -> str:
    """Markdown: a row a network, with its score against the negatives of every kind."""
    lines = [["trained on", "seed", "GC and length", "k-mers", *(f"cnn against {kind}" for kind in KINDS)]]
    lines.append(["---"] * len(lines[0]))
    for trained, seed in dict.fromkeys((row.trained, row.seed) for row in rows):
        mine = {row.scored: row for row in rows if (row.trained, row.seed) == (trained, seed)}
        own = mine[trained]
        scores = [mine[kind].auroc if kind in mine else "" for kind in KINDS]
        lines.append([trained, seed, own.gc_length, own.kmer, *scores])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _measure(arguments: argparse.Namespace, trained: str, seed: int) -> None:
    there = {(row.trained, row.scored, row.seed) for row in read_rows(ROWS, Row)}
    run = arguments.runs / f"{trained}-{seed}"
    for scored in (trained, *(kind for kind in KINDS if kind != trained)):
        if (trained, scored, str(seed)) in there:
            continue
        data = [*_data(arguments), f"negatives={scored}", f"seed={seed}", "overwrite=true"]
        if scored == trained:
            options = ["model=cnn", "explain=none", "trainer=cpu", *arguments.overrides]
            run_or_leave("train", *data, *options, f"run_dir={run}")
            folder = run
        else:
            folder = arguments.runs / f"{trained}-{seed}-{scored}"
            run_or_leave(
                "evaluate", f"bundle={run}/bundle", *data, "leaks=keep", "device=cpu", f"run_dir={folder}"
            )
        add_row(ROWS, _row(folder, trained, scored, seed))


def _row(folder: Path, trained: str, scored: str, seed: int) -> Row:
    scores = json.loads((folder / "scores.json").read_text())
    found = {"auroc": scores["metrics"]["auroc"]}
    if trained == scored:
        kmer = next(name for name in scores["baselines"] if name.startswith("kmer"))
        for name, baseline in zip(BASELINES, ("gc_length", kmer), strict=True):
            found[name] = scores["baselines"][baseline]["auroc"]
    texts = {name: _text(convert(score, Estimate)) for name, score in found.items()}
    return Row(
        trained, scored, str(seed), str(scores["n"]), texts["auroc"], *(texts.get(b, "") for b in BASELINES)
    )


def _text(score: Estimate) -> str:
    value, low, high = score.known or (float("nan"),) * 3
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"


def _data(arguments: argparse.Namespace) -> list[str]:
    """Settings of the data: every stretch with a site is in one split."""
    regions = read_regions(arguments.sites)
    middles = (regions.starts + regions.ends) // 2 // STRETCH
    stretches = sorted(set(zip(regions.contigs, middles.tolist(), strict=True)))
    return settings_of_promoters(arguments.sites, arguments.genome, stretches[2::5], stretches[4::10])


def _parsed() -> argparse.Namespace:
    parser = parser_of_rows(
        __doc__, sites="BED of the promoters", genome="FASTA of the genome", runs="for run folders"
    )
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="more of dnaseq train")
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    return parsed(parser)


if __name__ == "__main__":
    main()

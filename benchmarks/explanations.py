"""Explanations against the truth: motifs that were planted, and the bases that they take.

    python benchmarks/explanations.py RUNS [--models cnn bilstm ...] [--seeds 1 2 3] [--shuffled]
    python benchmarks/explanations.py --table

For every model and seed: a training on data=planted as it is typed, then explanations of test records of the class
`ordered` by each method and by method=auto. Average precision is that of the planted bases among all bases of a
record, mean over records. A motif is found if six of its bases in a row are in the consensus of one, on either strand,
and named right if the best profile of JASPAR is of its family. With --shuffled the labels of the training records are
shuffled, so that every motif that is found is a false one. Rows go to explanations.tsv as they come; what has a row is
not made again.
"""

import argparse
import csv
import json
import os
import random
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
from over_seeds import add_row, parsed, parser_of_rows, read_rows
from sklearn.metrics import average_precision_score

from dnaseq.data.sources.planted import Planted

HERE = Path(__file__).parent
ROWS = HERE / "explanations.tsv"
MODELS = ("cnn", "bilstm", "attention", "cnn_bilstm_attention", "transformer", "rnn")
METHODS = ("auto", "gradient", "gradient_input", "ig", "ism", "occlusion", "attention")
UNSIGNED = ("gradient", "attention")
PLANTED = {
    "AGATAAGA": r"GATA|TRPS1|EVI1|MECOM",
    "CCGGAAGT": r"E[LT]K|ET[SV]|EL[FK]|GABPA|ERG|FLI1|FEV|SPI|EHF|ERF",
}
MEASURED = 60  # records whose bases are compared with the truth
EXPLAINED = 400  # records in which motifs are sought


class Row(NamedTuple):
    """One explanation. `motifs` are the planted ones that were found, `named` those whose profile is right, `others`
    the motifs that are none of them."""

    model: str
    seed: str
    labels: str
    auroc: str
    method: str
    chosen: str
    precision: str
    faithfulness: str
    motifs: str
    named: str
    others: str


def main() -> None:
    arguments = _parsed()
    if arguments.runs:
        for seed in arguments.seeds:
            for model in arguments.models:
                for row in _explained(arguments.runs, model, seed, arguments.shuffled, arguments.methods):
                    add_row(ROWS, row)
    print(table(read_rows(ROWS, Row)))


def table(rows: list[Row]) -> str:
    """Markdown: a row a model and seed, the average precision of each method, and the motifs that were found."""
    methods = list(dict.fromkeys(row.method for row in rows))
    lines = [["model", "seed", "labels", "AUROC", *methods, "auto chose", "motifs", "named", "others"]]
    lines.append(["---"] * len(lines[0]))
    for key in dict.fromkeys((row.model, row.seed, row.labels, row.auroc) for row in rows):
        mine = {row.method: row for row in rows if (row.model, row.seed, row.labels, row.auroc) == key}
        auto = mine["auto"]
        # of the method that auto chose, on the same records as the others
        mine["auto"] = auto._replace(precision=mine.get(auto.chosen, auto).precision)
        cells = [mine[name].precision if name in mine else "" for name in methods]
        lines.append([*key, *cells, auto.chosen, auto.motifs, auto.named, auto.others])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _explained(runs: Path, model: str, seed: int, shuffled: bool, methods: list[str]) -> list[Row]:
    labels = "shuffled" if shuffled else "true"
    if any((row.model, row.seed, row.labels) == (model, str(seed), labels) for row in read_rows(ROWS, Row)):
        return []
    run = runs / f"{model}-{labels}-{seed}"
    data = _planted(runs, seed)
    train = (
        _shuffled(data / "train.fa", runs / f"shuffled-{seed}.fa", seed) if shuffled else data / "train.fa"
    )
    if not (run / "bundle").exists():
        typed = [
            f"model={model}",
            f"seed={seed}",
            "data=fasta",
            f"data.train={train}",
            f"data.test={data}/test.fa",
        ]
        _dnaseq("train", *typed, "explain=none", "trainer=cpu", f"run_dir={run}", "overwrite=true")
    scores = json.loads((run / "scores.json").read_text())
    auroc = f"{scores['metrics']['auroc']['value']:.3f}"
    found = []
    for method in methods:
        output = run.parent / f"{run.name}-{method}"
        is_auto = method == "auto"
        source = data / "test.fa" if is_auto else _ordered(data / "test.fa", runs / f"ordered-{seed}.fa")
        many = [f"records={EXPLAINED}"] if is_auto else ["motifs=none"]
        explain = [f"bundle={run}/bundle", f"input={source}", f"method={method}", "target=ordered", *many]
        if _dnaseq("explain", *explain, "device=cpu", f"output={output}", "overwrite=true", check=is_auto):
            continue  # a method that the model does not have
        found.append(_row((model, str(seed), labels, auroc, method), output, data))
    return found


def _row(key: tuple[str, ...], output: Path, data: Path) -> Row:
    told = json.loads((output / "faithfulness.json").read_text())
    chosen = told["method"]
    own = next(one for one in told["methods"] if one["method"] == chosen)
    motifs, named, others = set(), set(), []
    if (output / "motifs.json").exists():
        for motif in json.loads((output / "motifs.json").read_text())["motifs"]:
            planted = _planted_motif(motif["consensus"])
            if planted is None:
                others.append(motif["consensus"])
            else:
                motifs.add(planted)
                best = motif["best_match"]
                named |= {planted} if best and re.search(PLANTED[planted], best["name"].upper()) else set()
    precision = _precision(output / "attributions.npz", data / "truth.tsv", chosen in UNSIGNED)
    faithfulness = f"{own['faithfulness']['value'] or 0:.3f}"
    return Row(
        *key,
        chosen,
        f"{precision:.3f}",
        faithfulness,
        *(" ".join(sorted(s)) for s in (motifs, named, others)),
    )


def _planted_motif(consensus: str) -> str | None:
    """Find the planted motif of which a consensus holds six bases in a row, on either strand."""
    for planted in PLANTED:
        for strand in (planted, planted[::-1].translate(str.maketrans("ACGT", "TGCA"))):
            if any(strand[at : at + 6] in consensus for at in range(len(strand) - 5)):
                return planted
    return None


def _precision(arrays: Path, truth: Path, is_unsigned: bool) -> float:
    places: dict[str, list[tuple[int, int]]] = {}
    with truth.open() as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            places.setdefault(row["id"], []).append((int(row["start"]), int(row["end"])))
    with np.load(arrays) as found:
        ids, lengths, values = found["ids"], found["lengths"], found["values"]
    each = []
    for name, length, own in zip(ids, lengths, values, strict=True):
        if int(name.rpartition("_")[2]) % 2:  # ordered
            planted = np.zeros(length, dtype=bool)
            for start, end in places[name]:
                planted[start:end] = True
            each.append(
                average_precision_score(planted, np.abs(own[:length]) if is_unsigned else own[:length])
            )
    return float(np.mean(each[:MEASURED]))


def _planted(runs: Path, seed: int) -> Path:
    """Make the records of a seed, and return their folder."""
    source = Planted(["AGATAAGA", "CCGGAAGT"], [6, 15], 4000, 80, seed, cache=str(runs / "data"))
    return Path(source.files["train"][0]).parent


def _shuffled(source: Path, target: Path, seed: int) -> Path:
    """Write the records with their labels in random order."""
    lines = source.read_text().splitlines()
    labels = [line.partition(" ")[2] for line in lines[::2]]
    random.Random(seed).shuffle(labels)
    ids = [line.partition(" ")[0] for line in lines[::2]]
    target.write_text(
        "".join(f"{i} {label}\n{s}\n" for i, label, s in zip(ids, labels, lines[1::2], strict=True))
    )
    return target


def _ordered(source: Path, target: Path) -> Path:
    """Write the first records of the class that is explained."""
    records = source.read_text().split(">")[1:]
    target.write_text(
        "".join(f">{one}" for one in [one for one in records if "label=ordered" in one][:MEASURED])
    )
    return target


def _dnaseq(*arguments: str, check: bool = True) -> int:
    command = [sys.executable, "-m", "dnaseq", *arguments]
    done = subprocess.run(
        command, env=os.environ | {"OMP_NUM_THREADS": "1"}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    if check and done.returncode not in (0, 7):
        sys.exit(done.stderr.decode()[-2000:])
    return done.returncode


def _parsed() -> argparse.Namespace:
    parser = parser_of_rows(__doc__, runs="where the run folders go")
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--methods", nargs="+", default=METHODS)
    parser.add_argument("--shuffled", action="store_true", help="shuffle the labels of the training records")
    return parsed(parser)


if __name__ == "__main__":
    main()

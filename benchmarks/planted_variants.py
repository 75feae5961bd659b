"""Variants whose effect is known: planted motifs broken, made and moved, against changes that mean nothing.

    python benchmarks/planted_variants.py RUNS [--models cnn bilstm] [--seeds 1] [--broken 0.5]
    python benchmarks/planted_variants.py --table

For every model and seed: a training on data=planted as it is typed but for `planted.broken`, the share of the other
class that lacks a motif, then `dnaseq variants sequences=` on the test records, of which those of the class `ordered`
alone where that share is above 0: in the others nothing is left to break. Each record has one variant of each kind,
or two where the kind is of a motif. Functional: `broken`, the bases of a motif become others; `made`, the bases that
stand in the place of a motif become the motif; `moved`, the two motifs change places, so that their order is another.
Silent: `background`, one base outside of the motifs is another; `shifted`, a motif lies 1 to 6 bases further, in the
same order and with a spacing that the records have. Beside them, one base of a motif is another: training records do
not say whether seven bases of eight are a motif, so this is in no sum. The score is |delta_logit|; intervals are by
the bootstrap over records. Rows go to planted_variants.tsv as they come; what has a row is not made again.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from over_seeds import add_row, parsed, parser_of_rows, read_rows, run_or_leave

from dnaseq.data.sources.planted import Planted
from dnaseq.evaluation.intervals.bootstrap import resampled_counts

ROWS = Path(__file__).parent / "planted_variants.tsv"
FUNCTIONAL, SILENT = ("broken", "made", "moved"), ("background", "shifted")
ONE_BASE = "one base"
SPACING = (6, 15)
RESAMPLES = 1000
BASES = "ACGT"


class Row(NamedTuple):
    """One training. The AUROC of each kind is against all silent variants, that of `functional` is of all three."""

    model: str
    broken_records: str  # share of the class scrambled
    seed: str
    test_auroc: str
    variants: str
    functional: str
    broken: str
    made: str
    moved: str
    one_base: str
    against_background: str
    against_shifted: str


class Construct(NamedTuple):
    """A record, and the places of its two motifs from left to right: start from 0, and end without it."""

    id: str
    letters: str
    first: tuple[int, int]
    second: tuple[int, int]


class Change(NamedTuple):
    """A variant of a sequence. `kind` begins its id."""

    kind: str
    sequence: str  # id
    letters: str  # of that sequence
    start: int  # 0-based
    end: int
    alt: str

    @property
    def line(self) -> str:
        """Return the line of the table: id, position from 1, ref, alt."""
        return f"{self.sequence}\t{self.start + 1}\t{self.letters[self.start : self.end]}\t{self.alt}\n"


def main() -> None:
    arguments = _parsed()
    if arguments.runs:
        there = {row[:3] for row in read_rows(ROWS, Row)}
        for seed in arguments.seeds:
            for model in arguments.models:
                if (model, str(arguments.broken), str(seed)) not in there:
                    add_row(ROWS, _measured(arguments.runs, model, arguments.broken, seed))
    print(table(read_rows(ROWS, Row)))


def table(rows: list[Row]) -> str:
    """Markdown: a row a training."""
    lines = [[name.replace("_", " ") for name in Row._fields], ["---"] * len(Row._fields), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def changes(construct: Construct, rng: np.random.Generator) -> Iterator[Change]:
    """Draw the variants of one record."""
    name, letters = construct.id, construct.letters
    (a, b), (c, d) = construct.first, construct.second
    for start, end in (construct.first, construct.second):
        at = int(rng.integers(start, end))
        yield Change(ONE_BASE, name, letters, at, at + 1, _another(letters[at], rng))
        lacking = _without(letters, start, end, rng)
        yield Change("broken", name, letters, start, end, lacking[start:end])
        yield Change("made", f"{name}_{start}", lacking, start, end, letters[start:end])
    yield Change("moved", name, letters, a, d, letters[c:d] + letters[b:c] + letters[a:b])
    outside = [at for at in range(len(letters)) if not (a <= at < b or c <= at < d)]
    for at in rng.choice(outside, 2, replace=False).tolist():
        yield Change("background", name, letters, at, at + 1, _another(letters[at], rng))
    gap = c - b
    steps = [s for s in range(-6, 7) if s and SPACING[0] <= gap + s <= SPACING[1]]
    right = [
        s for s in steps if d + s <= len(letters)
    ]  # the second motif moves, the bases around it close up
    left = [s for s in steps if a - s >= 0]
    if right:
        step = int(rng.choice(right))
        yield _shifted(construct, construct.second, step)
    if left:
        step = int(rng.choice(left))
        yield _shifted(construct, construct.first, -step)


def _shifted(construct: Construct, motif: tuple[int, int], step: int) -> Change:
    """Exchange a motif and the |step| bases that lie to its right (step above 0) or left."""
    start, end = motif
    letters = construct.letters
    own = letters[start:end]
    if step > 0:
        return Change("shifted", construct.id, letters, start, end + step, letters[end : end + step] + own)
    return Change("shifted", construct.id, letters, start + step, end, own + letters[start + step : start])


def _another(base: str, rng: np.random.Generator) -> str:
    return str(rng.choice([other for other in BASES if other != base]))


def _without(letters: str, start: int, end: int, rng: np.random.Generator) -> str:
    """Return the record with another base at each place of a motif."""
    return letters[:start] + "".join(_another(base, rng) for base in letters[start:end]) + letters[end:]


def constructs(folder: Path, label: str = "") -> list[Construct]:
    """Read the test records, those of one label if it is given, and the places of their motifs."""
    places: dict[str, list[tuple[int, int]]] = {}
    with (folder / "truth.tsv").open() as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            places.setdefault(row["id"], []).append((int(row["start"]), int(row["end"])))
    lines = (folder / "test.fa").read_text().splitlines()
    records = zip(lines[::2], lines[1::2], strict=True)
    named = ((header[1:].split()[0], letters) for header, letters in records if header.endswith(label))
    return [Construct(name, letters, *sorted(places[name])) for name, letters in named]


def _measured(runs: Path, model: str, broken: float, seed: int) -> Row:
    run = runs / f"{model}-{broken}-{seed}"
    cache = runs / "data"
    if not (run / "bundle").exists():
        options = ["explain=none", "trainer=cpu", f"cache_dir={cache}", f"run_dir={run}", "overwrite=true"]
        made = ["data=planted", f"planted.seed={seed}", f"planted.broken={broken}"]
        run_or_leave("train", f"model={model}", *made, f"seed={seed}", *options)
    source = Planted(["AGATAAGA", "CCGGAAGT"], SPACING, 4000, 80, seed, broken, cache=str(cache))
    rng = np.random.default_rng(seed)
    records = constructs(Path(source.files["test"][0]).parent, "=ordered" if broken else "")
    drawn = [change for record in records for change in changes(record, rng)]
    scores = _scored(run.with_name(f"{run.name}-variants"), run / "bundle", drawn)
    auroc = json.loads((run / "scores.json").read_text())["metrics"]["auroc"]["value"]
    kinds = np.array([change.kind for change in drawn])
    groups = np.array(["_".join(change.sequence.split("_")[:2]) for change in drawn])
    asked = [
        (FUNCTIONAL, SILENT),
        *(((kind,), SILENT) for kind in (*FUNCTIONAL, ONE_BASE)),
        *((FUNCTIONAL, (kind,)) for kind in SILENT),
    ]
    found = (_auroc(scores, kinds, groups, *sides) for sides in asked)
    counts = ", ".join(f"{(kinds == kind).sum():,} {kind}" for kind in (*FUNCTIONAL, ONE_BASE, *SILENT))
    return Row(model, str(broken), str(seed), f"{auroc:.3f}", counts, *found)


def _scored(folder: Path, bundle: Path, drawn: list[Change]) -> np.ndarray:
    """|delta_logit| of each variant, by the command."""
    folder.mkdir(parents=True, exist_ok=True)
    sequences = {change.sequence: change.letters for change in drawn}
    (folder / "constructs.fa").write_text("".join(f">{name}\n{text}\n" for name, text in sequences.items()))
    lines = "".join(change.line for change in drawn)
    (folder / "variants.tsv").write_text("id\tposition\tref\talt\n" + lines)
    files = [f"input={folder}/variants.tsv", f"sequences={folder}/constructs.fa", f"output={folder}/out.tsv"]
    run_or_leave("variants", f"bundle={bundle}", *files, "device=cpu", "null_changes=0", "overwrite=true")
    with (folder / "out.tsv").open() as handle:
        next(handle)  # the remark
        rows = list(csv.DictReader(handle, delimiter="\t"))
    if [row["id"] for row in rows] != [change.sequence for change in drawn]:
        sys.exit("the rows are not those of the variants")
    return np.abs([float(row["delta_logit"]) for row in rows])


def _auroc(
    scores: np.ndarray, kinds: np.ndarray, groups: np.ndarray, yes: tuple[str, ...], no: tuple[str, ...]
) -> str:
    """AUROC of some kinds against others, with its 95 % interval by the bootstrap over records."""
    mine = np.isin(kinds, (*yes, *no))
    truth, own = np.isin(kinds[mine], yes), scores[mine]
    blocks = resampled_counts(len(own), RESAMPLES, np.random.default_rng(1), groups[mine])
    replicates = np.concatenate([_weighted(truth, own, block) for block in blocks])
    low, high = np.quantile(replicates, [0.025, 0.975])
    value = _weighted(truth, own, np.ones((1, len(own))))[0]
    return f"{value:.3f} [{low:.3f}, {high:.3f}]"


def _weighted(truth: np.ndarray, scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(n,) truth and scores, (m, n) how often each counts -> (m,) AUROC."""
    order = np.argsort(scores, kind="stable")
    firsts = np.flatnonzero(np.diff(scores[order], prepend=-1.0))
    yes, no = (np.add.reduceat((weights * some)[:, order], firsts, axis=1) for some in (truth, ~truth))
    below = np.cumsum(no, axis=1) - no / 2
    return (yes * below).sum(axis=1) / (yes.sum(axis=1) * no.sum(axis=1))


def _parsed() -> argparse.Namespace:
    parser = parser_of_rows(__doc__, runs="where the run folders go")
    parser.add_argument("--models", nargs="+", default=["cnn", "bilstm"])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1])
    parser.add_argument(
        "--broken", type=float, default=0.5, help="share of the class scrambled that lacks a motif"
    )
    return parsed(parser)


if __name__ == "__main__":
    main()

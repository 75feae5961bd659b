"""Made-up folders of every kind that has a report."""

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from dnaseq.report.charts.chart import Chart
from dnaseq.report.html.markup import joined
from dnaseq.report.inputs.run_files import read_run
from dnaseq.report.page import KINDS, find_kind

CLASSES = {2: ["non_enhancer", "enhancer"], 3: ["none", "strong", "weak"]}
METRICS = ("accuracy", "auroc", "auprc", "mcc", "log_loss", "ece", "brier")


class Section(NamedTuple):
    """A section before it is drawn."""

    text: str  # captions of its figures included
    charts: dict[str, Chart]


@pytest.fixture(scope="session")
def section():
    """section(folder, "Summary") -> what stands in this section of the folder's report."""

    def make(folder: Path, title: str) -> Section:
        run = read_run(folder)
        blocks = KINDS[find_kind(run)][title](run)
        charts = [block for block in blocks if isinstance(block, Chart)]
        text = joined(block.caption if isinstance(block, Chart) else block for block in blocks)
        return Section(text, {chart.name: chart for chart in charts})

    return make


@pytest.fixture(scope="session")
def score():
    """score(0.8) -> {"value", "low", "high"}, 0.1 wide."""
    return lambda value: {"value": value, "low": value - 0.05, "high": value + 0.05}


@pytest.fixture(scope="session")
def scores_of(score):
    """scores_of(classes, name="record") -> the contents of scores.json; `name` is wherever a user's text may be."""

    def make(classes: list[str], name: str = "record") -> dict:
        metrics = {m: score(0.8) for m in METRICS}
        if len(classes) > 2:
            metrics |= {f"auroc/{c}": score(0.7) for c in classes}
        return {
            "data": name,
            "model": f"gru-{name}",
            "n": 60,
            "classes": classes,
            "seed": 3,
            "metrics": metrics,
            "baselines": {"kmer_logistic": {"accuracy": score(0.6), "auroc": score(0.6)}, name: {}},
            "threshold": 0.5,
            "calibration": None,
            "leaks": {"exact": 2, "reverse_complement": 0, "near": 1},
            "dropped": {"train": 2, "val": 0},
            "fingerprints": {"train": [{"file": name, "sha256": "0123456789abcdef" * 4, "learned": True}]},
            "command": f"dnaseq train data={name}",
            "versions": {"python": "3.11.9", name: name},
            "seconds": {"read": 0.1},
        }

    return make


@pytest.fixture(scope="session")
def predictions_of():
    """predictions_of(classes, name="record") -> predictions of 60 records, some called wrong, and a rejected one."""

    def make(classes: list[str], name: str = "record") -> str:
        rng = np.random.default_rng(0)
        header = ["id", "length", "label", "score", *[f"p_{c}" for c in classes], "status", "truth"]
        lines = ["\t".join(header)]
        for i in range(60):
            p = rng.dirichlet(np.ones(len(classes)) + 4 * np.eye(len(classes))[i % len(classes)]).round(6)
            p[-1] = 1 - p[:-1].sum()
            cells = [
                f"{name}_{i}",
                "200",
                classes[p.argmax()],
                f"{p.max():.6f}",
                *[f"{v:.6f}" for v in p],
                "ok",
            ]
            lines.append("\t".join([*cells, classes[i % len(classes)]]))
        empty = [""] * (2 + len(classes))
        lines.append("\t".join(["refused", "0", *empty, "rejected:empty", classes[0]]))
        return "\n".join(lines) + "\n"

    return make


@pytest.fixture(scope="session")
def audit_of():
    """audit_of(classes, name="record") -> the contents of audit.json of a training."""

    def make(classes: list[str], name: str = "record") -> dict:
        spread = {
            "mean": 0.4,
            "sd": 0.1,
            "min": 0.1,
            "q05": 0.2,
            "q25": 0.3,
            "median": 0.4,
            "q75": 0.5,
            "q95": 0.6,
            "max": 0.8,
        }
        described = {
            "records": 20,
            "gc": spread,
            "lengths": dict.fromkeys(spread, 200.0),
            "n_share": 0.0,
            "letters": {"A": 900, "C": 1100},
        }
        return {
            "classes": classes,
            "records": {"train": dict.fromkeys(classes, 50), "test": dict.fromkeys(classes, 20)},
            "gc": dict.fromkeys(classes, 0.4321),
            "lengths": {"min": 200, "median": 200.0, "max": 200},
            "ambiguous_letters": 0,
            "sequences_with_two_labels": 0,
            "composition": {part: dict.fromkeys(classes, described) for part in ("train", "test")},
            "groups": {"by": "copies", "number": 118, "largest": 2, "records_in_groups": 4, "straddling": 2},
            "leaks": {
                **{"exact": 2, "reverse_complement": 0, "near": 1},
                "judges": {"test": {"records": 40, "exact": 2, "reverse_complement": 0, "near": 1}},
                "selection": {"records": 40, "exact": 0, "reverse_complement": 1, "near": 0},
                "ids": [[name, name, "exact", 1.0], [name, name, "near", 0.8734]],
            },
        }

    return make


@pytest.fixture(scope="session")
def made_up_run(scores_of, predictions_of, audit_of):
    """made_up_run(folder, classes, name="record") -> a folder with all that a training writes for its report."""

    def make(folder: Path, classes: list[str], name: str = "record") -> Path:
        folder.mkdir(exist_ok=True)
        rows = predictions_of(classes, name)
        ids = [line.split("\t")[0] for line in rows.splitlines()[1:]]
        strata = [f"{i}\t200\t{0.3 + at / 200:.4f}\t{at}" for at, i in enumerate(ids)]
        (folder / "predictions.test.tsv").write_text(rows)
        (folder / "strata.tsv").write_text("\n".join(["id\tlength\tgc\tgroup", *strata]) + "\n")
        (folder / "scores.json").write_text(json.dumps(scores_of(classes, name)))
        (folder / "audit.json").write_text(json.dumps(audit_of(classes, name)))
        (folder / "config.yaml").write_text(f"seed: 3\nname: {name}\n")
        history = "epoch,train/loss,val/loss,val/auroc\n0,0.7,0.7,0.5\n1,0.5,,0.8\n"
        (folder / "history.csv").write_text(history)
        return folder

    return make


@pytest.fixture(params=[2, 3])
def run(request, tmp_path, made_up_run) -> Path:
    """The folder of a training, with two classes and with three."""
    return made_up_run(tmp_path, CLASSES[request.param])


@pytest.fixture
def trained(tmp_path, made_up_run) -> Path:
    """The folder of a training with three classes."""
    return made_up_run(tmp_path, CLASSES[3])


@pytest.fixture
def audited(tmp_path, audit_of, score) -> Path:
    """The folder of an audit."""
    a, b = CLASSES[2]
    kmer = {"kmer": "CG", "class": b, "frequency": 0.021, "elsewhere": 0.0061, "log2_ratio": 1.783}
    shares = {name: [[0.25, 0.25, 0.25, 0.25]] * 200 for name in (a, b)}
    greatest = {"position": 117, "distance": 0.1422, "classes": [a, b]}
    told = audit_of([a, b]) | {
        "data": "enhancers",
        "verdicts": [
            {"check": "class_balance", "verdict": "ok", "words": "the classes are even"},
            {"check": "gc_content", "verdict": "warning", "words": "GC content differs by 0.116"},
            {"check": "test_size", "verdict": "note", "words": "an accuracy is known to 4 points"},
        ],
        "shortcuts": {
            "majority": {"auroc": score(0.5), "mcc": score(0.0)},
            "gc": {"auroc": score(0.815), "mcc": score(0.48)},
            "id_text": {"auroc": {"value": None, "low": None, "high": None}, "mcc": score(0.0)},
        },
        "kmers": {"1": [], "2": [kmer]},
        "positions": {"length": 200, "shares": shares, "greatest": greatest},
        "sequences_with_two_labels": 1,
        "conflicts": [{"group": 17, "id": "two_faced", "label": b}],
    }
    (tmp_path / "audit.json").write_text(json.dumps(told))
    return tmp_path


@pytest.fixture
def cross_validated(tmp_path, scores_of, made_up_run, score) -> Path:
    """The folder of a cross-validation of two repeats of three folds."""
    folder = made_up_run(tmp_path, CLASSES[2])
    folds = [
        {
            "fold": k,
            "repeat": r,
            "n_train": 40,
            "n_test": 20,
            "metrics": {"accuracy": 0.7 + k / 100, "auroc": 0.75},
        }
        for r in range(2)
        for k in range(3)
    ]
    pooled = {"accuracy": score(0.71), "auroc": score(0.74)}
    metrics = {"accuracy": score(0.71), "auroc": score(0.75)}
    told = scores_of(CLASSES[2]) | {"folds": folds, "pooled": pooled, "metrics": metrics}
    (folder / "scores.json").write_text(json.dumps(told))
    return folder


@pytest.fixture
def compared(tmp_path, predictions_of) -> Path:
    """The folder of a comparison of two models, one of them with two seeds, whose predictions are beside it."""

    def model(name: str, value: float, seeds: list[float]) -> dict:
        spread = 0.01 if len(seeds) > 1 else None
        auroc = {
            "value": value,
            "low": value - 0.05,
            "high": value + 0.05,
            "seeds": seeds,
            "sd_seeds": spread,
        }
        return {"name": name, "metrics": {"auroc": auroc}}

    pair = {"a": "gru", "b": "cnn", "metric": "auroc", "difference": 0.031, "low": 0.01, "high": 0.052}
    told = {
        "kind": "comparison",
        "data": "enhancers",
        "n": 60,
        "classes": CLASSES[2],
        "runs": [
            {"name": name, "folder": f"{name}-{seed}", "seed": seed, "settings": {"model": name}}
            for name, seed in (("gru", 1), ("gru", 2), ("cnn", 1))
        ],
        "models": [model("gru", 0.85, [0.84, 0.86]), model("cnn", 0.819, [0.819])],
        "pairs": [pair | {"p": 0.0004, "p_holm": 0.0012, "test": "DeLong", "words": ""}],
        "words": ["gru is better than cnn in AUROC by 0.031"],
    }
    for run in told["runs"]:
        (tmp_path / run["folder"]).mkdir()
        (tmp_path / run["folder"] / "predictions.test.tsv").write_text(predictions_of(CLASSES[2]))
    (tmp_path / "comparison.json").write_text(json.dumps(told))
    return tmp_path

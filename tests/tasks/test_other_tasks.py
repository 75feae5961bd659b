"""Label sets, numbers, counts and labelled bases: from files through a training to predictions and scores."""

import csv
import json

import numpy as np
import pytest

from dnaseq.bundle.predictor import Predictor
from dnaseq.tasks.main import run_task

QUICK = (
    "recipe=none",
    "trainer=cpu",
    "model.encoder.hidden=8",
    "batch_size=16",
    "max_epochs=4",
    "optimizer.lr=0.03",
)
TASKS = {
    "multilabel": ("task=multilabel", "model=gru"),
    "regression": ("task=regression", "model=gru"),
    "counts": ("task=regression", "loss=poisson", "model=gru"),
    "labelling": ("task=labelling",),
}


def label(kind: str, letters: str) -> str:
    """What a record is labelled with; all of it can be read off its letters."""
    gc = sum(base in "GC" for base in letters) / len(letters)
    if kind == "multilabel":
        return (
            ";".join(n for n, there in (("rich", gc > 0.5), ("more_a", letters.count("A") > 10)) if there)
            or "-"
        )
    if kind == "labelling":
        return "".join("S" if base in "GC" else "W" for base in letters)
    return f"{100 + 50 * gc:.3f}" if kind == "regression" else str(round(20 * gc**2))


@pytest.fixture(scope="session")
def files(tmp_path_factory, random_sequence):
    """files(kind) -> folder with train.fa of 120 records and test.fa of 40, 30 to 40 bases each."""
    made = {}

    def make(kind: str):
        if kind not in made:
            made[kind] = tmp_path_factory.mktemp(kind)
            for part, first, count in (("train", 0, 120), ("test", 500, 40)):
                with (made[kind] / f"{part}.fa").open("w") as handle:
                    for i in range(first, first + count):
                        letters = random_sequence(30 + i % 11, i, ("ACGGCC", "AATTCG", "ACGT")[i % 3])
                        handle.write(f">r{i} label={label(kind, letters)}\n{letters}\n")
        return made[kind]

    return make


@pytest.fixture(scope="session")
def runs(files, tmp_path_factory):
    """runs(kind) -> the folder of a training."""
    done = {}

    def make(kind: str):
        if kind not in done:
            folder = tmp_path_factory.mktemp(f"{kind}_run") / "run"
            done[kind] = folder
            assert run_task("train", [*TASKS[kind], *given(files(kind)), *QUICK, f"run_dir={folder}"]) == 0
        return done[kind]

    return make


def given(folder) -> tuple[str, ...]:
    return "data=fasta", f"data.train={folder}/train.fa", f"data.test={folder}/test.fa"


def table(path) -> list[dict[str, str]]:
    with path.open(newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


MAIN = {"multilabel": "auroc", "regression": "pearson", "counts": "spearman", "labelling": "accuracy"}


@pytest.mark.parametrize("kind", TASKS)
def test_a_training_learns_and_is_scored(runs, kind):
    scores = json.loads((runs(kind) / "scores.json").read_text())
    assert scores["task"] == ("regression" if kind == "counts" else kind)
    assert scores["metrics"][MAIN[kind]]["value"] > 0.75
    assert {"gc_length", "gc_window"} & set(scores["baselines"])
    assert (runs(kind) / "report.html").exists()


COLUMNS = {
    "multilabel": ["id", "length", "label", "score", "p_more_a", "p_rich", "status"],
    "regression": ["id", "length", "value_y", "status"],
    "counts": ["id", "length", "value_y", "status"],
    "labelling": ["id", "length", "label", "score", "status"],
}


@pytest.mark.parametrize("kind", TASKS)
def test_predictions_have_the_columns_of_the_task(runs, files, run, tmp_path, kind):
    arguments = (
        f"bundle={runs(kind)}/bundle",
        f"input={files(kind)}/test.fa",
        "output=out.tsv",
        "device=cpu",
    )
    code, _, err = run("predict", *arguments)
    assert code == 0, err
    rows, judged = table(tmp_path / "out.tsv"), table(runs(kind) / "predictions.test.tsv")
    assert list(rows[0]) == COLUMNS[kind]
    assert list(judged[0])[: len(COLUMNS[kind])] == COLUMNS[kind]
    assert [{name: row[name] for name in COLUMNS[kind]} for row in judged] == rows
    if kind == "labelling":
        assert all(len(row["label"]) == int(row["length"]) for row in rows)
        assert all(set(row["label"]) <= set("SW") for row in rows)
    if kind == "counts":
        assert all(float(row["value_y"]) > 0 for row in rows)


@pytest.mark.parametrize("kind", TASKS)
def test_evaluation_of_the_test_file_gives_the_scores_of_the_training(runs, files, run, tmp_path, kind):
    data = (f"data.test={files(kind)}/test.fa", "data=fasta")
    code, _, err = run("evaluate", f"bundle={runs(kind)}/bundle", *data, "device=cpu", "run_dir=again")
    assert code == 0, err
    first, again = (json.loads((f / "scores.json").read_text()) for f in (runs(kind), tmp_path / "again"))
    assert again["metrics"] == first["metrics"]
    assert again["task"] == first["task"]


def test_a_rejected_record_has_empty_cells(runs, run, tmp_path):
    (tmp_path / "in.fa").write_text(">good\nACGTAC\n>bad\nAC!GT\n")
    for kind in TASKS:
        code, out, _ = run(
            "predict", f"bundle={runs(kind)}/bundle", "input=in.fa", "bad_records=keep", "device=cpu"
        )
        assert code == 7
        good, bad = out.splitlines()[1:]
        assert good.endswith("\tok")
        assert set(bad.split("\t")[2:-1]) == {""}


def test_python_gives_values_and_bases(runs):
    (number,) = Predictor.load(runs("regression") / "bundle", device="cpu").predict(
        ["GCGCGCGCGCATATATATATGCGCGCGCAT"]
    )
    assert 100 < number.values["y"] < 150
    assert (number.label, number.probabilities, number.bases) == ("", {}, None)
    (bases,) = Predictor.load(runs("labelling") / "bundle", device="cpu").predict(["GGGGAAAACC"])
    assert bases.bases.shape == (10, 2)
    assert bases.label == "".join("SW"[column] for column in bases.bases.argmax(axis=1))
    assert bases.score == pytest.approx(bases.bases.max(axis=1).mean(), abs=1e-6)


@pytest.mark.parametrize("kind", ["labelling", "regression", "multilabel"])
def test_a_tiled_record_has_one_answer_made_of_its_windows(runs, kind):
    """The bundle has no length of its own, so it is given one here."""
    predictor = Predictor.load(runs(kind) / "bundle", device="cpu")
    record = "ACGTTGCAAC" * 3
    predictor.lengths = type(predictor.lengths)("tile", 20)
    (tiled,) = predictor.predict([record])
    first, last = predictor.predict([record[:20], record[10:]])
    if kind == "labelling":
        assert np.allclose(tiled.bases[:10], first.bases[:10])
        assert np.allclose(tiled.bases[20:], last.bases[10:])
        assert np.allclose(tiled.bases[10:20], (first.bases[10:] + last.bases[:10]) / 2)
    else:
        each = [list((one.values or one.probabilities).values()) for one in (tiled, first, last)]
        assert np.allclose(each[0], np.mean(each[1:], axis=0), atol=1e-6)


@pytest.mark.parametrize(
    ("kind", "labels", "said"),
    [
        ("regression", ("1.5", "x2"), "record 'b': label 'x2': is not a number"),
        ("regression", ("1.5", "nan"), "record 'b': label 'nan': is not a finite number"),
        ("regression", ("1.5", "1;2"), "record 'b': label '1;2': 2 numbers instead of 1"),
        ("regression", ("2", "2"), "y is 2 in every record"),
        ("counts", ("3", "-1"), "record 'b': loss=poisson needs counts, and -1 is below 0"),
        ("labelling", ("WWSS", "WWS"), "record 'b': 3 labels for 4 bases"),
        ("labelling", ("WWWW", "WWWW"), "only one label"),
        ("multilabel", ("a;b", "a;"), "record 'b': label 'a;': '' is no name of a label"),
        ("multilabel", ("-", "-"), "no record has a label"),
    ],
)
def test_labels_that_cannot_be_used_are_bad_input(run, tmp_path, kind, labels, said):
    sequences = ["AACC", "AATT", "GGTC", "CATG"]
    text = "".join(
        f">{i} label={one}\n{s}\n" for i, one, s in zip("abcd", labels * 2, sequences, strict=True)
    )
    (tmp_path / "train.fa").write_text(text)
    code, _, err = run("train", *TASKS[kind], "data=fasta", "data.train=train.fa", *QUICK)
    assert code == 3, err
    assert said in err
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize(
    ("kind", "setting", "said"),
    [
        ("regression", "loss=cross_entropy", "this loss is not for regression. Use loss=mse or loss=poisson"),
        ("regression", "monitor=val/auroc", "monitor=val/auroc is not measured with regression"),
        ("regression", "split=kfold", "split=kfold is for classes, and this is regression"),
        ("regression", "abstain=0.1", "abstain: only for classes, and this is regression"),
        ("multilabel", "calibration=temperature", "calibration: only for classes"),
        ("multilabel", "threshold=max_mcc", "threshold: only for classes"),
        ("labelling", "model=gru", "one output a record, which is not what labelling needs"),
        ("multilabel", "model=labeller_bilstm", "one output a base, which is not what multilabel needs"),
        ("labelling", "encoding=kmer", "labelling needs an encoding with a row for every base"),
        ("labelling", "data.length_policy=trim", "data.length_policy=trim would leave bases without a label"),
        (
            "labelling",
            "augmentation=shift_mutate",
            "augmentation.shift would move bases from under their labels",
        ),
    ],
)
def test_what_does_not_go_with_the_task_is_known_before_training(run, files, tmp_path, kind, setting, said):
    more = ("data.length=20",) if "trim" in setting else ()
    code, _, err = run("train", *TASKS[kind], *given(files(kind)), *QUICK, *more, setting)
    assert code == 2, err
    assert said in err
    assert not (tmp_path / "runs").exists()


def test_runs_of_numbers_are_not_compared(runs, run):
    code, _, err = run("compare", str(runs("regression")), str(runs("counts")))
    assert code == 2
    assert "a run of regression. Only runs of classes can be compared" in err


@pytest.mark.parametrize("strands", ["both", "shared"])
def test_the_labels_of_bases_are_the_same_from_either_strand(run, files, tmp_path, strands):
    """Labels that are W and S are those of the other strand too, read backwards."""
    arguments = (*TASKS["labelling"], *given(files("labelling")), *QUICK, f"strands={strands}", "run_dir=out")
    code, _, err = run("train", *arguments)
    assert code == 0, err
    assert json.loads((tmp_path / "out" / "scores.json").read_text())["metrics"]["accuracy"]["value"] > 0.9
    one, other = Predictor.load("out/bundle", device="cpu").predict(["AACAGGT", "ACCTGTT"])
    assert np.allclose(one.bases, other.bases[::-1], atol=1e-6)
    assert one.score > 0.9  # it learned from labels that were turned with their records


@pytest.mark.parametrize("kind", ["counts", "labelling"])
def test_an_ensemble_answers_as_one(run, files, tmp_path, kind):
    arguments = (*TASKS[kind], *given(files(kind)), *QUICK, "ensemble=2", "max_epochs=2", "run_dir=out")
    code, _, err = run("train", *arguments)
    assert code == 0, err
    assert json.loads((tmp_path / "out" / "scores.json").read_text())["metrics"]

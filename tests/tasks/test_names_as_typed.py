"""Labels, classes and columns that YAML would take for something else, from the command to the predictions."""

import csv

import pytest
from interruption import interrupted
from omegaconf import OmegaConf

from dnaseq.io.yaml_file import read_mapping

QUICK = ("recipe=none", "trainer=cpu", "model=gru", "model.encoder.hidden=4", "max_epochs=2", "batch_size=16")


@pytest.fixture
def records(tmp_path, random_sequence):
    """records("TRUE", "FALSE"): reads.fa, and labels.csv with these labels in turn."""

    def write(*labels: str) -> list[str]:
        reads = [random_sequence(30, seed=i) for i in range(40)]
        (tmp_path / "reads.fa").write_text("".join(f">r{i}\n{read}\n" for i, read in enumerate(reads)))
        rows = [f"r{i},{labels[i % len(labels)]}\n" for i in range(40)]
        (tmp_path / "labels.csv").write_text("id,label\n" + "".join(rows))
        return ["data=fasta", "data.train=reads.fa", "data.labels=labels.csv"]

    return write


@pytest.mark.parametrize(
    ("labels", "typed", "classes"),
    [
        (("1.0", "0.0"), ["data.rename.1.0=pos", "data.rename.0.0=neg"], ["neg", "pos"]),
        (("type I", "a/b"), ["data.rename.type I=one", "data.rename.a/b=null"], ["null", "one"]),
        (("01", "02"), ["data.rename={01: 1, 02: 0}"], ["0", "1"]),
        (("FALSE", "TRUE"), ["data.classes=[TRUE,FALSE]"], ["TRUE", "FALSE"]),
        (("NA", "1e5"), ["data.classes=[NA,1e5]"], ["NA", "1e5"]),
    ],
)
def test_labels_and_classes_of_an_audit(run, records, tmp_path, labels, typed, classes):
    code, _, err = run("audit", *records(*labels), *typed, "run_dir=a")
    assert code == 0, err
    assert read_mapping(tmp_path / "a" / "audit.json")["classes"] == classes


def test_columns_with_numbers_for_names(run, tmp_path, random_sequence):
    rows = [f"{random_sequence(30, seed=i)},{i % 2}.0\n" for i in range(30)]
    (tmp_path / "t.csv").write_text("0,1\n" + "".join(rows))
    typed = ("data.sequence=0", "data.label=1", "data.rename.1.0=yes")
    code, out, err = run("audit", "data=table", "data.train=t.csv", *typed, "run_dir=a")
    assert code == 0, err
    assert "30 records, 2 classes" in out
    assert read_mapping(tmp_path / "a" / "audit.json")["classes"] == ["0.0", "yes"]


def test_classes_like_truth_values_from_training_to_prediction(run, records, tmp_path, without_pages):
    typed = [*records("TRUE", "FALSE", "1e5"), "data.classes=[TRUE,FALSE]", "data.rename.1e5=TRUE"]
    with interrupted():
        assert run("train", *QUICK, *typed, "run_dir=r")[0] == 130
    code, _, err = run("train", "resume=r")
    assert code == 0, err
    cfg = OmegaConf.create(read_mapping(tmp_path / "r" / "config.yaml"))
    assert (cfg.data.classes, cfg.data.rename) == (["TRUE", "FALSE"], {"1e5": "TRUE"})
    assert (
        cfg.command
        == f"dnaseq train {' '.join(QUICK)} {' '.join(typed[:3])} 'data.classes=[TRUE,FALSE]' "
        + ("data.rename.1e5=TRUE run_dir=r")
    )
    assert run("predict", "bundle=r/bundle", "input=reads.fa", "output=p.tsv")[0] == 0
    rows = list(csv.DictReader((tmp_path / "p.tsv").read_text().splitlines(), delimiter="\t"))
    assert {"p_TRUE", "p_FALSE"} < set(rows[0])
    assert {row["label"] for row in rows} <= {"TRUE", "FALSE"}


def test_several_trainings_may_differ_in_names(run, records, tmp_path):
    typed = records("1.0", "0.0", "2.0")
    code, _, err = run("train", "-m", *QUICK, *typed, "data.rename.2.0=0.0,1.0", "max_epochs=1")
    assert code == 0, err
    runs = sorted((tmp_path / "runs" / "fasta" / "gru-onehot").iterdir())
    assert [read_mapping(one / "config.yaml")["data"]["rename"] for one in runs] == [
        {"2.0": "0.0"},
        {"2.0": "1.0"},
    ]


@pytest.mark.parametrize(("task", "more"), [("audit", ()), ("train", (*QUICK, "max_epochs=1"))])
def test_classes_that_look_alike_and_renames_of_nothing_are_told(
    run, records, tmp_path, without_pages, task, more
):
    code, out, err = run(task, *records("pos", "neg", "POS", "NEG"), "data.rename.p=x", *more, "run_dir=a")
    assert code == 0, err
    assert "classes NEG and neg differ only in case, number format or invisible characters" in err
    assert "To make them one: data.rename.POS=pos" in err
    assert "note: data.rename: no record has the label 'p'. The labels are " in err
    assert task == "train" or "warning  names of classes differ only in case" in out


@pytest.mark.parametrize("name", [True, None])
def test_a_class_that_a_file_of_settings_does_not_quote_is_told(run, records, tmp_path, name):
    (tmp_path / "own" / "data").mkdir(parents=True)
    text = {True: "TRUE", None: "null"}[name]
    (tmp_path / "own" / "data" / "mine.yaml").write_text(f"defaults: [fasta, _self_]\nclasses: [a, {text}]\n")
    code, _, err = run("audit", "data=mine", *records("a", text)[1:], "--config-dir=own")
    assert (code, err.count("\n")) == (2, 1)
    assert f"data.classes: YAML reads a name as {name}. Put it in quotes in the file" in err

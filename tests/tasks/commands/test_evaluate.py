"""Judging a bundle: on the split it was trained with, on new records, and never on its own training records."""

import json

import pytest


@pytest.fixture
def evaluate(run, trained):
    return lambda *arguments: run(
        "evaluate", f"bundle={trained}/bundle", "device=cpu", "run_dir=e", *arguments
    )


@pytest.fixture
def new(tmp_path, easy_fasta):
    """Records that the bundle was not trained on, in a file of their own."""
    (tmp_path / "new.fa").write_text((easy_fasta / "test.fa").read_text().replace(">r", ">new"))
    return "new.fa"


def test_new_records_alone_are_judged_without_baselines(evaluate, new, tmp_path):
    code, out, err = evaluate("data=fasta", f"data.test={new}")
    assert code == 0, err
    scores = json.loads((tmp_path / "e" / "scores.json").read_text())
    assert scores["n"] == 32
    assert scores["baselines"] == {}
    assert scores["no_baselines"].startswith("no baselines: simple models learn from training records")
    assert err.count(scores["no_baselines"]) == 1
    assert "There are no baselines: simple models learn" in (tmp_path / "e" / "report.html").read_text()
    assert "bundle" not in out


def test_the_training_file_is_refused_unless_allowed(evaluate, easy_fasta):
    arguments = ("data=fasta", f"data.test={easy_fasta}/train.fa")
    code, _, err = evaluate(*arguments)
    assert code == 3
    assert "train.fa: the bundle was trained on records of this file" in err
    assert evaluate(*arguments, "leaks=keep")[0] == 0


def test_another_split_of_the_training_file_is_refused(evaluate, easy_fasta):
    code, _, err = evaluate("data=fasta", f"data.train={easy_fasta}/train.fa", "split=random")
    assert code == 3
    assert "the split of the training" in err


def test_without_test_records_there_is_nothing_to_judge(evaluate, new):
    code, _, err = evaluate("data=fasta", f"data.val={new}")
    assert code == 3
    assert "no test records" in err


def test_labels_of_other_names_must_be_renamed(evaluate, tmp_path, new):
    text = (tmp_path / new).read_text().replace("label=rich", "label=1").replace("label=poor", "label=0")
    (tmp_path / new).write_text(text)
    code, _, err = evaluate("data=fasta", f"data.test={new}")
    assert code == 3
    assert "is not among the classes poor, rich" in err
    assert evaluate("data=fasta", f"data.test={new}", "data.rename={0:poor,1:rich}")[0] == 0


def test_one_file_per_class_can_be_judged(evaluate, tmp_path, new):
    records = (tmp_path / new).read_text().split(">")[1:]
    for name in ("rich", "poor"):
        (tmp_path / f"{name}.fa").write_text("".join(f">{r}" for r in records if f"label={name}" in r))
    assert evaluate("data=class_files", "data.test.rich=rich.fa", "data.test.poor=poor.fa")[0] == 0


def test_a_pooled_training_learned_from_every_file(run, easy_fasta, tmp_path):
    files = ("data=fasta", f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa")
    pooled = (*files, "split=random")
    assert (
        run("train", "recipe=none", "model=cnn", "trainer=debug", "max_epochs=1", "run_dir=p", *pooled)[0]
        == 0
    )
    bundle = ("bundle=p/bundle", "device=cpu")
    assert run("evaluate", *bundle, *pooled, "run_dir=same")[0] == 0
    assert run("evaluate", *bundle, "data=fasta", f"data.test={easy_fasta}/test.fa", "run_dir=other")[0] == 3
    assert run("evaluate", *bundle, *pooled, "split.seed=5", "run_dir=other")[0] == 3


def test_without_training_records_leaks_were_not_looked_for(evaluate, new, tmp_path):
    _, out, _ = evaluate("data=fasta", f"data.test={new}")
    assert "leaks: not looked for" in out
    leaks = json.loads((tmp_path / "e" / "scores.json").read_text())["leaks"]
    assert leaks == {"exact": None, "reverse_complement": None, "near": None}


def test_records_that_a_training_kept_are_told_from_those_that_it_dropped(run, trained, easy_fasta, tmp_path):
    copies = "".join(f">copy{record}" for record in (easy_fasta / "train.fa").read_text().split(">")[1:5])
    (tmp_path / "test.fa").write_text((easy_fasta / "test.fa").read_text() + copies)
    files = ("data=fasta", f"data.train={easy_fasta}/train.fa", "data.test=test.fa")
    kept = ("recipe=none", "model=cnn", "trainer=debug", "max_epochs=1", "leaks=keep", "run_dir=kept")
    assert run("train", *kept, *files)[0] == 0
    words = "trained with leaks=keep and has learned 4 copies or near-duplicates of these test records"
    for name, folder, warned in (("keeps", "kept", True), ("drops", trained, False)):
        code, out, err = run("evaluate", f"bundle={folder}/bundle", "device=cpu", *files, f"run_dir={name}")
        assert code == 0, err
        assert "leaks: 4 exact" in out
        assert (words in err) == (words in (tmp_path / name / "log.txt").read_text()) == warned
    assert words not in run("evaluate", "bundle=kept/bundle", "device=cpu", *files, "leaks=keep")[2]

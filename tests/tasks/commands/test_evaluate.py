"""Judging a bundle: on the split it was trained with, on new records, and never on its own training records."""

import json

import pytest

OTHER_STRAND = str.maketrans("ACGT", "TGCA")


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
    assert "\nbundle " not in out  # it was made by the training


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
    assert "leaks: 0 test records that the bundle had learnt" in out
    leaks = json.loads((tmp_path / "e" / "scores.json").read_text())["leaks"]
    assert leaks == {"exact": None, "reverse_complement": None, "near": None, "learned": 0}


@pytest.fixture
def partly_learned(easy_fasta, tmp_path, new):
    """32 new records and 6 of the training file, two of them as their reverse complements."""
    records = [record.split("\n") for record in (easy_fasta / "train.fa").read_text().split(">")[1:7]]
    old = [(head, s if i > 1 else s[::-1].translate(OTHER_STRAND)) for i, (head, s, *_) in enumerate(records)]
    text = "".join(f">old{head}\n{s}\n" for head, s in old)
    (tmp_path / "mixed.fa").write_text((tmp_path / new).read_text() + text)
    return "data=fasta", "data.test=mixed.fa"


@pytest.mark.parametrize(
    ("typed", "n", "left_out", "said"),
    [
        ((), 32, 6, "and are left out"),
        (("leaks=auto",), 32, 6, "and are left out"),
        (("leaks=keep",), 38, 0, "and stay: the scores are too high"),
    ],
)
def test_learnt_records_in_a_new_file_are_told(evaluate, partly_learned, tmp_path, typed, n, left_out, said):
    code, out, err = evaluate(*partly_learned, *typed)
    assert code == 0, err
    assert f"warning: 6 of 38 test records were in the training of the bundle, {said}\n" in err
    assert "6 test records that the bundle had learnt" in out
    scores = json.loads((tmp_path / "e" / "scores.json").read_text())
    assert (scores["n"], scores["leaks"]["learned"], scores["dropped"]["test"]) == (n, 6, left_out)
    assert len((tmp_path / "e" / "predictions.test.tsv").read_text().splitlines()) == n + 1
    assert "6 test records that the bundle had learnt" in (tmp_path / "e" / "report.html").read_text()


def test_on_stranded_data_the_other_strand_was_not_learnt(evaluate, partly_learned):
    assert "4 of 38 test records were in the training" in evaluate(*partly_learned, "data.stranded=true")[2]


def test_learnt_records_are_an_error_where_the_user_says_so(evaluate, partly_learned, tmp_path):
    code, _, err = evaluate(*partly_learned, "leaks=fail")
    assert code == 3
    assert "6 of 38 test records were in the training of the bundle. Give other test records" in err
    assert not (tmp_path / "e").exists()


def test_a_bundle_that_does_not_say_what_it_has_learnt_says_so(
    run, trained, partly_learned, tmp_path, easy_fasta
):
    bundle = tmp_path / "old"
    bundle.mkdir()
    for name in ("spec.json", "model.safetensors"):
        (bundle / name).write_bytes((trained / "bundle" / name).read_bytes())
    code, out, err = run("evaluate", "bundle=old", "device=cpu", "run_dir=e", *partly_learned)
    assert code == 0, err
    assert (
        "note: the bundle does not say which records it has learnt, so its files alone were compared" in err
    )
    assert "leaks: not looked for" in out
    files = ("data=fasta", f"data.test={easy_fasta}/train.fa")
    assert run("evaluate", "bundle=old", "device=cpu", *files)[0] == 3


def test_copies_that_a_training_kept_are_told_from_those_that_it_dropped(run, trained, easy_fasta, tmp_path):
    """A copy is a test record that was learnt; an almost equal record is a relative that was."""
    records = (easy_fasta / "train.fa").read_text().split(">")[1:7]
    near = [f"{record[:-2]}{'A' if record[-2] != 'A' else 'C'}\n" for record in records[4:]]
    more = "".join(f">copy{record}" for record in [*records[:4], *near])
    (tmp_path / "test.fa").write_text((easy_fasta / "test.fa").read_text() + more)
    files = ("data=fasta", f"data.train={easy_fasta}/train.fa", "data.test=test.fa")
    kept = ("recipe=none", "model=cnn", "trainer=debug", "max_epochs=1", "leaks=keep", "run_dir=kept")
    assert run("train", *kept, *files)[0] == 0
    words = "trained with leaks=keep and has learned 2 copies or near-duplicates of these test records"
    for name, typed, warned in (("new", (), True), ("all", ("leaks=keep",), False)):
        code, out, err = run(
            "evaluate", "bundle=kept/bundle", "device=cpu", *files, *typed, f"run_dir={name}"
        )
        assert code == 0, err
        assert "leaks: 4 exact, 0 reverse complement, 2 near-duplicate, 4 test records that the" in out
        assert "4 of 38 test records were in the training of the bundle, and" in err
        assert (words in err) == (words in (tmp_path / name / "log.txt").read_text()) == warned
    dropped = ("recipe=none", "model=cnn", "trainer=debug", "max_epochs=1", "leaks=drop", "run_dir=dropped")
    assert run("train", *dropped, *files)[0] == 0
    code, out, err = run("evaluate", "bundle=dropped/bundle", "device=cpu", *files, "run_dir=none")
    assert code == 0, err
    assert "0 test records that the bundle had learnt" in out
    assert "warning: the bundle" not in err

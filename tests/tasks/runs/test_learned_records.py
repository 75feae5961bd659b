"""Test records that the bundle of init= has learnt are leaks."""

import json

import pytest

TUNED = ("recipe=none", "trainer=cpu", "batch_size=16", "max_epochs=1", "calibration=none")
OTHER_STRAND = str.maketrans("ACGT", "TGCA")


@pytest.fixture(autouse=True)
def _without_pages(without_pages):
    """None of these tests looks at a report."""


@pytest.fixture
def learned(easy_fasta) -> list[str]:
    """Sequences of the training file of the bundle."""
    return [record.split("\n")[1] for record in (easy_fasta / "train.fa").read_text().split(">")[1:]]


@pytest.fixture
def data(tmp_path, learned, random_sequence):
    """data(n): overrides for new records, and n of 16 test records that it has learnt, a third as they stand."""

    def make(n: int) -> tuple[str, ...]:
        new = [random_sequence(40, 9000 + i) for i in range(76 - n)]
        old = [s if i % 3 == 0 else s[::-1].translate(OTHER_STRAND) for i, s in enumerate(learned[:n])]
        for name, some in (("train", new[:60]), ("test", [*new[60:], *old])):
            lines = [f">{name}{i} label={'xy'[i % 2]}\n{s}\n" for i, s in enumerate(some)]
            (tmp_path / f"{name}.fa").write_text("".join(lines))
        return ("data=fasta", "data.train=train.fa", "data.test=test.fa", "cache_dir=cache")

    return make


def scores_of(folder) -> dict:
    return json.loads((folder / "scores.json").read_text())


def test_they_are_left_out_on_either_strand(run, data, trained, tmp_path):
    code, out, err = run("train", *TUNED, *data(6), f"init={trained}", "run_dir=b")
    assert code == 0, err
    what = "6 of 16 test records were in the training of the bundle that init= names, and are left out"
    assert f"warning: {what}\n" in err
    assert "6 test records that init= had learnt; dropped 0 training and 6 test records" in out
    scores = scores_of(tmp_path / "b")
    assert (scores["n"], scores["leaks"]["init"], scores["dropped"]["test"]) == (10, 6, 6)
    assert scores["init"]["shared"] == {"exact": 2, "reverse_complement": 4, "validation": 0, "left_out": 6}


def test_on_stranded_data_the_other_strand_is_another_record(run, data, trained, tmp_path):
    assert run("train", *TUNED, *data(6), f"init={trained}", "data.stranded=true", "run_dir=b")[0] == 0
    assert scores_of(tmp_path / "b")["leaks"]["init"] == 2


def test_they_stay_if_the_user_says_so(run, data, trained, tmp_path):
    code, _, err = run("train", *TUNED, *data(6), f"init={trained}", "leaks=keep", "run_dir=b")
    assert code == 0
    assert "and stay: the scores are too high" in err
    scores = scores_of(tmp_path / "b")
    assert (scores["n"], scores["leaks"]["init"], scores["dropped"]["test"]) == (16, 6, 0)


@pytest.mark.parametrize(("n", "leaks"), [(6, "fail"), (9, "auto"), (16, "drop")])
def test_too_many_of_them_are_an_error(run, data, trained, tmp_path, n, leaks):
    code, _, err = run("train", *TUNED, *data(n), f"init={trained}", f"leaks={leaks}", "run_dir=b")
    assert code == 3
    assert f"{n} of 16 test records were in the training of the bundle that init= names" in err
    assert not (tmp_path / "b").exists()


def test_random_weights_are_compared_on_the_same_test_records(run, data, trained, tmp_path):
    assert run("train", *TUNED, *data(6), f"init={trained}", "init_weights=false", "run_dir=b")[0] == 0
    assert scores_of(tmp_path / "b")["n"] == 10


def test_learnt_validation_records_are_told(run, data, trained, easy_fasta, tmp_path):
    more = (f"data.val={easy_fasta}/train.fa", "data.rename={rich: x, poor: y}")
    code, _, err = run("train", *TUNED, *data(0), f"init={trained}", *more, "run_dir=b")
    assert code == 0, err
    assert "has learnt 96 validation records, so" in err


def test_a_bundle_without_digests_is_compared_by_its_files(run, data, trained, easy_fasta, tmp_path):
    bundle = tmp_path / "old"
    bundle.mkdir()
    for name in ("spec.json", "model.safetensors"):
        (bundle / name).write_bytes((trained / "bundle" / name).read_bytes())
    code, _, err = run("train", *TUNED, *data(6), "init=old", "run_dir=b")
    assert code == 0, err
    assert "does not say which records it has learnt, so its files alone were compared" in err
    assert "init" not in scores_of(tmp_path / "b")["leaks"]
    files = ("data=fasta", "data.train=train.fa", f"data.test={easy_fasta}/train.fa")
    code, _, err = run("train", *TUNED, *files, "data.rename={rich: x, poor: y}", "init=old")
    assert code == 3
    assert "the bundle was trained on records of this file" in err

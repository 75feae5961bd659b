"""Every step that takes long on many records says so while it goes on."""

import shutil

import pytest

from dnaseq.io import progress


@pytest.fixture
def steps(run, monkeypatch):
    """steps("train", ...) -> the names of the steps that have a line where even the quickest is worth one."""
    monkeypatch.setattr(progress, "FIRST", 0.0)

    def call(*arguments: str) -> set[str]:
        code, _, err = run(*arguments)
        assert code == 0, err
        return {line.split(":")[0] for line in err.splitlines() if line.endswith(" s")}

    return call


SCORED = {
    "predicting test records",
    "fitting simple models",
    "scoring predictions, with intervals",
    "drawing the report",
}


def test_those_of_a_training(steps):
    made = ("data=planted", "planted.n=60", "planted.length=40")
    quick = ("model=gru", "trainer=cpu", "max_epochs=1", "model.encoder.hidden=4")
    assert steps("train", *made, *quick, "cache_dir=cache") >= SCORED | {
        "loading libraries",
        "making 60 records",
        "reading",
        "comparing 60 records",
        "cross-validating linear models",
        "counting letters",
        "training",
        "fitting calibration and threshold",
    }


def test_those_of_an_audit_an_evaluation_and_a_prediction(steps, trained, easy_fasta):
    data = ("data=fasta", f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa")
    found = steps("audit", *data, "cache_dir=cache")
    assert found == {
        "loading libraries",
        "reading",
        "comparing 128 records",
        "counting letters and k-mers",
        "fitting shortcuts",
        "drawing the report",
    }
    found = steps("evaluate", f"bundle={trained}/bundle", "device=cpu", *data, "cache_dir=cache")
    assert found == SCORED | {
        "loading libraries",
        "comparing 128 records",
        "comparing test records with those of the bundle",
        "counting letters",
    }
    assert steps("predict", f"bundle={trained}/bundle", f"input={easy_fasta}/test.fa", "output=a.tsv") == {
        "loading libraries",
        "predicting",
    }


def test_that_of_a_comparison(steps, trained, tmp_path):
    shutil.copytree(trained, "other")
    config = tmp_path / "other/config.yaml"
    config.write_text(config.read_text().replace("patience: 8", "patience: 9"))
    assert "comparing 2 runs" in steps("compare", str(trained), "other", "resamples=20")

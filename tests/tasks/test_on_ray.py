"""The commands with engine=ray: what they write is what they write without it."""

import pytest
from agreement import check_same_tables
from plugin_files import plugin_of, write_bundle, write_plugin

from dnaseq.distributed.ray_session import connected


@pytest.fixture(scope="module", autouse=True)
def cluster():
    with connected(None, 2):
        yield


@pytest.mark.slow
def test_predictions_are_the_same_file(run, trained, easy_fasta, tmp_path):
    for name, engine in (("a", ["workers=0"]), ("b", ["workers=1", "engine=ray"])):
        arguments = (f"input={easy_fasta}/test.fa", f"output={name}.jsonl.gz", "notes=true", *engine)
        code, _, err = run("predict", f"bundle={trained}/bundle", "device=cpu", *arguments)
        assert code == 0
        assert "= predicted" in err
    check_same_tables(tmp_path / "a.jsonl.gz", tmp_path / "b.jsonl.gz")


@pytest.mark.slow
def test_regions_of_a_genome_are_the_same_file(run, trained, random_sequence, tmp_path):
    (tmp_path / "g.fa").write_text(f">c\n{random_sequence(2000, 1)}\n")
    (tmp_path / "r.bed").write_text("".join(f"c\t{at}\t{at + 80}\tr\t0\t+\n" for at in range(0, 1900, 5)))
    for name, engine in (("a", ["workers=0"]), ("b", ["workers=1", "engine=ray"])):
        arguments = ("input=r.bed", "genome=g.fa", f"output={name}.tsv", *engine)
        assert run("predict", f"bundle={trained}/bundle", "device=cpu", *arguments)[0] == 0
    check_same_tables(tmp_path / "a.tsv", tmp_path / "b.tsv")


def test_workers_of_a_cluster_do_the_trials_of_a_sweep(run, easy_fasta, tmp_path):
    arguments = (
        "data=fasta",
        f"data.train={easy_fasta}/train.fa",
        f"data.test={easy_fasta}/test.fa",
        "model=cnn",
        "recipe=none",
        "trainer=cpu",
        "max_epochs=1",
    )
    limits = ("sweep.trials=2", "sweep.workers=2", "sweep.seeds=[1]", "engine=ray", "run_dir=found")
    code, out, err = run("sweep", *arguments, *limits)
    assert code == 0, err
    assert "2 trials" in out
    rows = (tmp_path / "found" / "trials.tsv").read_text().splitlines()
    assert len(rows) == 3
    assert run("sweep", "resume=found")[0] == 0


def test_workers_of_a_cluster_get_the_plug_in_of_a_bundle(run, tmp_path):
    write_bundle(tmp_path / "bundle", plugin_of(write_plugin(tmp_path)))
    (tmp_path / "a.fa").write_text(">r\nACGTAC\n>s\nGGGGCC\n")
    given = ("bundle=bundle", "input=a.fa", "device=cpu", "plugins=[./mylab.py]")
    assert run("predict", *given, "output=alone.tsv", "workers=0")[0] == 0
    code, _, err = run("predict", *given, "output=ray.tsv", "workers=1", "engine=ray")
    assert code == 0, err
    check_same_tables(tmp_path / "alone.tsv", tmp_path / "ray.tsv")


@pytest.mark.slow
def test_peaks_are_the_same_files(run, trained, random_sequence, tmp_path):
    (tmp_path / "g.fa").write_text(f">c\n{random_sequence(3000, 1)}\n")
    usual = ("input=g.fa", "window=40", "stride=5", "fdr=1.0", "null_windows=500", "device=cpu")
    for name, engine in (("a", ["workers=2"]), ("b", ["workers=1", "engine=ray"])):
        code, _, err = run("peaks", f"bundle={trained}/bundle", *usual, f"output={name}.narrowPeak", *engine)
        assert code == 0, err
    for suffix in ("narrowPeak", "html"):
        assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()

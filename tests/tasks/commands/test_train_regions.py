"""Regions of a genome, from the command line to a run folder and back."""

import json

import numpy as np
import pytest
from interruption import interrupted

SMALL = ("model=gru", "model.encoder.hidden=4", "recipe=none", "trainer=cpu", "max_epochs=1")
DATA = ("data=regions", "data.genome=g.fa", "data.width=30", "cache_dir=cache")


@pytest.fixture
def genome(tmp_path, random_sequence):
    """g.fa of four contigs, and p.bed with ten regions on each."""
    contigs = {f"chr{n}": random_sequence(3000, n) for n in range(1, 5)}
    (tmp_path / "g.fa").write_text("".join(f">{name}\n{text}\n" for name, text in contigs.items()))
    lines = [f"{name}\t{at}\t{at + 50}\n" for name in contigs for at in range(100, 3000, 290)]
    (tmp_path / "p.bed").write_text("".join(lines))


@pytest.mark.usefixtures("genome", "without_pages")
def test_a_network_trains_on_regions_and_matched_negatives_of_other_chromosomes(run, tmp_path):
    split = ("split=chromosome", "split.test=[chr2]", "split.val=[chr3]")
    code, _, err = run("train", *SMALL, *DATA, "data.train=p.bed", "negatives=matched", *split, "run_dir=run")
    assert code == 0, err
    scores = json.loads((tmp_path / "run" / "scores.json").read_text())
    assert scores["classes"] == ["negative", "positive"]
    rows = [row.split("\t") for row in (tmp_path / "run" / "predictions.test.tsv").read_text().splitlines()]
    assert all(row[0].startswith("chr2:") for row in rows[1:])
    assert len(rows) > 16  # a negative of a rare composition is elsewhere
    test = ("data.test=p.bed", "negatives=random", "negatives.seed=5", "negatives.ratio=2", "data.train=null")
    code, _, err = run("evaluate", "bundle=run/bundle", *DATA, *test, "run_dir=more", "leaks=keep")
    assert code == 0, err
    assert json.loads((tmp_path / "more" / "scores.json").read_text())["n"] == 120


@pytest.mark.usefixtures("genome", "without_pages")
def test_files_of_regions_are_label_sets_and_signals_are_numbers(run, tmp_path):
    (tmp_path / "q.bed").write_text((tmp_path / "p.bed").read_text().replace("0\n", "5\n"))
    many = ("task=multilabel", "data.train=[p.bed,q.bed]", "negatives=matched")
    code, _, err = run("train", *SMALL, *DATA, *many, "run_dir=sets")
    assert code == 0, err
    labels = {
        row.split("\t")[-1] for row in (tmp_path / "sets" / "predictions.test.tsv").read_text().splitlines()
    }
    assert json.loads((tmp_path / "sets" / "scores.json").read_text())["classes"] == ["p", "q"]
    assert labels
    pybigwig = pytest.importorskip("pyBigWig")
    with pybigwig.open("x.bw", "w") as file:
        file.addHeader([(f"chr{n}", 3000) for n in range(1, 5)])
        for n in range(1, 5):
            file.addEntries(f"chr{n}", 0, values=np.linspace(0, 9, 3000).tolist(), span=1, step=1)
    code, _, err = run(
        "train", *SMALL, *DATA, "data.train=p.bed", "data.signal=x.bw", "task=regression", "run_dir=r"
    )
    assert code == 0, err
    assert json.loads((tmp_path / "r" / "scores.json").read_text())["n"] == 8


@pytest.mark.usefixtures("genome", "without_pages")
def test_a_training_resumes_from_another_folder_with_all_its_files(run, tmp_path, monkeypatch):
    lines = [f"chr{n}\t{at}\t{at + 50}\n" for n in (1, 2) for at in range(200, 3000, 290)]
    (tmp_path / "n.bed").write_text("".join(lines))
    (tmp_path / "x.bed").write_text("chr4\t0\t1000\n")
    files = ("data.train=p.bed", "negatives=file", "negatives.path=n.bed", "exclude=x.bed")
    with interrupted():
        assert run("train", *SMALL, *DATA, *files, "run_dir=run")[0] == 130
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    code, _, err = run("train", "resume=../run")
    assert code == 0, err


@pytest.mark.usefixtures("genome")
@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["data.train=p.bed", "data.genome=null"], 2, "data.genome must be given"),
        (["data.train=p.bed", "data.genome=no.fa"], 5, "no.fa: does not exist"),
        (["data.train=one.bed"], 3, "one.bed:1: g.fa has no '1', but 'chr1'. chrom_map= maps names"),
        (["data.train=long.bed"], 3, "long.bed:2: the region ends at 3001, past the end of chr1, 3000"),
        (["data.train=p.bed", "negatives=file"], 2, "negatives=file negatives.path=FILE"),
        (["data.train=p.bed", "negatives.ratio=40"], 3, "negatives have no free place"),
        (["data.train=p.bed", "data.overlaps=some"], 2, "data.overlaps must be one of keep, merge, drop"),
    ],
)
def test_a_mistake_is_one_line(run, tmp_path, arguments, code, message):
    (tmp_path / "one.bed").write_text("1\t5\t90\n")
    (tmp_path / "long.bed").write_text("chr1\t5\t90\nchr1\t5\t3001\n")
    found, _, err = run("train", *SMALL, *DATA, *arguments, "run_dir=run")
    assert (found, err.splitlines()[-1].count(message)) == (code, 1), err
    assert not (tmp_path / "run").exists()

"""A local prediction that was stopped: what is ready is kept, and the same command goes on from it."""

import os
import random
import signal
import sys
from pathlib import Path

import pytest
import torch

from dnaseq.bundle import predictor
from dnaseq.bundle.predictor import Predictor

GOLDEN = Path(__file__).parents[2] / "golden" / "bundle_v1" / "bundle"
PIECE = 40  # records
PARTS = "out.{}.dnaseq-part"


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch):
    monkeypatch.setattr(predictor, "RECORDS_AT_ONCE", PIECE)


@pytest.fixture(scope="module")
def reads(tmp_path_factory, random_sequence):
    """230 records, which are 6 pieces, one of them rejected."""
    path = tmp_path_factory.mktemp("reads") / "reads.fa"
    records = [random_sequence(60 + i % 50, i) for i in range(230)]
    records[70] = "ACGJ"
    path.write_text("".join(f">q{i} text\n{record}\n" for i, record in enumerate(records)))
    return path


@pytest.fixture
def predict(run, trained, reads):
    def call(*more):
        keys = {"bundle": f"{trained}/bundle", "input": str(reads), "device": "cpu", "bad_records": "keep"}
        keys |= dict(key.split("=", 1) for key in more)
        return run("predict", *(f"{key}={value}" for key, value in keys.items()))

    return call


@pytest.fixture
def answered(monkeypatch):
    """The first id of every piece that is answered; a function can be put in `before` to be called with each."""
    answer = Predictor.predict_piece

    def counted(self, block, *more):
        pieces.append(block.headers[0].split()[0].decode())
        pieces.before(len(pieces))
        return answer(self, block, *more)

    class Pieces(list):
        before = staticmethod(lambda count: None)

    pieces = Pieces()
    monkeypatch.setattr(Predictor, "predict_piece", counted)
    return pieces


@pytest.fixture
def stopped(predict, answered):
    """stopped(2, "output=out.tsv", ...): a prediction that SIGTERM ends in the third piece."""

    def of(pieces, *arguments):
        answered.clear()
        answered.before = lambda count: os.kill(os.getpid(), signal.SIGTERM) if count > pieces else None
        with pytest.raises(SystemExit) as ended:
            predict(*arguments)
        answered.before = lambda count: None
        answered.clear()
        return ended.value.code

    return of


@pytest.mark.parametrize("suffix", ["tsv", "tsv.gz", "jsonl", "parquet", "bed"])
def test_the_same_command_goes_on_and_ends_with_the_same_bytes(
    predict, stopped, answered, tmp_path, suffix, capsys
):
    arguments = (f"output=out.{suffix}", *(["window=50"] if suffix == "bed" else []))
    assert predict(*arguments)[0] == 7
    whole, pieces = (tmp_path / f"out.{suffix}").read_bytes(), answered[:]
    (tmp_path / f"out.{suffix}").unlink()
    answered.clear()
    assert stopped(3, *arguments) == 143
    assert [path.name for path in tmp_path.iterdir()] == [PARTS.format(suffix)]
    said = capsys.readouterr().err
    code, _, err = predict(*arguments)
    assert (code, answered) == (7, pieces[3:])
    assert f"resuming with the parts in {PARTS.format(suffix)}" in err
    assert "read 230 = predicted 229 + rejected 1" in err
    assert (tmp_path / f"out.{suffix}").read_bytes() == whole
    assert [path.name for path in tmp_path.iterdir()] == [f"out.{suffix}"]
    assert said.count("\n") == 1
    assert f"finished parts are in {PARTS.format(suffix)}: the same command resumes from there" in said


def test_an_interrupt_keeps_what_is_ready(predict, answered, tmp_path):
    answered.before = lambda count: os.kill(os.getpid(), signal.SIGINT) if count > 2 else None
    code, _, err = predict("output=out.tsv")
    assert code == 130
    assert "the same command resumes from there" in err
    answered.before = lambda count: None
    answered.clear()
    assert predict("output=out.tsv")[0] == 7
    assert len(answered) == 4


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("batch_size=7", "was begun with batch_size=256, not 7"),
        ("window=50", "window=None, not 50"),
        ("strands=both", "strands=None, not both"),
        ("notes=true", "columns=[], not ['note']"),
        ("reading.max_length=1000", "reading.max_length="),
        ("input=other.fa", "was begun with input="),
        (f"bundle={GOLDEN}", "was begun with bundle="),
    ],
)
def test_other_rows_are_not_put_together_with_these(predict, stopped, tmp_path, change, said):
    (tmp_path / "other.fa").write_text(">a\nACGTACGTA\n")
    assert stopped(3, "output=out.tsv") == 143
    parts = {path.name: path.read_bytes() for path in (tmp_path / "out.tsv.dnaseq-part").iterdir()}
    code, _, err = predict("output=out.tsv", change)
    assert (code, err.count("\n")) == (2, 1)
    assert said in err
    assert "Use the same again, or overwrite=true to begin anew" in err
    left = {path.name: path.read_bytes() for path in (tmp_path / "out.tsv.dnaseq-part").iterdir()}
    left["lock"] = parts["lock"]
    assert left == parts
    assert not (tmp_path / "out.tsv").exists()


def test_other_threads_are_named_and_more_processes_of_as_many_are_not(
    predict, stopped, answered, monkeypatch
):
    assert stopped(3, "output=out.tsv", "workers=0") == 143
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    code, _, err = predict("output=out.tsv", "workers=0")
    assert (code, "was begun with threads=1, not 4" in err) == (2, True)


def test_overwriting_begins_anew_where_the_rows_would_be_others(predict, stopped, answered, tmp_path):
    assert stopped(3, "output=out.tsv") == 143
    assert predict("output=out.tsv", "batch_size=7", "overwrite=true")[0] == 7
    assert len(answered) == 6
    assert [path.name for path in tmp_path.iterdir()] == ["out.tsv"]


def test_a_part_with_a_flipped_bit_is_answered_again(predict, stopped, answered, tmp_path):
    assert predict("output=out.tsv")[0] == 7
    whole = (tmp_path / "out.tsv").read_bytes()
    (tmp_path / "out.tsv").unlink()
    dice = random.Random(1)
    for _ in range(3):
        assert stopped(3, "output=out.tsv") == 143
        file = dice.choice(sorted((tmp_path / PARTS.format("tsv")).glob("*-*")))
        content = bytearray(file.read_bytes())
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        file.write_bytes(content)
        assert predict("output=out.tsv")[0] == 7
        assert len(answered) == 4
        assert (tmp_path / "out.tsv").read_bytes() == whole
        (tmp_path / "out.tsv").unlink()


def test_a_part_of_another_prediction_is_none_of_this_one(predict, stopped, answered, tmp_path):
    assert stopped(3, "output=out.tsv", "batch_size=7") == 143
    (tmp_path / "out.tsv.dnaseq-part").rename(tmp_path / "others")
    assert stopped(3, "output=out.tsv") == 143
    (tmp_path / "others" / "0-1").rename(tmp_path / "out.tsv.dnaseq-part" / "0-1")
    assert predict("output=out.tsv")[0] == 7
    assert len(answered) == 4


def test_an_output_that_somebody_else_made_meanwhile_is_not_replaced(predict, answered, tmp_path):
    answered.before = lambda count: (tmp_path / "out.tsv").write_text("theirs")
    code, _, err = predict("output=out.tsv")
    assert (code, (tmp_path / "out.tsv").read_text()) == (2, "theirs")
    assert "out.tsv exists" in err
    assert (tmp_path / "out.tsv.dnaseq-part").exists()
    assert predict("output=out.tsv", "overwrite=true")[0] == 7
    assert len(answered) == 6
    assert [path.name for path in tmp_path.iterdir()] == ["out.tsv"]


def test_a_file_that_changes_meanwhile_leaves_no_table_and_no_parts(predict, answered, tmp_path, reads):
    (tmp_path / "in.fa").write_bytes(reads.read_bytes())
    answered.before = lambda count: os.utime(tmp_path / "in.fa")
    code, _, err = predict("input=in.fa", "output=out.tsv")
    assert (code, "in.fa: file changed while it was read" in err) == (3, True)
    assert [path.name for path in tmp_path.iterdir()] == ["in.fa"]


def test_a_full_disk_keeps_what_is_ready(predict, answered, tmp_path, monkeypatch):
    write = Path.write_bytes

    def full(path, content):
        if path.name == "0-2":
            write(path, content[:10])
            raise OSError(28, "No space left on device")
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    code, _, err = predict("output=out.tsv")
    assert (code, err.count("\n")) == (5, 1)
    assert "No space left" in err
    monkeypatch.setattr(Path, "write_bytes", write)
    answered.clear()
    assert predict("output=out.tsv")[0] == 7
    assert len(answered) == 4


def test_what_cannot_be_read_again_leaves_nothing_to_go_on_from(
    predict, answered, tmp_path, reads, monkeypatch
):
    answered.before = lambda count: os.kill(os.getpid(), signal.SIGTERM)
    with open(reads) as piped:
        monkeypatch.setattr(sys, "stdin", piped)
        with pytest.raises(SystemExit):
            predict("input=-", "output=out.tsv")
    assert not list(tmp_path.iterdir())

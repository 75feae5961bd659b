"""dnaseq predict input=R.bed genome=G.fa: regions are predicted as their sequences are."""

import numpy as np
import pytest

from dnaseq.bundle.predictor import Predictor
from dnaseq.encode.alphabet import COMPLEMENT, to_codes, to_letters

LETTERS = to_letters(np.random.default_rng(6).integers(4, size=300).astype(np.uint8))
REGIONS = [(10, 50, "+"), (200, 255, "-"), (0, 40, "."), (260, 300, "-")]


@pytest.fixture
def predict(run, trained, tmp_path):
    (tmp_path / "g.fa").write_text(f">chr1\n{LETTERS}\n")
    bed = "".join(f"chr1\t{a}\t{b}\tr{i}\t0\t{strand}\n" for i, (a, b, strand) in enumerate(REGIONS))
    (tmp_path / "r.bed").write_text(bed)

    def call(*arguments):
        return run("predict", f"bundle={trained}", "device=cpu", *arguments)

    return call


def cells(text):
    return [line.split("\t") for line in text.splitlines()]


def test_rows_are_those_of_the_sequences(predict, tmp_path):
    sequences = []
    for a, b, strand in REGIONS:
        letters = LETTERS[a:b]
        sequences.append(to_letters(COMPLEMENT[to_codes(letters)][::-1]) if strand == "-" else letters)
    (tmp_path / "s.fa").write_text("".join(f">chr1\n{one}\n" for one in sequences))
    code, out, err = predict("input=r.bed", "genome=g.fa")
    assert code == 0, err
    header, *rows = cells(out)
    assert header[-4:] == ["status", "start", "end", "strand"]
    assert [row[-3:] for row in rows] == [[str(a), str(b), strand] for a, b, strand in REGIONS]
    assert [row[:-3] for row in rows] == cells(predict("input=s.fa")[1])[1:]


def test_regions_that_were_stopped_go_on(predict, tmp_path, monkeypatch):
    monkeypatch.setattr("dnaseq.bundle.predictor.RECORDS_AT_ONCE", 1)
    given = ("input=r.bed", "genome=g.fa", "notes=true")
    assert predict(*given, "output=whole.jsonl")[0] == 0
    asked, original = [], Predictor.predict_piece

    def stop(self, block, *more):
        asked.append(block)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return original(self, block, *more)

    monkeypatch.setattr(Predictor, "predict_piece", stop)
    assert predict(*given, "output=a.jsonl")[0] == 130
    assert predict(*given, "output=a.jsonl")[0] == 0
    assert len(asked) == 3 + len(REGIONS) - 2
    assert (tmp_path / "a.jsonl").read_text() == (tmp_path / "whole.jsonl").read_text()
    assert '"start":10,"end":50,"strand":"+"' in (tmp_path / "a.jsonl").read_text().replace(" ", "")


def test_another_genome_does_not_go_on_with_the_rows_of_the_first(predict, tmp_path, monkeypatch):
    monkeypatch.setattr("dnaseq.bundle.predictor.RECORDS_AT_ONCE", 2)
    original, asked = Predictor.predict_piece, []

    def stop(self, block, *more):
        asked.append(block)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return original(self, block, *more)

    monkeypatch.setattr(Predictor, "predict_piece", stop)
    assert predict("input=r.bed", "genome=g.fa", "output=a.tsv")[0] == 130
    (tmp_path / "g.fa").write_text(f">chr1 changed\n{LETTERS}\n")
    code, _, err = predict("input=r.bed", "genome=g.fa", "output=a.tsv")
    assert (code, "was begun with input=" in err) == (2, True)


def test_bed_is_bed_again(predict, tmp_path):
    assert predict("input=r.bed", "genome=g.fa", "output=a.bed")[0] == 0
    rows = cells((tmp_path / "a.bed").read_text())
    assert [(row[0], int(row[1]), int(row[2]), row[5]) for row in rows] == [("chr1", *one) for one in REGIONS]


@pytest.mark.parametrize(
    ("bed", "code", "message"),
    [
        ("1\t0\t40\n", 3, "r.bed:1: g.fa has no '1', but 'chr1'"),
        (
            "chr1\t280\t320\n",
            3,
            "r.bed:1: g.fa: record 'chr1': bases 280 to 320 (0-based) are not within its 300",
        ),
        ("chr1\t5\n", 3, "r.bed:1: 2 columns"),
        ("chr1\t5\t5\n", 3, "r.bed:1: record 'chr1': a region without bases"),
    ],
)
def test_a_broken_region_is_one_line(bed, code, message, predict, tmp_path):
    (tmp_path / "r.bed").write_text(bed)
    found, out, err = predict("input=r.bed", "genome=g.fa")
    assert (found, out) == (code, "")
    assert message in err


def test_a_region_that_cannot_be_used_has_a_status(predict, tmp_path):
    (tmp_path / "r.bed").write_text("chr1\t5\t5\nchr1\t5\t45\n")
    code, out, _ = predict("input=r.bed", "genome=g.fa", "bad_records=keep")
    assert code == 7
    assert [row[-4] for row in cells(out)[1:]] == ["rejected:a region without bases", "ok"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["window=20"], "regions are read whole"), (["class=rich", "output=a.bw"], "Give the genome as input=")],
)
def test_settings_that_do_not_fit_regions_are_refused(arguments, message, predict):
    code, _, err = predict("input=r.bed", "genome=g.fa", *arguments)
    assert code == 2
    assert message in err

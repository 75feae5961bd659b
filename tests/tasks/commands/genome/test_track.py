"""dnaseq predict class=C window=N: a track is the mean of the windows that plain predict gives."""

import gzip

import numpy as np
import pytest

from dnaseq.bundle.predictor import Predictor
from dnaseq.encode.alphabet import COMPLEMENT, to_codes, to_letters
from dnaseq.io.reading_options import Reading
from dnaseq.io.tracks.bigwig import read_intervals

RNG = np.random.default_rng(5)
CONTIGS = {
    name: to_letters(RNG.integers(4, size=n).astype(np.uint8)) for name, n in (("chr1", 333), ("chr2", 30))
}
WINDOWS = ("window=40", "stride=10")


@pytest.fixture
def predict(run, trained, tmp_path):
    (tmp_path / "g.fa").write_text("".join(f">{name} x\n{letters}\n" for name, letters in CONTIGS.items()))
    (tmp_path / "n.fa").write_text(f">n\n{'N' * 100}{CONTIGS['chr1'][:200]}\n")
    turned = {name: to_letters(COMPLEMENT[to_codes(letters)][::-1]) for name, letters in CONTIGS.items()}
    (tmp_path / "r.fa").write_text("".join(f">{name}\n{letters}\n" for name, letters in turned.items()))

    def call(*arguments, source="g.fa"):
        return run("predict", f"bundle={trained}", f"input={source}", "device=cpu", *arguments)

    return call


def bedgraph(path):
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
    rows = [line.split("\t") for line in text.splitlines()]
    return [(name, int(a), int(b), float(value)) for name, a, b, value in rows]


def rows_of(text):
    header, *lines = (line.split("\t") for line in text.splitlines())
    return [dict(zip(header, line, strict=True)) for line in lines]


def by_hand(rows, column="p_rich", step=10):
    """The mean of the windows that hold a bin, from the rows of plain predict."""
    found = []
    for name, letters in CONTIGS.items():
        mine = [row for row in rows if row["id"] == name]
        for low in range(0, len(letters), step):
            high = min(low + step, len(letters))
            over = [float(r[column]) for r in mine if int(r["start"]) <= low and int(r["end"]) >= high]
            found.append((name, low, high, np.mean(over)))
    return found


def same(one, other):
    assert [row[:3] for row in one] == [row[:3] for row in other]
    np.testing.assert_allclose([row[3] for row in one], [row[3] for row in other], rtol=1e-5)


def test_a_track_is_the_mean_of_the_windows_of_plain_predict(predict, tmp_path):
    code, out, _ = predict(*WINDOWS)
    assert code == 0
    expected = by_hand(rows_of(out))
    assert predict(*WINDOWS, "class=rich", "output=a.bedgraph")[:2] == (0, "")
    same(bedgraph(tmp_path / "a.bedgraph"), expected)
    assert (tmp_path / "a.chrom.sizes").read_text() == "chr1\t333\nchr2\t30\n"
    assert predict(*WINDOWS, "class=poor", "output=b.bedgraph.gz")[0] == 0
    same(bedgraph(tmp_path / "b.bedgraph.gz"), [(*row[:3], 1 - row[3]) for row in expected])


def test_bigwig_has_the_same_numbers(predict, tmp_path):
    for name in ("a.bw", "b.bedgraph"):
        assert predict(*WINDOWS, f"output={name}")[0] == 0  # the second class where none is named
    found = [(name, *one) for name, every in read_intervals(str(tmp_path / "a.bw")).items() for one in every]
    same(found, bedgraph(tmp_path / "b.bedgraph"))


def test_each_strand_has_a_file(predict, tmp_path):
    assert predict(*WINDOWS, "class=rich", "by_strand=true", "output=a.bedgraph")[0] == 0
    assert predict(*WINDOWS, "class=rich", "output=b.bedgraph")[0] == 0
    assert (tmp_path / "a.plus.bedgraph").read_text() == (tmp_path / "b.bedgraph").read_text()
    minus = rows_of(predict(*WINDOWS, "strands=other")[1])
    turned = rows_of(predict(*WINDOWS, source="r.fa")[1])
    lengths = {name: len(letters) for name, letters in CONTIGS.items()}
    there = {(row["id"], lengths[row["id"]] - int(row["end"])): float(row["p_rich"]) for row in turned}
    shared = [row for row in minus if (row["id"], int(row["start"])) in there]
    assert len(shared) >= 2  # the windows at both ends
    for row in shared:
        assert float(row["p_rich"]) == pytest.approx(there[row["id"], int(row["start"])], abs=1e-6)
    same(bedgraph(tmp_path / "a.minus.bedgraph"), by_hand(minus))


def test_bed_has_the_score_of_the_class_that_is_named(predict, tmp_path):
    rows = rows_of(predict(*WINDOWS)[1])
    assert predict(*WINDOWS, "class=rich", "output=a.bed")[0] == 0
    cells = [line.split("\t") for line in (tmp_path / "a.bed").read_text().splitlines()]
    expected = [
        [r["id"], r["start"], r["end"], "rich", str(round(1000 * float(r["p_rich"]))), ".", r["p_rich"]]
        for r in rows
    ]
    assert cells == expected
    assert predict(*WINDOWS, "output=b.bed")[0] == 0
    labels = [line.split("\t")[3] for line in (tmp_path / "b.bed").read_text().splitlines()]
    assert labels == [row["label"] for row in rows]  # as without class=


def test_windows_of_nothing_but_n_leave_a_hole(predict, tmp_path):
    assert predict(*WINDOWS, "class=rich", "output=a.bedgraph", source="n.fa")[0] == 0
    starts = [row[1] for row in bedgraph(tmp_path / "a.bedgraph")]
    assert starts == list(range(70, 300, 10))


def test_windows_that_are_mostly_soft_masked_are_left_out(predict, tmp_path):
    letters = CONTIGS["chr1"]
    text = letters[:100] + letters[100:160].lower() + letters[160:]
    (tmp_path / "m.fa").write_text(f">chr1\n{text}\n")
    for name, mask in (("a.bed", "skip"), ("b.bed", "keep")):
        assert predict(*WINDOWS, "class=rich", f"mask={mask}", f"output={name}", source="m.fa")[0] == 0
    skipped, every = ((tmp_path / name).read_text().splitlines() for name in ("a.bed", "b.bed"))
    starts = [int(line.split("\t")[1]) for line in every]
    assert starts == [*range(0, 291, 10), 293]
    # with 20 or more of their 40 bases in 100 to 160
    kept = [line for line, start in zip(every, starts, strict=True) if not 80 <= start <= 140]
    assert skipped == kept


def test_a_track_has_the_names_that_the_map_gives(predict, tmp_path):
    (tmp_path / "names.tsv").write_text("chr1\tI\n")
    assert predict(*WINDOWS, "class=rich", "chrom_map=names.tsv", "output=a.bedgraph")[0] == 0
    assert {row[0] for row in bedgraph(tmp_path / "a.bedgraph")} == {"I", "chr2"}
    assert (tmp_path / "a.chrom.sizes").read_text() == "I\t333\nchr2\t30\n"


def test_chromosomes_may_be_longer_than_records(predict, tmp_path, monkeypatch):
    monkeypatch.setattr("dnaseq.tasks.config.paths.DEFAULT", Reading(max_length=300))
    limit = "reading.max_length=300"  # stands for the default here
    assert predict(*WINDOWS, "class=rich", "output=a.bedgraph", limit)[0] == 0
    assert predict(*WINDOWS, "output=a.tsv", limit)[0] == 0
    code, _, err = predict(*WINDOWS, "class=rich", "output=b.bedgraph", "reading.max_length=299")
    assert (code, "Raise reading.max_length" in err) == (3, True)


def test_a_track_that_was_stopped_goes_on(predict, tmp_path, monkeypatch):
    assert predict(*WINDOWS, "class=rich", "output=whole.bedgraph")[0] == 0
    monkeypatch.setattr("dnaseq.bundle.predictor.RECORDS_AT_ONCE", 8)
    assert predict(*WINDOWS, "class=rich", "output=a.bedgraph")[0] == 0
    assert (tmp_path / "a.bedgraph").read_text() == (tmp_path / "whole.bedgraph").read_text()
    asked = []

    def stop(self, rows, *more):
        asked.append(rows)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return original(self, rows, *more)

    original = Predictor.predict_piece
    monkeypatch.setattr(Predictor, "predict_piece", stop)
    assert predict(*WINDOWS, "class=rich", "output=b.bedgraph")[0] == 130
    assert (tmp_path / "b.bedgraph.dnaseq-part").exists()
    assert not (tmp_path / "b.bedgraph").exists()
    before = len(asked)
    assert predict(*WINDOWS, "class=rich", "output=b.bedgraph")[0] == 0
    assert (tmp_path / "b.bedgraph").read_text() == (tmp_path / "whole.bedgraph").read_text()
    assert len(asked) - before == 3  # of five pieces, two were there
    assert not (tmp_path / "b.bedgraph.dnaseq-part").exists()


def test_tracks_of_both_strands_go_on_together(predict, tmp_path, monkeypatch):
    usual = (*WINDOWS, "class=rich", "by_strand=true")
    assert predict(*usual, "output=whole.bw")[0] == 0
    monkeypatch.setattr("dnaseq.bundle.predictor.RECORDS_AT_ONCE", 8)
    asked, original = [], Predictor.predict_piece

    def stop(self, rows, *more):
        asked.append(rows)
        if len(asked) == 8:  # of five pieces a strand
            raise KeyboardInterrupt
        return original(self, rows, *more)

    monkeypatch.setattr(Predictor, "predict_piece", stop)
    assert predict(*usual, "output=b.bw")[0] == 130
    assert not list(tmp_path.glob("b.*bw")) + list(tmp_path.glob("b.*.sizes"))
    assert predict(*usual, "output=b.bw")[0] == 0
    assert len(asked) == 8 + 3
    for strand in ("plus", "minus"):
        for suffix in ("bw", "chrom.sizes"):
            found, whole = ((tmp_path / f"{name}.{strand}.{suffix}").read_bytes() for name in ("b", "whole"))
            assert found == whole
    assert not list(tmp_path.glob("*.dnaseq-part"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["class=rich", "output=a.bw"], "a track has windows. Set window=N"),
        ([*WINDOWS, "class=rich", "output=a.tsv"], "is a track. Let the name end in .bw, .bedgraph"),
        (["window=40", "stride=50", "class=rich", "output=a.bw"], "stride=50 is more than window=40"),
        ([*WINDOWS, "class=good", "output=a.bw"], "class=good: the bundle has the classes poor, rich"),
        ([*WINDOWS, "mask=skip", "output=a.tsv"], "mask=skip is for tracks"),
        ([*WINDOWS, "chrom_map=add_chr", "output=a.tsv"], "chrom_map= is for tracks and regions"),
        ([*WINDOWS, "by_strand=true", "strands=both", "output=a.bw"], "Leave strands=both out"),
    ],
)
def test_settings_that_make_no_track_are_refused(arguments, message, predict, tmp_path):
    code, out, err = predict(*arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert not list(tmp_path.glob("a.*"))

"""dnaseq peaks: a small GRU over a genome, with its page."""

import io
import sys

import numpy as np
import pytest

from dnaseq.bundle.bundle import save_bundle
from dnaseq.encode.alphabet import to_letters
from dnaseq.interpret.logit import Logit
from dnaseq.io.atomic import publish
from dnaseq.io.results import parts

LETTERS = to_letters(np.random.default_rng(7).integers(4, size=3000).astype(np.uint8))


@pytest.fixture
def peaks(run, trained, tmp_path):
    (tmp_path / "g.fa").write_text(f">chr1\n{LETTERS}\n>chr2\n{LETTERS[:200]}\n")

    def call(*arguments):
        usual = (f"bundle={trained}", "input=g.fa", "window=40", "null_windows=500", "device=cpu")
        given = {one.partition("=")[0] for one in arguments}
        return run("peaks", *(u for u in usual if u.partition("=")[0] not in given), *arguments)

    return call


def test_every_window_is_a_peak_where_every_rate_is_taken(peaks, tmp_path):
    code, out, err = peaks("fdr=1.0", "stride=10", "output=a.narrowPeak")
    assert (code, out) == (0, ""), err
    rows = [line.split("\t") for line in (tmp_path / "a.narrowPeak").read_text().splitlines()]
    assert [row[:4] + row[5:6] for row in rows] == [
        ["chr1", "0", "3000", "peak_1", "+"],
        ["chr1", "0", "3000", "peak_2", "-"],
        ["chr2", "0", "200", "peak_3", "+"],
        ["chr2", "0", "200", "peak_4", "-"],
    ]
    assert all(len(row) == 10 and 0 <= int(row[9]) < int(row[2]) - int(row[1]) for row in rows)
    assert "4 peaks of rich: 628 of 628 windows" in err
    page = (tmp_path / "a.html").read_text()
    assert "Peaks of rich in g.fa" in page
    assert "Best peaks" in page


def test_a_model_that_counts_letters_finds_nothing(peaks, tmp_path):
    assert peaks("fdr=0.001", "output=a.narrowPeak")[0] == 0
    assert (tmp_path / "a.narrowPeak").read_text() == ""
    assert "There are no peaks." in (tmp_path / "a.html").read_text()


def test_parts_of_the_genome_are_scanned(peaks, tmp_path):
    (tmp_path / "r.bed").write_text("1\t500\t1500\n")
    (tmp_path / "x.bed").write_text("1\t900\t1000\n")
    arguments = ("regions=r.bed", "exclude=x.bed", "strands=both", "fdr=1.0", "stride=10", "null_windows=200")
    code, _, err = peaks(*arguments, "output=a.narrowPeak")
    assert code == 3
    assert "r.bed:1: g.fa has no '1', but 'chr1'. chrom_map= maps names" in err
    (tmp_path / "r.bed").write_text("1\t0\t2900\n")
    code, _, err = peaks(*arguments, "chrom_map=add_chr", "output=a.narrowPeak")
    assert code == 0, err
    rows = [line.split("\t") for line in (tmp_path / "a.narrowPeak").read_text().splitlines()]
    assert [(row[0], row[1], row[2], row[5]) for row in rows] == [
        ("chr1", "0", "900", "."),
        ("chr1", "1000", "2900", "."),
    ]


@pytest.fixture
def stopped(peaks, monkeypatch):
    """stopped(arguments ...): a scan that is stopped after one of four pieces; 149 and 9 windows a strand."""
    monkeypatch.setattr("dnaseq.genome.peaks.scan.WINDOWS_AT_ONCE", 50)

    def call(*arguments):
        asked, original = [], Logit.scores

        def stop(self, *codes):
            asked.append(codes)
            if len(asked) == 2:
                raise KeyboardInterrupt
            return original(self, *codes)

        with monkeypatch.context() as patch:
            patch.setattr(Logit, "scores", stop)
            assert peaks(*arguments)[0] == 130

    return call


def test_a_scan_that_was_stopped_goes_on(peaks, stopped, tmp_path, monkeypatch):
    usual = ("fdr=1.0", "stride=20")
    assert peaks(*usual, "output=whole.narrowPeak")[0] == 0
    stopped(*usual, "output=a.narrowPeak")
    assert not (tmp_path / "a.narrowPeak").exists()
    code, _, err = peaks(*usual, "mask=skip", "output=a.narrowPeak")
    assert (code, "was begun with mask=keep, not skip" in err) == (2, True)
    asked, original = [], Logit.scores
    monkeypatch.setattr(Logit, "scores", lambda self, codes: asked.append(codes) or original(self, codes))
    assert peaks(*usual, "output=a.narrowPeak")[0] == 0
    every = [len(codes) for codes in asked]
    # the first piece, on both strands, was there; the null is the last
    assert every[:-1] == [100, 98, 18]
    for suffix in ("narrowPeak", "html"):
        assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"whole.{suffix}").read_bytes()
    assert not (tmp_path / "a.narrowPeak.dnaseq-part").exists()


def test_a_scan_does_not_go_on_with_other_regions_from_a_pipe(stopped, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"chr1\t0\t2900\n")))
    stopped("stride=20", "regions=-", "output=a.narrowPeak")
    assert not (tmp_path / "a.narrowPeak.dnaseq-part").exists()


def test_a_scan_does_not_go_on_with_another_map_of_names(stopped, peaks, tmp_path):
    (tmp_path / "r.bed").write_text("a\t0\t2900\n")
    (tmp_path / "m.txt").write_text("a\tchr1\n")
    arguments = ("stride=20", "regions=r.bed", "chrom_map=m.txt", "output=a.narrowPeak")
    stopped(*arguments)
    (tmp_path / "m.txt").write_text("a\tchr2\n#\n")
    code, _, err = peaks(*arguments)
    assert (code, "was begun with chrom_map=['m.txt', 7," in err) == (2, True)


def test_a_scan_that_was_stopped_between_its_two_files_goes_on(peaks, tmp_path, monkeypatch):
    published = []

    def stop(*arguments):
        if published:
            raise KeyboardInterrupt
        published.append(publish(*arguments))

    with monkeypatch.context() as patch:
        patch.setattr(parts, "publish", stop)
        assert peaks("fdr=1.0", "output=a.narrowPeak")[0] == 130
    assert {path.name for path in tmp_path.glob("a.*")} == {"a.html", "a.narrowPeak.dnaseq-part"}
    assert peaks("fdr=1.0", "output=a.narrowPeak")[0] == 0
    assert {path.name for path in tmp_path.glob("a.*")} == {"a.html", "a.narrowPeak"}
    assert peaks("fdr=1.0", "output=a.narrowPeak")[0] == 2


def test_a_genome_that_changes_while_it_is_scanned_is_an_error(peaks, tmp_path, monkeypatch):
    original = Logit.scores

    def change(self, *codes):
        (tmp_path / "g.fa").write_text(f">chr1\n{LETTERS[::-1]}\n")
        return original(self, *codes)

    monkeypatch.setattr(Logit, "scores", change)
    code, _, err = peaks("output=a.narrowPeak")
    assert (code, "g.fa: file changed while it was read" in err) == (3, True)
    assert not list(tmp_path.glob("a.*"))


def test_the_same_command_gives_the_same_bytes(peaks, tmp_path):
    for name in "ab":
        assert peaks("fdr=1.0", f"output={name}.narrowPeak")[0] == 0
    for suffix in ("narrowPeak", "html"):
        assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["output=a.bed"], 2, "output=a.bed must end in .narrowPeak"),
        (["window=null", "output=a.narrowPeak"], 2, "Say how long a window is: window=200"),
        (["stride=50", "output=a.narrowPeak"], 2, "stride=50 is more than window=40"),
        (["class=good", "output=a.narrowPeak"], 2, "Set class= to one of them"),
        (["window=4000", "output=a.narrowPeak"], 3, "0 windows are too few to compare with"),
    ],
)
def test_settings_that_do_not_fit_are_refused(arguments, code, message, peaks, tmp_path):
    found, out, err = peaks(*arguments)
    assert (found, out) == (code, "")
    assert message in err
    assert not list(tmp_path.glob("a.*"))


def test_other_processes_give_the_same_peaks(peaks, tmp_path):
    usual = ("fdr=1.0", "stride=20", "window=40")
    assert peaks(*usual, "output=here.narrowPeak")[0] == 0
    assert peaks(*usual, "workers=2", "output=there.narrowPeak")[0] == 0
    for name in ("narrowPeak", "html"):
        here, there = ((tmp_path / f"{place}.{name}").read_bytes() for place in ("here", "there"))
        assert here == there


@pytest.mark.parametrize("name", ["~/a b (1).fa", "null (2).fa", "it's.fa"])
def test_a_file_is_taken_as_it_is_typed(name, peaks, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / name.removeprefix("~/")).write_text(f">chr1\n{LETTERS}\n")
    (tmp_path / "r (3).bed").write_text("chr1\t0\t2900\n")
    code, _, err = peaks(f"input={name}", "regions=~/r (3).bed", "output=~/a (4).narrowPeak")
    assert code == 0, err
    assert (tmp_path / "a (4).narrowPeak").exists()


def test_a_genome_on_standard_input_is_refused(peaks):
    code, _, err = peaks("input=-", "output=a.narrowPeak")
    assert (code, err) == (2, "dnaseq peaks: input=-: a genome is read from a file. Give its path\n")


@pytest.mark.parametrize(
    ("overrides", "entries", "window", "message"),
    [
        ((), {"lengths": {"policy": "pad", "length": 40}}, 41, "at most 40 bases. Use window=40"),
        (("encoding=kmer", "encoding.k=3"), {}, 2, "window=2 is less than k = 3"),
    ],
)
def test_a_window_that_the_bundle_cannot_read_is_refused(
    overrides, entries, window, message, peaks, predictor_of, tmp_path_factory
):
    predictor = predictor_of("gru", "model.encoder.hidden=4", *overrides, **entries)
    folder = tmp_path_factory.mktemp("other") / "bundle"
    save_bundle(folder, predictor.spec, predictor.net)
    found, _, err = peaks(f"bundle={folder}", f"window={window}", "output=a.narrowPeak")
    assert (found, message in err) == (2, True), err

"""dnaseq variants: every record of a VCF file is answered once, in order, by a small GRU that counts G and C."""

import csv
import gzip
import io
import sys

import numpy as np
import pyarrow.parquet as pq
import pysam
import pytest
from fed_pipes import fed_pipe

from dnaseq.encode.alphabet import to_letters
from dnaseq.interpret.logit import Logit
from dnaseq.io.bgzip import BgzipWriter

LETTERS = to_letters(np.random.default_rng(8).integers(4, size=500).astype(np.uint8))
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
HEADER = f"##fileformat=VCFv4.2\n##contig=<ID=chr1,length=500>\n{COLUMNS}\n"
NAMES = (
    *(
        "chrom",
        "pos",
        "id",
        "ref",
        "alt",
        "ref_rich",
        "alt_rich",
        "delta_logit",
        "delta_p",
        "null_percentile",
    ),
    *("placements_sd", "status"),
)
OTHER = {"A": "G", "C": "T", "G": "A", "T": "C"}


def record(pos, alt=None, ref=None, chrom="chr1", info="."):
    base = LETTERS[pos - 1]
    return f"{chrom}\t{pos}\trs{pos}\t{ref or base}\t{alt or OTHER[base]}\t50\tPASS\t{info}\n"


def vcf(*records):
    return HEADER + "".join(records)


SOME = [record(pos) for pos in (60, 250, 100, 101)]  # neither sorted nor apart


@pytest.fixture
def variants(run, trained, tmp_path):
    """variants(text of the VCF file, arguments ...) -> (exit code, stdout, stderr)."""
    (tmp_path / "g.fa").write_text(f">chr1 made up\n{LETTERS}\n")

    def call(text, *arguments, name="v.vcf"):
        content = text.encode() if isinstance(text, str) else text
        if not (tmp_path / name).exists() or (tmp_path / name).read_bytes() != content:
            (tmp_path / name).write_bytes(content)
        usual = ("genome=g.fa", "window=40", "placements=3", "null_changes=25", "device=cpu")
        given = {one.partition("=")[0] for one in arguments}
        rest = [one for one in usual if one.partition("=")[0] not in given]
        return run("variants", f"bundle={trained}", f"input={name}", *rest, *arguments)

    return call


SORTED = [record(pos) for pos in (60, 100, 101, 250)]


def table(text):
    remark, *lines = text.splitlines()
    assert remark.startswith("# pos is 1-based")
    return list(csv.DictReader(lines, delimiter="\t"))


def test_a_row_for_every_alternative_in_order(variants):
    code, out, err = variants(vcf(*SOME, record(300, alt="A,C,G,T", ref=LETTERS[299] + LETTERS[300])))
    assert code == 0, err
    rows = table(out)
    assert tuple(rows[0]) == NAMES
    assert [int(row["pos"]) for row in rows] == [60, 250, 100, 101, 300, 300, 300, 300]
    assert [row["alt"] for row in rows[4:]] == list("ACGT")
    assert "variants: 8, scored 8" in err
    for row in rows:
        gain = sum(row["alt"].count(b) for b in "GC") - sum(row["ref"].count(b) for b in "GC")
        if len(row["ref"]) == 1:
            assert np.sign(float(row["delta_logit"])) == np.sign(gain)
        assert float(row["delta_p"]) == pytest.approx(
            float(row["alt_rich"]) - float(row["ref_rich"]), abs=1e-6
        )


def test_the_class_that_is_named_is_scored(variants):
    rich = table(variants(vcf(*SOME))[1])
    poor = table(variants(vcf(*SOME), "class=poor")[1])
    deltas = [[float(row["delta_logit"]) for row in rows] for rows in (rich, poor)]
    np.testing.assert_allclose(deltas[0], -np.array(deltas[1]), atol=1e-5)
    assert "alt_poor" in poor[0]
    code, _, err = variants(vcf(*SOME), "class=good")
    assert code == 2
    assert "class=good: the bundle has the classes poor, rich. Set class= to one of them" in err


def test_every_form_of_output_has_the_same_rows(variants, tmp_path):
    expected = variants(vcf(*SOME))[1]
    for name in ("a.tsv", "a.tsv.gz", "a.csv", "a.parquet"):
        assert variants(vcf(*SOME), f"output={name}")[:2] == (0, "")
    assert (tmp_path / "a.tsv").read_text() == expected
    assert gzip.decompress((tmp_path / "a.tsv.gz").read_bytes()).decode() == expected
    comma = expected.splitlines()
    comma[1:] = [line.replace("\t", ",") for line in comma[1:]]
    assert (tmp_path / "a.csv").read_text().splitlines() == comma
    parquet = pq.read_table(tmp_path / "a.parquet").to_pydict()
    assert tuple(parquet) == NAMES
    assert parquet["pos"] == [60, 250, 100, 101]
    np.testing.assert_allclose(
        parquet["delta_logit"], [float(r["delta_logit"]) for r in table(expected)], rtol=1e-6
    )


def test_every_form_of_input_gives_the_same_rows(variants, tmp_path, monkeypatch, run, trained):
    expected = variants(vcf(*SOME))[1]
    text = vcf(*SOME).encode()
    assert variants(gzip.compress(text), name="v.vcf.gz")[1] == expected
    assert variants(vcf(*SOME).replace("\n", "\r\n"))[1] == expected
    (tmp_path / "plain.vcf").write_bytes(text)
    pysam.tabix_compress(str(tmp_path / "plain.vcf"), str(tmp_path / "b.vcf.gz"))
    assert variants((tmp_path / "b.vcf.gz").read_bytes(), name="b.vcf.gz")[1] == expected
    lower = vcf(*SOME).replace(
        record(60), record(60, ref=LETTERS[59].lower(), alt=OTHER[LETTERS[59]].lower())
    )
    assert variants(lower)[1] == expected
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert variants(b"", "input=-", name="unused")[1] == expected
    with fed_pipe(tmp_path / "pipe.vcf", text):
        assert variants(b"", "input=pipe.vcf", name="unused")[1] == expected


def test_a_genome_from_a_pipe_is_refused(variants, tmp_path):
    with fed_pipe(tmp_path / "pipe.fa", (tmp_path / "g.fa").read_bytes()):
        code, out, err = variants(vcf(*SOME), "genome=pipe.fa")
    assert (code, out) == (5, "")
    assert "pipe.fa: not a regular file. A genome is read more than once: write it to a file first" in err


def test_a_vcf_file_keeps_every_byte_but_the_new_entry(variants, tmp_path):
    records = [
        record(60, info="AC=1;AN=2").rstrip("\n") + "\tGT\t0/1\n",
        record(250, alt="<DEL>").rstrip("\n") + "\tGT\t1/1\n",
        record(100, alt=OTHER[LETTERS[99]] + ",*,GG").rstrip("\n") + "\tGT\t./.\n",
    ]
    header = HEADER.rstrip("\n") + "\tFORMAT\té\n"
    given = header + "".join(records)
    rows = table(variants(given)[1])
    code, _, err = variants(given, "output=out.vcf")
    assert code == 7
    assert "2 of 5 variants have no score (1 ALT * is an overlapping deletion, 1 ALT is symbolic)" in err
    lines = (tmp_path / "out.vcf").read_text().splitlines(keepends=True)
    assert lines[2] == (
        '##INFO=<ID=DNASEQ_rich,Number=A,Type=Float,Description="dnaseq: logit of rich with ALT minus that with REF">\n'
    )
    deltas = [row["delta_logit"] or "." for row in rows]
    entries = [f"AC=1;AN=2;DNASEQ_rich={deltas[0]}", "DNASEQ_rich=.", f"DNASEQ_rich={','.join(deltas[2:])}"]
    expected = [
        line.replace("AC=1;AN=2", entry) if "AC" in line else line.replace("PASS\t.", f"PASS\t{entry}")
        for line, entry in zip(records, entries, strict=True)
    ]
    assert "".join(lines[:2] + lines[3:]) == header + "".join(expected)


def test_compressed_vcf_is_read_by_htslib(variants, tmp_path):
    assert variants(vcf(*SORTED), "output=out.vcf.gz")[0] == 0
    with pysam.VariantFile(str(tmp_path / "out.vcf.gz")) as file:
        found = [one.info["DNASEQ_rich"][0] for one in file]
    expected = [float(row["delta_logit"]) for row in table(variants(vcf(*SORTED))[1])]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    pysam.tabix_index(str(tmp_path / "out.vcf.gz"), preset="vcf", force=True)


def test_line_ends_of_vcf_stay(variants, tmp_path):
    text = vcf(*SOME).replace("\n", "\r\n") + "\r\n"
    assert variants(text, "output=out.vcf")[0] == 0
    written = (tmp_path / "out.vcf").read_bytes()
    assert written.count(b"\r\n") == written.count(b"\n") == text.count("\n") + 1
    assert written.endswith(b"\r\n\r\n")


WRONG = {"A": "C", "C": "A", "G": "C", "T": "C"}
MISMATCH = record(200, ref=WRONG[LETTERS[199]], alt=LETTERS[199])


def test_a_mismatch_stops_the_command_before_anything_is_scored(variants, tmp_path):
    code, out, err = variants(vcf(*SOME, MISMATCH), "output=a.tsv")
    assert (code, out) == (3, "")
    assert "v.vcf: 1 of 5 records do not fit the genome: line 8 chr1:200 " in err
    assert "mismatch=skip gives them a status" in err
    assert not (tmp_path / "a.tsv").exists()


def test_a_mismatch_is_skipped_or_swapped(variants):
    code, out, err = variants(vcf(*SOME, MISMATCH), "mismatch=skip")
    assert code == 7
    assert "note: 1 of 5 records do not fit the genome" in err
    assert table(out)[-1]["status"] == "rejected:REF is not what the genome has"
    code, out, _ = variants(vcf(*SOME, MISMATCH), "mismatch=swap")
    assert code == 0
    assert table(out)[-1]["status"].startswith("ok:swapped")


def test_names_of_contigs_are_mapped_but_never_guessed(variants):
    text = vcf(*(one.replace("chr1", "1") for one in SOME))
    code, _, err = variants(text)
    assert code == 3
    assert "4 of 4 records: g.fa has no '1', but 'chr1'. chrom_map= maps names: add_chr, drop_chr" in err
    rows = table(variants(text, "chrom_map=add_chr")[1])
    assert {row["chrom"] for row in rows} == {"1"}
    assert [row["delta_logit"] for row in rows] == [r["delta_logit"] for r in table(variants(vcf(*SOME))[1])]


def test_without_a_record_there_are_no_rows(variants):
    code, out, err = variants(HEADER)
    assert (code, table(out)) == (0, [])
    assert "note: there are no variants in the input" in err


def bgzipped(text):
    file = io.BytesIO()
    writer = BgzipWriter(file)
    writer.write(text.encode())
    writer.close()
    return file.getvalue()


BROKEN = {
    "no header": ("".join(SOME), 3, "v.vcf:1: no line #CHROM before the first record: 'chr1"),
    "half a header": ("##fileformat=VCFv4.2\n", 3, "no line #CHROM"),
    "empty": ("", 3, "no line #CHROM"),
    "spaces": (vcf(record(60).replace("\t", " ")), 3, "v.vcf:4: 1 columns, and VCF has at least 8"),
    "few columns": (vcf("chr1\t60\t.\tA\tC\n"), 3, "v.vcf:4: 5 columns"),
    "a position of letters": (
        vcf(record(60).replace("60", "x")),
        3,
        "POS must be a whole number, counted from 1",
    ),
    "a position below 0": (vcf(record(60).replace("\t60", "\t-60")), 3, "POS must be a whole number"),
    "an empty allele": (vcf(record(60, alt="A,,T")), 3, "v.vcf:4: an empty ALT. Write . for none"),
    "a header among records": (
        vcf(SOME[0], HEADER, SOME[1]),
        3,
        "v.vcf:5: a line of a header among the records",
    ),
    "a blank line": (vcf(SOME[0], "\n", SOME[1]), 3, "v.vcf:5: a blank line among the records"),
    "BCF": (b"BCF\2\2" + b"\0" * 50, 3, "is BCF, the binary form of VCF. Turn it into text: bcftools view"),
    "FASTA": (">chr1\nACGT\n", 3, "no line #CHROM before the first record: '>chr1'"),
    "UTF-16": (vcf(*SOME).encode("utf-16"), 3, "not plain text of VCF"),
    "cut gzip": (gzip.compress(vcf(*SOME * 40).encode())[:-30], 3, "compressed file ends early"),
    "bgzip without its end": (
        bgzipped(vcf(*SOME))[:-28],
        3,
        "no BGZF end marker, file may be truncated. Copy or download it again",
    ),
    "positions from 0": (
        vcf(*(record(pos).replace(f"\t{pos}\t", f"\t{pos - 1}\t") for pos in range(60, 200))),
        3,
        "would fit one base further on: POS counts from 1",
    ),
    "wrong contig": (vcf(*(one.replace("chr1", "chrX") for one in SOME)), 3, "has no 'chrX', but chr1"),
    "past the end": (vcf(record(60).replace("60", "600")), 3, "chr1:600 is beyond its 500 bases"),
    "an entry twice": (
        vcf(*SOME).replace(COLUMNS, f"##INFO=<ID=DNASEQ_rich,Number=A>\n{COLUMNS}"),
        3,
        "has INFO DNASEQ_rich already. Take it out first",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_vcf_file_is_one_line(kind, variants, tmp_path):
    text, code, message = BROKEN[kind]
    for output in ("out.vcf",) if kind == "an entry twice" else ("out.vcf", "out.tsv"):
        found, out, err = variants(text, f"output={output}")
        assert (found, out) == (code, "")
        assert message in err.splitlines()[-1]
        assert not (tmp_path / output).exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["genome=null"],
            "give either genome=FILE, or sequences=FILE with a table of their variants; got none",
        ),
        (["sequences=g.fa"], "got both"),
        (["window=null"], "the bundle takes records of any length. Say how long a window is: window=200"),
        (["output=v.vcf", "overwrite=true"], "output=v.vcf is also an input"),
        (["output=a.xlsx"], "must end in .tsv"),
        (["mismatch=guess"], "mismatch must be one of fail, skip, swap"),
        (["placements=0"], "placements must be"),
        (["genome=-"], "genome=-: a genome is read from a file"),
    ],
)
def test_settings_that_do_not_fit_are_refused(arguments, message, variants):
    code, out, err = variants(vcf(*SOME), *arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_variants_of_sequences_are_scored_in_the_whole_sequence(variants, tmp_path):
    (tmp_path / "s.fa").write_text(f">one\n{LETTERS[:40]}\n>two\n{LETTERS[40:75]}\n")
    base = LETTERS[49]
    rows = [("two", 10, base, OTHER[base]), ("one", 3, LETTERS[2], LETTERS[2] + "G"), ("one", 41, "A", "C")]
    text = "alt\tid\tposition\tref\n" + "".join(
        f"{alt}\t{name}\t{pos}\t{ref}\n" for name, pos, ref, alt in rows
    )
    arguments = ("genome=null", "sequences=s.fa", "window=null", "mismatch=skip")
    code, out, err = variants(text, *arguments, name="v.tsv")
    assert code == 7, err
    remark, *lines = out.splitlines()
    assert remark.startswith("# position is 1-based")
    found = list(csv.DictReader(lines, delimiter="\t"))
    assert [(row["id"], int(row["position"])) for row in found] == [row[:2] for row in rows]
    assert [row["status"] for row in found] == ["ok", "ok", "rejected:beyond the contig"]
    assert np.sign(float(found[0]["delta_logit"])) == (1 if OTHER[base] in "GC" else -1)
    assert remark.endswith("of the whole sequence")
    _, out, _ = variants(text, *arguments[:2], "window=40", "mismatch=skip", name="v.tsv")
    remark = out.splitlines()[0]
    assert remark.endswith("mean of 3 windows of 40 bases; of the whole sequence where it is no longer")
    code, _, err = variants(text, *arguments, "output=a.vcf", name="v.tsv")
    assert code == 2
    assert "output=a.vcf: the input is no VCF file" in err


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a\tb\n1\t2\n", "v.tsv:1: 0 columns have the name 'id'. The first line names the columns"),
        ("id\tposition\tref\talt\none\t1\tA\n", "v.tsv:2: 3 cells, but the first line has 4"),
        ("id\tposition\tref\talt\none\tx\tA\tC\n", "v.tsv:2: position must be a whole number"),
        ("id\tposition\tref\talt\none\t1\t\tC\n", "v.tsv:2: an empty cell in id, ref or alt"),
        ("", "no first line with the names of the columns"),
    ],
)
def test_a_broken_table_of_variants_is_one_line(text, message, variants):
    code, out, err = variants(text, "genome=null", "sequences=g.fa", name="v.tsv")
    assert (code, out) == (3, "")
    assert message in err


def test_saturation_scores_every_substitution_and_draws_it(variants, tmp_path):
    (tmp_path / "s.fa").write_text(f">one\n{LETTERS[:40]}\n>two\nN{LETTERS[41:75]}\n")
    arguments = ("input=null", "genome=null", "sequences=s.fa", "window=null", "saturation=true")
    code, _, err = variants("", *arguments, "output=a.tsv.gz")
    assert code == 0, err
    lines = gzip.decompress((tmp_path / "a.tsv.gz").read_bytes()).decode().splitlines()[1:]
    rows = list(csv.DictReader(lines, delimiter="\t"))
    assert len(rows) == 3 * (40 + 34)
    assert [row["alt"] for row in rows[:3]] == [base for base in "ACGT" if base != LETTERS[0]]
    assert rows[120]["position"] == "2"
    for row in rows:
        gain = (row["alt"] in "GC") - (row["ref"] in "GC")
        assert gain == 0 or np.sign(float(row["delta_logit"])) == gain
    assert (tmp_path / "a.png").exists()
    assert variants("", *arguments, "output=a.tsv")[2].endswith(
        "a.png exists. Choose another name or overwrite=true\n"
    )
    code, _, err = variants("", "saturation=true", "output=b.tsv")
    assert code == 2
    assert "saturation=true is about every substitution of sequences=FILE" in err


def test_a_picture_that_is_not_drawn_yet_is_drawn_by_the_same_command(variants, tmp_path, monkeypatch):
    (tmp_path / "s.fa").write_text(f">c1\n{LETTERS[:30]}\n")
    arguments = ("genome=null", "sequences=s.fa", "input=null", "saturation=true", "window=null")
    with monkeypatch.context() as patch:
        patch.setattr("dnaseq.tasks.commands.genome.variants.draw_chart", _stop)
        assert variants("", *arguments, "output=a.tsv")[0] == 130
    assert [path.name for path in tmp_path.glob("a.*")] == ["a.tsv.dnaseq-part"]
    assert variants("", *arguments, "output=a.tsv")[0] == 0
    assert {path.name for path in tmp_path.glob("a.*")} == {"a.tsv", "a.png"}


def test_variants_that_change_while_they_are_scored_are_an_error(variants, tmp_path, monkeypatch):
    original = Logit.scores_of_stretches

    def change(self, *stretches):
        (tmp_path / "v.vcf").write_text(vcf(record(250)))
        return original(self, *stretches)

    monkeypatch.setattr(Logit, "scores_of_stretches", change)
    code, _, err = variants(vcf(*SOME), "output=a.tsv")
    assert (code, "v.vcf: file changed while it was read" in err) == (3, True)
    assert not list(tmp_path.glob("a.*"))


def test_other_processes_give_the_same_rows(variants):
    text = vcf(*SOME, record(20, alt="<DEL>"), record(499))
    here = variants(text, "placements=9")
    assert here[0] == 7, here
    assert variants(text, "placements=9", "workers=2")[:2] == here[:2]


@pytest.mark.parametrize("output", ["a.tsv", "a.vcf.gz"])
def test_a_run_that_was_stopped_goes_on(output, variants, tmp_path, monkeypatch):
    monkeypatch.setattr("dnaseq.genome.variants.scoring.WINDOWS_AT_ONCE", 6)  # those of one variant
    text = vcf(*SOME, record(20, alt="<DEL>"), record(300))
    assert variants(text, f"output=whole-{output}")[0] == 7
    asked, original = [], Logit.scores_of_stretches

    def stop(self, *stretches):
        asked.append(stretches)
        if len(asked) == until:
            raise KeyboardInterrupt
        return original(self, *stretches)

    until = 10**9
    monkeypatch.setattr(Logit, "scores_of_stretches", stop)
    assert variants(text, "output=b.tsv")[0] == 7
    until, asked[:] = len(asked) - 2, []
    assert variants(text, f"output={output}")[0] == 130
    assert not (tmp_path / output).exists()
    code, _, err = variants(text, "seed=2", f"output={output}")
    assert (code, "was begun with seed=1, not 2" in err) == (2, True)
    asked.clear()
    code, _, err = variants(text, f"output={output}")
    assert (code, f"resuming with the parts in {output}.dnaseq-part" in err) == (7, True)
    assert len(asked) == 3
    contents = [(tmp_path / name).read_bytes() for name in (output, f"whole-{output}")]
    assert contents[0] == contents[1]
    assert not (tmp_path / f"{output}.dnaseq-part").exists()


def test_a_run_does_not_go_on_with_another_map_of_names(variants, tmp_path, monkeypatch):
    monkeypatch.setattr("dnaseq.genome.variants.scoring.WINDOWS_AT_ONCE", 6)
    (tmp_path / "m.txt").write_text("1\tchr1\n")
    text = vcf(*(record(pos, chrom="1") for pos in (60, 250)))
    arguments = ("chrom_map=m.txt", "output=a.tsv")
    with monkeypatch.context() as patch:
        patch.setattr("dnaseq.tasks.commands.genome.variants.open_answers", _stop)
        assert variants(text, *arguments)[0] == 130
    (tmp_path / "m.txt").write_text("1\tchr1\n#\n")
    code, _, err = variants(text, *arguments)
    assert (code, "was begun with chrom_map=['m.txt', 7," in err) == (2, True)


def _stop(*arguments):
    raise KeyboardInterrupt

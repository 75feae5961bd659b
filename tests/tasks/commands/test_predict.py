import gzip
import io
import json
import os
import re
import subprocess
import sys

import numpy as np
import pyarrow.parquet as pq
import pytest
from agreement import check_same_tables
from msgspec.structs import replace

from dnaseq.bundle.bundle import load_bundle, save_bundle
from dnaseq.bundle.inference.novelty_features import record_composition
from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.errors import FileAccessError
from dnaseq.evaluation.decisions.novelty import novelty_reference
from dnaseq.io.results.rows import read_rows
from dnaseq.io.sequences.plain import sequence_blocks
from dnaseq.io.sequences.reading import Reading


@pytest.fixture(scope="module")
def reads(tmp_path_factory, random_sequence):
    """300 records of 10 to 59 bases, plain and gzipped, in a folder."""
    folder = tmp_path_factory.mktemp("reads")
    text = "".join(f">q{i} text\n{random_sequence(10 + i % 50, i)}\n" for i in range(300))
    (folder / "reads.fa").write_text(text)
    (folder / "reads.fa.gz").write_bytes(gzip.compress(text.encode()))
    return folder


@pytest.fixture
def predict(run, trained):
    return lambda *arguments: run("predict", f"bundle={trained}/bundle", "device=cpu", *arguments)


def test_one_row_a_record_in_input_order(predict, reads, tmp_path):
    assert predict(f"input={reads}/reads.fa", "output=out.tsv")[0] == 0
    lines = (tmp_path / "out.tsv").read_text().splitlines()
    assert lines[0] == "id\tlength\tlabel\tscore\tp_poor\tp_rich\tstatus"
    assert [line.split("\t")[0] for line in lines[1:]] == [f"q{i}" for i in range(300)]


def test_plain_gzip_stdin_and_a_second_time_give_the_same_bytes(predict, reads, tmp_path, monkeypatch):
    for name, source in (("a", "reads.fa"), ("b", "reads.fa.gz"), ("c", "reads.fa")):
        assert predict(f"input={reads}/{source}", f"output={name}.tsv")[0] == 0
    plain = io.TextIOWrapper(io.BytesIO((reads / "reads.fa").read_bytes()))
    monkeypatch.setattr(sys, "stdin", plain)
    assert predict("input=-", "output=d.tsv")[0] == 0
    assert len({(tmp_path / f"{name}.tsv").read_bytes() for name in "abcd"}) == 1


def test_more_processes_give_the_same_rows_and_the_same_errors(predict, reads, tmp_path, quick_processes):
    for name, workers in (("a", 0), ("b", 2)):
        arguments = (f"input={reads}/reads.fa", f"output={name}.jsonl.gz", f"workers={workers}", "notes=true")
        code, _, err = predict(*arguments)
        assert code == 0
        assert "read 300 = predicted 300 + rejected 0" in err
    check_same_tables(tmp_path / "b.jsonl.gz", tmp_path / "a.jsonl.gz")
    (tmp_path / "bad.fa").write_text(">a\nACGT\n>b\nACXXX\n")
    code, _, err = predict("input=bad.fa", "output=out.tsv", "workers=1")
    assert (code, err.count("\n")) == (3, 1)
    assert "bad.fa:4: record 'b': letter 'X' at position 3" in err
    assert not (tmp_path / "out.tsv").exists()


def test_compressed_output_repeats_byte_for_byte(predict, reads, tmp_path):
    for name in "ab":
        assert predict(f"input={reads}/reads.fa", f"output={name}.tsv.gz")[0] == 0
    assert (tmp_path / "a.tsv.gz").read_bytes() == (tmp_path / "b.tsv.gz").read_bytes()
    assert gzip.decompress((tmp_path / "a.tsv.gz").read_bytes()).startswith(b"id\tlength")


@pytest.mark.parametrize("batch_size", [1, 64, 1000])
def test_the_batch_size_changes_no_label_and_no_probability(predict, reads, tmp_path, batch_size):
    for name, size in (("a", 256), ("b", batch_size)):
        assert predict(f"input={reads}/reads.fa", f"output={name}.tsv", f"batch_size={size}")[0] == 0
    check_same_tables(tmp_path / "b.tsv", tmp_path / "a.tsv")


def test_the_formats_hold_the_same_rows(predict, reads, tmp_path):
    for suffix in ("tsv", "jsonl", "parquet"):
        assert predict(f"input={reads}/reads.fa", f"output=out.{suffix}")[0] == 0
    _, rows = read_rows(tmp_path / "out.tsv")
    objects = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    table = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert rows.ids == [o["id"] for o in objects] == [r["id"] for r in table]
    np.testing.assert_allclose(rows.scores, [o["score"] for o in objects], rtol=1e-6)
    np.testing.assert_allclose(rows.scores, [r["score"] for r in table], rtol=1e-6)


def test_rows_go_to_stdout_and_talk_to_stderr(predict, reads):
    code, out, err = predict(f"input={reads}/reads.fa")
    assert code == 0
    assert out.count("\n") == 301
    assert "read 300 = predicted 300 + rejected 0" in err


def test_several_files_in_the_order_given(predict, reads, tmp_path):
    (tmp_path / "one.fa").write_text(">x\nACGTACGTAC\n")
    assert predict(f"input=[one.fa,{reads}/reads.fa]", "output=out.tsv")[0] == 0
    assert read_rows(tmp_path / "out.tsv")[1].ids[:2] == ["x", "q0"]


@pytest.mark.parametrize("key", ["id=first_word", "id=header", r"id=\|(\w+)$"])
def test_ids_that_repeat_are_told_of_and_another_choice_of_the_id_helps(predict, tmp_path, key):
    (tmp_path / "a.fa").write_text(">TOOL V0|one\nACGTACGT\n> TOOL V0|two\nGGTTACGT\n>x |three\nGGGT\n")
    code, out, err = predict("input=a.fa", f"reading.{key}")
    note = "note: 2 of 3 records have the id of another record; rows are in the order of the input"
    assert (code, note in err) == (0, key == "id=first_word")
    ids = {"id=first_word": ["TOOL", "TOOL", "x"], "id=header": ["TOOL V0|one", "TOOL V0|two", "x |three"]}
    assert [line.split("\t")[0] for line in out.splitlines()[1:]] == ids.get(key, ["one", "two", "three"])


def test_ids_that_repeat_over_files_are_told_of_after_a_resume_too(predict, reads, tmp_path, monkeypatch):
    arguments = (f"input=[{reads}/reads.fa,{reads}/reads.fa]", "output=o.tsv", "window=10")

    def full(*_):
        raise FileAccessError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr("dnaseq.distributed.predictions.check_total", full)
        assert predict(*arguments)[0] == 5
    _, _, err = predict(*arguments)
    assert "resuming with the parts" in err
    assert "note: 600 of 600 records have the id of another record" in err


def test_a_name_with_blanks_and_accents(predict, tmp_path):
    (tmp_path / "mes séquences (1).fa").write_text(">x\nACGTACGTAC\n")
    assert predict("input=mes séquences (1).fa", "output=out.tsv")[0] == 0


def test_the_first_bad_record_stops_and_leaves_no_file(predict, tmp_path):
    (tmp_path / "bad.fa").write_text(">a\nACGT\n>b\nACXXX\n")
    code, _, err = predict("input=bad.fa", "output=out.tsv")
    assert code == 3
    assert "bad.fa:4: record 'b': letter 'X' at position 3" in err
    assert [p.name for p in tmp_path.iterdir()] == ["bad.fa"]


def test_kept_bad_records_have_a_row_and_the_code_says_so(predict, tmp_path):
    (tmp_path / "bad.fa").write_text(">a\nACGT\n>b\nACXXX\n>c\nGGCC\n")
    code, _, err = predict("input=bad.fa", "output=out.tsv", "bad_records=keep")
    assert code == 7
    assert "read 3 = predicted 2 + rejected 1" in err
    _, rows = read_rows(tmp_path / "out.tsv")
    assert rows.ids == ["a", "b", "c"]
    assert [status.split(":")[0] for status in rows.statuses] == ["ok", "rejected", "ok"]
    assert rows.labels[1] == ""


def test_an_existing_output_is_kept_unless_told_otherwise(predict, reads, tmp_path):
    (tmp_path / "out.tsv").write_text("precious")
    code, _, err = predict(f"input={reads}/reads.fa", "output=out.tsv")
    assert code == 2
    assert "out.tsv exists" in err
    assert (tmp_path / "out.tsv").read_text() == "precious"
    assert predict(f"input={reads}/reads.fa", "output=out.tsv", "overwrite=true")[0] == 0


def test_a_failed_overwrite_leaves_the_old_output(predict, tmp_path):
    (tmp_path / "out.tsv").write_text("precious")
    (tmp_path / "bad.fa").write_text(">a\nACGT\n>b\nACXXX\n")
    assert predict("input=bad.fa", "output=out.tsv", "overwrite=true")[0] == 3
    assert (tmp_path / "out.tsv").read_text() == "precious"


def test_the_output_may_not_be_the_input(predict, tmp_path):
    (tmp_path / "a.fa").write_text(">a\nACGT\n")
    code, _, err = predict("input=a.fa", "output=a.fa", "overwrite=true")
    assert code == 2
    assert "is also an input" in err
    assert (tmp_path / "a.fa").read_text() == ">a\nACGT\n"


def test_an_empty_input_is_an_error_unless_allowed(predict, tmp_path):
    (tmp_path / "empty.fa").write_text("")
    code, _, err = predict("input=empty.fa", "output=out.tsv")
    assert code == 3
    assert "no records" in err
    assert predict("input=empty.fa", "output=out.tsv", "allow_empty=true")[0] == 0
    assert (tmp_path / "out.tsv").read_text().splitlines() == [
        "id\tlength\tlabel\tscore\tp_poor\tp_rich\tstatus"
    ]


@pytest.fixture(scope="module")
def novel(random_sequence):
    """What GC-rich records of 40 bases look like."""
    (block,) = sequence_blocks([random_sequence(40, i, "ACGGCC") for i in range(80)], Reading())
    features = record_composition(block, np.arange(80), LengthPolicy())
    return novelty_reference(features[:40], features[40:], 0.1)


@pytest.fixture
def told(run, trained, tmp_path):
    """told({entries}, "input=...", ...): predict with a bundle of which these entries were decided."""

    def call(entries: dict, *arguments: str):
        found = load_bundle(trained / "bundle")
        spec = replace(found.spec, calibration=None, threshold=0.5, abstention=None, novelty=None)
        save_bundle(tmp_path / "told", replace(spec, **entries), found.net)
        return run("predict", "bundle=told", "device=cpu", *arguments)

    return call


RULE = {"at_most": 0.1, "reached": True, "confidence": 1.0, "error_rate": 0.1, "coverage": 0.5, "n": 40}


def test_how_many_are_unlike_is_said_and_no_column_is_added(told, novel, reads, tmp_path):
    code, _, err = told({"novelty": novel}, f"input={reads}/reads.fa", "output=out.tsv")
    assert code == 0
    assert re.search(r"\d+ of 300 records are unlike the training records \(notes=true marks them\)", err)
    assert (tmp_path / "out.tsv").read_text().splitlines()[0].endswith("\tstatus")


@pytest.mark.parametrize("suffix", ["tsv", "jsonl", "parquet"])
def test_notes_are_a_last_column(told, novel, reads, tmp_path, suffix):
    _, _, err = told({"novelty": novel}, f"input={reads}/reads.fa", f"output=out.{suffix}", "notes=true")
    unlike = int(re.search(r"(\d+) of 300 records are unlike the training records \(see the column", err)[1])
    path = tmp_path / f"out.{suffix}"
    if suffix == "tsv":
        notes = read_rows(path)[1].extra["note"]
    elif suffix == "jsonl":
        notes = [list(json.loads(line).items())[-1] for line in path.read_text().splitlines()]
        assert {key for key, _ in notes} == {"note"}
        notes = [note for _, note in notes]
    else:
        notes = pq.read_table(path)["note"].to_pylist()
    assert notes.count("unlike training") == unlike > 0
    assert set(notes) <= {"", "unlike training"}


def test_a_bundle_without_anything_decided_has_notes_without_words(told, reads, tmp_path):
    assert told({}, f"input={reads}/reads.fa", "output=out.tsv", "notes=true")[0] == 0
    assert set(read_rows(tmp_path / "out.tsv")[1].extra["note"]) == {""}


def test_a_bundle_that_abstains_says_where_without_being_asked(told, reads, tmp_path):
    code, _, err = told({"abstention": RULE}, f"input={reads}/reads.fa", "output=out.tsv")
    assert code == 0
    assert "300 of 300 records have no label: the model is not sure enough" in err
    assert "read 300 = predicted 300 + rejected 0" in err
    _, rows = read_rows(tmp_path / "out.tsv")
    assert set(rows.labels) == {""}
    assert set(rows.extra["note"]) == {"abstained"}
    assert (rows.scores >= 0.5).all()


def test_a_closed_pipe_is_no_traceback(trained, reads):
    program = [sys.executable, "-m", "dnaseq", "predict"]
    command = f"{' '.join(program)} bundle={trained}/bundle input={reads}/reads.fa | head -1; exit ${{PIPESTATUS[0]}}"
    big = reads / "big.fa"
    big.write_text((reads / "reads.fa").read_text() * 60)
    command = command.replace("reads.fa |", "big.fa |")
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=os.environ)
    assert done.returncode == 141
    assert not [line for line in done.stderr.splitlines() if not line.startswith(("loading", "predicting"))]
    assert done.stdout.startswith("id\tlength")


def test_a_summary_into_a_closed_pipe_says_nothing(run, monkeypatch, easy_fasta):
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as closed, monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", closed)
        data = ("data=fasta", f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa")
        code, _, err = run("audit", *data, "run_dir=audit")
    assert code == 141
    assert err.startswith("shortcuts: ")
    assert err.count("\n") == 1


@pytest.fixture
def genome(tmp_path, random_sequence):
    """A record of two stretches with 300 N between them, one of 30 bases, and one that cannot be read."""
    long = random_sequence(400, 1) + "N" * 300 + random_sequence(333, 2)
    (tmp_path / "genome.fa").write_text(f">chr1 long\n{long}\n>chr2\n{random_sequence(30, 3)}\n")
    (tmp_path / "bad.fa").write_text(f">chr1 long\n{long}\n>chr2\nACGX\n")
    return long


def test_a_scan_has_a_row_a_window_with_its_place(predict, genome, tmp_path):
    code, _, err = predict("input=genome.fa", "window=50", "stride=20", "output=out.tsv", "notes=true")
    assert code == 0
    assert "read 2 = predicted 2 + rejected 0\n52 windows; 13 of them without a prediction" in err
    header, *lines = (tmp_path / "out.tsv").read_text().splitlines()
    assert header == "id\tlength\tlabel\tscore\tp_poor\tp_rich\tstatus\tstart\tend\tnote"
    rows = [line.split("\t") for line in lines]
    places = [("chr1", s, s + 50) for s in range(0, 983, 20)] + [("chr1", 983, 1033), ("chr2", 0, 30)]
    assert [(row[0], int(row[7]), int(row[8])) for row in rows] == places
    empty = [int(row[7]) for row in rows if row[6] == "rejected:every letter is N"]
    assert empty == [s for s in range(0, 983, 20) if set(genome[s : s + 50]) == {"N"}]


def test_processes_and_formats_give_the_same_windows(predict, genome, tmp_path, quick_processes):
    for workers, name in ((0, "a.tsv"), (2, "b.tsv"), (0, "c.parquet"), (0, "d.bed"), (0, "e.bed.gz")):
        out = (f"output={name}", f"workers={workers}")
        assert predict("input=genome.fa", "window=50", "stride=20", *out)[0] == 0
    check_same_tables(tmp_path / "b.tsv", tmp_path / "a.tsv")
    rows = pq.read_table(tmp_path / "c.parquet").to_pylist()
    beds = [
        f"{r['id']}\t{r['start']}\t{r['end']}\t{r['label']}\t{round(1000 * r['score'])}\t.\n"
        for r in rows
        if r["label"]
    ]
    assert len(beds) == 39
    assert (tmp_path / "d.bed").read_text() == "".join(beds)
    assert gzip.decompress((tmp_path / "e.bed.gz").read_bytes()) == (tmp_path / "d.bed").read_bytes()


def test_a_rejected_record_of_a_scan_has_no_place(predict, genome, tmp_path):
    arguments = ("input=bad.fa", "window=50", "stride=200")
    code, _, err = predict(*arguments, "output=out.tsv")
    assert (code, err.count("\n")) == (3, 1)
    assert "bad.fa:4: record 'chr2': letter 'X'" in err
    code, _, err = predict(*arguments, "output=out.tsv", "bad_records=keep")
    assert code == 7
    assert "read 2 = predicted 1 + rejected 1" in err
    assert "1 of 2 records were rejected" in err
    last = (tmp_path / "out.tsv").read_text().splitlines()[-1].split("\t")
    assert (last[0], last[1], last[2], last[7:]) == ("chr2", "0", "", ["", ""])
    assert last[6].startswith("rejected:letter 'X'")
    assert predict(*arguments, "output=out.bed", "bad_records=keep")[0] == 7
    assert "chr2" not in (tmp_path / "out.bed").read_text()


def test_a_bed_file_needs_windows(predict, genome, tmp_path):
    code, _, err = predict("input=genome.fa", "output=out.bed")
    assert (code, err.count("\n")) == (2, 1)
    assert "names like chr1:100-300, and one is 'chr1'. Set window=N, or let the name end in .tsv" in err
    assert not (tmp_path / "out.bed").exists()

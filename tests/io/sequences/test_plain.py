"""Sequences without headers: one on each line, or one in a file."""

import gzip
import io
import sys

import pytest

from dnaseq.data.sources.files import ClassFiles
from dnaseq.encode.alphabet import to_letters
from dnaseq.errors import InputError
from dnaseq.io.sequences.reading import Reading, read_blocks

LINES = "ACGTACGTAC\nGGTTGGTTGGTT\n\nACGTNACGTNACG\n"


def records(path, **reading):
    return [
        (header.decode(), to_letters(block.codes[a:b]), int(line))
        for block in read_blocks(path, Reading(**reading))
        for header, line, a, b in zip(
            block.headers, block.lines, block.offsets, block.offsets[1:], strict=False
        )
    ]


@pytest.mark.parametrize("name", ["s.txt", "s", "s.seq", "s.txt.gz"])
def test_each_line_is_a_sequence(name, tmp_path, monkeypatch, caplog):
    monkeypatch.chdir(tmp_path)
    data = gzip.compress(LINES.encode()) if name.endswith("gz") else LINES.encode()
    (tmp_path / name).write_bytes(data)
    with caplog.at_level("INFO", "dnaseq"):
        found = records(name)
    assert found == [("s:1", "ACGTACGTAC", 1), ("s:2", "GGTTGGTTGGTT", 2), ("s:3", "ACGTNACGTNACG", 4)]
    assert "no headers, so each of its 3 lines is read as one sequence" in caplog.text


def test_standard_input_may_have_no_headers(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LINES.encode())))
    assert [name for name, *_ in records("-")] == ["stdin:1", "stdin:2", "stdin:3"]


def test_a_file_of_one_sequence_has_its_name_as_id_and_needs_no_last_line_end(tmp_path, monkeypatch, caplog):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my reads").mkdir()
    for i in (1, 2):
        (tmp_path / "my reads" / f"{i}.txt").write_text("ACGTACGTA" + i * "C")
    expected = [("1", "ACGTACGTAC", 1), ("2", "ACGTACGTACC", 1)]
    assert records("my reads/*.txt") == expected
    assert not caplog.records


def test_lines_of_one_width_and_a_shorter_one_are_asked_about(tmp_path):
    path = tmp_path / "s.txt"
    path.write_text("ACGTACGTAC\nGGTTGGTTGG\nACGT\n")
    with pytest.raises(InputError, match=r"all but the last of 10 letters: one sequence or 3\?.*format=raw"):
        records(path)
    assert [letters for _, letters, _ in records(path, format="lines")] == [
        "ACGTACGTAC",
        "GGTTGGTTGG",
        "ACGT",
    ]
    assert [letters for _, letters, _ in records(path, format="raw")] == ["ACGTACGTACGGTTGGTTGGACGT"]


@pytest.mark.parametrize("last", ["ACGTACGTAC", "ACGTACGTACG"])
def test_lines_that_are_not_those_of_one_sequence_are_several(last, tmp_path):
    (tmp_path / "s.txt").write_text(f"ACGTACGTAC\n{last}\n")
    assert len(records(tmp_path / "s.txt")) == 2


def test_a_file_named_fasta_must_have_headers(tmp_path):
    (tmp_path / "s.fa").write_text(LINES)
    with pytest.raises(InputError, match=r"sequence without a header\. Set reading.format=lines"):
        records(tmp_path / "s.fa")
    assert len(records(tmp_path / "s.fa", format="lines")) == 3


def test_a_header_among_plain_sequences_is_an_error(tmp_path):
    (tmp_path / "s.txt").write_text("ACGTACGTAC\n>b\nACGT\n")
    with pytest.raises(InputError, match=r"s\.txt:2: record '.*s:2': letter '>' at position 1"):
        records(tmp_path / "s.txt")


def test_fasta_is_not_read_as_plain_sequences(tmp_path):
    (tmp_path / "s.txt").write_text(">a\nACGTACGTAC\n")
    for choice in ("lines", "raw"):
        with pytest.raises(InputError, match=r"looks like FASTA\. Set reading\.format=auto"):
            records(tmp_path / "s.txt", format=choice)


@pytest.mark.parametrize("choice", ["lines", "raw"])
def test_reading_stops_at_a_line_without_end(choice, tmp_path, monkeypatch):
    class Endless(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, buffer):
            buffer[:] = b"A" * len(buffer)
            return len(buffer)

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Endless())))
    with pytest.raises(InputError, match="record longer than 1,000 bases"):
        records("-", format=choice, max_length=1000)


def test_a_folder_of_files_is_a_class(tmp_path):
    for kind in ("pos", "neg"):
        (tmp_path / kind).mkdir()
        for i in range(3):
            (tmp_path / kind / f"{i}.txt").write_text("ACGTACGTA" + i * "C")
    given = {"pos": f"{tmp_path}/pos", "neg": f"{tmp_path}/neg/*.txt"}
    found = [labelled for _, labelled in ClassFiles(given).read(Reading())]
    assert [labelled.labels for labelled in found] == [["pos"]] * 3 + [["neg"]] * 3
    assert [labelled.block.ids for labelled in found] == [[b"0"], [b"1"], [b"2"]] * 2


FASTA = ";top\n# more, of it\n>a ;no comment\n;in\nACGT\n#mid\nACGT\n;end\n>b\nGG\n"


@pytest.mark.parametrize("name", ["x.fa", "x.txt"])
def test_comment_lines_are_refused_or_skipped(name, tmp_path):
    (tmp_path / name).write_text(FASTA)
    with pytest.raises(InputError, match=r":1: text before the first header: ';top'.*reading.comments=skip"):
        records(tmp_path / name)
    assert records(tmp_path / name, comments="skip") == [("a ;no comment", "ACGTACGT", 3), ("b", "GG", 9)]


@pytest.mark.parametrize("mark", ";#")
def test_a_comment_line_in_a_record_is_named(mark, tmp_path):
    (tmp_path / "x.fa").write_text(f">a\nACGT\n{mark} note\nACGT\n>b\nGG\n")
    with pytest.raises(InputError, match=rf"x.fa:3: record 'a': letter '{mark}' .*\. reading.comments=skip"):
        records(tmp_path / "x.fa")


def test_comments_among_plain_sequences_are_skipped(tmp_path):
    (tmp_path / "x.txt").write_text("# made by hand\nACGTACGTAC\n;\nGGTTGGTTGGTT\n")
    assert [found[1:] for found in records(tmp_path / "x.txt", comments="skip")] == [
        ("ACGTACGTAC", 2),
        ("GGTTGGTTGGTT", 4),
    ]


def test_qualities_are_no_comments(tmp_path):
    (tmp_path / "x.fq").write_text("@a\nACGT\n+\n#III\n@b\nGG\n+\n;;\n")
    assert [letters for _, letters, _ in records(tmp_path / "x.fq", comments="skip")] == ["ACGT", "GG"]


def test_comments_above_fastq_are_refused(tmp_path):
    (tmp_path / "x.fq").write_text("#top\n@a\nACGT\n+\n#III\n")
    with pytest.raises(InputError, match="comments before the first record of FASTQ"):
        records(tmp_path / "x.fq", comments="skip")

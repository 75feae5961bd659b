"""Inputs to blocks, whatever their number and format."""

import pytest

from dnaseq.errors import ConfigError, FileAccessError, InputError
from dnaseq.io.address import expand
from dnaseq.io.sequences.reading import Reading, read_blocks, record_id

FASTA = b">a one\nACGT\n>b\nTTGA\n"
FASTQ = b"@a one\nACGT\n+\nIIII\n@b\nTTGA\n+\nIIII\n"


def headers_and_codes(inputs, **reading):
    blocks = list(read_blocks(inputs, Reading(**reading)))
    return [h for b in blocks for h in b.headers], [c for b in blocks for c in b.codes.tolist()]


@pytest.fixture
def folder(tmp_path):
    for name in ("b.fa", "a.fa", "c.fasta"):
        (tmp_path / name).write_bytes(FASTA)
    (tmp_path / "d.fa").mkdir()
    return tmp_path


def test_the_files_of_a_pattern_are_sorted_and_no_folders(folder):
    assert expand(str(folder / "*.fa")) == [str(folder / "a.fa"), str(folder / "b.fa")]


def test_files_keep_the_order_in_which_they_are_given(folder):
    names = [folder / "c.fasta", str(folder / "a.fa"), "-"]
    assert expand(names) == [str(folder / "c.fasta"), str(folder / "a.fa"), "-"]


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(folder):
    (folder / "[ab].fa").write_bytes(FASTA)
    assert expand(folder / "[ab].fa") == [str(folder / "[ab].fa")]


def test_a_tilde_is_the_home_folder(folder, monkeypatch):
    monkeypatch.setenv("HOME", str(folder))
    assert expand("~/a.fa") == [str(folder / "a.fa")]


def test_a_missing_file_is_named(folder):
    with pytest.raises(FileAccessError, match=r"x\.fa: does not exist"):
        expand([folder / "a.fa", folder / "x.fa"])


def test_a_pattern_without_a_match_is_named(folder):
    with pytest.raises(FileAccessError, match=r"\*\.gb: matches no file"):
        expand(str(folder / "*.gb"))


def test_a_folder_is_its_files_by_their_names_without_hidden_ones_and_folders(folder):
    (folder / ".hidden.fa").write_bytes(FASTA)
    assert expand(folder) == [str(folder / name) for name in ("a.fa", "b.fa", "c.fasta")]
    assert expand([folder / "c.fasta", str(folder)])[:2] == [
        str(folder / name) for name in ("c.fasta", "a.fa")
    ]


def test_a_folder_without_files_is_named(folder):
    (folder / "d.fa" / "e").mkdir()
    with pytest.raises(
        FileAccessError, match=r"d\.fa: this folder has no files, only folders such as .*d\.fa/e"
    ):
        expand(folder / "d.fa")
    with pytest.raises(FileAccessError, match=r"e: this folder has no files\. Give one that has"):
        expand(folder / "d.fa" / "e")


@pytest.mark.parametrize("nothing", [[], "", [""]])
def test_no_input_is_an_error_of_the_configuration(nothing):
    with pytest.raises(ConfigError, match="no input is given"):
        expand(nothing)


def test_a_block_is_of_one_file(folder):
    sources = {block.source for block in read_blocks([folder / "b.fa", folder / "a.fa"])}
    assert sources == {str(folder / "b.fa"), str(folder / "a.fa")}


@pytest.mark.parametrize("name", ["x.fq", "x.fa", "x"])
def test_fastq_gives_the_headers_and_codes_of_fasta(name, folder):
    (folder / name).write_bytes(FASTQ)
    assert headers_and_codes(folder / name) == headers_and_codes(folder / "a.fa")


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("x.fa", FASTQ, "says fasta, but its content is fastq"),
        ("x.fq", FASTA, "says fastq, but its content is fasta"),
    ],
)
def test_a_name_of_the_other_format_is_logged(name, data, said, tmp_path, caplog):
    (tmp_path / name).write_bytes(data)
    list(read_blocks(tmp_path / name))
    assert said in caplog.text


def test_the_format_that_is_set_must_be_the_one_that_is_there(folder):
    with pytest.raises(InputError, match=r"looks like FASTA\. Set reading\.format=auto"):
        list(read_blocks(folder / "a.fa", Reading(format="fastq")))


def test_an_empty_file_among_others_is_logged(folder, caplog):
    (folder / "empty.fa").write_bytes(b"\n")
    assert len(headers_and_codes([folder / "a.fa", folder / "empty.fa"])[0]) == 2
    assert "empty.fa: no records" in caplog.text


def test_records_are_counted_over_all_files(folder):
    both = [folder / "a.fa", folder / "b.fa"]
    assert len(headers_and_codes(both, expect_records=4)[0]) == 4


def test_another_number_of_records_than_expected_is_an_error(folder):
    with pytest.raises(InputError, match=r"2 records, but reading\.expect_records is 3"):
        list(read_blocks(folder / "a.fa", Reading(expect_records=3)))


@pytest.mark.parametrize(
    ("header", "name"),
    [(b"a one", "a"), (b"a\tb", "a"), (b"a", "a"), (b"", ""), (b"\xff x", "\\xff"), ("ä".encode(), "ä")],
)
def test_the_id_is_the_header_up_to_the_first_white_space(header, name):
    assert record_id(header) == name


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        (b"> a one\nAC\n>\tb\nGT\n", [b"a one", b"b"]),
        (b"@ a one\nAC\n+\nII\n@  b\nGT\n+\nII\n", [b"a one", b"b"]),
    ],
)
def test_blanks_before_a_header_are_skipped(tmp_path, text, headers):
    (tmp_path / "a.txt").write_bytes(text)
    blocks = list(read_blocks(tmp_path / "a.txt"))
    assert [header for block in blocks for header in block.headers] == headers
    assert [name for block in blocks for name in block.ids] == [b"a", b"b"]


TWO_NAMES = ">sp|P1|ONE first\nAC\n>sp|P2|TWO second\nGT\n"


@pytest.mark.parametrize(
    ("choice", "ids"),
    [
        ("first_word", [b"sp|P1|ONE", b"sp|P2|TWO"]),
        ("header", [b"sp|P1|ONE first", b"sp|P2|TWO second"]),
        (r"\|(\w+)\|", [b"P1", b"P2"]),
    ],
)
def test_the_id_can_be_chosen(tmp_path, choice, ids):
    (tmp_path / "a.fa").write_text(TWO_NAMES)
    blocks = read_blocks(tmp_path / "a.fa", Reading(id=choice))
    assert [name for block in blocks for name in block.ids] == ids


def test_a_header_without_the_chosen_id_is_a_bad_record(tmp_path):
    (tmp_path / "a.fa").write_text(TWO_NAMES + ">three\nAC\n")
    with pytest.raises(InputError, match=r"a\.fa:5: no id in the header \(reading\.id looks for \\\|"):
        list(read_blocks(tmp_path / "a.fa", Reading(id=r"\|(\w+)\|")))
    blocks = read_blocks(tmp_path / "a.fa", Reading(id=r"\|(\w+)\|", bad_records="keep"))
    assert [(block.headers[i], block.ids[i]) for block in blocks for i in block.rejected] == [(b"three", b"")]


def test_an_error_names_the_record_by_the_chosen_id(tmp_path):
    (tmp_path / "a.fa").write_text(">x one\nAC7T\n")
    with pytest.raises(InputError, match=r"record 'one': letter '7'"):
        list(read_blocks(tmp_path / "a.fa", Reading(id=r" (\w+)")))


@pytest.mark.parametrize(
    ("key", "value"), [("max_length", 0), ("expect_records", 0), ("bad_records", "skip"), ("format", "bam")]
)
def test_a_setting_out_of_range_is_named_with_what_it_got(key, value):
    with pytest.raises(ConfigError, match=f"reading.{key} must be .*; got {value!r}"):
        Reading(**{key: value})

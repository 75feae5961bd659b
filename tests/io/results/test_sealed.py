import json

import pytest

from dnaseq.io.results.run_files import read_sealed, write_sealed

CONTENT = {"lr": 0.1, "names": ["a", "ä\n"], "none": None, "nan": float("inf")}


def test_what_was_written_is_read(tmp_path):
    write_sealed(tmp_path / "a.json", CONTENT)
    assert read_sealed(tmp_path / "a.json") == CONTENT


def test_no_flipped_bit_and_no_cut_says_anything_else(tmp_path):
    path = tmp_path / "a.json"
    write_sealed(path, CONTENT)
    whole = path.read_bytes()
    flipped = [
        whole[:at] + bytes([whole[at] ^ 1 << bit]) + whole[at + 1 :]
        for at in range(len(whole))
        for bit in range(8)
    ]
    for damaged in (*flipped, *(whole[:n] for n in range(len(whole)))):
        path.write_bytes(damaged)
        try:
            assert read_sealed(path) == CONTENT  # a blank that became another one
        except ValueError:
            continue


@pytest.mark.parametrize(
    "text", ["", "[1, 2]", "3", '"content sha256"', "{}", json.dumps({"content": 1}), "[" * 100_000, "\xff"]
)
def test_another_file_is_refused(tmp_path, text):
    (tmp_path / "a.json").write_text(text, encoding="latin-1")
    with pytest.raises(ValueError, match="damaged"):
        read_sealed(tmp_path / "a.json")

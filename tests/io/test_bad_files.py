"""Every file of tests/bad/ is refused with the words, the line and the exit code that index.toml promises."""

import re
import tomllib
from pathlib import Path

import pytest

from dnaseq.errors import DnaseqError
from dnaseq.io.reading_options import TableColumns
from dnaseq.io.sequences.labels import read_labels
from dnaseq.io.sequences.reading import Reading, read_blocks
from dnaseq.io.tables.sequence_table import read_table

FOLDER = Path(__file__).parents[1] / "bad"
INDEX = tomllib.loads((FOLDER / "index.toml").read_text())


def read(path, reading):
    if path.suffix in (".csv", ".tsv"):
        return read_labels(path)
    if path.suffix == ".parquet":
        return list(read_table(path, TableColumns("sequence", "label")))
    return list(read_blocks(path, reading))


@pytest.mark.parametrize("name", INDEX)
def test_a_defective_file_is_refused_as_the_index_says(name):
    expected = INDEX[name]
    with pytest.raises(DnaseqError, match=expected["message"]) as caught:
        read(FOLDER / name, Reading(**expected.get("reading", {})))
    assert caught.value.exit_code == expected["exit_code"]
    assert caught.value.line == expected.get("line")


@pytest.mark.parametrize("name", INDEX)
def test_the_error_of_a_defective_file_begins_with_its_path(name):
    path = FOLDER / name
    with pytest.raises(DnaseqError, match="^" + re.escape(f"{path}:")):
        read(path, Reading(**INDEX[name].get("reading", {})))


def test_the_index_lists_every_defective_file():
    others = {"index.toml", "make_files.py", ".gitattributes"}
    assert {path.name for path in FOLDER.iterdir() if path.is_file()} - others == set(INDEX)

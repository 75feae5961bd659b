import math

import pytest
from omegaconf import OmegaConf

from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.io.yaml_file import read_mapping


@pytest.fixture
def reading(tmp_path):
    """reading(text) -> what is read from a file of that content."""

    def read(content: str | bytes) -> dict:
        path = tmp_path / "a.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_mapping(path)

    return read


VALUES = {
    "numbers": [1e-05, 1e5, 1e-300, 0.1, -3.0, 7, -7, 1234567, 1e22, math.inf],
    "texts": [
        "1e-05",
        "7",
        "yes",
        "null",
        "2020-01-01",
        "1:30",
        "~",
        "",
        "a: b",
        "é",
        "0x1f",
        "1_000",
        "=",
        "<<",
    ],
    "others": {"a": None, "b": True, "c": [], "d": {}, "e": [[1], {"f": 2}], "1": "yes", "null": 3},
}


def test_what_omegaconf_writes_reads_as_it_was(reading):
    text = OmegaConf.to_yaml(OmegaConf.create(VALUES))
    assert reading(text) == VALUES
    assert reading(text) == OmegaConf.to_container(OmegaConf.create(text))


@pytest.mark.parametrize(
    "text", ["a: 1e-05", "a: 1E5", "a: 2020-01-01", "a: 1:30", "a: .nan", "a: 1_0", "a: 0o7"]
)
def test_what_people_write_reads_as_omegaconf_reads_it(reading, text):
    assert repr(reading(text)) == repr(OmegaConf.to_container(OmegaConf.create(text)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a: 1\nb: &x [1]\nc: *x", "a.yaml:2: anchors and aliases"),
        ("a: &a [1]\nb: &b [*a, *a]", "anchors and aliases"),
        ("a: !!python/object/apply:os.system [id]", "a.yaml:1: the tag .*os.system' is not read"),
        ("a: !!python/object/apply:pathlib.Path [x]", "is not read"),
        ("a: !mine 3", "the tag '!mine' is not read"),
        ("a: 1\nb: 2\na: 3", "a.yaml:3: .*the key 'a' is there twice"),
        ("a: 1\nb: {1: 2, 1: 3}", "a.yaml:2: .*twice"),
        ("a: " + "[" * 1000 + "]" * 1000, "more than 100 levels"),
        ("".join(" " * i + "a:\n" for i in range(1000)), "a.yaml:101: more than 100 levels"),
        ("a: [" + "1," * 1_000_000 + "]", "more than 100000 values"),
        (b"a: " + b"x" * 10_000_001, "more than 10 MB"),
        ("a: " + "1" * 100_000, "not readable as YAML"),
        ("a: é".encode("latin-1"), "a.yaml:1: not UTF-8 text"),
        ("a: é".encode("utf-16"), "not UTF-8 text"),
        (b"a: \0", "not readable as YAML"),
        ("a: [1, 2", "not readable as YAML"),
        ("? [a, b]\n: c", "not readable as YAML"),
        ("a: 1\n---\nb: 2", "not readable as YAML"),
        ("- a", "holds no keys with values"),
        ("", "holds no keys with values"),
    ],
)
def test_what_is_no_plain_mapping_is_refused(reading, content, message):
    with pytest.raises(ConfigError, match=message):
        reading(content)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileAccessError, match=r"a\.yaml"):
        read_mapping(tmp_path / "a.yaml")

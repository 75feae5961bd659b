"""The id of a record is the part of its header that the user chooses."""

import pytest

from dnaseq.errors import ConfigError
from dnaseq.io.reading_options import FIRST_WORD, HEADER, Reading, compile_pattern, find_group, id_of


@pytest.mark.parametrize(
    ("header", "label"),
    [(b"a x label=one y", b"one"), (b"a label=", b""), (b"a", b""), ("a label=ä".encode(), "ä".encode())],
)
def test_a_pattern_finds_its_group(header, label):
    assert find_group(header, compile_pattern(r"label=(\S*)", "key", "a(b)")) == label


@pytest.mark.parametrize("text", [r"label=\S+", r"(a)(b)"])
def test_a_pattern_has_exactly_one_group(text):
    with pytest.raises(ConfigError, match=r"data\.it must have exactly one group, as in 'a\(b\)'; got"):
        compile_pattern(text, "data.it", "a(b)")


def test_a_pattern_that_is_none_is_refused():
    with pytest.raises(ConfigError, match=r"data\.it: '\(' is not a regular expression"):
        compile_pattern("(", "data.it", "a(b)")


GISAID = b"A/New York/0/2004 |  NP | A / H1N1"


@pytest.mark.parametrize(
    ("id_from", "name"),
    [(FIRST_WORD, b"A/New"), (HEADER, GISAID), (r"^([^|]+)\|", b"A/New York/0/2004"), (r"\|(\w+)\|", b"")],
)
def test_the_id_is_the_part_of_the_header_that_is_chosen(id_from, name):
    assert id_of(GISAID, id_from) == name


@pytest.mark.parametrize("wrong", ["firstword", "", "a+", "(a)(b)", "(", 7])
def test_a_choice_that_is_neither_a_name_nor_a_pattern_is_refused(wrong):
    with pytest.raises(ConfigError, match=r"reading\.id.*(got|regular expression)"):
        Reading(id=wrong)


@pytest.mark.parametrize("setting", [{"table": "t.csv"}, {"keep": ["a"]}, {"keep": "a"}])
def test_columns_have_keys_of_their_own(setting):
    with pytest.raises(ConfigError, match=r"Use data\.sequence= and keep="):
        Reading(**setting)

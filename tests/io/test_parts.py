"""What is kept of unfinished work: as long as it is of use, and only what is whole."""

from contextlib import suppress

import pytest

from dnaseq.errors import ConfigError, FileAccessError, InputError
from dnaseq.io.parts import Part, parts_beside

PLAN = {"input": [["a.fa", 10]], "shard": 4}
PARTS = [Part(0, 0, False, ["x"]), Part(0, 1, True, [{"y": 0.1}]), Part(1, 0, True, [])]


@pytest.fixture
def output(tmp_path):
    return str(tmp_path / "out.tsv")


@pytest.fixture
def stopped(output):
    """An output whose making was stopped after three parts; their folder."""
    with suppress(FileAccessError), parts_beside(output, PLAN, overwrite=False) as parts:
        for part in PARTS:
            parts.add(part)
        raise FileAccessError("disk full")
    return output + ".dnaseq-part"


def test_what_was_added_is_there_after_an_end_that_was_none(output, stopped):
    with parts_beside(output, PLAN, overwrite=False) as parts:
        assert [parts.get(part.shard, part.number) for part in PARTS] == PARTS
        assert parts.get(1, 1) is None
        assert [parts.there(i) for i in range(3)] == [({0, 1}, True), ({0}, True), (set(), False)]


def test_a_damaged_part_counts_as_none(output, stopped):
    with open(f"{stopped}/0-0", "r+b") as file:
        file.seek(-2, 2)
        file.write(b"!")
    with parts_beside(output, PLAN, overwrite=False) as parts:
        assert parts.get(0, 0) is None
        assert parts.there(0) == ({1}, False)


@pytest.mark.parametrize("error", [None, InputError("bad record")])
def test_nothing_is_left_at_the_end_or_where_the_input_has_to_change(output, tmp_path, error):
    try:
        with parts_beside(output, PLAN, overwrite=False) as parts:
            parts.add(PARTS[0])
            if error:
                raise error
    except InputError:
        assert error
    assert not list(tmp_path.iterdir())


def test_parts_of_other_rows_are_refused_and_stay(output, stopped):
    with (
        pytest.raises(ConfigError, match=r"was begun with shard=4, not 8. Use the same again"),
        parts_beside(output, PLAN | {"shard": 8}, overwrite=False),
    ):
        pass
    with parts_beside(output, PLAN, overwrite=True) as parts:
        assert parts.get(0, 0) == PARTS[0]


def test_overwriting_begins_anew_where_the_rows_would_be_others(output, stopped):
    with parts_beside(output, PLAN | {"shard": 8}, overwrite=True) as parts:
        assert parts.there(0) == (set(), False)

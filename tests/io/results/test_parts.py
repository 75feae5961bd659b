"""What is kept of unfinished work: as long as it is of use, and only what is whole."""

import json
import os
import random
from contextlib import suppress
from pathlib import Path

import pytest

from dnaseq.errors import ConfigError, FileAccessError, InputError
from dnaseq.io.results.parts import Part, check_free, parts_beside

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
        assert [parts.find(i) for i in range(3)] == [({0, 1}, True), ({0}, True), (set(), False)]


def test_a_damaged_part_counts_as_none(output, stopped):
    with open(f"{stopped}/0-0", "r+b") as file:
        file.seek(-2, 2)
        file.write(b"!")
    with parts_beside(output, PLAN, overwrite=False) as parts:
        assert parts.get(0, 0) is None
        assert parts.find(0) == ({1}, False)


def test_no_bit_of_a_part_can_be_flipped_unnoticed(output, stopped):
    dice = random.Random(1)
    files = sorted(Path(stopped).glob("*-*"))
    with parts_beside(output, PLAN, overwrite=False) as parts:
        for turn in range(300):
            file, part = list(zip(files, PARTS, strict=True))[turn % len(PARTS)]
            content = file.read_bytes()
            flipped = bytearray(content)
            flipped[dice.randrange(len(flipped))] ^= 1 << dice.randrange(8)
            file.write_bytes(flipped)
            assert parts.get(part.shard, part.number) is None
            file.write_bytes(content)
            assert parts.get(part.shard, part.number) == part


def test_no_bit_of_the_plan_can_be_flipped_so_that_other_parts_are_taken(output, stopped):
    """It is refused, or it says the same; what a part belongs to is written in the part as well."""
    plan, dice = Path(stopped) / "plan.json", random.Random(1)
    content = plan.read_bytes()
    for _ in range(100):
        flipped = bytearray(content)
        flipped[dice.randrange(len(flipped))] ^= 1 << dice.randrange(8)
        plan.write_bytes(flipped)
        with suppress(ConfigError, FileAccessError), parts_beside(output, PLAN, overwrite=False) as parts:
            assert json.loads(flipped)["plan"] == PLAN
            assert parts.get(0, 0) == PARTS[0]
            raise FileAccessError("stopped again")
    plan.write_text(json.dumps({"plan": PLAN | {"shard": 8}, "written": []}))
    with suppress(FileAccessError), parts_beside(output, PLAN | {"shard": 8}, overwrite=False) as parts:
        assert parts.find(0) == (set(), False)
        raise FileAccessError("stopped again")


@pytest.mark.parametrize("text", ["", "x", "[]", "[" * 10**5])
def test_a_plan_that_cannot_be_read_is_refused(output, stopped, text):
    (Path(stopped) / "plan.json").write_text(text)
    with (
        pytest.raises(ConfigError, match=r"plan\.json=a damaged file"),
        parts_beside(output, PLAN, overwrite=False),
    ):
        pass


def test_a_part_under_another_name_counts_as_none(output, stopped):
    os.rename(f"{stopped}/0-0", f"{stopped}/1-1")
    with parts_beside(output, PLAN, overwrite=False) as parts:
        assert parts.get(1, 1) is None


def test_two_at_once_do_not_write_one_output(output):
    with parts_beside(output, PLAN, overwrite=False) as parts:
        parts.table.write_text("first")
        with (
            pytest.raises(
                FileAccessError, match=rf"another process is writing it \(process {os.getpid()}, since"
            ),
            parts_beside(output, PLAN, overwrite=True),
        ):
            pass
    assert Path(output).read_text() == "first"


def test_a_table_that_was_complete_when_the_process_was_killed_may_be_written_again(output, tmp_path):
    with suppress(FileAccessError), parts_beside(output, PLAN, overwrite=False) as parts:
        parts.add(PARTS[0])
        parts.table.write_text("first")
        parts.end()
        raise FileAccessError("killed")
    with parts_beside(output, PLAN, overwrite=False) as parts:
        assert parts.get(0, 0) == PARTS[0]
        parts.table.write_text("again")
    assert Path(output).read_text() == "again"
    assert [path.name for path in tmp_path.iterdir()] == ["out.tsv"]


def test_a_file_that_belongs_to_the_table_may_be_written_again_as_well(output, tmp_path):
    page = tmp_path / "out.html"
    with suppress(FileAccessError), parts_beside(output, PLAN, overwrite=False, others=[page]) as parts:
        parts.add(PARTS[0])
        parts.place(page).write_text("first")
        parts.end()
        raise FileAccessError("killed")
    assert page.read_text() == "first"
    check_free(page, output, overwrite=False)
    with parts_beside(output, PLAN, overwrite=False, others=[page]) as parts:
        parts.place(page).write_text("again")
        parts.table.write_text("whole")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        "out.html": "again",
        "out.tsv": "whole",
    }
    with pytest.raises(ConfigError, match=r"out.html exists"):
        check_free(page, output, overwrite=False)


def test_another_table_of_that_name_is_not_replaced(output, stopped):
    Path(output).write_text("theirs")
    with pytest.raises(ConfigError, match="exists"), parts_beside(output, PLAN, overwrite=False):
        pass
    assert Path(output).read_text() == "theirs"
    assert len(list(Path(stopped).glob("*-*"))) == len(PARTS)


def test_of_a_link_the_parts_lie_beside_what_it_points_to(output, tmp_path):
    (tmp_path / "there").mkdir()
    Path(output).symlink_to("there/real.tsv")
    with parts_beside(output, PLAN, overwrite=False) as parts:
        parts.table.write_text("whole")
        assert [path.name for path in (tmp_path / "there").iterdir()] == ["real.tsv.dnaseq-part"]
    assert (tmp_path / "there" / "real.tsv").read_text() == "whole"
    assert Path(output).is_symlink()


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
        assert parts.find(0) == (set(), False)

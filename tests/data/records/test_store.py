import pickle
import shutil
from random import Random

import numpy as np
import pytest

from dnaseq.data.records import store_writer
from dnaseq.data.records.store import FACTS, TYPES, open_store
from dnaseq.data.records.store_writer import LabelledBlock, StoreWriter, cached_store
from dnaseq.errors import FileAccessError, InputError
from dnaseq.io.sequences.reading import Block


def block(*records: tuple[str, list[int]], source: str = "x.fa", rejected=None) -> Block:
    offsets = np.concatenate([[0], np.cumsum([len(codes) for _, codes in records])])
    codes = np.array([c for _, record in records for c in record], dtype=np.uint8)
    lines = np.arange(1, 2 * len(records), 2)
    return Block(source, [name.encode() for name, _ in records], codes, offsets, lines, rejected or {})


def append(
    writer: StoreWriter, block: Block, labels: list[str], part: str, chromosomes=None, origin=None
) -> None:
    writer.append(LabelledBlock(block, labels, chromosomes, origin or (), by_id=origin is None), part)


@pytest.fixture
def store(tmp_path):
    writer = StoreWriter(tmp_path)
    append(writer, block(("a", [0, 1, 2]), ("b extra words", [3])), ["pos", "neg"], "train")
    append(writer, block(("c", [4, 5, 6, 7])), ["pos"], "test")
    writer.finish("key")
    return open_store(tmp_path)


def test_records_come_back_as_they_went_in(store):
    assert store.ids(np.arange(3)) == ["a", "b", "c"]
    assert store.lengths.tolist() == [3, 1, 4]
    assert store.codes.tolist() == list(range(8))
    assert [store.label_names[i] for i in store.labels] == ["pos", "neg", "pos"]
    assert store.parts.tolist() == [0, 0, 2]


def test_blocks_hold_the_asked_rows_in_the_asked_order(store):
    first, second = store.blocks(np.array([2, 0, 1]), size=2)
    assert first.headers == [b"c", b"a"]
    assert first.codes.tolist() == [4, 5, 6, 7, 0, 1, 2]
    assert second.offsets.tolist() == [0, 1]


def test_a_rejected_record_is_counted_and_left_out(tmp_path):
    writer = StoreWriter(tmp_path)
    append(writer, block(("a", [0]), ("bad", []), ("c", [1]), rejected={1: "empty"}), ["x", "", "y"], "train")
    writer.finish("key")
    store = open_store(tmp_path)
    assert store.ids(np.arange(2)) == ["a", "c"]
    assert store.rejected == {"train": 1, "val": 0, "test": 0}


def test_chromosomes_come_back_as_they_went_in(tmp_path):
    writer = StoreWriter(tmp_path)
    records = block(("a", [0]), ("bad", []), ("c", [1]), ("d", [1]), rejected={1: "empty"})
    append(writer, records, ["x"] * 4, "train", ["chr2", "chr9", "", "chr2"])
    append(writer, block(("e", [2])), ["x"], "test", ["chr1"])
    append(writer, block(("f", [2])), ["x"], "test")
    writer.finish("key")
    store = pickle.loads(pickle.dumps(open_store(tmp_path)))
    assert store.chromosomes.tolist() == ["chr2", "", "chr2", "chr1", ""]
    assert store.on_chromosome.dtype == np.int32


def test_a_store_of_a_source_without_chromosomes_has_none(store):
    assert store.chromosomes is None
    assert not (store.folder / "on_chromosome").exists()


def test_an_id_used_twice_is_named_with_both_lines(tmp_path):
    writer = StoreWriter(tmp_path)
    append(writer, block(("a", [0]), ("b", [1])), ["x", "x"], "train")
    append(writer, block(("c", [0]), ("b", [0]), source="y.fa"), ["x", "x"], "test")
    with pytest.raises(InputError, match=r"y.fa:3: record 'b': the id is used twice, first at x.fa:3"):
        writer.finish("key")


def named(tmp_path, *records: tuple[str, tuple[str, ...]]) -> list[str]:
    """The ids of records, given by their header and origin, after they were told apart."""
    writer = StoreWriter(tmp_path)
    for number, (header, origin) in enumerate(records):
        append(writer, block((header, [0]), source=f"{number}.fa"), ["x"], "train", origin=origin)
    writer.finish("key")
    store = pickle.loads(pickle.dumps(open_store(tmp_path)))
    assert [store.own_id(row) for row in range(len(store))] == [header.split()[0] for header, _ in records]
    assert [store.header(row) for row in range(len(store))] == [header for header, _ in records]
    return [store.id(row) for row in range(len(store))]


def test_ids_that_repeat_are_told_apart_by_their_origin(tmp_path):
    train, test = ("train", "tr"), ("test", "te")
    found = named(tmp_path, ("seq1 text", train), ("seq2", train), ("seq1", test), ("seq3", test))
    assert found == ["train:seq1", "seq2", "test:seq1", "seq3"]


def test_no_more_of_an_origin_is_in_a_name_than_is_needed(tmp_path):
    pos, neg = ("pos", "train", "p"), ("neg", "test", "n")
    assert named(tmp_path, ("a", pos), ("a", neg), ("a", ("neg", "train", "n"))) == [
        "pos:train:a",
        "neg:test:a",
        "neg:train:a",
    ]


def test_ids_of_one_origin_are_numbered(tmp_path):
    one, two = ("one",), ("two",)
    assert named(tmp_path, ("a", one), ("a", one), ("b", one), ("b", two), ("b", one)) == [
        "a",
        "a#2",
        "one:b",
        "two:b",
        "one:b#2",
    ]


def test_a_new_name_is_never_that_of_another_record(tmp_path):
    records = [(name, ("one",)) for name in ("a", "a", "a#2", "a#2", "a#3")]
    assert named(tmp_path, *records) == ["a", "a#4", "a#2", "a#2#2", "a#3"]


def test_lines_are_those_of_the_records_that_are_left(tmp_path):
    writer = StoreWriter(tmp_path)
    append(writer, block(("bad", []), ("b", [1]), rejected={0: "empty"}), ["", "x"], "train")
    append(writer, block(("b", [0]), source="y.fa"), ["x"], "test")
    with pytest.raises(InputError, match=r"y.fa:1: record 'b': the id is used twice, first at x.fa:3"):
        writer.finish("key")


def test_ids_of_one_hash_are_not_equal_ids(tmp_path, monkeypatch):
    monkeypatch.setattr(store_writer, "hash", lambda name: 7, raising=False)
    writer = StoreWriter(tmp_path)
    append(writer, block(("a", [0]), ("b", [1]), ("c", [1])), ["x"] * 3, "train")
    writer.finish("key")
    append(again := StoreWriter(tmp_path), block(("a", [0]), ("b", [1]), ("a", [1])), ["x"] * 3, "train")
    with pytest.raises(InputError, match=r"x.fa:5: record 'a': the id is used twice, first at x.fa:1"):
        again.finish("key")


def test_a_store_is_filled_once_and_then_reused(tmp_path):
    calls = []

    def fill(writer: StoreWriter) -> None:
        calls.append(1)
        append(writer, block(("a", [0])), ["x"], "train")

    assert len(cached_store(tmp_path, "key", fill)) == len(cached_store(tmp_path, "key", fill)) == 1
    assert len(calls) == 1


def test_an_id_used_twice_on_one_line_is_an_error_too(tmp_path):
    """As when the same file is given twice."""
    writer = StoreWriter(tmp_path)
    append(writer, block(("a", [0])), ["x"], "train")
    append(writer, block(("a", [0])), ["y"], "train")
    with pytest.raises(InputError, match="record 'a': this record is read twice, as the file is given twice"):
        writer.finish("key")


@pytest.fixture
def filled(tmp_path):
    """filled("key") -> the store of that name, filled where it is not whole, and whether it was."""

    def store_of(key: str, codes=(0, 1, 2)):
        calls = []

        def fill(writer: StoreWriter) -> None:
            calls.append(1)
            first = block(("a one", list(codes)), ("b", [3]))
            append(writer, first, ["x", "y"], "train", ["chr1", ""], ("train",))
            append(writer, block(("a", [2, 2]), source="y.fa"), ["x"], "test", origin=("test",))

        return cached_store(tmp_path, key, fill), bool(calls)

    return store_of


def contents(store) -> list:
    arrays = [store.codes, store.offsets, store.parts, store.labels, store.on_chromosome]
    texts = [(store.id(row), store.own_id(row), store.header(row)) for row in range(len(store))]
    return [array.tolist() for array in arrays] + [texts, store.label_names, store.rejected, store.note]


def damaged_copies(whole: bytes, random: Random, n: int):
    """n damaged forms of a file: a flipped bit, or a cut."""
    for _ in range(n):
        at = random.randrange(len(whole))
        flipped = whole[:at] + bytes([whole[at] ^ 1 << random.randrange(8)]) + whole[at + 1 :]
        yield random.choice([flipped, whole[:at]])


def assert_damage_is_noticed(filled, tmp_path, caplog, each: int) -> None:
    before = contents(filled("key")[0])
    for name in (*TYPES, FACTS):
        path = tmp_path / "key" / name
        whole = path.read_bytes()
        for damaged in damaged_copies(whole, Random(name), each):
            path.write_bytes(damaged)
            caplog.clear()
            store, again = filled("key")
            assert contents(store) == before, name
            assert again == ("the parsed records are damaged" in caplog.text)
            assert again or name == FACTS, name  # where a blank may become another one


def test_damage_is_noticed_and_the_store_filled_again(filled, tmp_path, caplog):
    assert_damage_is_noticed(filled, tmp_path, caplog, each=4)


@pytest.mark.slow
def test_no_damage_to_a_store_goes_unnoticed(filled, tmp_path, caplog):
    assert_damage_is_noticed(filled, tmp_path, caplog, each=100)


@pytest.mark.parametrize("name", [*TYPES, FACTS, ""])
def test_what_belongs_to_another_store_is_noticed(filled, tmp_path, name):
    """As when files were copied by hand."""
    filled("other", codes=(1, 1, 2))
    before = contents(filled("key")[0])
    if name:
        shutil.copy(tmp_path / "other" / name, tmp_path / "key" / name)
    else:
        shutil.rmtree(tmp_path / "key")
        shutil.copytree(tmp_path / "other", tmp_path / "key")
    assert contents(filled("key")[0]) == before


def test_a_failed_fill_leaves_nothing_behind(tmp_path):
    def fill(writer: StoreWriter) -> None:
        raise InputError("bad letter")

    with pytest.raises(InputError, match="bad letter"):
        cached_store(tmp_path, "key", fill)
    assert list(tmp_path.iterdir()) == []


def test_two_processes_may_fill_the_same_store(tmp_path):
    def fill(writer: StoreWriter) -> None:
        append(writer, block(("a", [0])), ["x"], "train")

    def slow_fill(writer: StoreWriter) -> None:
        cached_store(tmp_path, "key", fill)  # another process begins later and is quicker
        fill(writer)

    assert len(cached_store(tmp_path, "key", slow_fill)) == 1
    assert [p.name for p in tmp_path.iterdir()] == ["key"]


def test_a_cache_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(FileAccessError, match="cannot write the parsed records"):
        cached_store(tmp_path / "file" / "cache", "key", lambda writer: None)

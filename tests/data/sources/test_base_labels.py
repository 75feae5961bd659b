"""Sequences and label strings pair off by id."""

import json

import pytest

from dnaseq.data.dataset import parse_source
from dnaseq.data.sources.base_labels import LabelStrings
from dnaseq.errors import ConfigError, InputError
from dnaseq.io.sequences.reading import Reading

SEQUENCES = ">a\nACGT\n>b\nGG\n"
LABELS = ">b\nNC\n>a\nNN\nCC\n"


@pytest.fixture
def file(tmp_path):
    def write(name: str, text: str) -> str:
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return write


def read(source) -> list[tuple[str, str, str]]:
    """(part, id, label) of every record."""
    return [
        (part, name.decode(), label)
        for part, labelled in source.read(Reading())
        for name, label in zip(labelled.block.ids, labelled.labels, strict=True)
    ]


def test_every_record_has_the_string_of_its_id(file):
    source = LabelStrings(file("s.fa", SEQUENCES), file("l.fa", LABELS))
    assert read(source) == [("train", "a", "NNCC"), ("train", "b", "NC")]


def test_each_part_has_files_of_its_own(file):
    source = LabelStrings(
        train=file("s.fa", SEQUENCES),
        train_labels=[file("a.fa", ">a\nNNCC\n"), file("b.tsv", "id\tlabel\nb\tNC\n")],
        test=file("t.fa", ">a2\nAC\n"),
        test_labels=file("t.tsv", "id,label\na2,CC\n"),
    )
    assert read(source) == [("train", "a", "NNCC"), ("train", "b", "NC"), ("test", "a2", "CC")]


def test_parts_may_have_ids_in_common_but_a_part_has_each_id_once(file, tmp_path):
    train = {"train": file("s.fa", SEQUENCES), "train_labels": file("l.fa", LABELS)}
    test = {"test": file("t.fa", ">a\nAC\n"), "test_labels": file("t.tsv", "id,label\na,CC\n")}
    store, _ = parse_source(LabelStrings(**train, **test), Reading(), tmp_path / "cache")
    assert [store.id(row) for row in range(3)] == ["train:a", "b", "test:a"]
    twice = LabelStrings(file("u.fa", SEQUENCES + ">a\nACGT\n"), file("l.fa", LABELS))
    with pytest.raises(InputError, match=r"u\.fa:5: record 'a': the id is used twice, first at .*u\.fa:1"):
        parse_source(twice, Reading(), tmp_path / "cache")


def test_a_record_without_a_string_is_named(file):
    with pytest.raises(InputError, match=r"l\.fa: 1 of 2 records without a label: b\."):
        read(LabelStrings(file("s.fa", SEQUENCES), file("l.fa", ">a\nNNCC\n")))


def test_a_string_without_a_record_is_named(file):
    with pytest.raises(InputError, match=r"l\.fa: 1 of 3 labels without a record: c\."):
        read(LabelStrings(file("s.fa", SEQUENCES), file("l.fa", LABELS + ">c\nN\n")))


def test_an_id_in_two_files_of_labels_is_named(file):
    two = [file("l.fa", LABELS), file("m.fa", ">b\nNC\n")]
    with pytest.raises(InputError, match=r"m\.fa: record 'b': the id stands in more than one file"):
        read(LabelStrings(file("s.fa", SEQUENCES), two))


@pytest.mark.parametrize(
    ("files", "what"),
    [
        (
            {"train": "s.fa", "train_labels": None},
            "data.train is given, so data.train_labels must be given too",
        ),
        (
            {"train_labels": "s.fa", "train": "s.fa", "val_labels": "s.fa"},
            "val_labels is given, so data.val must be",
        ),
        ({"train": None, "train_labels": None}, "Give them with data.train=FILE data.train_labels=FILE"),
    ],
)
def test_sequences_and_labels_come_together(file, monkeypatch, tmp_path, files, what):
    file("s.fa", SEQUENCES)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=what):
        LabelStrings(**files)


def test_changed_labels_are_another_store(file, tmp_path):
    sequences, stores = file("s.fa", SEQUENCES), []
    for labels in (LABELS, LABELS, LABELS.replace("NC\n", "CC\n")):
        source = LabelStrings(sequences, file("l.fa", labels))
        stores.append(parse_source(source, Reading(), tmp_path / "cache")[0])
    assert json.dumps(source.settings)
    assert stores[0].folder == stores[1].folder != stores[2].folder
    assert [stores[2].label_names[i] for i in stores[2].labels] == ["NNCC", "CC"]

"""Labels are text, and belong to records one to one."""

import pytest

from dnaseq.errors import InputError
from dnaseq.io.sequences.labels import match_labels, read_labels


def labels(tmp_path, text, **columns):
    path = tmp_path / "labels.csv"
    path.write_text(text)
    return read_labels(path, **columns)


@pytest.mark.parametrize("name", ["NA", "007", "1e5", "TRUE", "null", "nan", "-0", "1.0"])
def test_ids_and_labels_stay_text(name, tmp_path):
    assert labels(tmp_path, f"id,label\n{name},{name}\n") == {name: name}


def test_columns_can_have_other_names(tmp_path):
    text = "class,name,more\n1,a,x\n"
    assert labels(tmp_path, text, id_column="name", label_column="class") == {"a": "1"}


def test_the_first_five_empty_labels_are_named_with_their_number(tmp_path):
    text = "id,label\n" + "".join(f"r{i},\n" for i in range(7)) + ",1\n"
    with pytest.raises(InputError, match=r"8 rows .*: line 2 \(r0\), .*line 6 \(r4\), \.\.\.$"):
        labels(tmp_path, text)


def test_an_empty_id_is_named_by_its_line(tmp_path):
    told = r"1 rows with an empty label or id \(with task=multilabel, - stands for none\): line 3 \(no id\)"
    with pytest.raises(InputError, match=told):
        labels(tmp_path, "id,label\na,1\n,2\n")


def test_the_first_five_doubled_ids_are_named_with_their_lines(tmp_path):
    rows = "".join(f"r{i},1\n" for i in range(6))
    with pytest.raises(InputError, match=r"6 ids .*: r0 \(lines 2, 8\), .*r4 \(lines 6, 12\), \.\.\.$"):
        labels(tmp_path, "id,label\n" + rows + rows)


def test_labels_come_in_the_order_of_the_ids():
    assert match_labels(["b", "a", "b"], {"a": "1", "b": "2"}, "l.csv") == ["2", "1", "2"]


def test_records_without_a_label_are_named():
    ids = [f"r{i}" for i in range(7)]
    with pytest.raises(
        InputError, match=r"l\.csv: 6 of 7 records without a label: r1, r2, r3, r4, r5, \.\.\."
    ):
        match_labels(ids, {"r0": "1"}, "l.csv")


def test_labels_without_a_record_are_named():
    with pytest.raises(InputError, match=r"l\.csv: 2 of 3 labels without a record: b, c\."):
        match_labels(["a"], {"a": "1", "b": "1", "c": "1"}, "l.csv")


def test_both_kinds_of_mismatch_are_named_at_once():
    with pytest.raises(
        InputError, match="1 of 1 records without a label: A; 1 of 1 labels without a record: a"
    ):
        match_labels(["A"], {"a": "1"}, "l.csv")


def test_more_labels_than_records_are_allowed_by_choice(caplog):
    labels = {"a": "1", "b": "1", "c": "1"}
    with pytest.raises(InputError, match=r"2 of 3 labels without a record: b, c.*data.labels_extra=ignore"):
        match_labels(["a"], labels, "l.csv", "fail")
    with caplog.at_level("INFO", "dnaseq"):
        assert match_labels(["a"], labels, "l.csv", "ignore") == ["1"]
    assert "l.csv: 2 of 3 labels without a record" in caplog.text
    with pytest.raises(InputError, match="1 of 2 records without a label: z"):
        match_labels(["a", "z"], labels, "l.csv", "ignore")

"""The tables of predictions that are not of one class a record."""

import pytest

from dnaseq.errors import InputError
from dnaseq.report.inputs.predictions import read_task_predictions

SETS = "id\tlength\tlabel\tscore\tp_a\tp_b\tstatus\ttruth"
NUMBERS = "id\tlength\tvalue_x\tvalue_y\tstatus\ttruth_x\ttruth_y"
BASES = "id\tlength\tlabel\tscore\tstatus\ttruth"


@pytest.fixture
def read(tmp_path):
    """read(task, header, row, ...) -> what is read of a table of these lines."""

    def make(task: str, *lines: str):
        path = tmp_path / "predictions.test.tsv"
        path.write_text("\n".join(lines) + "\n")
        return read_task_predictions(path, task)

    return make


def test_label_sets_are_read_with_the_empty_one(read):
    p = read(
        "multilabel",
        SETS,
        "r\t9\ta;b\t0.8\t0.7\t0.9\tok\tb",
        "s\t9\t-\t0.9\t0.1\t0.1\tok\t-",
    )
    assert (p.ids, p.labels, p.left_out) == (["r", "s"], ["a", "b"], 0)
    assert p.called.tolist() == [[True, True], [False, False]]
    assert p.truth.tolist() == [[False, True], [False, False]]
    assert p.probabilities.tolist() == [[0.7, 0.9], [0.1, 0.1]]


def test_numbers_are_read_by_their_target(read):
    p = read("regression", NUMBERS, "r\t9\t1.5\t-2\tok\t1\t3e2")
    assert (p.ids, p.targets) == (["r"], ["x", "y"])
    assert (p.values.tolist(), p.truth.tolist()) == ([[1.5, -2]], [[1, 300]])


def test_labels_of_bases_are_read_letter_by_letter(read):
    p = read("labelling", BASES, "r\t3\tNCC\t0.8\tok\tNNC", "s\t1\tC\t0.8\tok\tC")
    assert [of.tolist() for of in p.called] == [[b"N", b"C", b"C"], [b"C"]]
    assert [of.tolist() for of in p.truth] == [[b"N", b"N", b"C"], [b"C"]]


@pytest.mark.parametrize(
    ("task", "header", "rows"),
    [
        ("multilabel", SETS, ["r\t9\ta\t1\t1\t0\trejected:short\ta", "s\t9\ta\t1\t1\t0\tok\t"]),
        ("regression", NUMBERS, ["r\t9\t\t\trejected:empty\t1\t1", "s\t9\t1\t1\tok\t1\t"]),
        ("labelling", BASES, ["r\t2\t\t\trejected:empty\tNN", "s\t2\tNN\t1\tok\t"]),
    ],
)
def test_rows_without_answer_or_truth_are_left_out(read, task, header, rows):
    p = read(task, header, *rows)
    assert (p.ids, p.left_out) == ([], 2)


@pytest.mark.parametrize(
    ("task", "lines", "message"),
    [
        ("multilabel", ["id\tstatus"], "columns p_NAME are needed"),
        ("multilabel", ["id\tstatus\tp_a\tlabel"], "has no column 'truth'"),
        ("labelling", ["id\tlabel\ttruth"], "has no column 'status'"),
        ("regression", ["id\tstatus\tvalue_x"], "has no column 'truth_x'"),
        ("multilabel", [SETS, "r\t9\ta\t1\t1\t0\tok\tc"], ":2: record 'r': label 'c' has no column p_c"),
        ("multilabel", [SETS, "r\t9\ta\t1\t1.2\t0\tok\ta"], ":2: record 'r': probabilities must be from 0"),
        ("multilabel", [SETS, "r\t9\ta\t1\thigh\t0\tok\ta"], ":2: record 'r': columns p_NAME: could not"),
        (
            "regression",
            [NUMBERS, "r\t9\t1\tnan\tok\t1\t1"],
            ":2: record 'r': columns value_NAME: not a finite",
        ),
        ("labelling", [BASES, "r\t2\tN\t1\tok\tNN"], ":2: record 'r': label and truth must have a letter"),
    ],
)
def test_damage_is_named_with_its_line(read, task, lines, message):
    with pytest.raises(InputError, match=message):
        read(task, *lines)

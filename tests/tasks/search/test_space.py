"""What a search space says, and which of its keys a trial has."""

import pytest

from dnaseq.errors import ConfigError
from dnaseq.tasks.search.space import override, rounded, space_of, suggest_values

ENTRIES = {
    "optimizer.lr": {"float": [1e-4, 1], "log": True},
    "encoding": {"choice": ["onehot", "kmer"]},
    "encoding.k": {"int": [3, 6], "when": {"encoding": "kmer"}},
    "encoding.stride": {"int": [1, 2], "when": {"encoding.k": [5, 6]}},
    "strands": {"choice": ["one", "both"], "when": {"data.stranded": False}},
}


def asked(answers: dict, known: dict | None = None) -> dict:
    return suggest_values(space_of(ENTRIES), lambda d: answers[d.key], known or {"data.stranded": False})


def test_a_key_is_searched_only_beside_the_values_that_it_needs():
    answers = {
        "optimizer.lr": 0.1,
        "encoding": "onehot",
        "encoding.k": 5,
        "encoding.stride": 1,
        "strands": "one",
    }
    assert list(asked(answers)) == ["optimizer.lr", "encoding", "strands"]
    assert list(asked(answers | {"encoding": "kmer"})) == list(ENTRIES)
    short = asked(answers | {"encoding": "kmer", "encoding.k": 4})
    assert "encoding.stride" not in short


def test_a_condition_may_be_on_a_key_that_is_not_searched():
    answers = {"optimizer.lr": 0.1, "encoding": "onehot", "strands": "one"}
    assert "strands" not in asked(answers, {"data.stranded": True})


def test_a_key_whose_condition_is_on_one_that_the_trial_has_not_goes_by_what_is_set():
    answers = {"optimizer.lr": 0.1, "encoding": "onehot", "encoding.stride": 2, "strands": "one"}
    assert "encoding.stride" in asked(answers, {"data.stranded": False, "encoding.k": 6})


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({}, "needs one of float"),
        ({"float": [0, 1], "int": [0, 1]}, "needs one of float"),
        (3, "needs one of float"),
        ({"float": [0, 1], "low": 3}, "unknown 'low'"),
        ({"float": 3}, "float must be a list"),
        ({"float": [1, 0]}, "LOW below HIGH"),
        ({"int": [1, 2.5]}, "LOW below HIGH"),
        ({"int": [1, 2, 3]}, "LOW below HIGH"),
        ({"float": [0, 1], "log": True}, "bounds above 0"),
        ({"int": [1, 8], "step": 0}, "step must be"),
        ({"choice": []}, "different single values"),
        ({"choice": ["a", "a"]}, "different single values"),
        ({"choice": [[1, 2]]}, "different single values"),
        ({"choice": ["a"], "log": True}, "not for a choice"),
        ({"int": [1, 2], "when": {"later": 3}}, "must stand above it"),
    ],
)
def test_an_entry_that_cannot_be_is_refused_with_its_key(entry, message):
    with pytest.raises(ConfigError, match=message) as error:
        space_of({"key": entry, "later": {"int": [1, 5]}})
    assert "key" in str(error.value)


def test_an_empty_space_is_refused():
    with pytest.raises(ConfigError, match="sweep=default"):
        space_of({})


def test_true_and_one_are_two_choices():
    (dimension,) = space_of({"x": {"choice": [1, True]}})
    assert dimension.values == (1, True)
    assert space_of({"x": {"choice": [True]}})[0].holds(1) is False


@pytest.mark.parametrize(
    ("entry", "inside", "outside"),
    [
        ({"float": [0, 1]}, [0, 0.5, 1.0], [-0.1, 1.1, "a", None, True]),
        ({"int": [1, 5], "step": 2}, [1, 3, 5], [2, 7, 1.0]),
        ({"choice": ["a", None]}, ["a", None], ["b", 0]),
    ],
)
def test_a_value_is_within_the_space_or_not(entry, inside, outside):
    (dimension,) = space_of({"x": entry})
    assert all(dimension.holds(value) for value in inside)
    assert not any(dimension.holds(value) for value in outside)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0001, "k=0.0001"),
        (3, "k=3"),
        (True, "k=true"),
        (None, "k=null"),
        ("[7, 15]", "k=[7, 15]"),
        (0, "k=0"),
    ],
)
def test_a_value_is_written_as_it_is_typed(value, text):
    assert override("k", value) == text


def test_numbers_have_four_digits():
    assert [rounded(v) for v in (0.00123456, 0.5, 7, "a")] == [0.001235, 0.5, 7, "a"]

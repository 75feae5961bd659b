"""JSON that a run wrote, and what somebody else may have put in its place."""

import json
import re

import pytest
from msgspec import UNSET, to_builtins

from dnaseq.errors import InputError
from dnaseq.evaluation.comparison.results import Scores
from dnaseq.io.results.run_files import read_object, read_record
from dnaseq.schemas import Estimate

SCORE = {"value": 0.5, "low": 0.4, "high": None}
SCORES = {"data": "d", "model": "m", "n": 3, "classes": ["a", "b"], "metrics": {"auroc": SCORE}}


@pytest.fixture
def reading(tmp_path):
    """reading(text, "scores.json") -> what is read from a file of that name."""

    def read(content: str | bytes, name: str = "any.json") -> dict:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_object(path)

    return read


def test_numbers_and_texts_come_back(reading):
    content = {"a": [1, -2.5, 1e-300, 2**62, True, None], "é": "\u202e"}
    assert reading(json.dumps(content)) == content


@pytest.mark.parametrize(
    "content",
    [
        *('{"a": NaN}', '{"a": Infinity}', '{"a": -Infinity}', '{"a": 1e999}', '{"a": 9223372036854775808}'),
        *('{"a": ' + "1" * 5000 + "}", '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "[1]", "3", "", "{"),
        *('{"a":' * 50_000 + "1" + "}" * 50_000, b'{"a": "\xff"}', b"\0" * 50_000_001, '{"a": 1} {}'),
    ],
    ids=lambda content: str(content[:12]),
)
def test_what_is_no_plain_object_is_named(reading, content):
    with pytest.raises(InputError, match=r"any\.json: "):
        reading(content)


@pytest.fixture
def reading_scores(tmp_path):
    """reading_scores({entries}) -> the scores that are read from a file of these."""

    def read(content: dict) -> Scores:
        (tmp_path / "scores.json").write_text(json.dumps(content))
        return read_record(tmp_path / "scores.json", Scores)

    return read


def test_entries_of_another_version_are_left_out(reading_scores):
    found = reading_scores(SCORES | {"more": [1]})
    assert (found.metrics["auroc"], found.threshold) == (Estimate(0.5, 0.4, None), UNSET)
    assert "more" not in to_builtins(found)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"metrics": [1]}, "metrics: expected `object`, got `array`"),
        (
            {"metrics": {"auroc": SCORE | {"value": "0.5"}}},
            "metrics[.].value: expected `float | null`, got `str`",
        ),
        ({"metrics": {"auroc": 0.5}}, "metrics[.]: expected `object`, got `float`"),
        ({"n": 3.5}, "n: expected `int`, got `float`"),
        ({"n": True}, "n: expected `int`, got `bool`"),
        ({"classes": ["a", 3]}, "classes[1]: expected `str`, got `int`"),
        ({"folds": [{}]}, "folds[0]: object missing required field `fold`"),
        ({"fingerprints": {"t": [{"file": "a", "sha256": 3}]}}, "fingerprints[.][0].sha256: expected `str`"),
        ({"threshold": "x"}, "threshold: expected `float | null`, got `str`"),
        ({"calibration": 3}, "calibration: expected `object | null`, got `int`"),
        ({"seconds": {"train": []}}, "seconds[.]: expected `float | null`, got `array`"),
    ],
)
def test_an_entry_of_another_kind_is_named(reading_scores, change, message):
    with pytest.raises(InputError, match=re.escape(f"scores.json: {message}")):
        reading_scores(SCORES | change)

"""JSON that a run wrote, and what somebody else may have put in its place."""

import json
import re

import pytest

from dnaseq.errors import InputError
from dnaseq.io.results.run_files import read_object

SCORE = {"value": 0.5, "low": 0.4, "high": None}
SCORES = {"data": "d", "model": "m", "n": 3, "classes": ["a", "b"], "metrics": {"auroc": SCORE, "f1": None}}


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


def test_a_file_of_scores_has_their_shape(reading):
    assert reading(json.dumps(SCORES | {"more": [1]}), "scores.json")["more"] == [1]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"metrics": [1]}, "metrics is not names with values"),
        ({"metrics": {"auroc": {"value": "0.5"}}}, "metrics.auroc.value is not a number"),
        ({"metrics": {"auroc": 0.5}}, "metrics.auroc is not names with values"),
        ({"n": 3.5}, "n is not a whole number"),
        ({"n": True}, "n is not a whole number"),
        ({"classes": ["a", 3]}, "classes[1] is not text"),
        ({"folds": [{}]}, "folds[0] has no entry 'n_train'"),
        (
            {"fingerprints": {"train": [{"file": "a", "sha256": 3}]}},
            "fingerprints.train[0].sha256 is not text",
        ),
        ({"threshold": "x"}, "threshold is not a number"),
        ({"calibration": 3}, "calibration is not names with values"),
        ({"seconds": {"train": []}}, "seconds.train is not a number"),
    ],
)
def test_another_shape_is_named_by_its_entry(reading, change, message):
    with pytest.raises(InputError, match=re.escape(f"scores.json: {message}")):
        reading(json.dumps(SCORES | change), "scores.json")

import pytest

from dnaseq.tasks.runs.manifest import changes

WHOLE = {"optimizer": {"lr": 0.001}, "seed": 1, "classes": ["a", "b"], "none": None}


@pytest.mark.parametrize(
    ("now", "told"),
    [
        (WHOLE, ""),
        (dict(reversed(WHOLE.items())), ""),
        (WHOLE | {"seed": 2}, "seed: 1 when the run began, 2 now"),
        (WHOLE | {"seed": 1.0}, "seed: 1 when the run began, 1.0 now"),
        (WHOLE | {"seed": True}, "seed: 1 when the run began, True now"),
        (WHOLE | {"optimizer": {"lr": 0.01}}, "optimizer.lr: 0.001 when the run began, 0.01 now"),
        (WHOLE | {"classes": ["b", "a"]}, "classes: ['a', 'b'] when the run began, ['b', 'a'] now"),
        (WHOLE | {"new": {"key": 3}}, "new.key: absent when the run began, 3 now"),
        (WHOLE | {"seed": "x" * 99}, f"seed: 1 when the run began, {'x' * 37}... now"),
    ],
)
def test_what_has_changed_is_told(now, told):
    assert changes(WHOLE, now) == told


def test_what_is_gone_is_told_and_many_changes_are_counted():
    told = changes(dict.fromkeys("abcdef", 1), {})
    assert told.startswith("a: 1 when the run began, absent now; b: ")
    assert told.endswith("; and 4 more")  # the empty table itself is one

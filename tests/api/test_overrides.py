"""Python values as overrides: Hydra reads each back as it was given."""

from pathlib import Path

import numpy as np
import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.api.overrides import write_overrides
from dnaseq.errors import ArgumentError

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=12)
VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS


def read(line: str) -> object:
    return OverridesParser.create().parse_override(line).value()


@given(VALUES | st.lists(VALUES, max_size=3))
def test_a_value_is_read_back(value):
    (line,) = write_overrides({"key": value})
    found = read(line)
    found = [getattr(one, "text", one) for one in found] if isinstance(found, list) else found
    assert found == value
    assert type(found) is type(value)


def test_values_of_numpy_paths_and_groups_of_keys():
    given = {
        "a": {"b": np.int64(3), "c.d": np.float32(0.5)},
        "p": Path("x/y z"),
        "l": ("u", None),
        "t": np.True_,
    }
    lines = ["a.b=3", "a.c.d=0.5", "p='x/y z'", "l=[u,null]", "t=true"]
    assert write_overrides(given) == lines


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({3: 1}, "3 is no key"),
        ({"a=b": 1}, "'a=b' is no key"),
        ({"": 1}, "'' is no key"),
        ({"a": object()}, "a: a object is no value of a setting"),
    ],
)
def test_what_has_no_form_is_refused(settings, message):
    with pytest.raises(ArgumentError, match=message):
        write_overrides(settings)

"""Names that differ in nothing that counts, renames that no record has, and labels of no class."""

import logging

import pytest

from dnaseq.data.targets.names import check_known, look_alikes, rename_labels
from dnaseq.errors import InputError


@pytest.mark.parametrize(
    ("names", "alike"),
    [
        (("pos", "neg", "POS"), [["pos", "POS"]]),
        (("1", "0", "1.0", "0.0", "01"), [["1", "1.0", "01"], ["0", "0.0"]]),
        (("1e5", "100000", "+1E5"), [["1e5", "100000", "+1E5"]]),
        (("TRUE", "true", "True"), [["TRUE", "true", "True"]]),
        (("type I", "type  I", " type I"), [["type I", "type  I", " type I"]]),
        (("a", "a\ufe0f", "a\u3164"), [["a", "a\ufe0f", "a\u3164"]]),
        (("\u00e9", "e\u0301"), [["\u00e9", "e\u0301"]]),
        (("a", "b", "1", "10", "1_0", "type I", "type II", "e", "\u00e9", "nan", "-1"), []),
        (("12345678901234567890", "12345678901234567891"), []),
    ],
)
def test_names_that_differ_in_case_number_format_or_what_is_unseen(names, alike):
    assert look_alikes(names) == alike


def test_a_rename_that_no_record_has_is_told(caplog):
    with caplog.at_level(logging.WARNING):
        assert rename_labels(["pos", "neg"], {"pos": "1", "negg": "0", "c.d": "2"}) == ["1", "neg"]
    assert caplog.messages == [
        "note: data.rename: no record has the label 'negg'. Did you mean neg?",
        "note: data.rename: no record has the label 'c.d'. The labels are pos, neg",
    ]


@pytest.mark.parametrize(
    ("label", "fix"),
    [("Neg", "data.rename.Neg=neg"), ("1.0", "data.rename.1.0=1"), ("a b", "'data.rename.a b=CLASS'")],
)
def test_a_label_of_no_class_gets_the_option_that_gives_it_one(label, fix):
    with pytest.raises(InputError, match=f"Say which class it is: {fix}$"):
        check_known(["neg", label], ["neg", "pos", "1"])

"""The record of audit.json: files of earlier versions, the order of entries, and what does not fit."""

import pytest
from msgspec import to_builtins

from dnaseq.audit_record import Audit
from dnaseq.schemas import convert, present

FIRST = {  # audit.json as the first version wrote it
    "classes": ["a", "b"],
    "records": {"train": {"a": 5, "b": 4}, "dropped": {"a": 1, "b": 0}},
    "rejected": {"train": 0},
    "lengths": {"min": 4, "median": 5.5, "max": 8},
    "gc": {"a": 0.5, "b": 0.25},
    "ambiguous_letters": 0,
    "repeated_sequences": 1,
    "sequences_with_two_labels": 0,
    "leaks": {"exact": 1, "reverse_complement": 0, "near": None, "ids": [["r1", "t1", "exact"]]},
}


def test_an_audit_of_the_first_version_is_read():
    audit = convert(FIRST, Audit)
    [pair] = audit.leaks.ids
    assert (pair.train, pair.held_out, pair.identity) == ("r1", "t1", 1)  # it named copies alone
    assert not audit.groups


def test_an_audit_keeps_the_order_of_its_entries_and_writes_no_others():
    leaks = FIRST["leaks"] | {"ids": [["r1", "t1", "near", 0.9]], "handling": "drop"}
    kmer = {"kmer": "CG", "class": "b", "frequency": 0.1, "elsewhere": 0.2, "log2_ratio": -1.0}
    entries = FIRST | {"labels": None, "imbalance": 1.25, "leaks": leaks, "kmers": {"2": [kmer]}, "seed": 1}
    written = to_builtins(convert(entries, Audit))
    assert written == entries
    ordered = (
        "classes records rejected lengths gc labels ambiguous_letters repeated_sequences sequences_with_two_labels "
        "imbalance leaks kmers seed"
    )
    assert list(written) == ordered.split()
    assert list(written["leaks"]) == ["exact", "reverse_complement", "near", "ids", "handling"]


@pytest.mark.parametrize(
    ("entry", "value", "message"),
    [
        ("gc", {"a": "half"}, r"gc\[\.\]: expected `float`, got `str`"),
        ("leaks", {"exact": 1}, "leaks: object missing required field `reverse_complement`"),
        ("classes", None, "classes: expected `array`, got `null`"),
    ],
)
def test_an_entry_that_does_not_fit_is_named(entry, value, message):
    with pytest.raises(ValueError, match=message):
        convert(FIRST | {entry: value}, Audit)


def test_an_entry_that_is_missing_is_not_present():
    audit = convert(FIRST, Audit)
    assert present(audit.rejected) == {"train": 0}
    with pytest.raises(AssertionError):
        present(audit.groups)

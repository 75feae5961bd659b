"""What the report says of leaks where nothing was compared."""

from specs import make_scores

from dnaseq.audit_record import Audit, Leaks, LengthRange, Relatives
from dnaseq.report.html.markup import joined
from dnaseq.report.sections.leaks import leak_tables

NOTHING = {"exact": None, "reverse_complement": None, "near": None}


def audit_with(leaks: Leaks) -> Audit:
    """An audit of records of which nothing but their leaks matters."""
    least = {"classes": [], "records": {}, "gc": {}, "ambiguous_letters": 0, "sequences_with_two_labels": 0}
    return Audit(**least, lengths=LengthRange(8, 8, 8), leaks=leaks)


def test_where_nothing_was_compared_there_is_no_word_of_pairs():
    of_test = Relatives(records=32, exact=0, reverse_complement=0, near=0)
    audit = audit_with(Leaks(**NOTHING, held_out={"test": of_test}))
    told = joined(leak_tables(make_scores(leaks=NOTHING, dropped={"train": 0, "val": 0}), audit))
    assert "Leaks: not looked for." in told
    assert "No pair was found" not in told
    assert "relative" not in told


def test_where_no_leak_was_found_that_is_said():
    none = {"exact": 0, "reverse_complement": 0, "near": None}
    told = joined(
        leak_tables(make_scores(leaks=none, dropped={"train": 0, "val": 0}), audit_with(Leaks(**none)))
    )
    assert "No pair was found" in told

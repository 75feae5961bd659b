"""What the report says of leaks where nothing was compared."""

from specs import make_scores

from dnaseq.report.html.markup import joined
from dnaseq.report.sections.leaks import leak_tables

NOTHING = {"exact": None, "reverse_complement": None, "near": None}


def test_where_nothing_was_compared_there_is_no_word_of_pairs():
    audit = {"leaks": NOTHING | {"ids": [], "judges": {"test": {"records": 32, "exact": 0}}, "selection": {}}}
    told = joined(leak_tables(make_scores(leaks=NOTHING, dropped={"train": 0, "val": 0}), audit))
    assert "Leaks: not looked for." in told
    assert "No pair was found" not in told
    assert "relative" not in told


def test_where_no_leak_was_found_that_is_said():
    none = {"exact": 0, "reverse_complement": 0, "near": None}
    told = joined(leak_tables(make_scores(leaks=none, dropped={"train": 0, "val": 0}), {"leaks": none}))
    assert "No pair was found" in told

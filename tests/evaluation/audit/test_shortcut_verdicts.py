"""Which shortcuts are warned of, and which are only a mark to beat."""

import pytest

from dnaseq.evaluation.audit.checks import shortcut_verdicts
from dnaseq.schemas import Estimate

KMERS = [f"{k}-mers" for k in range(1, 7)]
NAMES = ["majority", "length", "gc", "gc_and_length", *KMERS, "position", "record_order", "id_text"]


def score(value: float, half: float = 0.04) -> Estimate:
    return Estimate(value, value - half, value + half)


def told(
    lengths_differ: bool = True, accuracy_half: float = 0.02, **aurocs: float
) -> dict[str, tuple[str, str]]:
    """check -> verdict, words; every AUROC is 0.5 but those that are given (kmers_2 is that of 2-mers)."""
    table = {
        name: {"accuracy": score(0.7, accuracy_half), "auroc": score(0.5), "mcc": score(0.0)}
        for name in NAMES
    }
    for name, value in aurocs.items():
        table[f"{name[-1]}-mers" if name.startswith("kmers") else name]["auroc"] = score(value)
    return {v.check: (v.verdict, v.words) for v in shortcut_verdicts(table, lengths_differ)}


@pytest.mark.parametrize("name", ["length", "gc", "gc_and_length"])
def test_a_plain_fact_that_tells_the_class_is_a_warning(name):
    assert told(**{name: 0.65})[f"shortcut_{name}"][0] == "warning"
    assert told(**{name: 0.63})[f"shortcut_{name}"][0] == "ok"  # 0.59 is within its interval


def test_the_words_give_the_score_and_its_interval():
    words = "GC content alone reaches an AUROC of 0.815 [0.775, 0.855]: a model must beat that"
    assert told(gc=0.815)["shortcut_gc"] == ("warning", words)


def test_length_has_no_verdict_where_all_lengths_are_equal():
    assert not {"shortcut_length", "shortcut_gc_and_length"} & told(lengths_differ=False).keys()


def test_composition_is_a_warning_only_beyond_gc_content():
    assert told(gc=0.7, kmers_2=0.9)["shortcut_composition"][0] == "warning"
    assert told(gc=0.7, kmers_2=0.72)["shortcut_composition"][0] == "note"
    assert told(kmers_1=0.9)["shortcut_composition"][1].startswith("counts of 1-mers reach an AUROC of 0.900")


def test_words_and_places_are_a_mark_to_beat():
    found = told(kmers_5=0.9, kmers_6=0.95, position=0.8)
    assert found["shortcut_kmers"][0] == found["shortcut_position"][0] == "note"
    assert found["shortcut_kmers"][1].startswith("counts of 6-mers reach an AUROC of 0.950")


def test_order_and_ids_are_notes():
    found = told(record_order=1.0, id_text=1.0)
    assert found["record_order"][0] == found["id_text"][0] == "note"


def test_too_few_test_records_are_told_by_the_interval_they_leave():
    assert told(gc=0.8, accuracy_half=0.05)["test_size"] == (
        "note",
        "with these test records an accuracy is known to within 5.0 points: too few to tell models apart that differ by"
        " less",
    )
    assert told(accuracy_half=0.03)["test_size"][0] == "ok"


def test_a_class_without_test_records_leaves_one_note():
    missing = Estimate(None, None, None)
    table = {name: {"accuracy": score(0.7), "auroc": missing, "mcc": missing} for name in NAMES}
    assert [v.verdict for v in shortcut_verdicts(table, True)] == ["note"]


def test_no_shortcuts_have_no_verdicts():
    assert shortcut_verdicts({}, True) == []


def test_scores_without_intervals_warn_of_nothing():
    """A test part that is one group of similar records."""
    score = Estimate(0.9, None, None)
    names = ["majority", "length", "gc", "gc_and_length", *[f"{k}-mers" for k in range(1, 7)], "position"]
    found = shortcut_verdicts(
        {name: dict.fromkeys(("auroc", "accuracy", "mcc"), score) for name in names}, True
    )
    assert {verdict.verdict for verdict in found} == {"ok", "note"}
    assert "one group" in found[-1].words

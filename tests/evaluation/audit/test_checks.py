"""What each check says of facts that are in order and of facts that are not."""

import copy

import pytest

from dnaseq.audit_record import Audit
from dnaseq.evaluation.audit.checks import verdicts
from dnaseq.schemas import Estimate, convert

SPREAD = {
    "mean": 0.5,
    "sd": 0.1,
    "min": 0.2,
    "q05": 0.3,
    "q25": 0.4,
    "median": 0.5,
    "q75": 0.6,
    "q95": 0.7,
    "max": 0.9,
}
LENGTHS = dict.fromkeys(SPREAD, 200.0) | {"sd": 0.0}
NONE = {"exact": 0, "reverse_complement": 0, "near": 0}


def described(records: int) -> dict:
    letters = dict.fromkeys("ACGT", 50 * records)
    return {
        "records": records,
        "lengths": dict(LENGTHS),
        "gc": dict(SPREAD),
        "n_share": 0.0,
        "letters": letters,
    }


def score(value: float, half: float = 0.02) -> Estimate:
    return Estimate(value, value - half, value + half)


def shortcut(auroc: float) -> dict:
    return {"accuracy": score(0.7), "auroc": score(auroc), "mcc": score(0.1)}


NAMES = ["majority", "length", "gc", "gc_and_length", *[f"{k}-mers" for k in range(1, 7)], "position"]
SIZES = {"train": 4000, "val": 500, "test": 2000}
CLEAN = {
    "classes": ["neg", "pos"],
    "records": {part: {"neg": n // 2, "pos": n // 2} for part, n in SIZES.items()}
    | {"dropped": {"neg": 0, "pos": 0}},
    "records_read": 6500,
    "rejected": {"train": 0, "val": 0, "test": 0},
    "rejected_reasons": {},
    "similar_names": [],
    "lengths": {"min": 200, "median": 200.0, "max": 200},
    "gc": {"neg": 0.5, "pos": 0.5},
    "ambiguous_letters": 0,
    "sequences_with_two_labels": 0,
    "records_with_two_labels": 0,
    "two_labels_within": {"train": 0, "val": 0, "test": 0},
    "imbalance": 1.0,
    "composition": {part: {c: described(n // 2) for c in ("neg", "pos")} for part, n in SIZES.items()},
    "repeated": {part: {"records": n, "copies": 0} for part, n in SIZES.items()},
    "groups": {"number": 6500, "largest": 1, "records_in_groups": 0, "straddling": 0},
    "leaks": {
        **NONE,
        "handling": "drop",
        "judges": {"test": {"records": 2000, **NONE}, "val": {"records": 500, **NONE}},
        "selection": {"records": 2000, **NONE},
    },
    "shortcuts": {name: shortcut(0.5) for name in [*NAMES, "record_order", "id_text"]},
}


@pytest.fixture
def audit():
    return copy.deepcopy(CLEAN)


def told(audit: dict) -> dict[str, tuple[str, str]]:
    """check -> verdict, words."""
    return {v.check: (v.verdict, v.words) for v in verdicts(convert(audit, Audit))}


def test_clean_data_are_ok_in_every_check(audit):
    found = verdicts(convert(audit, Audit))
    assert {v.verdict for v in found} == {"ok"}
    assert len({v.check for v in found}) == len(found) == 21
    assert all(v.words and not v.words.endswith(".") for v in found)


@pytest.mark.parametrize(("neg", "verdict"), [(1500, "ok"), (4000, "note"), (10_000, "warning")])
def test_imbalance_is_told_with_its_accuracy(audit, neg, verdict):
    audit["records"] = {"train": {"neg": neg, "pos": 1000}, "test": {"neg": 0, "pos": 0}}
    audit["imbalance"] = neg / 1000
    audit["composition"], audit["shortcuts"] = {"train": audit["composition"]["train"]}, {}
    assert told(audit)["class_balance"][0] == verdict
    if neg == 4000:
        assert "4 times" in told(audit)["class_balance"][1]
        assert "right for 80% of the records" in told(audit)["class_balance"][1]


def test_a_class_without_records_is_a_warning(audit):
    audit["imbalance"] = None
    assert told(audit)["class_balance"][0] == "warning"


@pytest.mark.parametrize(("count", "verdict"), [(1, "note"), (65, "warning")])
def test_rejected_records_are_told_with_their_reason(audit, count, verdict):
    audit["rejected"]["train"] = count
    audit["rejected_reasons"] = {"every letter is N": count}
    assert told(audit)["rejected_records"] == (
        verdict,
        f"{count} of 6,500 records cannot be used (every letter is N: {count})",
    )


def test_ambiguous_letters_are_told_by_class(audit):
    audit["ambiguous_letters"] = 4100
    audit["composition"]["train"]["pos"]["letters"]["N"] = 4100
    verdict, words = told(audit)["ambiguous_letters"]
    assert verdict == "note"
    assert "4,100 letters" in words
    assert "neg 0.00%, pos 0.63%" in words
    audit["composition"]["train"]["pos"]["letters"]["N"] = 10_000
    assert told(audit)["ambiguous_letters"][0] == "warning"


@pytest.mark.parametrize(("median", "verdict"), [(199, "ok"), (190, "note"), (150, "warning")])
def test_lengths_are_compared_by_their_medians(audit, median, verdict):
    audit["lengths"]["min"] = 100
    audit["composition"]["train"]["pos"]["lengths"]["median"] = median
    assert told(audit)["lengths"][0] == verdict
    assert f"medians by class: neg 200, pos {median}" in told(audit)["lengths"][1]


@pytest.mark.parametrize(("gc", "verdict"), [(0.51, "ok"), (0.54, "note"), (0.56, "warning")])
def test_gc_content_is_told_by_class(audit, gc, verdict):
    audit["gc"]["pos"] = gc
    assert told(audit)["gc_content"][0] == verdict
    assert f"neg 0.500, pos {gc:.3f}" in told(audit)["gc_content"][1]


def test_copies_within_a_part_are_a_warning_where_they_are_many(audit):
    audit["repeated"]["train"]["copies"] = 100
    assert told(audit)["repeated_records"][0] == "note"
    assert "100 of 4,000 training records" in told(audit)["repeated_records"][1]
    audit["repeated"]["test"]["copies"] = 100
    assert told(audit)["repeated_records"][0] == "warning"


def test_two_labels_are_a_warning(audit):
    audit |= {"sequences_with_two_labels": 64, "records_with_two_labels": 130}
    audit["two_labels_within"]["train"] = 40
    verdict, words = told(audit)["conflicting_labels"]
    assert verdict == "warning"
    assert words.startswith(
        "64 sequences have more than one label, 40 of them in training alone (130 records"
    )


def test_leaks_are_told_by_kind_and_what_was_done(audit):
    audit["leaks"]["judges"]["test"] |= {"exact": 100, "near": 7}
    audit["leaks"]["judges"]["val"]["reverse_complement"] = 3
    audit["leaks"]["selection"]["exact"] = 9
    found = told(audit)
    assert found["leaks_test"] == (
        "warning",
        "107 of 2,000 test records have relatives in training (100 exact copies, 7 near-duplicates); these are left out"
        " (leaks=drop)",
    )
    assert found["leaks_val"][0] == found["leaks_selection"][0] == "note"
    assert "9 of 2,000 test records have relatives in validation" in found["leaks_selection"][1]
    audit["leaks"]["handling"] = "keep"
    assert told(audit)["leaks_test"][1].endswith("these stay in (leaks=keep)")


def test_near_duplicates_that_were_not_looked_for_are_not_denied(audit):
    assert (
        told(audit)["leaks_test"][1]
        == "none of 2,000 test records has a copy or a near-duplicate in training"
    )
    audit["leaks"]["near"] = None
    assert told(audit)["leaks_test"][1] == "none of 2,000 test records has a copy in training"


def test_similar_records_are_a_warning_only_where_the_split_separates_them(audit):
    audit["groups"] = {"number": 1714, "largest": 21, "records_in_groups": 4000, "straddling": 471}
    verdict, words = told(audit)["similarity_groups"]
    assert verdict == "warning"
    assert "6,500 records form 1,714 groups" in words
    assert "471 groups are in more than one split: a random split leaks, split=grouped does not" in words
    audit["groups"]["straddling"] = 0
    verdict, words = told(audit)["similarity_groups"]
    assert verdict == "note"
    assert words.endswith("a random split would leak, this one keeps groups together")
    audit["groups"] |= {"records_in_groups": 300, "straddling": 10}
    assert told(audit)["similarity_groups"][0] == "note"


def test_a_shift_of_gc_content_is_told(audit):
    for facts in audit["composition"]["test"].values():
        facts["gc"]["mean"] = 0.53
    verdict, words = told(audit)["shift_test"]
    assert verdict == "note"
    assert "mean GC content 0.530 against 0.500" in words
    assert told(audit)["shift_val"][0] == "ok"


def test_a_small_part_may_differ_by_chance(audit):
    for facts in audit["composition"]["val"].values():
        facts["records"], facts["gc"]["mean"] = 10, 0.53
    assert told(audit)["shift_val"][0] == "ok"


def test_any_difference_between_constant_lengths_is_a_shift(audit):
    for facts in audit["composition"]["test"].values():
        facts["lengths"] = dict.fromkeys(LENGTHS, 180.0) | {"sd": 0.0}
    assert "mean length 180.0 against 200.0" in told(audit)["shift_test"][1]


def test_another_share_of_classes_is_a_shift(audit):
    audit["records"]["test"] = {"neg": 1600, "pos": 400}
    assert "80% of its records are neg against 50%" in told(audit)["shift_test"][1]


def test_without_a_training_part_there_is_no_shift_and_no_shortcut(audit):
    audit["composition"] = {"test": audit["composition"]["test"]}
    audit["shortcuts"] = {}
    assert not {check for check in told(audit) if check.startswith(("shift", "shortcut"))}


def test_classes_whose_names_look_alike_give_a_warning(audit):
    assert told(audit)["class_names"][0] == "ok"
    audit["similar_names"] = [["POS", "pos"]]
    verdict, words = told(audit)["class_names"]
    assert verdict == "warning"
    assert "(POS, pos): data.rename makes them one class" in words

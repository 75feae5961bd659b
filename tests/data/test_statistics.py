import numpy as np
import pytest
from msgspec import to_builtins

from dnaseq.audit_record import Groups
from dnaseq.data.dataset import Plan, build_labelled_set, parse_source
from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.data.sources.files import Fasta
from dnaseq.data.splits import splits
from dnaseq.data.statistics import compute_statistics, conflicting_rows, group_facts
from dnaseq.io.sequences.reading import Reading

TRAIN = ">a label=x\nGGCC\n>b label=x\nGGAA\n>c label=y\nAAAA\n>d label=y\nATNN\n>e label=x\nGGAA\n"
VAL = ">w label=x\nCCCCA\n>z label=y\nTTTTA\n"
TEST = ">t label=x\nGGCC\n>u label=y\nTTTT\n>v label=y\nAAAA\n"


@pytest.fixture
def labelled(tmp_path):
    """labelled(train, val, test) -> a LabelledSet of these files."""

    def make(train=TRAIN, val=VAL, test=TEST):
        texts = {"train": train, "val": val, "test": test}
        for part, text in texts.items():
            (tmp_path / f"{part}.fa").write_text(text)
        source = Fasta(**{part: str(tmp_path / f"{part}.fa") for part in texts})
        plan = Plan(splits.Given(val=0.1, test=0.1, seed=0), LengthPolicy())
        return build_labelled_set(*parse_source(source, Reading()), plan)

    return make


@pytest.fixture
def told(labelled):
    return to_builtins(compute_statistics(labelled()))


def test_records_are_counted_by_part_and_class(told):
    assert told["records"]["test"] == {"x": 1, "y": 2}
    assert told["records"]["dropped"] == {"x": 1, "y": 1}
    assert told["records_read"] == 10
    assert told["imbalance"] == 1
    assert told["fractions"] == {"train": 0.375, "val": 0.25, "test": 0.375}


def test_leaks_are_counted_by_kind_and_named(told):
    assert told["leaks"]["exact"] == 2
    assert told["leaks"]["reverse_complement"] == 0
    named = [["a", "t", "exact", 1.0], ["c", "v", "exact", 1.0]]
    assert [leak for leak in sorted(told["leaks"]["ids"]) if leak[2] == "exact"] == named


def test_judging_records_are_counted_with_all_their_copies(told):
    """u is the other strand of c, which names v as what it leaks to."""
    assert told["leaks"]["judges"]["test"] == {"records": 3, "exact": 3, "reverse_complement": 0, "near": 0}


def test_gc_is_the_share_among_unambiguous_bases(told):
    assert told["gc"]["y"] == pytest.approx(0, abs=1e-4)
    assert told["gc"]["x"] == pytest.approx(16 / 21, abs=1e-4)


def test_copies_and_ambiguous_letters_are_counted(told):
    assert told["ambiguous_letters"] == 2
    assert told["repeated_sequences"] == 4  # GGCC, GGAA and AAAA again, and TTTT, the other strand of AAAA
    assert told["sequences_with_two_labels"] == told["records_with_two_labels"] == 0
    assert told["lengths"] == {"min": 4, "median": float(np.median([4] * 8 + [5] * 2)), "max": 5}


def test_copies_within_a_part_are_counted_before_any_is_dropped(told):
    assert told["repeated"]["train"] == {"records": 5, "copies": 1}
    assert told["repeated"]["test"] == {"records": 3, "copies": 1}


def test_composition_is_told_by_part_and_class(told):
    assert told["composition"]["train"]["x"]["records"] == 2
    assert told["composition"]["train"]["y"]["letters"] == {"A": 1, "T": 1, "N": 2}
    assert told["composition"]["dropped"]["y"]["gc"]["mean"] == 0


def test_a_sequence_with_two_labels_is_named_whatever_its_strand(labelled):
    data = labelled(train=TRAIN + ">f label=y\nTTCC\n")
    assert data.store.ids(conflicting_rows(data)) == ["b", "e", "f"]
    told = to_builtins(compute_statistics(data))
    assert (told["sequences_with_two_labels"], told["records_with_two_labels"]) == (1, 3)
    assert told["two_labels_within"] == {"train": 1, "val": 0, "test": 0}


def test_a_conflict_between_two_parts_is_within_neither(labelled):
    more = TRAIN + ">f label=x\nCACA\n"
    told = to_builtins(compute_statistics(labelled(train=more, test=TEST + ">s label=y\nGGAA\n")))
    assert told["sequences_with_two_labels"] == 1
    assert told["two_labels_within"] == {"train": 0, "val": 0, "test": 0}


def test_a_test_record_in_validation_is_counted_apart(labelled):
    data = labelled(val=VAL + ">q label=x\nGGCC\n", train=TRAIN.replace("GGCC", "CCAC"))
    told = to_builtins(compute_statistics(data))
    assert told["leaks"]["selection"]["exact"] == 1
    assert told["leaks"]["selection"]["records"] == 3
    assert told["leaks"]["judges"]["val"]["records"] == 3  # q was dropped, and is counted all the same


def test_a_judging_record_is_counted_once_by_its_closest_relative(labelled):
    data = labelled(train=TRAIN + ">f label=x\nTTCC\n>g label=x\nCACA\n", test=TEST + ">s label=x\nGGAA\n")
    told = to_builtins(compute_statistics(data))
    assert told["leaks"]["reverse_complement"] == 1
    assert told["leaks"]["judges"]["test"] == {"records": 4, "exact": 4, "reverse_complement": 0, "near": 0}


def test_groups_are_counted_and_dropped_records_do_not_straddle():
    group = np.array([0, 0, 1, 2, 2, 2, 3, 3])
    split = np.array(
        [splits.ALL.index(p) for p in ("train", "test", "val", *["train"] * 3, "test", "dropped")]
    )
    assert group_facts(group, split) == Groups(number=4, largest=3, records_in_groups=7, straddling=1)

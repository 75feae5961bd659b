import numpy as np
import pytest

from dnaseq.data import splits
from dnaseq.data.census import census
from dnaseq.data.labelled_set import Plan, labelled_set, parsed
from dnaseq.data.lengths import LengthPolicy
from dnaseq.data.sources import Fasta
from dnaseq.io.reading import Reading

TRAIN = ">a label=x\nGGCC\n>b label=x\nGGAA\n>c label=y\nAAAA\n>d label=y\nATNN\n>e label=x\nGGAA\n"
TEST = ">t label=x\nGGCC\n>u label=y\nTTTT\n>v label=y\nAAAA\n"


@pytest.fixture
def told(tmp_path):
    (tmp_path / "train.fa").write_text(TRAIN)
    (tmp_path / "val.fa").write_text(">w label=x\nCCCCA\n>z label=y\nTTTTA\n")
    (tmp_path / "test.fa").write_text(TEST)
    source = Fasta(**{part: str(tmp_path / f"{part}.fa") for part in ("train", "val", "test")})
    plan = Plan(splits.Given(val=0.1, test=0.1, seed=0), LengthPolicy())
    return census(labelled_set(*parsed(source, Reading()), plan))


def test_records_are_counted_by_part_and_class(told):
    assert told["records"]["test"] == {"x": 1, "y": 2}
    assert told["records"]["dropped"] == {"x": 1, "y": 1}


def test_leaks_are_counted_by_kind_and_named(told):
    assert told["leaks"]["exact"] == 2
    assert told["leaks"]["reverse_complement"] == 0
    assert sorted(told["leaks"]["ids"]) == [["a", "t", "exact"], ["c", "v", "exact"]]


def test_gc_is_the_share_among_unambiguous_bases(told):
    assert told["gc"]["y"] == pytest.approx(0, abs=1e-4)
    assert told["gc"]["x"] == pytest.approx(16 / 21, abs=1e-4)


def test_copies_and_ambiguous_letters_are_counted(told):
    assert told["ambiguous_letters"] == 2
    assert told["repeated_sequences"] == 4  # GGCC, GGAA and AAAA again, and TTTT, the other strand of AAAA
    assert told["sequences_with_two_labels"] == 0
    assert told["lengths"] == {"min": 4, "median": float(np.median([4] * 8 + [5] * 2)), "max": 5}

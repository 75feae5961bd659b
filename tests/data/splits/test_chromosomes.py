import logging
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.data.splits.chromosomes import Chromosome
from dnaseq.data.splits.splits import TEST, TRAIN, VAL, Facts
from dnaseq.errors import ConfigError, InputError

SHARES = Chromosome(pattern=None, val=0.1, test=0.2, seed=0)
LISTS = replace(SHARES, val=["chr8"], test=["chr9", "chrX"])


def facts(ids, chromosomes=None) -> Facts:
    zeros = np.zeros(len(ids), dtype=np.uint8)
    column = None if chromosomes is None else np.array(chromosomes)
    words = [name.split()[0] for name in ids]
    return Facts(zeros, zeros, np.arange(len(ids)), lambda: words, column, headers=lambda: list(ids))


def on(*chromosomes: str) -> Facts:
    return facts([f"{name}:{10 * i}-{10 * i + 9}" for i, name in enumerate(chromosomes)])


@pytest.mark.parametrize(
    ("name", "chromosome"),
    [
        ("24_test_0_chr1_+_367697_367797", "chr1"),
        ("chr8:100-200", "chr8"),
        ("chrX:5-9(+)", "chrX"),
        ("hg38|chr2L|77", "chr2L"),
        ("Chr5_12_20", "Chr5"),
        ("chr1_random:4-9", "chr1"),
        ("chr6_GL000250v2_alt", "chr6"),
        ("chrUn_KI270302v1", "chrUn"),
        ("enhancer7;chrM", "chrM"),
    ],
)
def test_the_chromosome_is_found_in_the_usual_ids(name, chromosome):
    assert SHARES.chromosomes_of(facts([name])).tolist() == [chromosome]


@pytest.mark.parametrize("name", ["synchrony", "Chrna1", "Chrm3 muscarinic", "1", "gene:7"])
def test_other_words_are_no_chromosome(name):
    with pytest.raises(InputError, match=f"record '{name.split()[0]}': no chromosome in the header"):
        SHARES.assign(facts([name]))


def test_a_pattern_looks_at_the_whole_header():
    split = replace(SHARES, pattern=r"locus=(\w+)")
    assert split.chromosomes_of(facts(["chr1:0-60 x locus=chr7 y"])).tolist() == ["chr7"]
    with pytest.raises(InputError, match=r"record 'chr1': no chromosome in the header \(looked for locus="):
        split.chromosomes_of(facts(["chr1 x"]))


@pytest.mark.parametrize(
    ("header", "first", "second"),
    [
        ("chr2:10-20::chr1:0-60", "chr2:10-20", "chr1:0-60"),
        ("peak range=chr1:1-60 was chr2:1-60", "chr1:1-60", "chr2:1-60"),
        ("chr4_peak1 chr1", "chr4", "chr1"),
    ],
)
def test_two_chromosomes_in_a_header_are_refused(header, first, second):
    name = header.split()[0]
    with pytest.raises(
        InputError, match=f"'{name}': .* two chromosomes, {first} and {second}.*split.pattern"
    ):
        SHARES.chromosomes_of(facts(["chr1:0-60", header]))


def test_spellings_of_one_chromosome_are_one_and_that_is_said(caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("dnaseq"), "propagate", True)
    caplog.set_level(logging.INFO, "dnaseq")
    found = SHARES.chromosomes_of(facts(["chr1:0-6", "Chr1:0-6", "1:0-6", "chr1:9-12", "chrM:1-2", "MT:1-2"]))
    assert found.tolist() == ["chr1"] * 4 + ["MT"] * 2
    assert "taken as one chromosome each: 1 and Chr1 and chr1, MT and chrM" in caplog.text


@pytest.mark.parametrize("given", [["9"], ["Chr9"], "chr9"])
def test_a_listed_chromosome_may_have_another_spelling(given):
    dealt = replace(SHARES, test=given, val=["2"]).assign(on("chr1", "chr9", "chr2"))
    assert dealt.tolist() == [TRAIN, TEST, VAL]


def test_a_chromosome_for_every_record_is_noted(caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("dnaseq"), "propagate", True)
    SHARES.assign(on("a1", "a2", "a3", "a4"))
    assert "no two records are on one chromosome" in caplog.text


def test_lists_of_chromosomes_are_the_parts():
    dealt = LISTS.assign(on("chr1", "chr8", "chr9", "chrX", "chr10", "chr8"))
    assert dealt.tolist() == [TRAIN, VAL, TEST, TEST, TRAIN, VAL]


def test_a_single_name_and_names_that_are_numbers_serve_as_lists():
    split = replace(SHARES, val="X", test=[8, 9])
    dealt = split.assign(facts(["a", "b", "c", "d"], chromosomes=["1", "8", "9", "X"]))
    assert dealt.tolist() == [TRAIN, TEST, TEST, VAL]


def test_a_column_is_preferred_to_the_ids():
    known = facts(["chr1:1-2", "chr2:1-2", "chr3:1-2", "chr4:1-2"], ["chr9", "chr8", "chrX", "chr1"])
    assert LISTS.assign(known).tolist() == [TEST, VAL, TEST, TRAIN]


@given(st.lists(st.integers(1, 40), min_size=3, max_size=25), st.integers(0, 9))
def test_whole_chromosomes_make_parts_and_none_is_empty(sizes, seed):
    known = on(*(f"chr{i}" for i, size in enumerate(sizes) for _ in range(size)))
    dealt = replace(SHARES, seed=seed).assign(known)
    names = SHARES.chromosomes_of(known)
    assert all(len(set(dealt[names == name])) == 1 for name in set(names))
    assert set(dealt) == {TRAIN, VAL, TEST}


@pytest.mark.parametrize("seed", range(5))
def test_shares_come_close_where_chromosomes_are_many(seed):
    """Like human ones, from 8 to 1.5 % of the genome: off by a hundredth or so."""
    sizes = np.linspace(80, 15, 22).astype(int)
    known = on(*(f"chr{i}" for i, size in enumerate(sizes) for _ in range(size)))
    dealt = replace(SHARES, seed=seed).assign(known)
    assert (dealt == TEST).mean() == pytest.approx(0.2, abs=0.01)
    assert (dealt == VAL).sum() / (dealt != TEST).sum() == pytest.approx(0.1, abs=0.02)


def test_the_seed_decides_which_chromosomes_are_taken():
    known = on(*(f"chr{i % 20}" for i in range(200)))
    first = SHARES.assign(known)
    assert (SHARES.assign(known) == first).all()
    assert (replace(SHARES, seed=1).assign(known) != first).any()


def test_a_share_is_taken_from_the_chromosomes_that_no_list_names():
    known = on(*(f"chr{i % 10}" for i in range(100)))
    dealt = replace(SHARES, test=["chr1"], val=0.34).assign(known)
    assert np.bincount(dealt).tolist() == [60, 30, 10]  # train, val, test


def test_records_without_a_chromosome_are_named_and_counted():
    with pytest.raises(
        InputError, match=r"record 'b': no chromosome in the header; 2 of 3 records have none.*split.pattern"
    ):
        SHARES.assign(facts(["chr1:1-2", "b", "c"]))
    with pytest.raises(InputError, match=r"record 'b': no chromosome in its column"):
        SHARES.assign(facts(["a", "b"], chromosomes=["chr1", ""]))


def test_a_listed_chromosome_without_records_is_answered_with_those_there_are():
    with pytest.raises(InputError, match=r"no record is on chrX of split.test; there are chr1, chr8, chr9"):
        LISTS.assign(on("chr1", "chr8", "chr9"))


@pytest.mark.parametrize(
    ("split", "names"),
    [(SHARES, ["chr1", "chr2"]), (LISTS, ["chr8", "chr9", "chrX"])],
)
def test_too_few_chromosomes_for_the_parts_are_refused(split, names):
    with pytest.raises(InputError, match=f"{len(names)} chromosomes are too few .*: {', '.join(names)}"):
        split.assign(on(*names))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"val": ["9"]}, "chr9 is in split.val and in split.test"),
        ({"val": ["chr9"]}, "chr9 is in split.val and in split.test"),
        ({"val": []}, "split.val names no chromosome"),
        ({"test": 8}, "split.test must be between 0 and 1; got 8"),
        ({"pattern": "chr"}, "split.pattern must have exactly one group"),
        ({"pattern": "(chr"}, "is not a regular expression"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(change, message):
    with pytest.raises(ConfigError, match=message):
        replace(LISTS, **change)

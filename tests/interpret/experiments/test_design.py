"""Design: the best sequence is found, and limits hold."""

from itertools import product

import numpy as np
import pytest

from dnaseq.encode.alphabet import COMPLEMENT, to_codes, to_letters
from dnaseq.interpret.experiments.constraints import Constraints, gc_content
from dnaseq.interpret.experiments.design import design

EVERYTHING = 2000  # a beam that holds all results of a step, of 6 bases


def quiet(_: int) -> None:
    """Nobody is told."""


def toy(seed: int):
    """A score of a sequence in which neighbours act together, so that one step may have to go down."""
    rng = np.random.default_rng(seed)
    single, pairs = rng.normal(size=(6, 4)), 2 * rng.normal(size=(5, 4, 4))

    def score(codes, lengths):
        at = np.arange(6)
        return single[at, codes].sum(axis=1) + pairs[at[:5], codes[:, :-1], codes[:, 1:]].sum(axis=1)

    return score


ALL_OF_SIX = np.array(list(product(range(4), repeat=6)), dtype=np.uint8)


def best_of_all(score, limits: Constraints) -> float:
    scores = score(ALL_OF_SIX, None)
    return max(s for s, codes in zip(scores.tolist(), ALL_OF_SIX, strict=True) if limits.fault(codes) is None)


@pytest.mark.parametrize("seed", range(10))
def test_a_wide_beam_finds_the_best_of_all_sequences(seed):
    score, limits = toy(seed), Constraints()
    found = design(score, to_codes("ACGTAC"), 6, limits, EVERYTHING, quiet)
    assert found.score == pytest.approx(best_of_all(score, limits))
    assert found.score == pytest.approx(score(found.codes[None], None)[0])


def test_a_wide_beam_finds_the_best_sequence_within_limits():
    limits = Constraints(forbidden=(to_codes("TA"),), gc=(0.0, 0.5))
    for seed in range(5):
        score = toy(seed)
        found = design(score, to_codes("AAAAAA"), 6, limits, EVERYTHING, quiet)
        assert found.score == pytest.approx(best_of_all(score, limits))


def test_the_greedy_search_may_miss_it_and_a_wider_beam_is_no_worse_here():
    scores = np.array(
        [[design(toy(seed), to_codes("ACGTAC"), 6, Constraints(), beam, quiet).score for beam in (1, 8, EVERYTHING)]
         for seed in range(10)]
    )  # fmt: skip
    assert (scores[:, 0] < scores[:, 2] - 1e-9).any()
    assert scores[:, 0].mean() < scores[:, 1].mean() <= scores[:, 2].mean()


def test_edits_lead_from_the_start_to_the_design_one_by_one():
    start, score = to_codes("ACGTAC"), toy(3)
    found = design(score, start, 4, Constraints(), 5, quiet)
    codes, before = start.copy(), found.start_score
    assert before == pytest.approx(score(start[None], None)[0])
    for edit in found.edits:
        assert (codes[edit.position], edit.before) == (edit.old, before)
        codes[edit.position] = edit.new
        assert score(codes[None], None)[0] == pytest.approx(edit.after)
        before = edit.after
    np.testing.assert_array_equal(codes, found.codes)
    assert len(found.edits) <= 4
    assert len({edit.position for edit in found.edits}) == len(found.edits)


def test_a_sequence_that_cannot_be_better_stays():
    def score(codes, lengths):
        return -(codes != 0).sum(axis=1).astype(float)

    found = design(score, np.zeros(8, np.uint8), 3, Constraints(), 2, quiet)
    assert found.edits == ()
    assert to_letters(found.codes) == "AAAAAAAA"
    nothing_free = Constraints(protected=((0, 8),))
    assert design(score, np.ones(8, np.uint8), 3, nothing_free, 2, quiet).edits == ()


@pytest.mark.parametrize("n", [1000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_limits_hold_in_random_trials(n):
    rng = np.random.default_rng(7)
    weights = rng.normal(size=(4, 14, 4))
    trials = designs = 0
    while trials < n:
        site = rng.integers(4, size=4, dtype=np.uint8)
        codes = rng.integers(4, size=14, dtype=np.uint8)
        begin = int(rng.integers(12))
        low = float(rng.integers(6)) / 14
        limits = Constraints(((begin, begin + 3),), (site,), (low, low + 0.5))
        if limits.fault(codes) is not None:
            continue
        own = weights[trials % 4]

        def score(many, lengths, own=own):
            return own[np.arange(14), many].sum(axis=1)

        found = design(score, codes, 3, limits, 1, quiet)
        text, forbidden = to_letters(found.codes), to_letters(site)
        assert forbidden not in text
        assert to_letters(COMPLEMENT[site[::-1]]) not in text
        assert low - 1e-12 <= (text.count("G") + text.count("C")) / 14 <= low + 0.5 + 1e-12
        assert (found.codes == codes)[begin : begin + 3].all()
        trials, designs = trials + 1, designs + bool(found.edits)
    assert designs > 0.8 * n


def test_the_check_of_a_substitution_is_that_of_the_whole_sequence():
    rng = np.random.default_rng(2)
    limits = Constraints(forbidden=(to_codes("GANTC"), to_codes("CCWGG")), gc=(0.3, 0.6))
    parents = rng.integers(4, size=(3000, 30), dtype=np.uint8)
    parents[:, 7] = 4  # N, which is no part of a site
    parents = np.array([row for row in parents if limits.fault(row) is None])
    positions, bases = rng.integers(30, size=len(parents)), rng.integers(4, size=len(parents))
    positions[positions == 7] = 8
    changed = parents.copy()
    changed[np.arange(len(parents)), positions] = bases
    expected = [limits.fault(row) is None for row in changed]
    assert 0 < sum(expected) < len(expected)
    np.testing.assert_array_equal(limits.kept_by(parents, positions, bases), expected)


def test_a_fault_is_named():
    limits = Constraints(forbidden=(to_codes("GAATTC"),), gc=(0.4, 0.6))
    assert limits.fault(to_codes("GCGAATTCGC")) == "the forbidden site GAATTC begins at base 2 (0-based)"
    assert limits.fault(to_codes("AAAAAAGC")) == "GC content is 0.250, not from 0.4 to 0.6"
    assert limits.fault(to_codes("ACGTACGT")) is None
    assert gc_content(to_codes("GCNN")[None])[0] == 1

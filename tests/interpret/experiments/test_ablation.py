"""Ablation of sites, with scores that are known."""

import numpy as np
import pytest

from dnaseq.encode.alphabet import to_codes, to_letters
from dnaseq.interpret.experiments.ablation import Ablation, ablate, control_stretches, scramble, summarise


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def counts_motif(codes, lengths):
    """5 for each TGACTCAC of a sequence."""
    return np.array([5.0 * to_letters(row).count("TGACTCAC") for row in codes])


def records(n: int):
    """Records of 60 and 70 bases with a motif at 20, and the other stretch at 40."""
    for i in range(n):
        codes = np.random.default_rng(i).integers(4, size=60 + 10 * (i % 2), dtype=np.uint8)
        codes[20:28] = to_codes("TGACTCAC")
        yield f"r{i}", codes


def ablated(n: int, **sites) -> list[Ablation]:
    places = {f"r{i}": sites for i in range(n)}
    told = []
    found = list(ablate(counts_motif, records(n + 3), places, 4, rng(), told.append))
    assert sum(told) == n  # records without sites are passed over
    return found


def test_a_motif_that_counts_loses_its_worth_and_its_control_nothing():
    found = ablated(70, true=[(20, 28)], other=[(40, 48)])
    assert [(row.id, row.motif) for row in found[:3]] == [("r0", "true"), ("r0", "other"), ("r1", "true")]
    true, other = summarise(found, rng())
    assert (true.motif, true.records, true.sites) == ("true", 70, 70)
    assert true.loss.value == pytest.approx(5, abs=0.1)
    assert true.control_loss.value == pytest.approx(0, abs=0.1)
    assert true.difference.low > 4.5
    assert true.p < 1e-6
    assert true.p_adjusted == pytest.approx(2 * true.p)
    assert other.loss.value == pytest.approx(0, abs=0.1)
    assert other.p_adjusted > 0.05


def test_all_sites_of_a_motif_go_at_once():
    (row,) = ablated(1, m=[(20, 28), (40, 48)])
    assert (row.sites, row.score, row.loss) == (2, 5.0, 5.0)


def test_a_record_without_room_for_a_control_has_a_loss_alone():
    (row,) = ablated(1, m=[(5, 55)])
    assert row.loss == 5
    assert np.isnan(row.control_loss)
    (summary,) = summarise([row], rng())
    assert (summary.control_loss.value, summary.p, summary.p_adjusted) == (None, None, None)


def test_a_scrambled_stretch_has_the_same_letters_in_another_order():
    codes = to_codes("ACGTACGTTGNCTCAACGT")
    for seed in range(20):
        changed = scramble(codes, [(8, 15)], np.random.default_rng(seed))
        assert sorted(changed[8:15]) == sorted(codes[8:15])
        assert (changed != codes).any()
        assert changed[10] == codes[10]  # N stays in place
        np.testing.assert_array_equal(
            changed[[*range(8), *range(15, 19)]], codes[[*range(8), *range(15, 19)]]
        )


def test_a_stretch_of_one_letter_gets_bases_of_the_record():
    codes = to_codes("ACGTACGTAAAAAACGT")
    changed = scramble(codes, [(8, 13)], rng())
    assert len(set(changed[8:13].tolist())) > 1
    np.testing.assert_array_equal(scramble(to_codes("AAAA"), [(0, 2)], rng()), to_codes("AAAA"))


def test_controls_touch_no_site_no_other_letter_and_not_each_other():
    codes = to_codes("ACGTN" * 2 + "ACGTAGCTAG" * 4)
    for seed in range(30):
        taken = [(12, 18), (30, 36)]
        found = control_stretches(codes, [(12, 18), (0, 4)], taken, np.random.default_rng(seed))
        assert [end - start for start, end in found] == [6, 4]
        used = np.zeros(50, int)
        for start, end in [*found, *taken]:
            used[start:end] += 1
        assert used.max() == 1
        assert all((codes[start:end] < 4).all() for start, end in found)

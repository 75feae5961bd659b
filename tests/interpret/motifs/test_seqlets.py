"""Stretches of high attributions: their rate by chance, places and edges."""

import numpy as np
from made_attributions import made

from dnaseq.encode.alphabet import PAD, N
from dnaseq.interpret.motifs.seqlets import RATE, WINDOW, find_stretches


def test_stretches_are_where_the_attributions_are():
    values, codes = np.zeros((30, 60)), np.zeros((30, 60), dtype=np.uint8)
    values += np.random.default_rng(0).normal(0, 0.01, values.shape)
    values[3, 20:28] = 1
    found = find_stretches(values, codes, np.random.default_rng(1))
    row = found.records.tolist().index(3)
    assert found.starts[row] <= 20 < 28 <= found.ends[row]
    assert abs(found.scores[row] - 8) < 0.3


def test_chance_reaches_the_threshold_at_the_stated_rate():
    values, codes = made([], n=400)
    found = find_stretches(values, codes, np.random.default_rng(0))
    windows = (found.ends - found.starts - WINDOW + 1).sum()  # at least one above the threshold at each end
    expected = RATE * codes.shape[0] * (codes.shape[1] - WINDOW + 1)
    assert 0.4 * expected < windows < 2.5 * expected


def test_no_stretch_holds_padding_or_n():
    values, codes = made(["TGACTCAT"], n=60)
    codes[:, 70:] = PAD
    codes[:, 30] = N
    values[:, [30, *range(70, 100)]] = 100.0
    found = find_stretches(values, codes, np.random.default_rng(0))
    assert len(found.records)
    assert (found.ends <= 70).all()
    assert not ((found.starts <= 30) & (found.ends > 30)).any()


def test_constant_attributions_and_records_without_bases_give_none():
    codes = np.zeros((5, 40), dtype=np.uint8)
    for values, letters in (
        (np.ones((5, 40)), codes),
        (np.zeros((5, 40)), codes),
        (np.ones((5, 40)), codes + N),
    ):
        assert not len(find_stretches(values, letters, np.random.default_rng(0)).records)


def test_records_shorter_than_a_window_give_none():
    found = find_stretches(np.ones((3, 5)), np.zeros((3, 5), dtype=np.uint8), np.random.default_rng(0))
    assert not len(found.records)

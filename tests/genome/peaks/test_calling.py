"""Peaks are where windows score higher than shuffled ones of the same composition."""

import numpy as np
import pytest

from dnaseq.data.regions.intervals import Intervals
from dnaseq.encode.alphabet import to_codes, to_letters
from dnaseq.errors import InputError
from dnaseq.genome.peaks.calling import Peak, call_peaks, count_peaks
from dnaseq.genome.peaks.scan import Scanned, Windows, gc_share, scan, turned
from dnaseq.genome.peaks.significance import Null, q_values, shuffled_null
from dnaseq.interpret.logit import Scores

MOTIF = "TTGACAATGTATAAT"
SIZE = 40
SITES = [(400, "+"), (1500, "-"), (1530, "-"), (2500, "+")]


def planted():
    """Random bases with the motif at SITES, on either strand."""
    codes = np.random.default_rng(1).integers(4, size=4000).astype(np.uint8)
    for at, strand in SITES:
        codes[at : at + len(MOTIF)] = turned(to_codes(MOTIF)[None], strand)[0]
    return to_letters(codes)


def scorer(logits):
    """A model that scores (n, L) codes by a function of them."""

    def score(pairs):
        for mine, codes in pairs:
            found = logits(codes)
            yield mine, Scores(found, 1 / (1 + np.exp(10 - found)))

    return score


def most_matches(codes):
    """The most letters that agree with the motif anywhere in a window."""
    views = np.lib.stride_tricks.sliding_window_view(codes, len(MOTIF), axis=1)
    return (views == to_codes(MOTIF)).sum(axis=2).max(axis=1).astype(float)


matches = scorer(most_matches)


def everywhere(genome):
    return {name: Intervals(np.array([0]), np.array([genome.length(name)])) for name in genome.names}


def called(genome, score, strands=("+", "-"), gap=0):
    windows = Windows(SIZE, 5)
    scanned = list(scan(genome, everywhere(genome), windows, strands, score))
    null = shuffled_null(scanned, genome, windows, score, 1500, np.random.default_rng(1))
    return scanned, call_peaks(scanned, null, SIZE, 0.05, gap)


def test_planted_sites_are_found_on_their_strands(genome_of):
    scanned, found = called(genome_of(c=planted()), matches)
    assert [(peak.strand, sum(peak.start <= at < peak.end for at, _ in SITES)) for peak in found.peaks] == [
        *(("+", 1), ("+", 1)),
        ("-", 2),  # their windows touch
    ]
    for peak in found.peaks:
        near = [at for at, strand in SITES if strand == peak.strand and abs(at + 7 - peak.summit) <= 15]
        assert near, peak
    assert found.windows == sum(len(one.starts) for one in scanned)
    assert count_peaks(scanned, found, SIZE, 0, [0.05]) == [3]


def test_a_model_of_composition_alone_finds_nothing(genome_of):
    letters = planted()
    rich = letters[:1000] + "GC" * 100 + letters[1200:]
    _, found = called(genome_of(c=rich), scorer(lambda codes: 10 * gc_share(codes)))
    assert found.peaks == []
    assert found.significant == 0


def test_a_constant_model_finds_nothing(genome_of):
    _, found = called(genome_of(c=planted()), scorer(lambda codes: np.zeros(len(codes))))
    assert found.peaks == []


def test_scores_are_those_of_windows_that_are_cut_by_hand(genome_of):
    letters = planted()[:103]
    genome = genome_of(c=letters, short="ACGT")
    plus, minus = scan(genome, everywhere(genome), Windows(SIZE, 20), ("+", "-"), matches)
    assert plus.starts.tolist() == [0, 20, 40, 60, 63]
    codes = np.stack([to_codes(letters[at : at + SIZE]) for at in plus.starts])
    np.testing.assert_allclose(plus.logits, most_matches(codes))
    np.testing.assert_allclose(minus.logits, most_matches(turned(codes, "-")))
    np.testing.assert_allclose(
        plus.gc, [sum(letter in "GC" for letter in letters[at : at + SIZE]) / SIZE for at in plus.starts]
    )


def test_windows_of_unknown_or_masked_letters_are_left_out(genome_of):
    letters = planted()[:200]
    genome = genome_of(c=letters[:60] + "N" * 30 + letters[90:150] + letters[150:].lower())
    starts = [
        next(scan(genome, everywhere(genome), windows, ("+",), matches)).starts.tolist()
        for windows in (
            Windows(SIZE, 20),
            Windows(SIZE, 20, ambiguous=False),
            Windows(SIZE, 20, masked=False),
        )
    ]
    assert starts == [
        [0, 20, 80, 100, 120, 140, 160],
        [0, 20, 100, 120, 140, 160],
        [0, 20, 80, 100, 120],
    ]


def test_only_the_stretches_that_are_named_are_scanned(genome_of):
    places = {"c": Intervals(np.array([10, 100]), np.array([60, 139]))}
    (found,) = scan(genome_of(c=planted()[:300]), places, Windows(SIZE, 5), ("+",), matches)
    assert found.starts.tolist() == [10, 15, 20]


def test_p_values_are_of_windows_of_the_same_composition():
    gc = np.concatenate([np.full(2000, 0.2), np.full(2000, 0.8)])
    logits = np.concatenate([np.arange(2000.0), 10_000 + np.arange(2000.0)])
    found = Null(logits, gc).p_values(
        np.array([1999.0, 11_999.0, 5000.0, 5000.0]), np.array([0.2, 0.8, 0.2, 0.8])
    )
    np.testing.assert_allclose(found, np.array([2, 2, 1, 2001]) / 2001)


def test_too_few_shuffled_windows_are_refused():
    with pytest.raises(InputError, match="199 windows are too few to compare with"):
        Null(np.zeros(199), np.zeros(199))


def test_q_values_are_those_of_benjamini_and_hochberg():
    p = np.array([0.01, 0.04, 0.03, 0.5, 0.02])
    np.testing.assert_allclose(q_values(p), [0.05, 0.05, 0.05, 0.5, 0.05])


def test_windows_apart_are_joined_by_a_gap():
    starts = np.array([0, 10, 60, 150])
    one = Scanned("c", ".", starts, np.array([1, 3, 3, 1.0]), np.full(4, 0.9), np.full(4, 0.5))
    null = Null(np.zeros(200), np.full(200, 0.5))
    places = [
        [(peak.start, peak.end, peak.summit) for peak in call_peaks([one], null, SIZE, 0.05, gap).peaks]
        for gap in (0, 10, 100)
    ]
    assert places == [
        [(0, 50, 30), (60, 100, 80), (150, 190, 170)],
        [(0, 100, 80), (150, 190, 170)],
        [(0, 190, 80)],
    ]


def test_a_line_of_narrowpeak():
    peak = Peak("chr1", 100, 300, "-", 180, 2.5, 0.924, 0.001, 0.01, 0.5)
    assert peak.line("peak_1") == "chr1\t100\t300\tpeak_1\t924\t-\t2.5\t3\t2\t80\n"

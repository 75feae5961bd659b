"""A bin has the mean of the windows that hold it, wherever pieces end."""

import numpy as np
import pytest

from dnaseq.errors import ConfigError, InputError
from dnaseq.genome.tracks.bins import Piece, check_stride, mean_tracks


def windows(length, window, stride):
    """Starts and ends, as `predict` has them: the last window ends with the sequence."""
    starts = list(range(0, max(length - window, 0) + 1, stride))
    if starts[-1] + window < length:
        starts.append(length - window)
    return np.array(starts), np.minimum(np.array(starts) + window, length)


def by_hand(length, stride, starts, ends, values):
    found = []
    for low in range(0, length, stride):
        high = min(low + stride, length)
        over = [
            v
            for a, b, v in zip(starts, ends, values, strict=True)
            if a <= low and b >= high and np.isfinite(v)
        ]
        found.append(np.mean(over) if over else np.nan)
    return np.array(found)


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize(
    ("length", "window", "stride"),
    [
        (100, 20, 5),
        (103, 20, 5),
        (103, 20, 20),
        (97, 20, 7),
        (50, 20, 1),
        (12, 20, 5),
        (20, 20, 5),
        (3, 20, 5),
        (41, 20, 3),
    ],
)
def test_bins_are_those_that_are_counted_by_hand(length, window, stride, size):
    starts, ends = windows(length, window, stride)
    values = np.random.default_rng(length).random(len(starts))
    values[2:4] = np.nan
    pieces = [
        Piece("c", starts[i : i + size], ends[i : i + size], values[i : i + size])
        for i in range(0, len(starts), size)
    ]
    (track,) = mean_tracks(pieces, stride)
    assert (track.name, track.length, len(track.values)) == ("c", length, -(-length // stride))
    np.testing.assert_allclose(track.values, by_hand(length, stride, starts, ends, values), rtol=1e-6)


def test_every_sequence_has_its_track():
    starts, ends = windows(40, 10, 5)
    pieces = [
        Piece(name, starts, ends, np.full(len(starts), value)) for name, value in (("a", 0.25), ("b", 0.7))
    ]
    tracks = list(mean_tracks(pieces, 5))
    assert [track.name for track in tracks] == ["a", "b"]
    assert [set(track.values.tolist()) for track in tracks] == [{0.25}, {float(np.float32(0.7))}]


def test_two_sequences_of_one_name_are_refused():
    piece = Piece("a", np.array([0]), np.array([10]), np.ones(1))
    with pytest.raises(InputError, match="'a': two sequences of a track have this name"):
        list(mean_tracks([piece, piece], 5))


def test_windows_that_do_not_touch_are_refused():
    check_stride(10, 10)
    with pytest.raises(ConfigError, match="a track would have holes"):
        check_stride(10, 11)

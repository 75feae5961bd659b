"""Sets of intervals, against the same sets base by base."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.data.regions.intervals import add_places, join_intervals, number_clusters

LENGTH = 40
PAIRS = st.lists(st.tuples(st.integers(0, LENGTH), st.integers(0, LENGTH)).map(sorted), max_size=8)


def arrays(pairs) -> tuple[np.ndarray, np.ndarray]:
    return tuple(np.array(pairs, dtype=np.int64).reshape(-1, 2).T)


def bases(starts, ends) -> np.ndarray:
    marked = np.zeros(LENGTH, dtype=bool)
    for start, end in zip(starts, ends, strict=True):
        marked[start:end] = True
    return marked


@given(PAIRS, PAIRS)
def test_joined_intervals_their_gaps_and_what_overlaps_them(pairs, others):
    joined = join_intervals(*arrays(pairs))
    expected = bases(*arrays(pairs))
    assert (bases(*joined) == expected).all()
    assert (joined.starts[1:] > joined.ends[:-1]).all()
    assert (bases(*joined.gaps(LENGTH)) == ~expected).all()
    within = expected.copy()
    within[:10] = within[30:] = False
    assert (bases(*joined.within(10, 30)) == within).all()
    others = [(start, end) for start, end in others if start < end]
    found = joined.overlap(*arrays(others)).tolist()
    assert found == [bool(expected[start:end].any()) for start, end in others]


def test_a_distance_counts_on_both_sides_and_not_before_the_contig():
    joined = join_intervals(np.array([2, 20]), np.array([5, 20]), distance=3)
    assert (joined.starts.tolist(), joined.ends.tolist()) == ([0, 17], [8, 23])


def test_places_are_added_by_contig():
    places = {}
    add_places(places, np.array([1, 0, 1]), np.array([5, 7, 0]), np.array([9, 8, 2]))
    add_places(places, np.array([1]), np.array([2]), np.array([5]))
    assert {n: [one.tolist() for one in places[n]] for n in places} == {0: [[7], [8]], 1: [[0], [9]]}


def test_clusters_are_chains_of_shared_bases():
    starts, ends = np.array([0, 3, 8, 10, 10]), np.array([4, 9, 9, 12, 11])
    assert number_clusters(starts, ends).tolist() == [0, 0, 0, 1, 1]
    assert number_clusters(starts[:0], ends[:0]).tolist() == []

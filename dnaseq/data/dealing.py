"""Whole groups of records dealt out to portions of wished sizes, every class spread alike.

The reasoning is that of scikit-learn's StratifiedGroupKFold, large groups first and each to where its classes are
missed most, for portions of any share and for millions of groups: groups of one composition are interchangeable
and are dealt by the number, so that only the few that do not divide evenly are placed one at a time.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from dnaseq.errors import InputError

FIX = "Give more records, or set split.similar=false (only copies stay together) or a higher similarity.identity"
LEAST = (
    0.5  # of what is asked for outside the largest portion; with less it is another split than was asked for
)
ROUNDING = 1e-9  # a share of a whole number may come out just below it


class Groups(NamedTuple):
    """G groups, numbered by their first record, and the records of C classes in each."""

    of_record: np.ndarray  # (n,) group
    counts: csr_array  # (G, C) records of each class
    sizes: np.ndarray  # (G,) records


def deal_groups(
    labels: np.ndarray, groups: np.ndarray, shares: Sequence[float], rng: np.random.Generator
) -> np.ndarray:
    """(n,) labels, (n,) groups, (k,) shares that sum to 1 -> (n,) portion of each record, 0 to k - 1.

    No group is in two portions and no portion is empty. A portion's size differs from its share by less than the
    largest group, and further only by groups moved so that every class of k groups or more is in every portion
    (groups of several classes may not allow even that). What numbers the groups have does not matter. Raises
    InputError where there are fewer groups than portions, or where one group leaves too little for the others.
    """
    found, wished = gathered(labels, groups), np.array(shares)
    _check_possible(found.sizes, wished)
    portion = _dealt(found, wished, rng)
    _complete(portion, found.counts, found.sizes, len(shares))
    as_one_class = csr_array(np.ones((len(portion), 1)))
    _complete(portion, as_one_class, found.sizes, len(shares))  # all classes may be of few groups
    return portion[found.of_record]


def gathered(labels: np.ndarray, groups: np.ndarray) -> Groups:
    """(n,) labels, (n,) groups -> the groups; classes in the order of the labels that occur, sorted."""
    _, first, number = np.unique(groups, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    number = rank[number]
    classes, y = np.unique(labels, return_inverse=True)
    counts = csr_array((np.ones(len(number)), (number, y)), shape=(len(first), len(classes)))
    return Groups(number, counts, np.bincount(number, minlength=len(first)))


def _check_possible(sizes: np.ndarray, shares: np.ndarray) -> None:
    if len(sizes) < len(shares):
        raise InputError(f"{len(sizes)} groups of alike records cannot fill {len(shares)} parts", fix=FIX)
    total, largest, elsewhere = int(sizes.sum()), int(sizes.max()), 1 - shares.max()
    if total - largest < LEAST * elsewhere * total:
        what = f"{largest:,} of {total:,} records are one group of alike records"
        raise InputError(f"{what}, so {100 * elsewhere:.0f} % of them cannot be in other parts", fix=FIX)


def _dealt(found: Groups, shares: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(G,) portion of each group: by the number where groups divide evenly, the rest one at a time, single
    records last, so that they make up for what large groups have left uneven."""
    _, counts, sizes = found
    _, example, kind, members = np.unique(
        _compositions(counts, rng), return_index=True, return_inverse=True, return_counts=True
    )
    shuffled = rng.permutation(len(sizes))
    turn = _turns(kind, members, shuffled)
    single, by_size = sizes == 1, shuffled[np.argsort(-sizes[shuffled], kind="stable")]
    quota = np.floor(members[:, None] * shares + ROUNDING).astype(np.int64)  # (kinds, k)
    portion = np.where(single, -1, _portion_of_turn(quota[kind], turn))
    need = _need(portion, counts, shares)
    _place_each(by_size[(portion < 0)[by_size] & ~single[by_size]], portion, counts, shares, need)
    of_singles = np.flatnonzero(sizes[example] == 1)
    classes = counts.indices[counts.indptr[example[of_singles]]]
    quota[of_singles] = _quota_of_singles(members[of_singles], need[:, classes], need.sum(axis=1))
    portion[single] = _portion_of_turn(quota[kind[single]], turn[single])
    need = _need(portion, counts, shares)
    _place_each(by_size[(portion < 0)[by_size]], portion, counts, shares, need)
    return portion


def _compositions(counts: csr_array, rng: np.random.Generator) -> np.ndarray:
    """(G,) uint64, equal for groups with the same number of records of each class: a hash of the numbers."""
    weights = rng.integers(2**64, size=counts.shape[1], dtype=np.uint64)
    each = weights[counts.indices] * counts.data.astype(np.uint64)  # modulo 2^64
    return np.add.reduceat(each, counts.indptr[:-1])


def _turns(kind: np.ndarray, members: np.ndarray, shuffled: np.ndarray) -> np.ndarray:
    """(G,) 0, 1, 2 ... among the groups of its kind, in shuffled order."""
    order = shuffled[np.argsort(kind[shuffled], kind="stable")]
    turn = np.empty(len(kind), dtype=np.int64)
    turn[order] = np.arange(len(kind)) - np.repeat(np.cumsum(members) - members, members)
    return turn


def _portion_of_turn(quota: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """(m, k) groups of its kind for each portion, (m,) turn -> (m,) portion; -1 once the quotas are used up."""
    portion = (turn[:, None] >= np.cumsum(quota, axis=1)).sum(axis=1)
    return np.where(portion < quota.shape[1], portion, -1)


def _need(portion: np.ndarray, counts: csr_array, shares: np.ndarray) -> np.ndarray:
    """(k, C) records of each class that each portion still lacks."""
    dealt = np.flatnonzero(portion >= 0)
    where = csr_array((np.ones(len(dealt)), (portion[dealt], dealt)), shape=(len(shares), len(portion)))
    return np.outer(shares, counts.sum(axis=0)) - (where @ counts).toarray()


def _quota_of_singles(members: np.ndarray, need: np.ndarray, room: np.ndarray) -> np.ndarray:
    """(S,) single records of each class, (k, S) need of it, (k,) room for any -> (S, k) as needed, rounded down."""
    quota, room = np.zeros(need.T.shape, dtype=np.int64), room.copy()
    for i in np.argsort(members, kind="stable"):  # rare classes first: common ones can make up for them
        wanted = np.minimum(need[:, i], room).clip(0)
        enough = min(1.0, members[i] / wanted.sum()) if wanted.any() else 0.0
        quota[i] = np.floor(wanted * enough + ROUNDING)
        room -= quota[i]
    return quota


def _place_each(
    order: np.ndarray, portion: np.ndarray, counts: csr_array, shares: np.ndarray, need: np.ndarray
) -> None:
    """Place the groups of `order` one by one; `portion` and `need` change.

    Of the portions with room, a group goes to the one whose share of the group's classes is least filled, were
    half the group there (Sainte-Lague's rule, fair to small shares and large); where there is no room, to the one
    that lacks most, which keeps every portion within one group of its share.
    """
    total, room = counts.sum(axis=0), need.sum(axis=1)
    wish = np.outer(shares, total)
    for group in order:
        inside = slice(counts.indptr[group], counts.indptr[group + 1])
        classes, held = counts.indices[inside], counts.data[inside]
        size = held.sum()
        filled = (wish[:, classes] - need[:, classes] + held / 2) @ (held / total[classes]) / shares
        filled[room < size - ROUNDING] = np.inf
        best = filled.argmin() if np.isfinite(filled).any() else room.argmax()
        portion[group] = best
        need[best, classes] -= held
        room[best] -= size


def _complete(portion: np.ndarray, counts: csr_array, sizes: np.ndarray, k: int) -> None:
    """Move the smallest groups that can be spared so that each class of k groups or more is in each portion."""
    owner = np.repeat(np.arange(len(portion)), np.diff(counts.indptr))
    flat = portion[owner] * counts.shape[1] + counts.indices
    present = np.bincount(flat, minlength=k * counts.shape[1]).reshape(k, -1)  # groups that hold the class
    of_class = present.sum(axis=0)
    missing = np.argwhere((present == 0) & (of_class >= k))
    for p, c in missing[np.argsort(of_class[missing[:, 1]], kind="stable")]:
        candidates = (
            owner[counts.indices == c] if not present[p, c] else owner[:0]
        )  # a move may bring several
        for group in candidates[np.argsort(sizes[candidates], kind="stable")]:
            held = counts.indices[counts.indptr[group] : counts.indptr[group + 1]]
            if (present[portion[group], held] >= 2).all():
                present[portion[group], held] -= 1
                present[p, held] += 1
                portion[group] = p
                break

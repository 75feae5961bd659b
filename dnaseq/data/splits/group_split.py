"""Group-stratified splits: whole groups of records in portions of given sizes, every class spread alike.

The method is that of scikit-learn's StratifiedGroupKFold, large groups first and each to where its classes are
missed most, for portions of any share and for millions of groups. Groups of one composition are interchangeable
and are assigned by the number, so that only the few that do not divide evenly are placed one at a time.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from dnaseq.data.records.chunked_arrays import by_first, counted, index_type, look_up, present, stretches
from dnaseq.errors import InputError

FIX = "Give more records, or set split.similar=false (only copies stay together) or a higher similarity.identity"
LEAST = (
    0.5  # of the records wanted outside the largest portion; with less, the split is not the one asked for
)
ROUNDING = 1e-9  # a share of a whole number may come out just below it


class Groups(NamedTuple):
    """G groups, numbered by their first record, and the records of C classes in each."""

    of_record: np.ndarray  # (n,) int32 group
    counts: csr_array  # (G, C) int32 records of each class
    sizes: np.ndarray  # (G,) int32 records


class Kinds(NamedTuple):
    """The K different compositions of groups."""

    of_group: np.ndarray  # (G,) int32 kind
    example: np.ndarray  # (K,) the first group of each
    members: np.ndarray  # (K,) groups


def assign_groups(
    labels: np.ndarray, groups: np.ndarray, shares: Sequence[float], rng: np.random.Generator
) -> np.ndarray:
    """(n,) labels, (n,) groups, both whole numbers from 0, (k,) shares that sum to 1 -> (n,) portion of each record, 0
    to k - 1.

    No group is in two portions and no portion is empty. A portion's size differs from its share by less than the
    largest group, and further only by groups moved so that every class of k groups or more is in every portion
    (groups of several classes may not allow even that). The numbers of the groups do not matter. Raises
    InputError where there are fewer groups than portions, or where one group leaves too little for the others.
    """
    found, wished = build_groups(labels, groups), np.array(shares)
    _check_possible(found.sizes, wished)
    portion = _assign(found, wished, rng)
    _complete(portion, found.counts, found.sizes, len(shares))
    if not present(portion, len(shares)).all():  # all classes may be of few groups
        as_one_class = csr_array(np.ones((len(portion), 1), dtype=np.int32))
        _complete(portion, as_one_class, found.sizes, len(shares))
    return look_up(portion, found.of_record)


def build_groups(labels: np.ndarray, groups: np.ndarray) -> Groups:
    """(n,) labels, (n,) groups -> the groups; classes in the order of the labels that occur, sorted."""
    number = by_first(groups)
    labels = labels.astype(np.int32, copy=False)
    occurs = present(labels, int(labels.max(initial=-1)) + 1)
    y = look_up(np.cumsum(occurs, dtype=np.int32) - np.int32(1), labels)
    sizes = counted(number).astype(number.dtype)
    shape = (len(sizes), np.count_nonzero(occurs))
    return Groups(number, csr_array((np.ones_like(y), (number, y)), shape=shape), sizes)


def _check_possible(sizes: np.ndarray, shares: np.ndarray) -> None:
    if len(sizes) < len(shares):
        raise InputError(f"{len(sizes)} groups of similar records cannot fill {len(shares)} splits", fix=FIX)
    total, largest, elsewhere = int(sizes.sum()), int(sizes.max()), 1 - shares.max()
    if total - largest < LEAST * elsewhere * total:
        what = f"{largest:,} of {total:,} records are one group of similar records"
        raise InputError(f"{what}, so {100 * elsewhere:.0f} % of them cannot be in other splits", fix=FIX)


def _assign(found: Groups, shares: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Assign each group to a portion, (G,): by the number where groups divide evenly, the rest one at a time, single
    records last, so that they balance the portions after the large groups."""
    _, counts, sizes = found
    kinds = _kinds(counts, rng.integers(2**64, size=counts.shape[1], dtype=np.uint64))
    shuffled = np.arange(len(sizes), dtype=sizes.dtype)
    rng.shuffle(shuffled)
    turn = _turns(kinds, shuffled)
    single = sizes == 1
    quota = np.floor(kinds.members[:, None] * shares + ROUNDING).astype(np.int64)  # (K, k)
    portion = np.full(len(sizes), -1, dtype=np.min_scalar_type(-len(shares)))
    _fill(portion, ~single, quota, kinds, turn)
    need = _need(portion, counts, shares)
    _place_each(_by_size((portion < 0) & ~single, sizes, shuffled), portion, counts, shares, need)
    of_singles = np.flatnonzero(sizes[kinds.example] == 1)
    classes = counts.indices[counts.indptr[kinds.example[of_singles]]]
    quota[of_singles] = _quota_of_singles(kinds.members[of_singles], need[:, classes], need.sum(axis=1))
    _fill(portion, single, quota, kinds, turn)
    need = _need(portion, counts, shares)
    _place_each(_by_size(portion < 0, sizes, shuffled), portion, counts, shares, need)
    return portion


def _kinds(counts: csr_array, weights: np.ndarray) -> Kinds:
    """Find the compositions, in the order of a hash: the sum of records of each class times its weight, (C,) uint64."""

    def hashes(some: slice) -> np.ndarray:
        edges = counts.indptr[some.start : some.stop + 1]
        inside = slice(edges[0], edges[-1])
        each = weights[counts.indices[inside]] * counts.data[inside].astype(np.uint64)  # modulo 2^64
        return np.add.reduceat(each, edges[:-1] - edges[0])

    example: dict[int, int] = {}
    for some in stretches(counts.shape[0]):
        different, first = np.unique(hashes(some), return_index=True)
        for composition, group in zip(different.tolist(), (some.start + first).tolist(), strict=True):
            example.setdefault(composition, group)
    different = np.array(sorted(example), dtype=np.uint64)
    of_group = np.empty(counts.shape[0], dtype=index_type(len(different)))
    for some in stretches(len(of_group)):
        of_group[some] = np.searchsorted(different, hashes(some))
    return Kinds(of_group, np.array([example[one] for one in different.tolist()]), counted(of_group))


def _turns(kinds: Kinds, shuffled: np.ndarray) -> np.ndarray:
    """(G,) 0, 1, 2 ... among the groups of its kind, in shuffled order."""
    turn = np.empty_like(shuffled)
    before = np.zeros(len(kinds.members), dtype=np.int64)
    for some in stretches(len(shuffled)):
        kind = kinds.of_group[shuffled[some]]
        order = np.argsort(kind, kind="stable")
        held = np.bincount(kind, minlength=len(before))
        turn[shuffled[some][order]] = np.arange(len(kind)) + np.repeat(before - np.cumsum(held) + held, held)
        before += held
    return turn


def _fill(portion: np.ndarray, which: np.ndarray, quota: np.ndarray, kinds: Kinds, turn: np.ndarray) -> None:
    """Assign the groups of (G,) bool `which` by their turn and the (K, k) quotas; -1 for those beyond them."""
    for some in stretches(len(portion)):
        assigned = _portion_of_turn(quota[kinds.of_group[some]], turn[some])
        portion[some] = np.where(which[some], assigned, portion[some])


def _portion_of_turn(quota: np.ndarray, turn: np.ndarray) -> np.ndarray:
    """(m, k) groups of its kind for each portion, (m,) turn -> (m,) portion; -1 once the quotas are used up."""
    portion = (turn[:, None] >= np.cumsum(quota, axis=1)).sum(axis=1)
    return np.where(portion < quota.shape[1], portion, -1)


def _by_size(which: np.ndarray, sizes: np.ndarray, shuffled: np.ndarray) -> np.ndarray:
    """Sort the groups of (G,) bool `which`, largest first, else in shuffled order."""
    chosen = shuffled[look_up(which, shuffled)]
    return chosen[np.argsort(-sizes[chosen], kind="stable")]


def _need(portion: np.ndarray, counts: csr_array, shares: np.ndarray) -> np.ndarray:
    """(k, C) records of each class that each portion still lacks."""
    held = _held(portion, counts, len(shares), counts.data)
    return np.outer(shares, held.sum(axis=0)) - held[:-1]


def _held(portion: np.ndarray, counts: csr_array, k: int, each: np.ndarray) -> np.ndarray:
    """(k + 1, C) sums of the values `each` of the counts, by portion; last of the groups not yet assigned."""
    n_classes = counts.shape[1]
    sums = np.zeros((k + 1) * n_classes)
    for some in stretches(len(portion)):
        edges = counts.indptr[some.start : some.stop + 1]
        inside = slice(edges[0], edges[-1])
        owner = np.repeat(portion[some].astype(np.int64) % (k + 1), np.diff(edges))
        sums += np.bincount(owner * n_classes + counts.indices[inside], each[inside], len(sums))
    return sums.reshape(k + 1, n_classes)


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
    total = _held(portion, counts, len(shares), counts.data).sum(axis=0)
    room = need.sum(axis=1)
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
    # (k, C) groups that hold the class
    present_in = _held(portion, counts, k, np.broadcast_to(1, len(counts.data)))[:-1]
    of_class = present_in.sum(axis=0)
    missing = np.argwhere((present_in == 0) & (of_class >= k))
    for p, c in missing[np.argsort(of_class[missing[:, 1]], kind="stable")]:
        if present_in[p, c]:  # a move may bring several
            continue
        candidates = np.searchsorted(counts.indptr, np.flatnonzero(counts.indices == c), side="right") - 1
        for group in candidates[np.argsort(sizes[candidates], kind="stable")]:
            held = counts.indices[counts.indptr[group] : counts.indptr[group + 1]]
            if (present_in[portion[group], held] >= 2).all():
                present_in[portion[group], held] -= 1
                present_in[p, held] += 1
                portion[group] = p
                break

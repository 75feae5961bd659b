"""Which training windows an epoch draws where classes are of very different sizes."""

import numpy as np

SAMPLERS = ("none", "balanced")


def balanced_order(y: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """(m,) classes -> (n,) indices into them, shuffled: every class that occurs n / C times, to one.

    A class is gone through in full, in an order of chance, before any of its members is drawn again; so a class of
    fewer than n / C members is repeated, and of a larger one some are left out. What n does not divide is given to
    classes drawn by chance. Raises ValueError where there is nothing to draw from.
    """
    if not len(y):
        raise ValueError("there is nothing to draw from")
    classes, number = np.unique(y, return_inverse=True)
    share = np.full(len(classes), n // len(classes))
    share[rng.permutation(len(classes))[: n % len(classes)]] += 1
    by_class = np.split(np.argsort(number, kind="stable"), np.cumsum(np.bincount(number))[:-1])
    drawn = [_rounds(members, count, rng) for members, count in zip(by_class, share.tolist(), strict=True)]
    return rng.permutation(np.concatenate(drawn))


def _rounds(members: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """`count` of the members, all of them equally often, to one."""
    rounds = [rng.permutation(members) for _ in range(-(-count // len(members)))]
    return np.concatenate([members[:0], *rounds])[:count]

"""Deletion and insertion curves: what the logit does when bases are replaced in the order of an attribution (Samek et
al. 2017; Petsiuk et al. 2018).

A base is replaced by one of the three others, drawn at random: a shorter record, or one with letters that the model
never saw, would show what the model does with those. Every order is tried with the same draws.
"""

from typing import NamedTuple

import numpy as np

from dnaseq.interpret.logit import Logit
from dnaseq.interpret.methods.explanation import is_one_base

SHARES = (0.05, 0.1, 0.15, 0.2, 0.3, 0.5)  # of the bases of a record that are replaced or put back
DRAWS = 6  # of other bases


class Trial(NamedTuple):
    """Records and what they become when all their bases are replaced."""

    codes: np.ndarray  # (n, L) uint8
    lengths: np.ndarray  # (n,)
    replaced: np.ndarray  # (DRAWS, n, L) uint8: other bases, and the letters that are not one base
    own: np.ndarray  # (n,) logits of the records
    empty: np.ndarray  # (n,) logits of the replaced records, mean over the draws

    @property
    def sign(self) -> np.ndarray:
        """(n,) 1 where the bases of a record raise the logit, together, and -1 where they lower it."""
        return np.where(self.own >= self.empty, 1.0, -1.0)


class Curves(NamedTuple):
    """(n, shares) each, in logits towards what the bases of the record say: where they lower the logit together, its
    sign is changed."""

    deletion: np.ndarray  # what the record loses when the first bases are replaced
    insertion: np.ndarray  # what the replaced record gains when its first bases are put back


def make_trial(logit: Logit, codes: np.ndarray, lengths: np.ndarray, rng: np.random.Generator) -> Trial:
    """Draw the replacements of (n, L) codes, and score the records with and without their bases."""
    steps = rng.integers(1, 4, size=(DRAWS, *codes.shape), dtype=np.uint8)
    replaced = np.where(is_one_base(codes), (codes + steps) % 4, codes).astype(np.uint8)
    empty = np.mean([logit.of_codes(one, lengths) for one in replaced], axis=0)
    return Trial(codes, lengths, replaced, logit.of_codes(codes, lengths), empty)


def curves_of_values(logit: Logit, trial: Trial, values: np.ndarray, is_signed: bool) -> Curves:
    """Compute the curves in the order of (n, L) attributions. Those with a sign are ranked by how much they argue for
    what all bases of the record say together."""
    towards = values * trial.sign[:, None] if is_signed else values
    return _curves(logit, trial, np.stack([_ranks(towards, trial.codes)] * DRAWS))


def random_curves(logit: Logit, trial: Trial, rng: np.random.Generator) -> Curves:
    """Compute the curves of random orders, another one for each draw."""
    ranks = [_ranks(rng.random(trial.codes.shape), trial.codes) for _ in range(DRAWS)]
    return _curves(logit, trial, np.stack(ranks))


def _ranks(values: np.ndarray, codes: np.ndarray) -> np.ndarray:
    """(n, L) values -> (n, L) ranks from 0 for the largest value; letters that are not one base come last."""
    order = np.argsort(np.where(is_one_base(codes), -values, np.inf), axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(codes.shape[1])[None], axis=1)
    return ranks


def _curves(logit: Logit, trial: Trial, ranks: np.ndarray) -> Curves:
    """(DRAWS, n, L) ranks -> the curves, mean over the draws."""
    deletion, insertion = [], []
    bases = is_one_base(trial.codes).sum(axis=1)
    for share in SHARES:
        first = ranks < np.ceil(share * bases)[None, :, None]
        deletion.append(_mean_logits(logit, trial, np.where(first, trial.replaced, trial.codes)))
        insertion.append(_mean_logits(logit, trial, np.where(first, trial.codes, trial.replaced)))
    sign = trial.sign[:, None]
    losses = sign * (trial.own[:, None] - np.stack(deletion, axis=1))
    gains = sign * (np.stack(insertion, axis=1) - trial.empty[:, None])
    return Curves(losses, gains)


def _mean_logits(logit: Logit, trial: Trial, changed: np.ndarray) -> np.ndarray:
    """(DRAWS, n, L) codes -> (n,) logits, mean over the draws."""
    n = len(trial.codes)
    flat = changed.reshape(-1, changed.shape[2])
    return logit.of_codes(flat, np.tile(trial.lengths, DRAWS)).reshape(DRAWS, n).mean(axis=0)

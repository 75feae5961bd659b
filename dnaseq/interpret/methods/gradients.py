"""Explanations by gradients of the logit with respect to the bases.

Every gradient has the simplex correction of Majdandzic et al. (2023, Genome Biology 24:109): the shares of the four
bases always sum to 1, so the mean over the four says nothing and is taken off.
"""

import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager

import numpy as np
import torch
from torch import Tensor

from dnaseq.data.records.batching import padded_lengths
from dnaseq.encode.encoding import OfBases
from dnaseq.encode.shuffle import dinucleotide_shuffles
from dnaseq.errors import ConfigError
from dnaseq.interpret.logit import Logit
from dnaseq.interpret.methods.explanation import (
    Explanation,
    MethodSettings,
    at_bases,
    is_one_base,
    rows_by_length,
)


def gradient(logit: Logit, codes: np.ndarray, lengths: np.ndarray, settings: MethodSettings) -> Explanation:
    """Sum the absolute gradients of the four bases (saliency, Simonyan et al. 2014): how much a base matters, without
    a sign."""
    each = np.abs(_gradients(logit, codes, lengths)).sum(axis=2)
    return Explanation(np.where(is_one_base(codes), each, 0).astype(np.float32))


def gradient_input(
    logit: Logit, codes: np.ndarray, lengths: np.ndarray, settings: MethodSettings
) -> Explanation:
    """Take the gradient of the base that is there (gradient x input, Shrikumar et al. 2016)."""
    return at_bases(_gradients(logit, codes, lengths), codes)


def integrated_gradients(
    logit: Logit, codes: np.ndarray, lengths: np.ndarray, settings: MethodSettings
) -> Explanation:
    """Average the gradients on the straight way from a baseline to the record, times the way (Sundararajan et al.
    2017), by the midpoint rule.

    The values of a record sum to its logit minus that of the baseline, or minus the mean of those of the shuffles, up
    to what the steps leave over. Letters that are not one base stand in the baseline as they are.
    """
    hypothetical = np.zeros((*codes.shape, 4), dtype=np.float32)
    most = logit.predictor.batch_size
    for rows in rows_by_length(lengths, most):
        longest = int(lengths[rows].max())
        some = codes[rows, :longest]
        hypothetical[rows, :longest] = _path_mean(logit, some, lengths[rows], settings, most)
    return at_bases(hypothetical, codes)


def baseline_logits(
    logit: Logit, codes: np.ndarray, lengths: np.ndarray, settings: MethodSettings
) -> np.ndarray:
    """(n,) float64 logits of the baselines of records, the mean over those of shuffles."""
    found = np.empty(len(codes))
    for rows in rows_by_length(lengths, logit.predictor.batch_size):
        longest = int(lengths[rows].max())
        sizes = _sizes(logit, lengths[rows])
        with torch.inference_mode():
            each = [
                logit.of_onehot(baseline, sizes).double().cpu().numpy()
                for baseline in _baselines(logit, codes[rows, :longest], lengths[rows], settings)
            ]
        found[rows] = np.mean(each, axis=0)
    return found


def _gradients(logit: Logit, codes: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """(n, L) codes -> (n, L, 4) corrected gradients."""
    found = np.zeros((*codes.shape, 4), dtype=np.float32)
    for rows in rows_by_length(lengths, logit.predictor.batch_size):
        longest = int(lengths[rows].max())
        x = _bases(logit, codes[rows, :longest])
        slope = _slope(logit, x, _sizes(logit, lengths[rows]))
        slope = slope - slope.mean(-1, keepdim=True)
        found[rows, :longest] = slope.transpose(0, 1).cpu().numpy()
    return found


def _path_mean(
    logit: Logit, codes: np.ndarray, lengths: np.ndarray, settings: MethodSettings, most: int
) -> np.ndarray:
    """(b, L) codes -> (b, L, 4): the numbers of the four bases, mean over the baselines and the steps."""
    x, sizes = _bases(logit, codes), _sizes(logit, lengths)
    points = ((torch.arange(settings.steps, device=x.device) + 0.5) / settings.steps).to(x.dtype)
    total, count = torch.zeros_like(x), 0
    for baseline in _baselines(logit, codes, lengths, settings):
        for some in points.split(max(1, most // len(codes))):
            way = baseline[:, None] + some[:, None, None] * (x - baseline)[:, None]  # (L, steps, b, 4)
            tiled = None if sizes is None else sizes.repeat(len(some))
            slope = _slope(logit, way.flatten(1, 2), tiled).unflatten(1, (len(some), -1)).sum(1)  # (L, b, 4)
            total += slope - (slope * baseline).sum(-1, keepdim=True)
        count += settings.steps
    return (total / count).transpose(0, 1).cpu().numpy()


def _baselines(
    logit: Logit, codes: np.ndarray, lengths: np.ndarray, settings: MethodSettings
) -> Iterator[Tensor]:
    """Yield each baseline of (b, L) codes as (L, b, 4) shares of the bases."""
    if settings.baseline == "uniform":
        x = _bases(logit, codes)
        real = torch.from_numpy(is_one_base(codes)).t().to(x.device)
        yield torch.where(real[..., None], 0.25, x)
        return
    shuffles = np.stack([_shuffles(row, n, settings) for row, n in zip(codes, lengths.tolist(), strict=True)])
    for number in range(settings.shuffles):
        yield _bases(logit, shuffles[:, number])


def _shuffles(codes: np.ndarray, length: int, settings: MethodSettings) -> np.ndarray:
    """(L,) codes -> (shuffles, L), which depend on the record and the seed, not on the records beside it."""
    rng = np.random.default_rng([settings.seed, zlib.crc32(codes[:length].tobytes())])
    found = np.tile(codes, (settings.shuffles, 1))
    found[:, :length] = dinucleotide_shuffles(codes[:length], settings.shuffles, rng)
    return found


def _slope(logit: Logit, x: Tensor, lengths: Tensor | None) -> Tensor:
    """(L, B, 4) -> (L, B, 4) gradient of each record's logit."""
    x = x.detach().requires_grad_()
    with torch.enable_grad(), _kernels_with_gradients(x):
        return torch.autograd.grad(logit.of_onehot(x, lengths).sum(), x)[0]


def _kernels_with_gradients(x: Tensor) -> AbstractContextManager:
    """cuDNN's recurrent kernels have no gradient in evaluation mode; PyTorch's own have one."""
    return torch.backends.cudnn.flags(enabled=not x.is_cuda)


def _bases(logit: Logit, codes: np.ndarray) -> Tensor:
    """(b, L) codes -> (L, b, 4) shares of the bases on the device. Raises ConfigError where gradients stop before."""
    encoding = logit.predictor.encoding
    if logit.obstacle or not isinstance(encoding, OfBases):
        raise ConfigError(f"gradients stop at {logit.obstacle}. Use method=ism or method=occlusion")
    return encoding.bases(torch.from_numpy(np.ascontiguousarray(codes)).to(logit.predictor.device))


def _sizes(logit: Logit, lengths: np.ndarray) -> Tensor | None:
    sizes = padded_lengths(lengths)
    return None if sizes is None else sizes.to(logit.predictor.device)

"""The weights of attention pools, shown as what they are: where a model looks, which is not why it decides (Jain &
Wallace 2019)."""

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from dnaseq.data.records.batching import gather, padded_lengths
from dnaseq.encode.encoding import Encoding
from dnaseq.encode.kmer import Kmer
from dnaseq.encode.revcomp import reverse_complement
from dnaseq.errors import ConfigError
from dnaseq.interpret.logit import Logit
from dnaseq.interpret.methods.explanation import Explanation, MethodSettings, is_one_base, rows_by_length
from dnaseq.models.classifier import SequenceClassifier
from dnaseq.models.pool import Attention


def has_attention(logit: Logit) -> bool:
    """Tell if the model has a pool with weights."""
    return next(_pools(logit), None) is not None


def attention_weights(
    logit: Logit, codes: np.ndarray, lengths: np.ndarray, settings: MethodSettings
) -> Explanation:
    """Take the weights of the attention pools, the mean over pools, members of an ensemble and strands.

    The weights of a window sum to 1 over its bases: that of a k-mer is dealt out to its bases, that of a position
    behind an encoder that shortens to the positions it stands for. Where windows overlap, the mean counts. Raises
    ConfigError for a model without such a pool.
    """
    if not has_attention(logit):
        raise ConfigError("method=attention: the model has no attention pool. Use method=auto")
    predictor = logit.predictor
    windows = predictor.lengths.windows(lengths)
    sums, counts = np.zeros(codes.shape), np.zeros(codes.shape)
    flat = np.ascontiguousarray(codes).reshape(-1)
    for some in rows_by_length(windows.length, predictor.batch_size):
        record, start, sizes = (column[some] for column in windows)
        cut = torch.from_numpy(gather(flat, record * codes.shape[1] + start, sizes)).to(predictor.device)
        weights = _of_windows(logit, cut, sizes)
        step = np.arange(cut.shape[1])
        real = step < sizes[:, None]
        rows, columns = np.broadcast_to(record[:, None], real.shape)[real], (start[:, None] + step)[real]
        np.add.at(sums, (rows, columns), weights[real])
        np.add.at(counts, (rows, columns), 1)
    values = sums / np.maximum(counts, 1)
    return Explanation(np.where(is_one_base(codes), values, 0).astype(np.float32))


def _pools(logit: Logit) -> Iterator[tuple[SequenceClassifier, Attention]]:
    """Yield each network of the model that has an attention pool, with the pool."""
    for net in logit.predictor.net.modules():
        if isinstance(net, SequenceClassifier):
            yield from ((net, pool) for pool in net.pool.modules() if isinstance(pool, Attention))


def _of_windows(logit: Logit, codes: Tensor, sizes: np.ndarray) -> np.ndarray:
    """(m, L) codes of windows, (m,) their lengths -> (m, L) weights of the bases."""
    lengths = padded_lengths(sizes)
    lengths = None if lengths is None else lengths.to(codes.device)
    found = _of_strand(logit, codes, lengths)
    if not logit.predictor.sees_both_strands:
        return found
    other = _of_strand(logit, reverse_complement(codes, lengths), lengths)
    for row, size in zip(other, sizes.tolist(), strict=True):
        row[:size] = row[:size][::-1].copy()
    return (found + other) / 2


def _of_strand(logit: Logit, codes: Tensor, lengths: Tensor | None) -> np.ndarray:
    """(m, L) codes as they are read -> (m, L) weights of the bases."""
    encoding = logit.predictor.encoding
    bases = np.full(len(codes), codes.shape[1]) if lengths is None else lengths.cpu().numpy()
    symbols = encoding.lengths(lengths)
    found = []
    with torch.inference_mode():
        x = encoding(codes)
        read = np.full(len(codes), len(x)) if symbols is None else symbols.cpu().numpy()
        for net, pool in _pools(logit):
            encoded = net.encode(x, symbols)
            weights = pool.weights(encoded).t().double().cpu().numpy()  # (m, L')
            kept = (
                np.full(len(codes), len(encoded.h))
                if encoded.lengths is None
                else encoded.lengths.cpu().numpy()
            )
            each = np.zeros(codes.shape)
            for row in range(len(codes)):
                of_symbols = _dealt_out(weights[row, : kept[row]], int(read[row]))
                each[row, : bases[row]] = _to_bases(encoding, of_symbols, int(bases[row]))
            found.append(each)
    return np.mean(found, axis=0)


def _dealt_out(weights: np.ndarray, n: int) -> np.ndarray:
    """(m,) weights -> (n,), n at least m: each weight in equal parts over the positions that it stands for."""
    owner = np.arange(n) * len(weights) // n
    return weights[owner] / np.bincount(owner, minlength=len(weights))[owner]


def _to_bases(encoding: Encoding, weights: np.ndarray, n: int) -> np.ndarray:
    """Weights of the symbols of a record -> (n,) of its bases."""
    if not isinstance(encoding, Kmer):
        return weights
    found = np.zeros(n)
    for j in range(encoding.k):
        found[np.arange(len(weights)) * encoding.stride + j] += weights / encoding.k
    return found

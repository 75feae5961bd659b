"""Vectors of k-mers from a file, with which the embedding of a network begins."""

import logging
import re
from typing import NamedTuple

import numpy as np
import torch

from dnaseq.errors import ConfigError, InputError
from dnaseq.io.tables.vectors import read_vectors
from dnaseq.models.embed import Lookup

logger = logging.getLogger("dnaseq")

_LETTERS = re.compile("[ACGT]+")
_DIGIT = str.maketrans("ACGT", "0123")  # read to base 4, a k-mer is its id in the encoding
_SPECIAL = re.compile(r"<.*>|\[.*\]|UNK")  # words of text, which many programs write: </s>, <pad>, <unk>
_UNKNOWN = ("<UNK>", "[UNK]", "UNK")


class Pretrained(NamedTuple):
    """The k-mers of a file, all of one length, and their vectors."""

    path: str
    rows: dict[str, int]  # k-mer -> its row of vectors
    vectors: np.ndarray  # (n, d) float32
    absent: np.ndarray  # (d,) the vector of a k-mer that is not in the file


def kmer_vectors(path: str, k: int | None = None) -> Pretrained:
    """Read the k-mers of a file of vectors; of one with several lengths, those of length k.

    Lower case reads as upper case and U as T, as in sequences. A k-mer that is not in the file gets the vector of
    the word <unk> if there is one, else the mean of all k-mers. Zeros would be far from all vectors of word2vec,
    which share a large mean (Mu and Viswanath 2018). Raises InputError for another word and for a k-mer that is
    there twice, ConfigError where k is not the length of a word, or is needed and not given.
    """
    words, vectors = read_vectors(path)
    rows: dict[str, int] = {}
    unknown = None
    for row, word in enumerate(words):
        letters = word.upper()
        if letters in _UNKNOWN:
            unknown = row
        elif not _SPECIAL.fullmatch(letters):
            _add(rows, letters.replace("U", "T"), row, word, path)
    lengths = sorted({len(letters) for letters in rows})
    if not lengths:
        raise InputError("no k-mers", file=path)
    if k is None and len(lengths) > 1:
        all_lengths = ", ".join(map(str, lengths))
        raise ConfigError(f"{path} has k-mers of {all_lengths} bases. Choose one: encoding.k={lengths[0]}")
    if k is not None and k not in lengths:
        raise ConfigError(f"encoding.k={k}, but {path} has k-mers of {', '.join(map(str, lengths))} bases")
    rows = {letters: row for letters, row in rows.items() if len(letters) == (k or lengths[0])}
    absent = vectors[list(rows.values())].mean(axis=0) if unknown is None else vectors[unknown]
    return Pretrained(path, rows, vectors, absent)


def fill(net: torch.nn.Module, pretrained: Pretrained, k: int) -> None:
    """Copy the vectors into the lookup tables of the network.

    The id of k-mers with an ambiguous letter gets the vector of an absent k-mer; padding stays zeros.
    """
    table = np.tile(pretrained.absent, (4**k + 1, 1))
    ids = [int(letters.translate(_DIGIT), 4) for letters in pretrained.rows]
    table[ids] = pretrained.vectors[list(pretrained.rows.values())]
    for part in net.modules():
        if isinstance(part, Lookup):
            part.start_from(torch.from_numpy(table))
    counts = (len(ids), 4**k, k)
    logger.info("%s: vectors of %d of %d %d-mers; all others begin with one vector", pretrained.path, *counts)


def _add(rows: dict[str, int], letters: str, row: int, word: str, path: str) -> None:
    if not _LETTERS.fullmatch(letters):
        raise InputError("this word is no k-mer of A, C, G and T", file=path, record=word)
    if letters in rows:
        raise InputError("this k-mer is there twice, in other letters", file=path, record=word)
    rows[letters] = row

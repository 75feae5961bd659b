"""Vectors of words by word2vec (Mikolov et al. 2013); the only module that knows gensim, which is an optional extra."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from dnaseq.errors import ConfigError, InputError

try:
    from gensim.models.word2vec import Word2Vec
except ImportError:
    Word2Vec = None

logging.getLogger("gensim").setLevel(logging.ERROR)  # it warns of few sentences, which are no fault
ALGORITHMS = ("cbow", "skipgram")  # at the number that gensim has for each
MOST_WORKERS = 256


@dataclass(frozen=True)
class Word2VecOptions:
    """Settings of a training with negative sampling. Raises ConfigError, naming the key, for a value out of range."""

    algorithm: str = "skipgram"  # or cbow: the word from the mean of its neighbours
    vector_size: int = 64
    window: int = 5  # words on either side
    negative: int = 5  # words drawn at random for each true neighbour
    epochs: int = 5
    min_count: int = 1  # words that occur less often get no vector
    seed: int = 1
    workers: int = 1  # only with one are equal input and seed equal vectors

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise ConfigError(f"algorithm must be one of {', '.join(ALGORITHMS)}; got {self.algorithm!r}")
        for key in ("vector_size", "window", "negative", "epochs", "min_count", "workers"):
            if getattr(self, key) < 1:
                raise ConfigError(f"{key} must be at least 1; got {getattr(self, key)}")
        if self.workers > MOST_WORKERS:
            raise ConfigError(
                f"workers must be at most {MOST_WORKERS} (more threads are only slower); got {self.workers}"
            )


def check_installed() -> None:
    """Raise ConfigError where gensim is missing."""
    if Word2Vec is None:
        raise ConfigError("vectors need gensim. Install it: pip install 'dnaseq[embed]'")


def train_vectors(
    sentences: Iterable[list[str]],
    counts: dict[str, int],
    n_sentences: int,
    options: Word2VecOptions,
    advance: Callable[[int], None] = lambda words: None,
) -> tuple[list[str], np.ndarray]:
    """Return words, the most frequent first, and their vectors, (n, vector_size) float32.

    `sentences` are read once an epoch and must be the same each time; `counts` holds the occurrences of each word,
    `n_sentences` their number. `advance` is called with the number of words of every sentence that is read.
    Raises ConfigError where no word occurs min_count times, InputError where an epoch has other words than were
    counted, and the errors of reading a sentence.
    """
    check_installed()
    if not (often := {word: n for word, n in counts.items() if n >= options.min_count}):
        raise ConfigError(f"min_count={options.min_count}, but no k-mer occurs so often. Lower it")
    model = Word2Vec(
        vector_size=options.vector_size,
        window=options.window,
        min_count=options.min_count,
        sg=ALGORITHMS.index(options.algorithm),
        negative=options.negative,
        seed=options.seed,
        workers=options.workers,
        sample=0,  # dropping frequent words is for languages: of 4^k k-mers nearly all are "frequent"
    )
    total = sum(counts.values())
    model.build_vocab_from_freq(often, corpus_count=n_sentences)
    guarded = _Guarded(sentences, total, advance)
    model.train(guarded, total_words=total, total_examples=n_sentences, epochs=options.epochs)
    if guarded.error is not None:
        raise guarded.error
    return list(model.wv.index_to_key), model.wv.vectors


class _Guarded:
    """Sentences whose errors wait: gensim reads in a thread, where an exception would leave it waiting for ever."""

    def __init__(self, sentences: Iterable[list[str]], total: int, advance: Callable[[int], None]):
        self._sentences, self._total, self._advance = sentences, total, advance
        self.error: Exception | None = None

    def __iter__(self) -> Iterator[list[str]]:
        if self.error is not None:
            return
        read = 0
        try:
            for sentence in self._sentences:
                yield sentence
                read += len(sentence)
                self._advance(len(sentence))
            if read != self._total:
                raise InputError(f"{read:,} k-mers where there were {self._total:,}: the input has changed")
        except Exception as error:  # noqa: BLE001 (it is raised again, in the calling thread)
            self.error = error

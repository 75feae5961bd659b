"""dnaseq embed: sequences in, a vector for every k-mer out."""

import logging
import time
from pathlib import Path

from omegaconf import DictConfig

from dnaseq.data.embedding.sentences import Sentences
from dnaseq.data.embedding.word2vec import Word2VecOptions, check_installed, train_vectors
from dnaseq.errors import ConfigError, InputError, RejectedError
from dnaseq.io.progress import show_progress
from dnaseq.io.tables.vectors import open_vectors
from dnaseq.tasks.config.paths import input_of, output_of, reading_of
from dnaseq.tasks.runs.jobs import Outcome

OPTIONS = ("algorithm", "vector_size", "window", "negative", "epochs", "min_count", "seed", "workers")
logger = logging.getLogger("dnaseq")


def run(cfg: DictConfig, choices: dict[str, str]) -> Outcome:
    """Learn the vectors; the output gets its name when it is complete.

    Raises ConfigError for an input that cannot be read several times, InputError for sequences without a k-mer,
    and RejectedError at the end where records could not be used.
    """
    check_installed()
    options = Word2VecOptions(**{key: cfg[key] for key in OPTIONS})
    sources, output = input_of(cfg), output_of(cfg)
    _check_files(sources, output)
    k = cfg.encoding.k
    sentences = Sentences(sources, k, cfg.encoding.stride, cfg.strands, reading_of(cfg))
    with open_vectors(output, cfg.format, cfg.overwrite) as write:
        with show_progress("counting k-mers"):
            counts, n_sentences, rejected = sentences.counts()
        if not (total := int(counts.sum())):
            raise InputError(f"no record has {k} letters A, C, G, T in a row", file=", ".join(sources))
        of_words = {word: n for word, n in zip(sentences.words, counts.tolist(), strict=True) if n}
        began = time.monotonic()
        with show_progress("learning vectors", "k-mers", total * options.epochs) as step:
            words, vectors = train_vectors(sentences, of_words, n_sentences, options, step.advance)
        seconds = time.monotonic() - began
        write(words, vectors)
    _log_summary(total, options, words, k, seconds)
    if rejected:
        raise RejectedError(f"{rejected} records could not be used and were left out")
    return Outcome()


def _log_summary(total: int, options: Word2VecOptions, words: list[str], k: int, seconds: float) -> None:
    speed = total * options.epochs / max(seconds, 1e-9)
    logger.info("read %s %d-mers, %d times", f"{total:,}", k, options.epochs)
    logger.info("vectors of %s of %s %d-mers", f"{len(words):,}", f"{4**k:,}", k)
    logger.info("%.1f seconds, %s k-mers a second", seconds, f"{speed:,.0f}")


def _check_files(sources: list[str], output: str) -> None:
    for source in sources:
        if not Path(source).is_file():
            raise ConfigError(f"input={source} is read once an epoch, so it must be a file: save it to one")
        if Path(source).resolve() == Path(output).resolve():
            raise ConfigError(f"output={output} is also an input")

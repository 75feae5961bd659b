"""Scores of the windows that a command cuts from a genome, by its engine."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from dnaseq.bundle.predictor import Predictor
from dnaseq.distributed.predictions import answer_pairs, describe_answers, parts_if_possible
from dnaseq.distributed.work import Engine, Questions, versions_of
from dnaseq.errors import ConfigError
from dnaseq.interpret.logit import Logit
from dnaseq.io.genome.names import map_file
from dnaseq.io.results.parts import Parts
from dnaseq.plugins.named import job_plugins
from dnaseq.tasks.config.paths import bundle_of, engine_of

Method = Callable[[Logit, Any], Any]


class Files:
    """The files that a user names, by their keys, as they are when the work begins."""

    def __init__(self, cfg: DictConfig, names: dict[str, str | None]):
        """Take the names, None for a file that is not given; a map of the names of contigs is another one."""
        every = names | {"chrom_map": map_file(cfg.chrom_map)}
        self._names = {key: name for key, name in every.items() if name is not None}
        self.names = list(self._names.values())
        self.versions = versions_of(self.names)

    def by_key(self) -> dict[str, object]:
        """Return the versions of the files."""
        own = {name: [name, *version] for name, *version in self.versions}
        return {key: own.get(name, name) for key, name in self._names.items()}


@dataclass(frozen=True)
class WindowScores:
    """Scores of items, such as windows, by the bundle that a configuration names, for the class `target`."""

    engine: Engine
    questions: Questions
    target: str
    kind: type

    @classmethod
    def of(
        cls, cfg: DictConfig, options: Sequence[str], sources: list[str], method: Method, kind: type
    ) -> "WindowScores":
        """Load the bundle with these keys of the configuration. `method` scores an item; its answer is a named tuple of
        arrays, `kind`. The size of `sources` says whether several processes are worth it. Raises ConfigError for a
        bundle that labels bases."""
        engine, bundle = engine_of(cfg, cfg.workers), bundle_of(cfg)
        given = {name: cfg[name] for name in options} | {"plugins": job_plugins()}
        predictor = Predictor.load(bundle, **given | {"device": engine.own_device(cfg.device, sources)})
        if predictor.prediction.is_per_base:
            raise ConfigError("this bundle labels every base, and this command takes windows with one label")
        target = Logit(predictor, None if cfg["class"] is None else str(cfg["class"]), key="class").target
        begin = partial(_begin, target, method)
        return cls(engine, Questions(bundle, given, predictor, sources, begin), target, kind)

    @property
    def predictor(self) -> Predictor:
        return self.questions.predictor

    def kept_in(
        self, parts: Parts | None, shard: int
    ) -> Callable[[Iterable[tuple[Any, Any]]], Iterator[tuple[Any, Any]]]:
        """Return the function that takes pairs of anything and an item, and yields the first with the scores of the
        item, in order; see answer_pairs."""
        return partial(answer_pairs, self.engine, self.questions, self.kind, parts, shard)

    def parts(
        self,
        cfg: DictConfig,
        output: str,
        files: Files,
        plan: dict[str, object],
        others: Sequence[Path] = (),
    ) -> AbstractContextManager[Parts | None]:
        """Open the scores that a stopped run has kept beside its output; None where they cannot be kept. A run goes on
        with the same files, scores and `plan` alone: these are all that the items depend on."""
        plan = {**plan, **files.by_key(), **self.describe()}
        return parts_if_possible(output, files.names, files.versions, plan, cfg.overwrite, others)

    def describe(self) -> dict[str, object]:
        """Collect what the scores depend on, beside the items."""
        return {
            **describe_answers(self.predictor, self.questions.options),
            **self.engine.depends_on(self.questions),
            "class": self.target,
        }


def _begin(target: str, method: Method, predictor: Predictor) -> Callable[[Any], Any]:
    """Return the function that scores an item."""
    return partial(method, Logit(predictor, target))

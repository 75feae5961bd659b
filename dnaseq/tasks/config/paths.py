"""Paths and objects that a user names: input and how it is read, output, bundle, runs, engine.

Apart from factories.py, which takes seconds to load.
"""

from typing import Any

from omegaconf import DictConfig, OmegaConf

from dnaseq.build import build
from dnaseq.errors import ConfigError
from dnaseq.io.sequences.reading import Reading, expand

READING, ENGINES = ("dnaseq.io.",), ("dnaseq.distributed.",)


def reading_of(cfg: DictConfig) -> Reading:
    return build(cfg.reading, READING)


def engine_of(cfg: DictConfig, workers: int | str) -> Any:
    """Build the engine of dnaseq.distributed: LocalEngine or RayEngine."""
    return build(cfg.engine, ENGINES, workers=workers)


def input_of(cfg: DictConfig) -> list[str]:
    """Return the files of input=, which may be a list; see expand()."""
    return expand(paths("input", cfg.input))


def output_of(cfg: DictConfig) -> str:
    return one_path("output", cfg.output)


def bundle_of(cfg: DictConfig) -> str:
    return one_path("bundle", cfg.bundle)


def paths(key: str, value: object) -> list[str]:
    """Return one path or several. Raises ConfigError for anything else."""
    value = _plain(value)
    items = value if isinstance(value, list) else [value]
    found = [path for one in items if (path := _path(one)) is not None]
    if not found or len(found) < len(items):
        raise ConfigError(
            f"{key} must be a path or a list of paths; got {_shown(value)}. Give it as {key}=PATH"
        )
    return found


def one_path(key: str, value: object) -> str:
    """Return the path. Raises ConfigError for a list, and for nothing."""
    value = _plain(value)
    found = _path(value)
    if found is None:
        raise ConfigError(f"{key} must be one path; got {_shown(value)}. Give it as {key}=PATH")
    return found


def _path(value: object) -> str | None:
    """Return the text of a path; a name of digits alone arrives as a number."""
    text = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    return text if text.strip() else None


def _plain(value: object) -> object:
    return OmegaConf.to_container(value) if OmegaConf.is_config(value) else value


def _shown(value: object) -> str:
    return "nothing" if value in (None, "", []) else repr(value)

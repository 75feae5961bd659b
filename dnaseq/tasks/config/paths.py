"""The places that a user gives: what is read and how, where the answer goes, which bundle or runs, who does the work.

Not in materials.py, which takes seconds to load for the sake of training.
"""

from omegaconf import DictConfig, OmegaConf

from dnaseq.build import build
from dnaseq.errors import ConfigError
from dnaseq.io.sequences.reading import Reading, expand

READING, ENGINES = ("dnaseq.io.",), ("dnaseq.distributed.",)


def reading_of(cfg: DictConfig) -> Reading:
    return build(cfg.reading, READING)


def engine_of(cfg: DictConfig, workers: int | str):
    """Who does the work: dnaseq.distributed's LocalEngine or RayEngine."""
    return build(cfg.engine, ENGINES, workers=workers)


def input_of(cfg: DictConfig) -> list[str]:
    """The files of input=, which may be a list; see expand()."""
    return expand(paths("input", cfg.input))


def output_of(cfg: DictConfig) -> str:
    return one_path("output", cfg.output)


def bundle_of(cfg: DictConfig) -> str:
    return one_path("bundle", cfg.bundle)


def paths(key: str, value: object) -> list[str]:
    """One path or several. Raises ConfigError for what is neither."""
    value = _plain(value)
    found = [_path(one) for one in (value if isinstance(value, list) else [value])]
    if not found or None in found:
        raise ConfigError(
            f"{key} must be a path or a list of paths; got {_shown(value)}. Give it as {key}=PATH"
        )
    return found


def one_path(key: str, value: object) -> str:
    """Raises ConfigError for a list, and for nothing."""
    value = _plain(value)
    found = _path(value)
    if found is None:
        raise ConfigError(f"{key} must be one path; got {_shown(value)}. Give it as {key}=PATH")
    return found


def _path(value: object) -> str | None:
    """A name of digits alone arrives as a number."""
    text = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    return text if text.strip() else None


def _plain(value: object) -> object:
    return OmegaConf.to_container(value) if OmegaConf.is_config(value) else value


def _shown(value: object) -> str:
    return "nothing" if value in (None, "", []) else repr(value)

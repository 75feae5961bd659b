"""The places that a user gives: what is read, where the answer goes, which bundle."""

from omegaconf import DictConfig, OmegaConf

from dnaseq.errors import ConfigError
from dnaseq.io.address import is_address
from dnaseq.io.reading import expand


def input_of(cfg: DictConfig) -> list[str]:
    """The files of input=, which may be a list; see expand()."""
    given = OmegaConf.to_container(cfg.input) if OmegaConf.is_list(cfg.input) else [cfg.input]
    if not given or not all(isinstance(name, str) and name.strip() for name in given):
        raise ConfigError(
            f"input must be a file, or a list of files; got {_shown(given)}. Give it as input=FILE"
        )
    return expand(given)


def output_of(cfg: DictConfig) -> str:
    return _one_path("output", cfg.output)


def bundle_of(cfg: DictConfig) -> str:
    """The folder of bundle=. Raises ConfigError for an address."""
    folder = _one_path("bundle", cfg.bundle)
    if is_address(folder):
        raise ConfigError(f"bundle={folder}: bundles are read from disk only. Download it first")
    return folder


def _one_path(key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{key} must be one path; got {_shown(value)}. Give it as {key}=PATH")
    return value


def _shown(value: object) -> str:
    value = OmegaConf.to_container(value) if OmegaConf.is_config(value) else value
    if isinstance(value, list) and len(value) == 1:
        value = value[0] if value[0] is None or value[0] == "" else value
    return "nothing" if value is None or value == "" else repr(value)

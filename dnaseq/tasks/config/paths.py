"""Paths and objects that a user names: input and how it is read, output, bundle, runs, engine.

Apart from factories.py, which takes seconds to load.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from dnaseq.build import build
from dnaseq.errors import ConfigError, FileAccessError, ModelFileError
from dnaseq.io.address import expand, is_address
from dnaseq.io.reading_options import DEFAULT, Reading, TableColumns

READING, ENGINES = ("dnaseq.io.",), ("dnaseq.distributed.",)
LONGEST_CONTIG = 1 << 32  # bases; the longest chromosomes that are known have about half as many
SPEC = "spec.json"  # of a bundle
DATA_FILES = {
    "train",
    "val",
    "test",
    "train_labels",
    "val_labels",
    "test_labels",
    "features",
    "genome",
    "signal",
}


def reading_of(cfg: DictConfig, in_windows: bool = False) -> Reading:
    """Build the settings of readers. Records that are cut into windows may be chromosomes: for them the limit of a
    record is higher, unless another one than the default is set."""
    reading = build(cfg.reading, READING)
    if in_windows and reading.max_length == DEFAULT.max_length:
        return replace(reading, max_length=LONGEST_CONTIG)
    return reading


def with_columns(reading: Reading, trained: TableColumns, data: DictConfig) -> Reading:
    """Add the columns of tables: those that are typed in `data`, or else those of the training."""
    given = {str(key): value for key, value in data.items() if value is not None}
    columns = trained._replace(**given)
    return replace(reading, table=columns._replace(id=columns.id or None))


def engine_of(cfg: DictConfig, workers: int | str) -> Any:
    """Build the engine of dnaseq.distributed: LocalEngine or RayEngine."""
    return build(cfg.engine, ENGINES, workers=workers)


def input_of(cfg: DictConfig) -> list[str]:
    """Return the files of input=, which may be a list; see expand()."""
    return expand(paths("input", cfg.input))


def output_of(cfg: DictConfig) -> str:
    return one_path("output", cfg.output)


def bundle_of(cfg: DictConfig, key: str = "bundle") -> str:
    """Return the folder of the bundle that a key names; where that is a run folder, that of its bundle.

    Raises FileAccessError where there is no such folder, ModelFileError where it holds no bundle.
    """
    name = one_path(key, cfg[key])
    folder = Path(name)
    if is_address(name):
        raise ConfigError(f"{name}: bundles are read from disk only. Download it first")
    if folder.is_file():
        raise FileAccessError(f"{name}: is a file, and a bundle is a folder, such as RUN/bundle")
    if not folder.is_dir():
        raise FileAccessError(f"{name}: no such bundle folder. dnaseq train writes one, such as RUN/bundle")
    if (folder / SPEC).is_file():
        return str(folder)
    if (folder / "bundle" / SPEC).is_file():
        return str(folder / "bundle")
    if (folder / "config.yaml").is_file():
        raise ModelFileError(f"{name}: this run has no bundle yet. Go on with it: dnaseq train resume={name}")
    raise ModelFileError(f"{name}: not a bundle, it has no {SPEC}")


def check_files(cfg: DictConfig) -> None:
    """Raise FileAccessError for a file that is named and not there, before the libraries that would read it are
    loaded."""
    if cfg.get("resume"):
        return  # the run folder says which files
    if "bundle" in cfg:
        bundle_of(cfg)
    if cfg.get("init") is not None:
        bundle_of(cfg, "init")
    if cfg.get("input") is not None:
        for name in paths("input", cfg.input):
            if any((Path(name).expanduser() / place / SPEC).exists() for place in ("", "bundle")):
                raise FileAccessError(f"{name}: is a bundle, not sequences. Write bundle={name} input=FILE")
        input_of(cfg)
    data = OmegaConf.to_container(cfg.data, resolve=True) if "data" in cfg else {}
    assert isinstance(data, dict)
    for key in DATA_FILES & data.keys():
        value = data[key]
        if isinstance(value, dict) and value and not str(data["source"]["_target_"]).endswith("ClassFiles"):
            what = f"data.{key}.{next(iter(value))}: a file for each class is read by data=class_files alone"
            raise ConfigError(f"{what}. Write data=class_files")
        for named in value.values() if isinstance(value, dict) else [value]:
            for name in [named] if isinstance(named, str) else named or ():
                if name:
                    expand(str(name))


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
    """Return the path, without ~ for the user's folder. Raises ConfigError for a list, and for nothing."""
    value = _plain(value)
    found = _path(value)
    if found is None:
        raise ConfigError(f"{key} must be one path; got {_shown(value)}. Give it as {key}=PATH")
    return os.path.expanduser(found)


def _path(value: object) -> str | None:
    """Return the text of a path; a name of digits alone arrives as a number."""
    text = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    return text if text.strip() else None


def _plain(value: object) -> object:
    return OmegaConf.to_container(value) if OmegaConf.is_config(value) else value


def _shown(value: object) -> str:
    return "nothing" if value in (None, "", []) else repr(value)

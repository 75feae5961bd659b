"""Files of a run that is resumed: from the folder where it was started, or at new places that the user gives."""

import glob
import os
from collections.abc import Iterator
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.io.address import SHIPPED, is_address
from dnaseq.tasks.config.plugins import KEYS as PLUGIN_KEYS
from dnaseq.tasks.config.validation import plain
from dnaseq.tasks.runs.manifest import configuration

PARTS = (
    *("train", "val", "test", "labels", "train_labels", "val_labels", "test_labels", "features"),
    *("genome", "signal"),
)
# Keys that name files, and, beside those of data, their copies for the source.
COPIES = {"exclude": "data.source.exclude", "negatives.path": "data.source.negatives.path"}
FILES = (*(f"data.{part}" for part in PARTS), *COPIES, "encoding.vectors", "init")
GROUPS = ("data", "encoding", "negatives")  # choices on which it depends which of these keys there are


def take_places(cfg: DictConfig, choices: dict[str, str], plan: DictConfig, chosen: dict[str, str]) -> None:
    """Put the new places of files that are typed beside resume=FOLDER into the configuration of the run, absolute.

    Raises ConfigError where anything else is typed.
    """
    typed = [one.partition("=")[0].lstrip("+") for one in HydraConfig.get().overrides.task]
    same = [group for group in GROUPS if choices.get(group) == chosen.get(group)]
    if strange := [key for key in typed if key not in ("resume", *PLUGIN_KEYS, *FILES, *same)]:
        what = "resume=FOLDER resumes a run with its own configuration"
        raise ConfigError(
            f"{what}; beside it only new places of its files can be given, as data.train=FILE, not {strange[0]}"
        )
    then, places = file_settings(plan), file_settings(cfg)
    for key in places.keys() & typed:
        if key not in then:
            raise ConfigError(f"the run has no {key}, so it cannot have moved. Leave it out")
        place, before = _from_folder(places[key], Path.cwd()), then[key]
        if isinstance(place, dict) and isinstance(before, dict):  # of some classes
            place = {**before, **place}
        move_files(plan, {key: place})


def find_files(folder: Path, plan: DictConfig) -> None:
    """Make the files in the configuration of a run absolute, unless they are found from this folder."""
    base = base_folder(folder, plan, f"Give its new place: dnaseq train resume={folder} KEY=FILE")
    if base != Path.cwd():
        move_files(plan, {key: _from_folder(value, base) for key, value in file_settings(plan).items()})


def base_folder(folder: Path, plan: DictConfig, fix: str) -> Path:
    """Return the folder where a run was started or, if its files are not there, this one. Raises FileAccessError for
    a file that is in neither; `fix` may speak of its KEY."""
    here, start = Path.cwd(), configuration(folder).get("started_in")
    folders = [Path(start), here] if start else [here]
    missing = [_missing(plan, base) for base in folders]
    if all(missing):
        key, path = missing[0][0]
        where = f" in {start}, where the run was started, nor here" if start else ""
        raise FileAccessError(f"{path}: does not exist{where}. {fix.replace('KEY', key)}")
    return next(base for base, lost in zip(folders, missing, strict=True) if not lost)


def file_settings(cfg: DictConfig) -> dict[str, object]:
    """Return dotted key -> value of the settings that name files."""
    found = {key: OmegaConf.select(cfg, key) for key in FILES}
    return {
        key: plain(value) if OmegaConf.is_config(value) else value for key, value in found.items() if value
    }


def move_files(cfg: DictConfig, places: dict[str, object]) -> None:
    """Set new places of files, in the keys that are typed and in those of the source."""
    for key, value in places.items():
        source = COPIES.get(key, key.replace("data.", "data.source."))
        for one in (key, source):
            if OmegaConf.select(cfg, one) is not None:
                OmegaConf.update(cfg, one, value, merge=False)


def without_files(settings: dict) -> dict:
    """Return the settings of a run without the places of its data."""
    data = {key: value for key, value in settings["data"].items() if key not in PARTS}
    source = {key: value for key, value in data.get("source", {}).items() if key not in PARTS}
    return settings | {"data": data | {"source": source}}


def _missing(plan: DictConfig, base: Path) -> list[tuple[str, str]]:
    """List key and path of the files that are not there, as seen from a folder."""
    return [
        (key, path)
        for key, value in file_settings(plan).items()
        for path in _paths(value)
        if not _is_kept(path) and not os.path.exists(base / path) and not glob.glob(str(base / path))
    ]


def _paths(value: object) -> Iterator[str]:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _paths(one)
    elif value is not None:
        yield os.path.expanduser(str(value))


def _is_kept(path: str) -> bool:
    return path.startswith(SHIPPED) or is_address(path)


def _from_folder(value: object, base: Path) -> object:
    """Make the relative paths of a setting absolute."""
    if isinstance(value, dict):
        return {key: _from_folder(one, base) for key, one in value.items()}
    if isinstance(value, list):
        return [_from_folder(one, base) for one in value]
    path = None if value is None else os.path.expanduser(str(value))
    return path if path is None or _is_kept(path) else os.path.normpath(base / path)

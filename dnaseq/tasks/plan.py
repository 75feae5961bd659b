"""What is known of a run before it trains, written into its folder and read again when the run goes on."""

import json
from pathlib import Path

import numpy as np
from hydra import compose
from omegaconf import DictConfig, OmegaConf
from yaml import YAMLError

from dnaseq.data.census import census
from dnaseq.data.labelled_set import LabelledSet
from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.io.atomic import write_json, write_text
from dnaseq.io.row_text import tsv_header, tsv_lines
from dnaseq.tasks.settings import check_settings


def write_plan(folder: Path, cfg: DictConfig, choices: dict[str, str], data: LabelledSet) -> None:
    """config.yaml (resolved, with what was chosen of each group), audit.json and split.tsv."""
    plan = OmegaConf.to_container(cfg, resolve=True) | {"choices": choices}
    write_text(folder / "config.yaml", OmegaConf.to_yaml(OmegaConf.create(plan)))
    write_json(folder / "audit.json", census(data))
    ids = data.store.ids(np.arange(len(data.store)))
    columns = {"id": ids, "split": data.split.tolist(), "group": data.group.tolist()}
    write_text(folder / "split.tsv", tsv_header(list(columns)) + tsv_lines(columns))


def planned(folder: Path) -> tuple[DictConfig, dict[str, str]]:
    """Configuration and choices of a run that was begun."""
    path = folder / "config.yaml"
    try:
        plan = OmegaConf.load(path)
    except OSError as error:
        raise FileAccessError(f"{folder}: not a run folder, it has no config.yaml to go on with") from error
    except YAMLError as error:
        raise ConfigError(f"{path}: damaged, so the run cannot go on") from error
    if not isinstance(plan, DictConfig) or not {"choices", "model", "monitor"} <= set(plan):
        raise ConfigError(f"{path}: not of a training, so there is nothing to go on with")
    choices = OmegaConf.to_container(plan.pop("choices"))
    named = [f"{group}={name}" for group, name in choices.items() if name]
    check_settings(plan, compose("train", overrides=named))
    return plan, choices


def check_same_data(folder: Path, data: LabelledSet) -> None:
    """Raise ConfigError if the data are no longer those that the run began with."""
    audit = folder / "audit.json"
    try:
        then = json.loads(audit.read_text())
    except (OSError, ValueError):
        then = None
    if then != json.loads(json.dumps(census(data))):
        raise ConfigError(f"{folder}: the data have changed since the run began. Start a new run")

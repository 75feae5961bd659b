"""What is known of a run before it trains, written into its folder and read again when the run goes on."""

import csv
import json
from pathlib import Path

from omegaconf import DictConfig, OmegaConf
from yaml import YAMLError

from dnaseq.data.census import census
from dnaseq.data.labelled_set import LabelledSet
from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.io.atomic import atomic_file, write_json, write_text


def write_plan(folder: Path, cfg: DictConfig, choices: dict[str, str], data: LabelledSet) -> None:
    """config.yaml (resolved, with what was chosen of each group), audit.json and split.tsv."""
    plan = OmegaConf.to_container(cfg, resolve=True) | {"choices": choices}
    write_text(folder / "config.yaml", OmegaConf.to_yaml(OmegaConf.create(plan)))
    write_json(folder / "audit.json", census(data))
    with atomic_file(folder / "split.tsv", mode="w", overwrite=True) as handle:
        table = csv.writer(handle, delimiter="\t", lineterminator="\n")
        table.writerow(["id", "split", "group"])
        for row, (part, group) in enumerate(zip(data.split, data.group, strict=True)):
            table.writerow([data.store.id(row), part, group])


def planned(folder: Path) -> tuple[DictConfig, dict[str, str]]:
    """Configuration and choices of a run that was begun."""
    try:
        plan = OmegaConf.load(folder / "config.yaml")
        return plan, OmegaConf.to_container(plan.pop("choices"))
    except OSError as error:
        raise FileAccessError(f"{folder}: not a run folder, it has no config.yaml to go on with") from error
    except (YAMLError, KeyError) as error:
        raise ConfigError(f"{folder / 'config.yaml'}: damaged, so the run cannot go on") from error


def check_same_data(folder: Path, data: LabelledSet) -> None:
    """Raise ConfigError if the data are no longer those that the run began with."""
    audit = folder / "audit.json"
    if audit.exists() and json.loads(audit.read_text()) != json.loads(json.dumps(census(data))):
        raise ConfigError(f"{folder}: the data have changed since the run began. Start a new run")

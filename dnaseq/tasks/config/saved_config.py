"""The configuration in a run folder, config.yaml. Anybody may have written it, so it is read as plain values."""

import re
import shlex
from pathlib import Path
from typing import Any

from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from dnaseq.build import check_targets
from dnaseq.errors import ConfigError, DnaseqError
from dnaseq.io.yaml_file import read_mapping
from dnaseq.tasks.config.hydra_rules import texts
from dnaseq.tasks.config.own_folders import parts_of_command

_REFERENCE = re.compile(r"(?<!\\)(\\\\)*\$\{")  # to another value, unlike `\${`, which is a text
_GROUP, _CHOICE = re.compile(r"(?!hydra\b)[A-Za-z_]\w*"), re.compile(r"[\w./-]+")


def read_config(path: Path) -> DictConfig:
    """Read the configuration of a run, with its `choices` of each group and its `command`.

    Raises ConfigError for a file that no run wrote, and for a reference: runs write resolved values. ModelFileError for
    a target that is never built.
    """
    plan = read_mapping(path)
    choices, command = plan.get("choices"), plan.get("command")
    is_text = isinstance(command, str) and isinstance(plan.get("started_in", ""), str)
    if not (_are_choices(choices) and is_text and type(plan.get("seed")) is int):
        raise ConfigError(f"{path}: not written by a run")
    for key, text in texts({name: value for name, value in plan.items() if name != "command"}):
        if _REFERENCE.search(text):
            raise ConfigError(f"{path}: {key}: a reference (${{...}}) is not read from a run folder")
    check_targets(plan, path)
    if _REFERENCE.search(command := str(command)):  # earlier versions wrote it as it was typed
        plan["command"] = literal(command)
    try:
        return OmegaConf.create(plan)
    except OmegaConfBaseException as error:  # for example a key of a wrong type
        raise ConfigError(f"{path}: not written by a run ({str(error).partition(chr(10))[0]})") from error


def folders_of_run(overrides: list[str]) -> list[Path]:
    """Return the folders of configurations of the run that resume=FOLDER names; none without such a run.

    Raises ConfigError for a folder that is not there any more.
    """
    folders = [value for key, _, value in (one.partition("=") for one in overrides) if key == "resume"]
    try:
        words = shlex.split(read_config(Path(folders[0].strip("'\"")).expanduser() / "config.yaml").command)
    except (IndexError, ValueError, DnaseqError):  # the task tells what is wrong
        return []
    try:
        return parts_of_command(words[2:])[0]
    except HydraException:  # as above
        return []


def literal(node: Any) -> Any:
    """Escape `${` in every text of a tree: it may have been typed, in a name or in the command."""
    if isinstance(node, dict):
        return {key: literal(value) for key, value in node.items()}
    if isinstance(node, list):
        return [literal(value) for value in node]
    return re.sub(r"(\\*)\$\{", r"\1\1\\${", node) if isinstance(node, str) else node


def _are_choices(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(group, str)
        and _GROUP.fullmatch(group)
        and (name is None or (isinstance(name, str) and _CHOICE.fullmatch(name)))
        for group, name in value.items()
    )

"""Rules for Hydra's own part of a configuration: Hydra builds objects from it and runs them."""

import re
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig

from dnaseq.errors import ConfigError, ModelFileError
from dnaseq.io.yaml_file import read_mapping
from dnaseq.tasks.config.validation import plain

LAUNCHERS = {
    "basic": "hydra._internal.core_plugins.basic_launcher.BasicLauncher",
    "submitit_local": "hydra_plugins.hydra_submitit_launcher.submitit_launcher.LocalLauncher",
    "submitit_slurm": "hydra_plugins.hydra_submitit_launcher.submitit_launcher.SlurmLauncher",
}
SWEEPER = "hydra._internal.core_plugins.basic_sweeper.BasicSweeper"
# Settings of a launcher that are a number or a name; the others are commands, folders and programs.
OF_LAUNCHER = (
    *("timeout_min", "cpus_per_task", "gpus_per_node", "tasks_per_node", "mem_gb", "nodes", "name"),
    *("stderr_to_file", "partition", "qos", "comment", "constraint", "exclude", "gres", "cpus_per_gpu"),
    *("gpus_per_task", "mem_per_gpu", "mem_per_cpu", "account", "signal_delay_s", "max_num_timeout"),
    *("array_parallelism", "wckey", "use_srun"),
)
FOLDER_OF_JOBS = {"submitit_folder": "${hydra.sweep.dir}/.submitit/%j"}
SETTABLE = {
    *(
        "hydra.run.dir",
        "hydra.sweep.dir",
        "hydra.sweep.subdir",
        "hydra.verbose",
        "hydra.mode",
        "hydra.job.num",
    ),
    *(f"hydra.launcher.{name}" for name in OF_LAUNCHER),
}
NOT_LOGGED = {"version": 1, "root": None, "disable_existing_loggers": False}
EMPTY = ("searchpath", "callbacks", "job.env_set", "job.env_copy", "job.chdir")
_TIME = re.compile(r"\$\{now:[^${}]*\}")


def check_override(override: Override) -> None:
    """Raise ConfigError for an override of Hydra's own part that is not among the few that users need, ModelFileError
    for one that names something to be built."""
    key, text = override.key_or_group.strip(), override.input_line or ""
    if calls_resolver(text):
        raise ConfigError(f"{key}: {_NO_RESOLVER}")
    is_hydra = re.match(r"hydra\b", key) or re.match(r"hydra\b", override.package or "")
    if not is_hydra:
        return
    value = override.value()
    if key == "hydra/launcher" and value in LAUNCHERS and not override.package:
        return
    if key == "hydra.searchpath" and not override.is_add() and _are_folders(value):
        return  # from --config-dir, in a sweep
    if "_target_" in text:
        raise ModelFileError(f"{key}: Hydra may build nothing for dnaseq. Leave it out")
    is_plain = isinstance(value, str | int | float | None) or hasattr(value, "text")
    if key not in SETTABLE or override.is_delete() or override.is_add() or not is_plain:
        raise ConfigError(f"{key}: this setting of Hydra cannot be changed. Leave it out")


def _are_folders(value: object) -> bool:
    return isinstance(value, list) and all(
        re.match("file://", getattr(one, "text", str(one))) for one in value
    )


def check_composed(cfg: DictConfig) -> None:
    """Raise unless Hydra's own part is as in conf/, except for overrides of SETTABLE.

    ModelFileError for a target that is not Hydra's, ConfigError for everything else.
    """
    for key, text in texts(plain(cfg, resolve=False)):
        if calls_resolver(text):
            raise ConfigError(f"{key}: {_NO_RESOLVER}")
    node = cfg.hydra
    typed = {text.lstrip("+~").partition("=")[0].strip() for text in node.overrides.hydra}
    _check_built(node)
    due = dict.fromkeys(EMPTY) | {"hydra_logging": NOT_LOGGED, "job_logging": NOT_LOGGED} | _of_program()
    for key, value in due.items():
        if f"hydra.{key}" not in typed and (_plain(node, key) or None) != value:
            raise ConfigError(f"hydra.{key}: this setting of Hydra cannot be changed. Leave it out")


def check_folder(folder: Path) -> None:
    """Raise ConfigError, with the line where it is known, for a file of configurations that is not plain."""
    for path in sorted(folder.rglob("*.yaml")):
        for key, text in texts(read_mapping(path)):
            if calls_resolver(text):
                raise ConfigError(f"{path}: {key}: {_NO_RESOLVER}")


def calls_resolver(text: str) -> bool:
    """Tell if a text has a reference with a resolver, such as ${oc.env:HOME}; the time of day is allowed."""
    depth = 0
    for token in re.findall(r"\$\{|[{}:]", _TIME.sub("", text)):
        if token == ":" and depth:
            return True
        depth += (token == "${") - (token == "}" and depth > 0)
    return False


_NO_RESOLVER = "references with a colon, such as ${oc.env:NAME}, are not read. Write the value itself"


def _check_built(node: DictConfig) -> None:
    """Raise unless Hydra builds its own sweeper and a launcher of LAUNCHERS with plain settings."""
    sweeper, launcher = _plain(node, "sweeper"), _plain(node, "launcher")
    for key, part, allowed in (("sweeper", sweeper, [SWEEPER]), ("launcher", launcher, LAUNCHERS.values())):
        if not isinstance(part, dict) or part.get("_target_") not in allowed:
            raise ModelFileError(f"hydra.{key}: {part!r} is not allowed here (allowed: {', '.join(allowed)})")
    if any(sweeper[key] for key in sweeper if key != "_target_"):
        raise ConfigError("hydra.sweeper: this setting of Hydra cannot be changed. Leave it out")
    for key, value in launcher.items():
        is_set = value and key != "_target_" and FOLDER_OF_JOBS.get(key) != value
        if is_set and (key not in OF_LAUNCHER or isinstance(value, dict | list)):
            raise ConfigError(f"hydra.launcher.{key}: this setting of Hydra cannot be changed. Leave it out")


def _of_program() -> dict[str, object]:
    """Read Hydra's folders from conf/program.yaml."""
    own = yaml.safe_load((files("dnaseq.conf") / "program.yaml").read_text())["hydra"]
    return {"output_subdir": own["output_subdir"], "run.dir": own["run"]["dir"]} | {
        f"sweep.{key}": own["sweep"][key] for key in ("dir", "subdir")
    }


def _plain(node: DictConfig, key: str) -> Any:
    *parents, last = key.split(".")
    for parent in parents:
        node = node[parent]
    return plain(node, resolve=False).get(last)


def texts(node: object, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield (dotted key, text) of every text in a tree of dicts and lists, keys included."""
    if isinstance(node, dict):
        inner: Iterable[tuple[object, object]] = node.items()
    elif isinstance(node, list):
        inner = enumerate(node)
    else:
        inner = ()
        if isinstance(node, str):
            yield path, node
    for key, value in inner:
        own = f"{path}.{key}".lstrip(".")
        if isinstance(key, str):
            yield own, key
        yield from texts(value, own)

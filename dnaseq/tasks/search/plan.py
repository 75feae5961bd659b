"""The plan of a sweep: its search space and its limits, from its configuration; and the configurations of trials."""

import logging
import math
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from hydra import compose
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from omegaconf import DictConfig, ListConfig, OmegaConf, open_dict

from dnaseq.errors import ConfigError
from dnaseq.plugins.named import Plugins, job_plugins
from dnaseq.tasks.config.error_messages import explain
from dnaseq.tasks.pipeline.initial_network import begin_with_bundle, is_of_bundle
from dnaseq.tasks.pipeline.recipe import key_of, with_pool
from dnaseq.tasks.pipeline.trainer_setup import build_trainer
from dnaseq.tasks.search.space import Dimension, override, space_of
from dnaseq.tasks.search.study import PRUNERS, Rules
from dnaseq.training.callbacks import check_name, direction_of

OF_SWEEP = (
    "sweep",
    "engine",
    "run_dir",
    "overwrite",
    "resume",
)  # keys of the command that dnaseq train does not have
# Keys that choose the validation set: trials that differ in them cannot be compared.
OF_VALIDATION = ("data", "split", "task", "similarity", "reading", "leaks", "monitor", "seed")
NOT_OF_A_TRIAL = (
    *OF_VALIDATION,
    "ensemble",
    "auto",
    "experiment",
    "init",
    "init_weights",
    "trainer",
    "logger",
    "cache_dir",
    *OF_SWEEP,
)
MISSING = object()
logger = logging.getLogger("dnaseq")


class SweepPlan(NamedTuple):
    """The settings that a process needs to work on a sweep."""

    folder: Path
    storage: Path  # shared with other sweeps of the same settings
    overrides: list[str]  # overrides of dnaseq train for every trial
    searchpath: list[str]  # folders of configuration files that the user has named
    rules: Rules
    monitor: str
    trials: int
    seconds: float
    seeds: list[int]
    plugins: Plugins

    @property
    def trial_folders(self) -> Path:
        return self.storage / "trials"


def plan_sweep(cfg: DictConfig, choices: dict[str, str], typed: list[str], folder: Path) -> SweepPlan:
    """Build the plan of a sweep into `folder`; `typed` are the overrides of its command.

    Raises ConfigError for wrong limits and search spaces, and for trainings that no sweep can do.
    """
    _check(cfg, choices)
    overrides = [one for one in typed if _key_of(one) not in OF_SWEEP]
    if cfg.init is not None:  # other processes may work in other folders
        overrides = [override("init", cfg.init) if _key_of(one) == "init" else one for one in overrides]
    searchpath = _searchpath()
    space = space_of(_entries(cfg))
    if is_set := [d.key for d in space if d.key in map(_full_key_of, overrides)]:
        logger.info("not searched, as it is set: %s", ", ".join(is_set))
    if of_bundle := [d.key for d in space if cfg.init is not None and is_of_bundle(d.key)]:
        logger.info("not searched, as it is that of init=: %s", ", ".join(of_bundle))
    left = [d for d in space if d.key not in (*is_set, *of_bundle)]
    space = drop_missing(left, overrides, searchpath, choices)
    keys = {key for d in space for key in (d.key, *(d.when or {}))}
    own, chosen = _compose(overrides, searchpath, [])
    known = {key: _value(own, chosen, key) for key in keys}
    first = {d.key: known[d.key] for d in space if d.holds(known[d.key])}
    rules = Rules(space, known, first, direction_of(cfg.monitor), cfg.sweep.pruner, own.max_epochs, cfg.seed)
    storage = storage_of(cfg, folder)
    seconds = math.inf if cfg.sweep.minutes is None else 60 * cfg.sweep.minutes
    limits = (cfg.sweep.trials, seconds, _seeds(cfg.sweep.seeds))
    return SweepPlan(folder, storage, overrides, searchpath, rules, cfg.monitor, *limits, job_plugins())


def storage_of(cfg: DictConfig, folder: Path) -> Path:
    """Return the folder of the trials of a sweep into `folder`; other sweeps may share it."""
    return Path(cfg.sweep.storage).expanduser() if cfg.sweep.storage else folder / "storage"


def compose_training(plan: SweepPlan, more: Iterable[str] = ()) -> tuple[DictConfig, dict[str, str]]:
    """Compose configuration and choices of `dnaseq train` with the overrides of the sweep and then `more`."""
    return _compose(plan.overrides, plan.searchpath, list(more))


def command_with(plan: SweepPlan, more: Iterable[str]) -> str:
    """Return the command of that training."""
    return shlex.join(["dnaseq", "train", *_joined(plan.overrides, list(more))])


def trial_overrides(values: dict[str, object]) -> list[str]:
    """Write the values of a trial as overrides."""
    return [override(key, value) for key, value in values.items()]


def _key_of(argument: str) -> str:
    """Return the first part of the key of an override."""
    return _full_key_of(argument).partition(".")[0]


def _full_key_of(argument: str) -> str:
    return key_of(argument).partition("@")[0]


def _check(cfg: DictConfig, choices: dict[str, str]) -> None:
    s = cfg.sweep
    if type(s.trials) is not int or s.trials < 1:
        raise ConfigError(f"sweep.trials must be a whole number of at least 1; got {s.trials!r}")
    if s.minutes is not None and (type(s.minutes) not in (int, float) or not s.minutes > 0):
        raise ConfigError(f"sweep.minutes must be a number above 0, or null; got {s.minutes!r}")
    if s.workers is not None and (type(s.workers) is not int or s.workers < 1):
        raise ConfigError(f"sweep.workers must be a whole number of at least 1, or null; got {s.workers!r}")
    _seeds(s.seeds)
    if s.pruner not in PRUNERS:
        raise ConfigError(f"sweep.pruner must be one of {', '.join(PRUNERS)}; got {s.pruner!r}")
    check_name(cfg.monitor, list(cfg.metrics))
    if cfg.auto:
        raise ConfigError("experiment=auto is a search of its own. Leave it out, or use dnaseq train")
    if choices["split"] == "kfold" and cfg.split.fold is None:
        raise ConfigError("split=kfold: a sweep needs one validation part. Use split.fold=0 or another split")
    if build_trainer(cfg, Path()).world_size > 1:
        raise ConfigError("trainer: a sweep trains each network on one device. Use sweep.workers for more")


def _seeds(given: Any) -> list[int]:
    """Return the seeds of the final runs, from a list or one number."""
    seeds = list(given) if isinstance(given, ListConfig) else [given]
    if not seeds or len(set(seeds)) < len(seeds) or any(type(seed) is not int or seed < 0 for seed in seeds):
        raise ConfigError(f"sweep.seeds must be different whole numbers, as [1,2,3], or one; got {given}")
    return seeds


def _entries(cfg: DictConfig) -> dict[str, dict]:
    entries: Any = OmegaConf.to_container(cfg.sweep.space, resolve=True)
    if not isinstance(entries, dict):
        raise ConfigError("sweep.space must be keys with what is tried of each. Choose one: sweep=default")
    for key in entries:
        if key.partition(".")[0] in NOT_OF_A_TRIAL:
            raise ConfigError(
                f"sweep.space: {key} cannot be searched, as trials must differ in the model alone"
            )
        if key.partition(".")[0] == "loss" and cfg.monitor == "val/loss":
            raise ConfigError(
                f"sweep.space: {key}: losses cannot be compared by val/loss. Use another monitor"
            )
    return entries


def drop_missing(
    space: list[Dimension], overrides: list[str], searchpath: list[str], choices: dict[str, str]
) -> list[Dimension]:
    """Drop optional dimensions whose key the configuration lacks; groups that are searched have their first choices.

    Raises ConfigError for another missing key, and for a choice that does not exist.
    """
    found: list[Dimension] = []
    known: dict[tuple[str, ...], DictConfig] = {}

    def configured(values: dict[str, object]) -> DictConfig:
        more = trial_overrides(values)
        if tuple(more) not in known:
            known[tuple(more)] = _compose(overrides, searchpath, more)[0]
        return known[tuple(more)]

    for d in space:
        beside = {one.key: one.values[0] for one in found if one.key in choices}
        beside |= {key: values[0] for key, values in (d.when or {}).items() if key in choices}
        for value in d.values if d.key in choices else ():
            configured(beside | {d.key: value})
        if d.key in choices or _selected(configured(beside), d.key) is not MISSING:
            found.append(d)
        elif not d.optional:
            raise ConfigError(
                f"sweep.space: {d.key}: no such key with {' '.join(trial_overrides(beside) or overrides)}"
            )
    if not found:
        raise ConfigError("sweep.space: nothing is left to search, as every key is set or missing")
    return found


def _value(cfg: DictConfig, choices: dict[str, str], key: str) -> object:
    """Return the value of a key without a search; None for a missing one."""
    if key in choices:
        return choices[key]
    value = _selected(cfg, key)
    return None if value is MISSING else value


def _selected(cfg: DictConfig, key: str) -> object:
    return OmegaConf.select(cfg, key, default=MISSING)


def _compose(
    overrides: list[str], searchpath: list[str], more: list[str]
) -> tuple[DictConfig, dict[str, str]]:
    places = [f"hydra.searchpath=[{','.join(searchpath)}]"] if searchpath else []
    try:
        cfg = compose("train", overrides=[*places, *_joined(overrides, more)], return_hydra_config=True)
    except (HydraException, ConfigError) as error:
        raise ConfigError(f"sweep: {explain(error)}") from error
    choices = {
        group: name for group, name in cfg.hydra.runtime.choices.items() if not group.startswith("hydra/")
    }
    with open_dict(cfg):
        cfg.pop("hydra")
    return begin_with_bundle(with_pool(cfg), choices, [*overrides, *more])


def _joined(overrides: list[str], more: list[str]) -> list[str]:
    again = {_full_key_of(one) for one in more}
    return [*(one for one in overrides if _full_key_of(one) not in again), *more]


def _searchpath() -> list[str]:
    sources = HydraConfig.get().runtime.config_sources
    return [f"file://{source.path}" for source in sources if source.provider == "command-line"]

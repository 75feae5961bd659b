"""dnaseq sweep: settings compared on the validation set, and the best beside the default ones on the test set."""

import logging
import shutil
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from functools import partial
from itertools import chain
from pathlib import Path

from hydra import compose
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf

from dnaseq.data.datamodule import SequenceDataModule
from dnaseq.data.dataset import LabelledSet
from dnaseq.data.splits.leaks import AUTO, DROP
from dnaseq.distributed.processes import find_places, visible_gpus
from dnaseq.errors import ConfigError, RejectedError
from dnaseq.io.atomic import write_json
from dnaseq.old_names import with_new_names
from dnaseq.plugins.named import names_in
from dnaseq.tasks.config.paths import engine_of, one_path
from dnaseq.tasks.config.plugins import KEYS as PLUGIN_KEYS
from dnaseq.tasks.config.validation import plain
from dnaseq.tasks.pipeline.factories import load_data, take_vectors, vectors_sha
from dnaseq.tasks.pipeline.fit_decisions import check_decisions, decision_settings
from dnaseq.tasks.pipeline.initial_network import begin_with_bundle, init_sha, list_init
from dnaseq.tasks.pipeline.recipe import FILE as RECIPE
from dnaseq.tasks.pipeline.recipe import Recipe, for_sweep, key_of, settings_in
from dnaseq.tasks.pipeline.trainer_setup import check_monitor
from dnaseq.tasks.plugin_checks.before_training import check_before_training
from dnaseq.tasks.runs.jobs import Outcome
from dnaseq.tasks.runs.manifest import (
    OF_OLDER,
    changes,
    check_same_data,
    check_same_plugins,
    command_line,
    configuration,
    leaves,
    write_config,
    write_plan,
)
from dnaseq.tasks.runs.moved_files import base_folder
from dnaseq.tasks.runs.run_folder import (
    check_kept,
    chosen_folder,
    joined_folder,
    name_kind,
    real,
    resumable,
    set_aside,
)
from dnaseq.tasks.search.locks import hold_lock
from dnaseq.tasks.search.plan import SweepPlan, compose_training, plan_sweep, storage_of
from dnaseq.tasks.search.result import is_done, print_result, result_of, write_result
from dnaseq.tasks.search.study import readable
from dnaseq.tasks.search.workers import take_part, work, work_together

# Keys that may change when a sweep resumes, and keys that do not change its trials.
OF_LIMITS = ("sweep.trials", "sweep.minutes", "sweep.workers", "sweep.seeds", "sweep.storage")
OF_PLACES = (
    "run_dir",
    "init",  # its weights are compared by their hash
    "overwrite",
    "resume",
    "cache_dir",
    "num_workers",
    "logger",
    "command",
    "started_in",
    "choices",
    "engine",
    "plugins",
    "plugins_changed",
    "plugin_sources",
)
LOCKS = "locks"
logger = logging.getLogger("dnaseq")


def run(cfg: DictConfig, choices: dict[str, str]) -> Outcome:
    """Search, retrain and compare. The outcome is the best value of the monitored score.

    Raises RejectedError after all work where trials or runs failed.
    """
    if cfg.resume is None:
        typed = list(HydraConfig.get().overrides.task)
        return _search(*begin_with_bundle(cfg, choices, typed), typed, command_line())
    resumed = _read_sweep(cfg)
    folder = Path(resumed[0].run_dir)
    base = base_folder(folder, resumed[0], "Put it back")
    resumed[0].run_dir = str(folder if base == Path.cwd() else folder.absolute())
    with chdir(base):
        return _search(*resumed)


def _search(cfg: DictConfig, choices: dict[str, str], typed: list[str], command: str) -> Outcome:
    """Search, retrain and compare, by the settings that were `typed`."""
    if names_in(plain(cfg)):
        check_before_training(cfg)
    with _folder_of(cfg, choices) as folder:
        storage = storage_of(cfg, folder)
        recipe, settings, module = for_sweep(cfg, choices, typed, storage, cfg.sweep.space)
        plan = plan_sweep(cfg, choices, settings, folder)
        _sweep(plan, cfg, choices, command, recipe, module)
    result = result_of(folder)
    print_result(folder, result)
    if result.failed:
        raise RejectedError(f"{result.failed}; {folder / 'trials.tsv'} says why")
    return Outcome(result.best.value if result.best else None)


def _read_sweep(cfg: DictConfig) -> tuple[DictConfig, dict[str, str], list[str], str]:
    """Read configuration, choices, overrides and command of the sweep in the folder cfg.resume."""
    more = [key_of(one) for one in HydraConfig.get().overrides.task]
    if not cfg.resume or set(more) - {"resume", *PLUGIN_KEYS}:
        raise ConfigError("resume=FOLDER resumes a sweep with its own configuration, so it stands alone")
    folder = real(one_path("resume", cfg.resume))
    then = configuration(folder)
    if "sweep" not in then:
        raise ConfigError(f"{folder}: not of a sweep, so there is nothing to resume")
    check_same_plugins(folder, cfg.plugins_changed)
    try:
        typed = settings_in(then.command)
    except ValueError as error:
        raise ConfigError(f"{folder / 'config.yaml'}: command: {error}. Put it back") from error
    if "recipe" not in then:  # earlier versions have none
        typed = [*typed, "recipe=none"]
    then = OmegaConf.create({**OF_OLDER, **{str(key): value for key, value in then.items()}})
    own = compose("sweep", overrides=typed)
    own.init = then.init  # as seen from any folder
    own, _ = begin_with_bundle(own, plain(then.choices, resolve=False), typed)
    if changed := changes(*(settings_to_compare(one, OF_PLACES) for one in (own, then))):
        raise ConfigError(
            f"{folder / 'config.yaml'} was changed: {changed}. Put it back, or start a new sweep"
        )
    own.run_dir, own.overwrite = str(folder), False
    own.plugins_changed = cfg.plugins_changed
    return own, plain(then.choices, resolve=False), typed, then.command


@contextmanager
def _folder_of(cfg: DictConfig, choices: dict[str, str]) -> Iterator[Path]:
    """Yield the folder of a sweep: a new one, or that of the same sweep, which is resumed."""
    named = None if cfg.run_dir is None else real(cfg.run_dir)
    if named is not None and (named / LOCKS).is_dir() and not cfg.overwrite:
        yield named
        return
    names = ("sweeps", choices["data"], name_kind(choices))
    with chosen_folder(cfg.run_dir, *names, overwrite=cfg.overwrite) as folder:
        yield folder


def _sweep(
    plan: SweepPlan,
    cfg: DictConfig,
    choices: dict[str, str],
    command: str,
    recipe: Recipe | None,
    known: SequenceDataModule | None,
) -> None:
    module = load_data(compose_training(plan)[0], known)
    data = module.data
    check_monitor(cfg, data)
    check_decisions(decision_settings(cfg), data)
    vectors = vectors_sha(_with_vectors(cfg))
    check_kept(plan.folder, chain(*data.files.values(), list_init(cfg)))
    aside = set_aside(plan.folder) if cfg.overwrite else None
    _check_same(plan, cfg, data, vectors)
    if is_done(plan):
        logger.info("%s is complete: there is nothing to resume", plan.folder)
        return
    # its first content: other processes may join from now on
    (plan.folder / LOCKS).mkdir(parents=True, exist_ok=True)
    with joined_folder(plan.folder), resumable("sweep", plan.folder), readable(plan.storage):
        with hold_lock(plan.storage / "plan.lock"):
            if not (plan.storage / "split.tsv").exists():
                if recipe:
                    write_json(plan.storage / RECIPE, recipe)
                write_plan(plan.storage, cfg, choices, data, command, vectors, init_sha(cfg))
        _check_same(plan, cfg, data, vectors)  # another process may have been first
        write_config(plan.folder, cfg, choices, command)
        if recipe:
            write_json(plan.folder / RECIPE, recipe)
        if choices["engine"] == "ray":
            engine = engine_of(cfg, cfg.sweep.workers or "auto")
            engine.run_together(partial(take_part, plan), on_gpus=cfg.trainer.accelerator != "cpu")
        else:
            _work_here(cfg, plan, module)
        with hold_lock(plan.folder / LOCKS / "result.lock"):
            if not is_done(plan):
                write_result(plan, name_kind(choices), choices["data"], command)
    if aside:
        shutil.rmtree(aside)


def _work_here(cfg: DictConfig, plan: SweepPlan, module: SequenceDataModule) -> None:
    """Search by this process, or by several: as many as are asked for, otherwise one for each GPU."""
    on_gpus = cfg.trainer.accelerator != "cpu"
    count = cfg.sweep.workers or max(len(visible_gpus()) if on_gpus else 0, 1)
    if count == 1:
        work(plan, lambda: module)
    else:
        work_together(plan, find_places(count, on_gpus))


def _with_vectors(cfg: DictConfig) -> DictConfig:
    own = cfg.copy()
    take_vectors(own)
    return own


def _check_same(plan: SweepPlan, cfg: DictConfig, data: LabelledSet, vectors: str | None) -> None:
    """Raise ConfigError where the storage belongs to a sweep of other settings or data."""
    if not (plan.storage / "split.tsv").exists():
        return
    begun = OmegaConf.create({**OF_OLDER, **{str(k): v for k, v in configuration(plan.storage).items()}})
    then, now = (settings_to_compare(one) for one in (begun, cfg))
    for key in dict.fromkeys([*now, *then]):
        if then.get(key) != now.get(key):
            what = f"{plan.storage} is of a sweep with {key}={then.get(key)}, not {now.get(key)}"
            raise ConfigError(f"{what}. Choose another run_dir, or overwrite=true")
    check_same_plugins(plan.storage, cfg.plugins_changed)
    check_same_data(plan.storage, data, vectors, init_sha(cfg))


def settings_to_compare(
    cfg: DictConfig, but: tuple[str, ...] = (*OF_PLACES, *OF_LIMITS)
) -> dict[str, object]:
    """Return dotted key -> value of all settings but some."""
    left_out = tuple(f"{key}." for key in but)
    settings = leaves(with_new_names(plain(cfg)))
    found = {key: value for key, value in settings if not f"{key}.".startswith(left_out)}
    # sweeps of earlier versions have the one in place of the other: both leave the same records out
    return found | ({"leaks": DROP} if found.get("leaks") == AUTO else {})

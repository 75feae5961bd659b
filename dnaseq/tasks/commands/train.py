"""dnaseq train: labelled sequences in, a run folder out, or one with a folder for every fold."""

import logging
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from dnaseq.plugins.named import names_in
from dnaseq.tasks.config.paths import one_path
from dnaseq.tasks.config.validation import plain
from dnaseq.tasks.pipeline.cross_validation import best_mean, cross_validate
from dnaseq.tasks.pipeline.initial_network import begin_with_bundle
from dnaseq.tasks.pipeline.score_test import left_out, show
from dnaseq.tasks.pipeline.training_run import train_once
from dnaseq.tasks.plugin_checks.before_training import check_before_training
from dnaseq.tasks.runs.jobs import Outcome
from dnaseq.tasks.runs.manifest import check_same_plan, check_same_plugins, read_plan
from dnaseq.tasks.runs.moved_files import find_files, take_places
from dnaseq.tasks.runs.run_folder import chosen_folder, is_complete, name_kind, real
from dnaseq.training.callbacks import best_value

logger = logging.getLogger("dnaseq")


def run(cfg: DictConfig, choices: dict[str, str]) -> Outcome:
    """Train and evaluate once on the test set. The outcome is the best value of the monitored score."""
    if cfg.resume is None:
        cfg, choices = begin_with_bundle(cfg, choices, list(HydraConfig.get().overrides.task))
        if names_in(plain(cfg)):
            check_before_training(cfg)
        with chosen_folder(
            cfg.run_dir, choices["data"], name_kind(choices), overwrite=cfg.overwrite
        ) as folder:
            return _train(folder, cfg, choices)
    folder = real(one_path("resume", cfg.resume))
    plan, chosen = read_plan(folder)
    take_places(cfg, choices, plan, chosen)
    if is_complete(folder):
        logger.info("%s is complete: there is nothing to resume", folder)
        return _best(folder, plan, chosen)
    check_same_plan(folder)
    check_same_plugins(folder, cfg.plugins_changed)
    find_files(folder, plan)
    return _train(folder, plan, chosen, resume=True)


def _train(folder: Path, cfg: DictConfig, choices: dict[str, str], resume: bool = False) -> Outcome:
    work = cross_validate if _is_cross_validated(cfg, choices) else train_once
    result = work(folder, cfg, choices, resume)
    if HydraConfig.get().mode == RunMode.MULTIRUN:
        logger.info("report: %s", folder / "report.html")  # its scores are in one table with the others
    else:
        show(folder, result)
    return _best(folder, cfg, choices)._replace(left_out=left_out(result))


def _best(folder: Path, cfg: DictConfig, choices: dict[str, str]) -> Outcome:
    best = best_mean if _is_cross_validated(cfg, choices) else best_value
    return Outcome(best(folder, cfg.monitor), folder)


def _is_cross_validated(cfg: DictConfig, choices: dict[str, str]) -> bool:
    return choices["split"] == "kfold" and cfg.split.fold is None

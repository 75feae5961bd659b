"""Worker processes of a sweep: each has a device, and one that is killed is replaced."""

import os
import sys
from collections.abc import Callable
from functools import partial

import hydra

from dnaseq.data.datamodule import SequenceDataModule
from dnaseq.distributed.processes import Place, answer_in_processes
from dnaseq.plugins.named import use_plugins
from dnaseq.tasks.config.error_messages import FAILURES, user_error
from dnaseq.tasks.config.logging_setup import log_to_stderr
from dnaseq.tasks.pipeline.factories import load_data
from dnaseq.tasks.runs.run_folder import joined_folder
from dnaseq.tasks.search.final_runs import finals_of, find_best, retrain
from dnaseq.tasks.search.locks import register_process
from dnaseq.tasks.search.plan import SweepPlan, compose_training
from dnaseq.tasks.search.study import Study, readable
from dnaseq.tasks.search.trial import search
from dnaseq.training.allocator import keep_freed_memory


def work(plan: SweepPlan, data: Callable[[], SequenceDataModule]) -> None:
    """Do the work of one process: train trials while there are some, then final runs."""
    with register_process(plan.storage) as process:
        study = Study(plan.storage, plan.rules, process)
        search(plan, study, data)
        best = find_best(study.records(), plan.monitor)
    if best is not None:
        retrain(plan, finals_of(plan, best))


def take_part(plan: SweepPlan) -> None:
    """Set a worker process up and do its work. Raises a DnaseqError for an error that the user can fix."""
    log_to_stderr()
    keep_freed_memory()
    try:
        with (
            hydra.initialize_config_module("dnaseq.conf", version_base="1.3"),
            use_plugins(plan.plugins),
            joined_folder(plan.folder),
            readable(plan.storage),
        ):
            work(plan, lambda: load_data(compose_training(plan)[0]))
    except FAILURES as error:
        known = user_error(error, None)
        if known is None:
            raise
        raise known from error


def work_together(plan: SweepPlan, places: list[Place]) -> None:
    """Start a worker for every place. One that is killed is replaced, and another one resumes its trial."""
    plans, progress = [plan] * len(places), partial(_progress, plan)
    for _ in answer_in_processes(places, _begin, plans, "Use fewer sweep.workers", progress):
        pass


def _begin(place: Place) -> Callable[[SweepPlan], None]:
    if place.gpu is not None:
        os.environ["CUDA_VISIBLE_DEVICES"] = place.gpu  # before CUDA is first asked for anything
    # the progress bars of several processes would overwrite each other
    sys.stderr.isatty = lambda: False  # type: ignore[method-assign]  # on this object alone
    return take_part


def _progress(plan: SweepPlan) -> int:
    records = Study(plan.storage, plan.rules, "").records()
    return sum(record.epochs + (record.state != "running") for record in records)

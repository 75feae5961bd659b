"""dnaseq evaluate: scores of a bundle on labelled sequences."""

import logging
import time
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np
from msgspec.structs import asdict
from omegaconf import DictConfig

from dnaseq.bundle.bundle import load_bundle
from dnaseq.bundle.predictor import Predictor
from dnaseq.bundle.spec import BundleSpec, Training
from dnaseq.data.dataset import LabelledSet
from dnaseq.data.records.store import PARTS
from dnaseq.data.targets.classes import Classes, LabelSets, Reader
from dnaseq.data.targets.per_base import BaseLabels
from dnaseq.data.targets.regression import Numbers
from dnaseq.errors import InputError
from dnaseq.plugins.named import job_plugins
from dnaseq.prediction_task import (
    CLASSIFICATION,
    MULTILABEL,
    PER_BASE,
    REGRESSION,
    PredictionTask,
)
from dnaseq.report.page import write_report
from dnaseq.schemas import LogLink
from dnaseq.tasks.config.paths import bundle_of
from dnaseq.tasks.pipeline.factories import build_datamodule
from dnaseq.tasks.pipeline.score_test import About, raise_if_left_out, score_test, show
from dnaseq.tasks.runs.jobs import Outcome
from dnaseq.tasks.runs.learned_records import compare_with_learned, refuse_training_data
from dnaseq.tasks.runs.manifest import write_plan
from dnaseq.tasks.runs.run_folder import chosen_folder, run_folder

READERS: dict[PredictionTask, Reader] = {
    CLASSIFICATION: Classes,
    MULTILABEL: LabelSets,
    REGRESSION: Numbers,
    PER_BASE: BaseLabels,
}

logger = logging.getLogger("dnaseq")


def run(cfg: DictConfig, choices: dict[str, str]) -> Outcome:
    """Score the test set: the test file, or the test set of the split. The outcome is the main metric of the task."""
    place = bundle_of(cfg)
    bundle = load_bundle(place, job_plugins(), cfg.plugins_changed)
    predictor = Predictor(bundle, device=cfg.device, batch_size=cfg.batch_size)
    training = bundle.spec.training
    if choices["data"] == "table" and training.columns:
        for key, column in asdict(training.columns).items():
            cfg.data[key] = column if cfg.data[key] is None else cfg.data[key]
    began = time.monotonic()
    targets = _reader(bundle.spec)
    module = build_datamodule(cfg, predictor.encoding, predictor.classes, predictor.lengths, targets)
    module.setup()
    data = module.data
    if isinstance(data.targets, Numbers) and isinstance(bundle.spec.link, LogLink):
        data.targets.check_counts()
    seconds = {"read": time.monotonic() - began}
    if not data.rows("test").size:
        raise InputError("no test records", fix="Give them with data.test=FILE")
    if cfg.leaks != "keep":
        refuse_training_data(data, training)
    data = compare_with_learned(data, Path(place), bundle.spec, cfg.leaks)
    with chosen_folder(cfg.run_dir, "evaluate", choices["data"], overwrite=cfg.overwrite) as folder:
        with run_folder(folder, keep=[place, *chain.from_iterable(data.files.values())]):
            write_plan(folder, cfg, choices, data)
            _warn_of_learned_leaks(data, training)
            model = f"{training.model}-{training.encoding}"
            about = About(choices["data"], choices["split"], cfg.seed, model, seconds)
            result = score_test(folder, predictor, data, about)
            write_report(folder)
        show(folder, result)
    raise_if_left_out(result)
    return Outcome(result.metrics[predictor.prediction.main_metric].value, folder)


def _reader(spec: BundleSpec) -> Reader:
    """Return the reader of labels for a bundle: that of its task, for the spelling of its training data."""
    return partial(READERS[spec.prediction], **spec.training.labels)


def _warn_of_learned_leaks(data: LabelledSet, training: Training) -> None:
    """Warn of relatives of test records that are left out here, but were in the training of the bundle."""
    if training.leaks != "keep":
        return
    known = training.learned_files
    from_known = {part for part, files in data.files.items() if known & set(files.values())}
    tested = set(data.rows("test").tolist())
    there = [leak.row for leak in data.leaks if leak.held_out_row in tested]  # others are left out
    rows = np.intersect1d(there, data.rows("dropped")).astype(np.int64)
    learned = sum(PARTS[part] in from_known for part in data.store.parts[rows])
    if learned:
        logger.warning(
            "warning: the bundle was trained with leaks=keep and has learned %d copies or near-duplicates of these "
            "test records, which the baselines have not: its scores are too high",
            learned,
        )

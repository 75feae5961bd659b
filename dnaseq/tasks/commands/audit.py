"""dnaseq audit: statistics of a data set, and the scores of simple features without a model of the sequence."""

import logging
from itertools import chain
from pathlib import Path

import numpy as np
from msgspec.structs import replace
from omegaconf import DictConfig

from dnaseq.audit_record import Audit, Shortcuts
from dnaseq.data.composition import kmer_contrasts, position_contrasts
from dnaseq.data.datamodule import SequenceDataModule
from dnaseq.data.dataset import LabelledSet
from dnaseq.data.statistics import compute_statistics, leaks_dropped
from dnaseq.data.targets.names import look_alikes
from dnaseq.encode.onehot import OneHot
from dnaseq.errors import ConfigError, InputError, visible
from dnaseq.evaluation.audit.checks import WARNING, verdicts
from dnaseq.evaluation.audit.shortcuts import shortcuts
from dnaseq.evaluation.baselines.fitting import sample_stratified
from dnaseq.evaluation.intervals.bootstrap import unless_alone
from dnaseq.io.atomic import write_json
from dnaseq.io.progress import show_progress
from dnaseq.report.page import write_report
from dnaseq.report.text.audit import audit_summary
from dnaseq.tasks.config.paths import one_path
from dnaseq.tasks.pipeline.factories import build_datamodule, list_files, make_examples
from dnaseq.tasks.pipeline.negatives import compare_with_regions, write_negatives
from dnaseq.tasks.runs.audit_tables import write_conflicts, write_leaks, write_rejected
from dnaseq.tasks.runs.jobs import Outcome
from dnaseq.tasks.runs.manifest import command_line, versions, write_config, write_splits
from dnaseq.tasks.runs.run_folder import chosen_folder, run_folder

FAIL_ON = (None, WARNING)
SHOWN_CONFLICTS = 20  # most conflicts in audit.json; conflicts.tsv has all

logger = logging.getLogger("dnaseq")


def run(cfg: DictConfig, choices: dict[str, str]) -> Outcome:
    """Count, look for leaks and shortcuts, and check them. Raises InputError for warnings with fail_on=warning."""
    if cfg.fail_on not in FAIL_ON:
        raise ConfigError(f"fail_on must be null or {WARNING}; got {cfg.fail_on!r}")
    # no model reads the records, so any encoding that can hold them all will do
    module = build_datamodule(cfg, OneHot())
    module.setup()
    data = module.data
    if cfg.write_negatives:
        write_negatives(one_path("write_negatives", cfg.write_negatives), module, cfg.overwrite)
    with chosen_folder(cfg.run_dir, "audit", choices["data"], overwrite=cfg.overwrite) as folder:
        with run_folder(folder, keep=chain.from_iterable(data.files.values())):
            write_config(folder, cfg, choices)
            write_splits(folder, data)
            with show_progress("counting letters and k-mers"):
                described = _describe_data(folder, module)
            audit = replace(
                described,
                shortcuts=_shortcuts(module, cfg.seed),
                negatives=compare_with_regions(module, cfg.seed),
                leaks=replace(described.leaks, handling=cfg.leaks, dropped=leaks_dropped(data)),
                data=choices["data"],
                seed=cfg.seed,
                command=command_line(),
                versions=versions(),
                fingerprints=list_files(data),
            )
            found = verdicts(audit)
            audit = replace(audit, verdicts=found)
            write_json(folder / "audit.json", audit)
            write_report(folder)
        print(visible(audit_summary(audit, choices["data"]), keep="\n"))
        print(f"\nreport      {folder / 'report.html'}")
    warnings = sum(check.verdict == WARNING for check in found)
    if cfg.fail_on == WARNING and warnings:
        fix = "Correct the data, or leave fail_on out"
        raise InputError(f"the audit has {warnings} warnings", file=folder, fix=fix)
    return Outcome()


def _describe_data(folder: Path, module: SequenceDataModule) -> Audit:
    """Compute the statistics and the slower parts of the audit; write the tables of records."""
    data, store = module.data, module.data.store
    write_leaks(folder, data)
    conflicts = write_conflicts(folder, data)
    return replace(
        compute_statistics(data),
        rejected_reasons=write_rejected(folder, module),
        similar_names=look_alikes(data.targets.names),
        kmers=kmer_contrasts(store, data.y, data.classes),
        positions=position_contrasts(store, data.y, data.classes),
        conflicts=conflicts[:SHOWN_CONFLICTS],
    )


def _shortcuts(module: SequenceDataModule, seed: int) -> Shortcuts:
    """Fit simple features on the training and validation sets, score them on the test set; large sets are sampled."""
    data, rng = module.data, np.random.default_rng(seed)
    known, test = data.rows("train", "val"), data.rows("test")
    if not known.size or not test.size:
        return {}
    places = _places(data, by_class=module.source.settings["kind"] == "class_files")
    known, test = (rows[sample_stratified(data.y[rows], rng)] for rows in (known, test))
    groups = unless_alone(data.group[test])  # similar records are drawn together
    train, scored = (make_examples(data, rows, places) for rows in (known, test))
    logger.info("shortcuts: %d training records, %d test records", len(known), len(test))
    with show_progress("fitting shortcuts"):
        return shortcuts(train, scored, list(data.classes), seed, groups)


def _places(data: LabelledSet, by_class: bool) -> np.ndarray:
    """Compute the (n,) places of records in their files, 0 to 1; `by_class`: every class has a file of its own."""
    file = np.asarray(data.store.parts) * len(data.classes) + (data.y if by_class else 0)
    order = np.argsort(file, kind="stable")
    _, first, counts = np.unique(file[order], return_index=True, return_counts=True)
    places = np.empty(len(file))
    places[order] = (np.arange(len(file)) - np.repeat(first, counts)) / np.repeat(counts, counts)
    return places

"""dnaseq audit: statistics of a data set, and the scores of simple features without a model of the sequence."""

import gzip
import logging
import re
from contextlib import nullcontext
from itertools import chain
from pathlib import Path
from typing import IO, Any

import numpy as np
from msgspec.structs import replace
from omegaconf import DictConfig

from dnaseq.audit_record import Audit, NegativesFacts, Shortcuts
from dnaseq.data.composition import kmer_contrasts, position_contrasts
from dnaseq.data.datamodule import SequenceDataModule
from dnaseq.data.dataset import LabelledSet
from dnaseq.data.records.chunked_arrays import stretches
from dnaseq.data.splits.splits import ALL, DROPPED
from dnaseq.data.statistics import compute_statistics, leaks_dropped
from dnaseq.data.targets.names import look_alikes
from dnaseq.encode.alphabet import to_letters
from dnaseq.encode.onehot import OneHot
from dnaseq.errors import ConfigError, InputError, visible
from dnaseq.evaluation.audit.checks import WARNING, verdicts
from dnaseq.evaluation.audit.negatives import compare_negatives
from dnaseq.evaluation.audit.shortcuts import shortcuts
from dnaseq.evaluation.baselines.fitting import sample_stratified
from dnaseq.evaluation.intervals.bootstrap import unless_alone
from dnaseq.io.atomic import atomic_file, write_json
from dnaseq.io.progress import show_progress
from dnaseq.report.page import write_report
from dnaseq.report.text.audit import audit_summary
from dnaseq.tasks.config.paths import one_path
from dnaseq.tasks.pipeline.factories import build_datamodule, list_files, make_examples
from dnaseq.tasks.runs.audit_tables import write_conflicts, write_leaks, write_rejected
from dnaseq.tasks.runs.jobs import Outcome
from dnaseq.tasks.runs.manifest import command_line, versions, write_config, write_splits
from dnaseq.tasks.runs.run_folder import chosen_folder, run_folder

FAIL_ON = (None, WARNING)
SHOWN_CONFLICTS = 20  # most conflicts in audit.json; conflicts.tsv has all
REGIONS = "regions"  # kind of a source
_MASKED, _NEGATIVE = re.compile(r" masked=([\d.]+)"), re.compile(r" negative=(\w+)")

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


def compare_with_regions(module: SequenceDataModule, seed: int) -> NegativesFacts | None:
    """Compare the negatives in use with the regions; a large set is sampled. None where there are no negatives."""
    data = module.data
    if module.source.settings["kind"] != REGIONS:
        return None
    rows = np.flatnonzero(data.part != DROPPED)
    kinds = [_NEGATIVE.search(data.store.header(row)) for row in rows.tolist()]
    is_region = np.array([match is None for match in kinds], dtype=np.int64)
    chosen = sample_stratified(is_region, np.random.default_rng(seed))
    found = [_MASKED.search(data.store.header(row)) for row in rows[chosen].tolist()]
    masked = np.array([float(match[1]) if match else 0.0 for match in found])
    examples = make_examples(data, rows[chosen])._replace(labels=is_region[chosen], ids=None)
    kind = next((match[1] for match in kinds if match), "")
    with show_progress("comparing negatives with regions"):
        return compare_negatives(examples, masked, kind)


def write_negatives(path: str, module: SequenceDataModule, overwrite: bool) -> None:
    """Write the negatives of all parts as FASTA, gzip where the name ends in .gz, with their labels in the headers.

    Raises ConfigError where there are none.
    """
    store, count = module.data.store, 0
    if module.source.settings["kind"] != REGIONS:
        raise ConfigError("write_negatives is for data=regions. Leave it out")
    with atomic_file(path, "wb", overwrite) as file:
        packed: Any = gzip.GzipFile("", "wb", 6, file, mtime=0) if path.endswith(".gz") else nullcontext(file)
        with packed as handle, show_progress(f"writing {path}", "records") as step:
            for some in stretches(len(store)):
                for row in range(some.start, some.stop):
                    if _NEGATIVE.search(store.header(row)):
                        count += 1
                        _write_record(handle, module.data, row)
                step.advance(some.stop - some.start)
        if not count:
            raise ConfigError("write_negatives: there are no negatives. Write negatives=matched")


def _write_record(handle: IO[bytes], data: LabelledSet, row: int) -> None:
    store = data.store
    rest = store.header(row).partition(" ")[2]
    letters = to_letters(store.codes[store.offsets[row] : store.offsets[row + 1]])
    part = ALL[data.part[row]]
    text = f">{store.id(row)} {rest} part={part} label={data.targets.texts(np.array([row]))[0]}\n{letters}\n"
    handle.write(text.encode("utf-8", "backslashreplace"))

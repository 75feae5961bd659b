"""Negatives of a data set of regions: compared with the regions, and written as FASTA."""

import gzip
import re
from contextlib import nullcontext
from typing import IO, Any

import numpy as np

from dnaseq.audit_record import NegativesFacts
from dnaseq.data.datamodule import SequenceDataModule
from dnaseq.data.dataset import LabelledSet
from dnaseq.data.records.chunked_arrays import stretches
from dnaseq.data.splits.splits import ALL, DROPPED
from dnaseq.encode.alphabet import to_letters
from dnaseq.errors import ConfigError
from dnaseq.evaluation.audit.negatives import compare_negatives
from dnaseq.evaluation.baselines.fitting import sample_stratified
from dnaseq.io.atomic import atomic_file
from dnaseq.io.progress import show_progress
from dnaseq.tasks.pipeline.factories import make_examples

REGIONS = "regions"  # kind of a source
_MASKED, _NEGATIVE = re.compile(r" masked=([\d.]+)"), re.compile(r" negative=(\w+)")


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

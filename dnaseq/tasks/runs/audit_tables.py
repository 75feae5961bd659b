"""Tables of an audit, record by record."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

from dnaseq.audit_record import Conflict
from dnaseq.data.datamodule import SequenceDataModule
from dnaseq.data.dataset import LabelledSet
from dnaseq.data.records.store import PARTS
from dnaseq.data.statistics import conflicting_rows
from dnaseq.data.validation import problems
from dnaseq.io.atomic import write_text
from dnaseq.io.results.row_text import tsv_header, tsv_lines

_PLACE = re.compile(r" at position \d+| \(.*")  # the part of a reason that differs between records


def write_leaks(folder: Path, data: LabelledSet) -> None:
    """Write leaks.tsv: a row a training record with a copy or a similar record in another split, and that record."""
    leaks = data.leaks
    columns: dict[str, list] = {
        "kind": [leak.kind for leak in leaks],
        "part": [leak.part for leak in leaks],
        "id": [data.store.id(leak.row) for leak in leaks],
        "judge_part": [leak.held_out for leak in leaks],
        "judge_id": [data.store.id(leak.held_out_row) for leak in leaks],
        "identity": [float(leak.identity) for leak in leaks],
    }
    _write(folder / "leaks.tsv", columns)


def write_conflicts(folder: Path, data: LabelledSet) -> list[Conflict]:
    """Write conflicts.tsv: the records of each sequence that has more than one label. Return its rows."""
    rows = conflicting_rows(data)
    columns = {
        "group": data.copies[rows].tolist(),
        "id": data.store.ids(rows),
        "label": data.targets.texts(rows),
    }
    _write(folder / "conflicts.tsv", columns)
    return [Conflict(*row) for row in zip(*columns.values(), strict=True)]


def write_rejected(folder: Path, module: SequenceDataModule) -> dict[str, int]:
    """Write rejected.tsv where records were left out: part, id and reason. Return the count of each kind of reason."""
    if not any(module.data.rejected.values()):
        return {}
    rows = [*_unreadable(module), *_unusable(module)]
    columns = {name: [row[at] for row in rows] for at, name in enumerate(("part", "id", "reason"))}
    _write(folder / "rejected.tsv", columns)
    return dict(Counter(_PLACE.sub("", reason) for *_, reason in rows).most_common())


def _unreadable(module: SequenceDataModule) -> list[tuple[str, str, str]]:
    """List the records that are not in the store; the files are read again, as the store keeps only their number."""
    if not any(module.data.store.rejected.values()):
        return []
    return [
        (part, labelled.block.id(i), reason)
        for part, labelled in module.source.read(replace(module.reading, expect_records=None))
        for i, reason in labelled.block.rejected.items()
    ]


def _unusable(module: SequenceDataModule) -> list[tuple[str, str, str]]:
    """List the records that the length policy or the encoding refuses."""
    store = module.data.store
    found = problems(store.codes, store.offsets, module.lengths, module.encoding)
    return [
        (PARTS[store.parts[row]], store.id(row), problem.reason) for row, problem in sorted(found.items())
    ]


def _write(path: Path, columns: dict[str, list]) -> None:
    write_text(path, tsv_header(list(columns)) + tsv_lines(columns))

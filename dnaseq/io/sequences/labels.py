"""Labels of records: from a table of ids, or from the headers themselves."""

import logging
from collections.abc import Sequence
from pathlib import Path

from dnaseq.errors import InputError, first_names
from dnaseq.io.compress import shown
from dnaseq.io.reading_options import DEFAULT, Reading
from dnaseq.io.tables.sequence_table import table_rows

logger = logging.getLogger("dnaseq")

NO_LABEL = "with task=multilabel, - stands for none"  # by the task's own default
_NAMED = 5  # offenders that an error names


def read_labels(
    path: str | Path, id_column: str = "id", label_column: str = "label", reading: Reading = DEFAULT
) -> dict[str, str]:
    """Read the label of every id in a table, see table_rows().

    Both are kept as text: NA, 007 and 1e5 are ids like any other. Raises InputError for a column that is not
    there, and naming the first five offenders, their lines and their number, for empty ids or labels and for an
    id that stands in more than one row.
    """
    labels: dict[str, str] = {}
    roles = {label_column: "label", id_column: "id"}
    lines: dict[str, list[int]] = {}
    empty: list[str] = []
    for line, (name, label) in table_rows(path, (id_column, label_column), True, reading, roles):
        if not name or not label:
            empty.append(f"line {line} ({name})" if name else f"line {line} (no id)")
            continue
        labels[name] = label
        lines.setdefault(name, []).append(line)
    if empty:
        what = f"{len(empty)} rows with an empty label or id ({NO_LABEL}): {first_names(empty, _NAMED)}"
        raise InputError(what, file=shown(path))
    doubled = [f"{name} (lines {first_names(at, _NAMED)})" for name, at in lines.items() if len(at) > 1]
    if doubled:
        raise InputError(
            f"{len(doubled)} ids in more than one row: {first_names(doubled, _NAMED)}", file=shown(path)
        )
    if not labels:
        raise InputError("no labels", file=shown(path))
    return labels


def match_labels(
    ids: Sequence[str], labels: dict[str, str], path: str | Path, extra: str | None = None
) -> list[str]:
    """Return the label of each id, in the order of the ids.

    Raises InputError, with numbers and the first five of each, where an id has no label in the file `path` or,
    unless `extra` is "ignore", a label there belongs to no id. Without `extra` the user has no choice.
    """
    missing = [name for name in ids if name not in labels]
    known = set(ids)
    unused = [name for name in labels if name not in known]
    faults, fix = [], "Ids and labels must match one to one"
    if missing:
        faults.append(f"{len(missing)} of {len(ids)} records without a label: {first_names(missing, _NAMED)}")
    elif unused and extra == "ignore":
        logger.info("note: %s: %d of %d labels without a record", shown(path), len(unused), len(labels))
    if unused and extra != "ignore":
        faults.append(
            f"{len(unused)} of {len(labels)} labels without a record: {first_names(unused, _NAMED)}"
        )
        fix += "; data.labels_extra=ignore allows more labels" if extra else ""
    if faults:
        raise InputError("; ".join(faults), file=shown(path), fix=fix)
    return [labels[name] for name in ids]

"""The check of a data source on the first records of its files."""

import json
from itertools import islice
from typing import Any

from dnaseq.io.sequences.reading import Reading

FEW = 3  # blocks that are read


def check_source(source: Any, reading: Reading) -> str | None:
    """Return the first problem of a source: what it says of its files, and the blocks that it reads from them."""
    files = source.files
    if not isinstance(files, dict) or not files or not all(isinstance(one, list) for one in files.values()):
        return "files must be a dict: train, val or test -> list of paths"
    if strange := set(files) - {"train", "val", "test"}:
        return f"files has {sorted(strange)[0]!r}, which is none of train, val and test"
    if not isinstance(source.side_files, list):
        return "side_files must be a list of paths"
    if json.loads(json.dumps(source.settings)) != source.settings:
        return "settings must be plain values, as JSON has them: they name what is read"
    records = 0
    for part, labelled in islice(source.read(reading), FEW):
        if part not in files:
            return f"read() gives the part {part!r}, of which there are no files"
        n = len(labelled.block.headers)
        if len(labelled.labels) != n or not all(isinstance(one, str) for one in labelled.labels):
            return f"read() gives {len(labelled.labels)} labels for {n} records: each has one, a text"
        records += n
    return None if records else "read() gives no record"

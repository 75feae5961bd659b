"""JSON files with a checksum of what they say, so that one that was changed or damaged is told from a whole one."""

import hashlib
import json
from pathlib import Path

from dnaseq.io.atomic import write_text


def write_sealed(path: Path, content: object) -> None:
    """Write or replace a file that read_sealed reads."""
    write_text(path, sealed(content))


def sealed(content: object) -> str:
    """The text of such a file."""
    return json.dumps({"content": content, "sha256": _sha256(content)}, indent=1) + "\n"


def read_sealed(path: Path) -> object:
    """What was written. Raises ValueError for a file that says anything else, OSError for one that cannot be read."""
    try:
        found = json.loads(path.read_bytes())
        whole = set(found) == {"content", "sha256"} and found["sha256"] == _sha256(found["content"])
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(f"{path}: damaged") from error
    if not whole:
        raise ValueError(f"{path}: damaged")
    return found["content"]


def _sha256(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

"""A configuration beside the files that it is made of, and what these say about its keys and groups."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from dnaseq.tasks.config.meanings import Meaning, read_comments
from dnaseq.tasks.config.validation import OPEN, PARTS_OF_A_NODE

CONF_FOLDER = Path(str(files("dnaseq.conf")))


@dataclass(frozen=True)
class Composed:
    """A configuration, the choice of each of its groups, and its files, each with the place of its keys."""

    cfg: dict
    choices: dict[str, str | None]
    files: tuple[tuple[Path, str], ...]

    @cached_property
    def sections(self) -> dict[str, Path]:
        """The files that are no choice of a group, by their names, in the order of use."""
        return {path.stem: path for path, _ in self.files if path.parent == CONF_FOLDER}

    @cached_property
    def groups(self) -> dict[str, str]:
        """The meaning of each group, those that a chosen file names included."""
        texts = (read_comments(path).groups for path, _ in self.files)
        return {group: text for each in texts for group, text in each.items()}

    @cached_property
    def meanings(self) -> dict[str, Meaning]:
        """The meaning of each key, dotted: the comment in the last file that has one."""
        own = ((place, read_comments(path).keys.items()) for path, place in self.files)
        read = ((f"{place}.{key}".lstrip("."), one) for place, keys in own for key, one in keys)
        return {key: one for key, one in read if one.text or one.allowed}

    @cached_property
    def keys(self) -> dict[str, object]:
        """The value of each key that a user may set, dotted; not those of parts of objects."""
        return dict(self._leaves(self.cfg, ""))

    def _leaves(self, node: dict, prefix: str) -> Iterator[tuple[str, object]]:
        for name, value in node.items():
            key = f"{prefix}{name}"
            is_copy = isinstance(value, str) and "${" in value and key not in self.meanings
            if isinstance(value, dict) and value and key not in OPEN:
                yield from self._leaves(value, f"{key}.")
            elif name not in PARTS_OF_A_NODE and not is_copy and key not in self.groups:
                yield key, value

"""The parsed records on every node of a training on several machines."""

from pathlib import Path

from dnaseq.data.labelled_set import Source, parsed
from dnaseq.data.store import is_whole
from dnaseq.errors import InputError
from dnaseq.io.reading import Reading


def parse_on_node(source: Source, reading: Reading, folder: Path) -> None:
    """Parse the files on this node too, into the store that the first node has in `folder`, unless it is there.

    Raises InputError where the files are not those of the first node.
    """
    if is_whole(folder):
        return
    store, files = parsed(source, reading, folder.parent)
    if store.folder != folder:
        path = next(path for paths in files.values() for path in paths)
        raise InputError("not the same file on every node", file=path, fix="Put it where all nodes see it")

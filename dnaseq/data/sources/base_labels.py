"""Sequences in one file and, in another, a label for every base of them."""

from collections.abc import Iterator

from dnaseq.data.records.store_writer import LabelledBlock
from dnaseq.data.sources.files import Paths, located_files, some_files
from dnaseq.errors import ConfigError, InputError
from dnaseq.io.compress import shown
from dnaseq.io.sequences.block import text_of
from dnaseq.io.sequences.label_strings import read_label_strings
from dnaseq.io.sequences.labels import match_labels
from dnaseq.io.sequences.reading import Reading, read_blocks


class LabelStrings:
    """Sequence files, and for each part files of label strings by id: FASTA, or tables with columns id and label.

    The length of a string is checked where the task builds its targets.
    """

    def __init__(
        self,
        train: Paths,
        train_labels: Paths,
        val: Paths = None,
        val_labels: Paths = None,
        test: Paths = None,
        test_labels: Paths = None,
    ):
        how = "data.train=FILE data.train_labels=FILE"
        self.files = some_files(located_files(train=train, val=val, test=test), how)
        self.labels = located_files(train=train_labels, val=val_labels, test=test_labels)
        for part in sorted(self.files.keys() ^ self.labels.keys()):
            there, missing = (part, f"{part}_labels") if part in self.files else (f"{part}_labels", part)
            raise ConfigError(
                f"data.{there} is given, so data.{missing} must be given too: data.{missing}=FILE"
            )
        self.side_files = [path for part in self.files for path in self.labels[part]]
        counts = {part: len(paths) for part, paths in self.labels.items()}
        self.settings = {"kind": "label_strings", "label_files": counts}

    def read(self, reading: Reading) -> Iterator[tuple[str, LabelledBlock]]:
        """(part, labelled block) of every file. Raises InputError where ids and label strings do not pair off."""
        for part, paths in self.files.items():
            strings = _merge(self.labels[part], reading.id)
            ids: list[str] = []
            for block in read_blocks(paths, reading):
                names = [text_of(name) for name in block.ids]
                ids += names
                yield part, LabelledBlock(block, [strings.get(name, "") for name in names], origin=(part,))
            match_labels(ids, strings, ", ".join(shown(path) for path in self.labels[part]))


def _merge(paths: list[str], id_from: str) -> dict[str, str]:
    strings: dict[str, str] = {}
    for path in paths:
        more = read_label_strings(path, id_from)
        if twice := next((name for name in more if name in strings), None):
            raise InputError("the id stands in more than one file of labels", file=shown(path), record=twice)
        strings |= more
    return strings

"""Records that are labelled with a letter for every base."""

from collections.abc import Mapping, Sequence

import numpy as np

from dnaseq.data.records.lengths import Windows
from dnaseq.data.records.store import Store
from dnaseq.data.targets.classes import LossFacts, first_missing, format_counts
from dnaseq.data.targets.names import check_known, named, rename_labels
from dnaseq.errors import ConfigError, InputError
from dnaseq.prediction_task import PER_BASE

IGNORED = -100  # instead of a label where a batch is padded


class BaseLabels:
    """A letter for every base, printable ASCII; those of `names` in this order, else sorted.

    `rename` is letter -> letter. Records are not stratified. Raises InputError for a record with more or fewer labels
    than bases.
    """

    prediction, task = PER_BASE, PER_BASE.names[0]

    def __init__(
        self, store: Store, names: Sequence[str] | None = None, rename: Mapping[str, str] | None = None
    ):
        found = sorted(set().union(*store.label_names))
        new = dict(zip(found, rename_labels(found, rename), strict=True))
        for name in [*(names or []), *new.values()]:
            if len(str(name)) != 1 or not str(name).isascii() or not str(name).isprintable() or name == " ":
                raise ConfigError(f"a label of a base must be one printable ASCII letter; got {name!r}")
        self.names = named(names, list(new.values()))
        self.settings: dict[str, str] = {}
        check_known(list(new.values()), self.names)
        self.offsets, texts = store.offsets, store.label_names
        lengths = np.array([len(text) for text in texts])
        wrong = np.flatnonzero(lengths[np.asarray(store.labels)] != np.asarray(store.lengths))
        if wrong.size:
            row = int(wrong[0])
            what = f"{lengths[store.labels[row]]} labels for {store.lengths[row]} bases"
            raise InputError(what, record=store.id(row), fix="Give one letter for every base")
        code = str.maketrans({letter: chr(self.names.index(name)) for letter, name in new.items()})
        of_text = [text.translate(code).encode("latin-1") for text in texts]
        self.labels = np.frombuffer(b"".join([of_text[t] for t in store.labels.tolist()]), dtype=np.uint8)
        self.strata: tuple[str, ...] = ("records",)
        self.stratum = np.zeros(len(store), dtype=np.int32)

    def of_record(self, row: int) -> np.ndarray:
        """(L,) uint8 index into names."""
        return self.labels[self.offsets[row] : self.offsets[row + 1]]

    def batch(self, windows: Windows) -> np.ndarray:
        """(B, L) int64, IGNORED at padding."""
        starts = np.asarray(self.offsets)[windows.record] + windows.start
        position = np.arange(int(windows.length.max(initial=0)))
        real = position < windows.length[:, None]
        batch = np.full(real.shape, IGNORED, dtype=np.int64)
        batch[real] = self.labels[(starts[:, None] + position)[real]]
        return batch

    def facts(self, rows: np.ndarray) -> LossFacts:
        """Return class_counts (C,) of bases."""
        chosen = np.zeros(len(self.offsets) - 1, dtype=bool)
        chosen[rows] = True
        bases = self.labels[np.repeat(chosen, np.diff(self.offsets))]
        return {"class_counts": np.bincount(bases, minlength=len(self.names))}

    def texts(self, rows: np.ndarray) -> list[str]:
        return [written_bases(self.names, self.of_record(row)) for row in rows]

    def truths(self, rows: np.ndarray) -> dict[str, list]:
        return {"truth": self.texts(rows)}

    def number_labels(self, windows: Windows, turned: np.ndarray) -> np.ndarray:
        starts = np.asarray(self.offsets)[windows.record] + windows.start
        number: dict[bytes, int] = {}
        each = zip(starts.tolist(), (starts + windows.length).tolist(), turned.tolist(), strict=True)
        texts = (self.labels[start:stop][:: -1 if turn else 1].tobytes() for start, stop, turn in each)
        return np.array([number.setdefault(text, len(number)) for text in texts], dtype=np.int32)

    def check(self, rows: np.ndarray) -> None:
        """Require two letters at least."""
        counts = self.facts(rows)["class_counts"]
        if (counts > 0).sum() < 2:
            what = f"only one label ({format_counts(self.names, counts)})"
            raise InputError(what, fix="Bases of at least two labels are needed")

    def missing(self, part: np.ndarray, trained: np.ndarray) -> str | None:
        counts = [self.facts(rows)["class_counts"] for rows in (part, trained)]
        return first_missing("label", self.names, *counts)


def written_bases(names: Sequence[str], labels: np.ndarray) -> str:
    """(L,) index into letters -> the letters as one text."""
    return np.array(names, dtype="<U1")[labels].tobytes().decode("utf-32-le")

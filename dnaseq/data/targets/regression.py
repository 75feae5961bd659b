"""Records that are labelled with numbers, for regression."""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.stats import rankdata

from dnaseq.data.records.lengths import Windows
from dnaseq.data.records.store import Store
from dnaseq.data.targets.classes import JOINT, LossFacts
from dnaseq.data.targets.names import named, wrong
from dnaseq.errors import ConfigError, InputError
from dnaseq.prediction_task import REGRESSION

BINS, OF_A_BIN = 10, 10  # strata at the most; records of each at the least
LARGEST = np.finfo(np.float32).max  # number that a network can hold


class Numbers:
    """One number a record or several, joined by `separator`; `names` are the names of the numbers, else y, or y1, y2.

    Strata are quantiles; of several numbers those of the mean rank. Raises InputError for a label that is not so many
    finite numbers.
    """

    prediction, task = REGRESSION, REGRESSION.names[0]

    def __init__(
        self,
        store: Store,
        names: Sequence[str] | None = None,
        rename: Mapping[str, str] | None = None,
        separator: str = JOINT,
    ):
        if rename:
            raise ConfigError("data.rename: numbers are not renamed. Leave it out")
        if not separator:
            raise ConfigError("task.separator must be at least one letter")
        self.settings = {"separator": separator}
        texts = [text.split(separator) for text in store.label_names]
        due = len(names or texts[0])
        usual = ["y"] if due == 1 else [f"y{t + 1}" for t in range(due)]
        self.names = named(names or usual, usual)  # in the order of the numbers, so never sorted
        values = np.empty((len(texts), due))
        for number, cells in enumerate(texts):
            values[number] = _numbers(store, number, cells, due)
        self.store = store
        self.values = values[np.asarray(store.labels)]  # (n, T) float64
        self.strata, self.stratum = self._strata()

    def batch(self, windows: Windows) -> np.ndarray:
        """(B, T) float32."""
        return self.values[windows.record].astype(np.float32)

    def facts(self, rows: np.ndarray) -> LossFacts:
        """Return values (m, T)."""
        return {"values": self.values[rows]}

    def texts(self, rows: np.ndarray) -> list[str]:
        return [JOINT.join(f"{value:.7g}" for value in row) for row in self.values[rows].tolist()]

    def truths(self, rows: np.ndarray) -> dict[str, list]:
        return {
            f"truth_{name}": column.tolist()
            for name, column in zip(self.names, self.values[rows].T, strict=True)
        }

    def number_labels(self, windows: Windows, turned: np.ndarray) -> np.ndarray:
        return np.unique(self.values, axis=0, return_inverse=True)[1].reshape(-1).astype(np.int32)

    def check(self, rows: np.ndarray) -> None:
        """Require that every number differs between records."""
        same = np.flatnonzero(np.ptp(self.values[rows], axis=0) == 0)
        if same.size:
            what = f"{self.names[same[0]]} is {self.values[rows[0], same[0]]:g} in every record"
            raise InputError(what, fix="There is nothing to learn. Leave it out")

    def check_counts(self) -> None:
        """Raise InputError for the first record with a number below 0."""
        below = np.flatnonzero((self.values < 0).any(axis=1))
        if below.size:
            lowest = self.values[below[0]].min()
            what = f"loss=poisson needs counts, and {lowest:g} is below 0"
            what += f" ({below.size} such records)" if below.size > 1 else ""
            raise InputError(what, record=self.store.id(int(below[0])), fix="Correct them, or use loss=mse")

    def missing(self, part: np.ndarray, trained: np.ndarray) -> str | None:
        return None

    def _strata(self) -> tuple[tuple[str, ...], np.ndarray]:
        ranked = self.values[:, 0] if len(self.names) == 1 else rankdata(self.values, axis=0).mean(axis=1)
        bins = max(1, min(BINS, len(ranked) // OF_A_BIN))
        edges = np.quantile(ranked, np.arange(1, bins) / bins)
        found, stratum = np.unique(np.searchsorted(edges, ranked, side="right"), return_inverse=True)
        what = self.names[0] if len(self.names) == 1 else "mean rank"
        ends = [(ranked[stratum == s].min(), ranked[stratum == s].max()) for s in range(len(found))]
        return tuple(f"{what} {low:.9g} to {high:.9g}" for low, high in ends), stratum.astype(np.int32)


def _numbers(store: Store, number: int, cells: list[str], due: int) -> list[float]:
    """Read the numbers in label `number`."""
    if len(cells) != due:
        raise wrong(
            store, number, f"{len(cells)} numbers instead of {due}", "Give every record as many numbers"
        )
    try:
        if any("_" in cell or not cell.isascii() for cell in cells):
            raise ValueError  # float() takes 1_000 and the digits of other scripts
        values = [float(cell) for cell in cells]
    except ValueError:
        raise wrong(store, number, "is not a number", "Correct it or leave the record out") from None
    if not (np.abs(values) <= LARGEST).all():
        raise wrong(store, number, "is not a finite number", "Correct it or leave the record out")
    return values

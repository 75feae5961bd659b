"""dnaseq.explain: the command `dnaseq explain` as a function, with its arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from dnaseq.api.estimator import DnaEstimator
from dnaseq.api.inputs import checked_sequences
from dnaseq.api.notebook import progress_in_notebook
from dnaseq.api.overrides import write_overrides
from dnaseq.api.run import Run, framed_page
from dnaseq.api.training_files import TemporaryFolder
from dnaseq.errors import ArgumentError
from dnaseq.io.atomic import write_text
from dnaseq.io.results.explanation import ARRAYS, FAITHFULNESS, Faithfulness
from dnaseq.io.results.run_files import read_record
from dnaseq.io.sequences.given import Given, is_file_name
from dnaseq.tasks.in_process import run_here


@dataclass(frozen=True, eq=False)
class Explanation:
    """How much each base of n records argues for a class; L is the longest length. A notebook shows its page.

    `folder` has the files of `dnaseq explain`, motifs among them.
    """

    folder: Path
    owner: object | None = field(default=None, repr=False)  # deletes a folder without a name

    @cached_property
    def ids(self) -> list[str]:
        return self._array("ids").tolist()

    @cached_property
    def codes(self) -> np.ndarray:
        """(n, L) uint8: A 0, C 1, G 2, T 3, others from 4, 5 after the end of a record."""
        return self._array("codes")

    @cached_property
    def values(self) -> np.ndarray:
        """(n, L) float32: the share of each base in the logit of the class, 0 after the end of a record."""
        return self._array("values")

    @cached_property
    def hypothetical(self) -> np.ndarray | None:
        """(n, L, 4) float32: what each of the four bases would have there; None for methods without it."""
        with np.load(self.folder / ARRAYS) as arrays:
            found: np.ndarray | None = arrays.get("hypothetical")
        return found

    @cached_property
    def faithfulness(self) -> Faithfulness:
        """The method, and how faithful it is."""
        return read_record(self.folder / FAITHFULNESS, Faithfulness)

    def _array(self, name: str) -> np.ndarray:
        with np.load(self.folder / ARRAYS) as arrays:
            found: np.ndarray = arrays[name]
        return found

    def _repr_html_(self) -> str:
        return framed_page(self.folder / "report.html")


def explain(
    model: DnaEstimator | Run | str | Path,
    X: Any,
    output: str | Path | None = None,
    config: Mapping[str, object] | None = None,
    **settings: Any,
) -> Explanation:
    """Explain the scores of sequences X, as `dnaseq explain` does; `model` is a bundle, a run or a fitted estimator.

    Settings are those of the command by name: method="ism", target="pos", motifs="none"; those with a dot stand in
    `config`. Without `output` the folder is temporary. Raises the DnaseqError that the command would print.

    >>> import dnaseq, random
    >>> sequences = ["".join(random.Random(i).choices("ACGG" if i % 2 else "ACTT", k=40)) for i in range(60)]
    >>> net = dnaseq.DnaClassifier("rnn", recipe="none", max_epochs=1).fit(sequences, ["poor", "rich"] * 30)
    >>> why = dnaseq.explain(net, sequences[:2], method="gradient_input", motifs="none")
    >>> why.ids, why.values.shape, why.faithfulness.method
    (['1', '2'], (2, 40), 'gradient_input')
    """
    owner = TemporaryFolder()
    place = owner.path / "explanation" if output is None else Path(output).expanduser()
    if isinstance(X, str | Path) and is_file_name(X):
        source: object = X
    else:
        source = _write_fasta(owner.path / "sequences.fa", checked_sequences(X))
    own = {"bundle": _bundle_of(model, owner.path), "input": source, "output": place}
    if isinstance(model, DnaEstimator) and "plugins" in (model.config or {}):
        settings = {"plugins": (model.config or {})["plugins"]} | settings  # its bundle needs them
    if taken := sorted(own.keys() & {*settings, *(config or {})}):
        raise ArgumentError(f"{taken[0]} is an argument of its own: model, X and output")
    with progress_in_notebook():
        run_here("explain", write_overrides(own | settings | dict(config or {})))
    return Explanation(place, owner if output is None else None)


def _bundle_of(model: DnaEstimator | Run | str | Path, folder: Path) -> Path:
    if isinstance(model, DnaEstimator):
        return model.to_bundle(folder / "bundle")
    return model.bundle if isinstance(model, Run) else Path(model)


def _write_fasta(path: Path, given: Given) -> Path:
    letters = ("".join(one.split()) for one in given.sequences)
    write_text(path, "".join(f">{name}\n{one}\n" for name, one in zip(given.ids, letters, strict=True)))
    return path

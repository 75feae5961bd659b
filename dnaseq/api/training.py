"""dnaseq.train: the command `dnaseq train` as a function."""

from collections.abc import Mapping
from typing import Any

from dnaseq.api.notebook import progress_in_notebook
from dnaseq.api.overrides import write_overrides
from dnaseq.api.run import Run
from dnaseq.errors import ArgumentError
from dnaseq.tasks.in_process import run_here


def train(*typed: str, config: Mapping[str, object] | None = None, **settings: Any) -> Run:
    """Train as `dnaseq train` does, from files, and return the run; in a notebook it shows its report.

    Settings are typed as on the command line ("data.train=my.fa"), or given as Python values: those of one word by
    name, all others by `config`. Raises the DnaseqError that the command would print.

    >>> import dnaseq, tempfile
    >>> run = dnaseq.train(
    ...     "data=planted", model="rnn", recipe="none", max_epochs=1, explain="none",
    ...     config={"model.encoder.hidden": 4, "planted.n": 200, "planted.length": 40},
    ...     run_dir=tempfile.mkdtemp(),
    ... )
    >>> run.scores.n, run.bundle.name
    (40, 'bundle')
    """
    if wrong := [one for one in typed if not isinstance(one, str) or "=" not in one]:
        raise ArgumentError(f"{wrong[0]!r} is no KEY=VALUE. Write one such as 'data.train=my.fa'")
    overrides = [*typed, *write_overrides(settings), *write_overrides(config or {})]
    with progress_in_notebook():
        outcome, said = run_here("train", overrides)
    assert outcome.folder is not None  # every training has one
    return Run(outcome.folder, said)

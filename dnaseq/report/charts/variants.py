"""The heat map of every substitution of some sequences: a row a base, a column a position."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from matplotlib.figure import Figure

from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.drawing import LONGEST_NAME, shorten

MOST_SEQUENCES, MOST_BASES = 8, 400  # that are drawn
_BASES = "ACGT"
_WIDTH, _HEIGHT = 9.0, 1.5  # inches, of all and of each sequence
_FEW = 60  # bases that are still written below the columns


class Substituted(Protocol):
    """A sequence and the effects of its substitutions, (L, 4) of A, C, G and T; NaN where nothing is known."""

    @property
    def name(self) -> str: ...

    @property
    def letters(self) -> str: ...

    @property
    def deltas(self) -> np.ndarray: ...


def saturation_chart(target: str, sequences: Sequence[Substituted]) -> Chart:
    """Draw a heat map of each sequence, all with one scale."""
    names = [one.name for one in sequences for _ in one.letters]
    numbers: dict[str, list] = {"sequence": names}
    numbers["position"] = [place for one in sequences for place in range(1, len(one.letters) + 1)]
    numbers["base"] = [letter for one in sequences for letter in one.letters]
    for i, base in enumerate(_BASES):
        column = (delta for one in sequences for delta in one.deltas[:, i].tolist())
        numbers[base] = [delta if np.isfinite(delta) else None for delta in column]
    caption = (
        f"Change of the logit of {target} by each substitution. Positions count from 1; white is no change, as is the "
        "base that is there."
    )
    return Chart("saturation", "effect of every substitution", caption, numbers, _draw, wide=True)


def _draw(numbers: dict[str, list]) -> Figure:
    names = list(dict.fromkeys(numbers["sequence"]))
    figure = Figure(figsize=(_WIDTH, 0.6 + _HEIGHT * len(names)), layout="constrained")
    deltas = np.array([numbers[base] for base in _BASES], dtype=float)  # (4, all positions), None is NaN
    most = float(np.nanmax(np.abs(deltas), initial=0.0)) or 1.0
    for axes, name in zip(figure.subplots(len(names), squeeze=False)[:, 0], names, strict=True):
        mine = np.array([other == name for other in numbers["sequence"]])
        letters = [letter for letter, own in zip(numbers["base"], mine, strict=True) if own]
        image = axes.imshow(
            deltas[:, mine], cmap="RdBu_r", vmin=-most, vmax=most, aspect="auto", interpolation="none",
            extent=(0.5, len(letters) + 0.5, 3.5, -0.5),
        )  # fmt: skip
        axes.grid(visible=False)
        axes.set(yticks=range(4), yticklabels=list(_BASES))
        axes.set_title(shorten(name, LONGEST_NAME), loc="left", fontsize=9)
        if len(letters) <= _FEW:
            axes.set_xticks(range(1, len(letters) + 1), letters, fontsize=7)
    figure.colorbar(image, ax=figure.axes, label="change of the logit", fraction=0.03)
    return figure

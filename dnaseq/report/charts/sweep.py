"""Figures of a sweep: its scores trial by trial, the importance of each key, and parallel coordinates."""

import math
from functools import partial
from typing import Any

import matplotlib
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dnaseq.evaluation.comparison.searches import Sweep
from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.drawing import (
    COLOURS,
    GREY,
    LONGEST_NAME,
    WIDTH,
    legend,
    named_rows,
    panel,
    shorten,
)
from dnaseq.report.html.tables import shown

FAR = 3  # times the middle distance from the best: scores beyond are drawn at the edge
OF_STATE = {  # marker, face, size
    "complete": ("o", COLOURS[0], 26),
    "pruned": ("^", "white", 22),
    "failed": ("x", COLOURS[1], 30),
}
ABSENT = -0.12  # where a line passes the row of a key that its trial has not
ROW = 0.56  # inches between two rows of parallel coordinates


def history_chart(sweep: Sweep) -> Chart:
    """Draw the score of every trial, and the best of the complete ones so far."""
    trials = sweep.trials
    numbers: dict[str, list] = {
        key: [getattr(trial, key) for trial in trials] for key in ("number", "state", "value")
    }
    better = min if sweep.direction == "min" else max
    complete = [trial.value if trial.state == "complete" else None for trial in trials]
    best = [
        better((value for value in complete[: i + 1] if value is not None), default=None)
        for i in range(len(trials))
    ]
    caption = (
        "A point is a trial; the line is the best complete one so far. A score far from the others is drawn at the "
        "edge, and so is a trial that failed."
    )
    title = f"{sweep.monitor} of every trial"
    draw = partial(draw_history, monitor=sweep.monitor, direction=sweep.direction)
    return Chart("sweep_history", title, caption, numbers | {"best": best}, draw)


def draw_history(numbers: dict[str, list], monitor: str, direction: str) -> Figure:
    figure, axes = panel("trial", monitor)
    values = np.array([math.nan if v is None else v for v in numbers["value"]], dtype=float)
    low, high = _range(values[~np.isnan(values)], direction)
    edge = high if direction == "min" else low
    y = np.clip(np.where(np.isnan(values), edge, values), low, high)
    x, states = np.array(numbers["number"]), np.array(numbers["state"])
    handles: list[Artist] = []
    for state, (marker, face, size) in OF_STATE.items():
        mine = states == state
        if mine.any():
            colours: dict[str, Any] = (
                {"color": face} if marker == "x" else {"facecolor": face, "edgecolor": COLOURS[0]}
            )
            points = axes.scatter(x[mine], y[mine], s=size, marker=marker, label=state, zorder=3, **colours)
            handles.append(points)
    best = np.array([math.nan if v is None else v for v in numbers["best"]], dtype=float)
    handles += axes.step(x, best, where="post", color=COLOURS[2], linewidth=1.6, label="best so far")
    space = 0.06 * ((high - low) or abs(high) or 1)
    axes.set_ylim(low - space, high + space)
    axes.locator_params("x", integer=True)
    legend(figure, handles, most=4)
    return figure


def importance_chart(sweep: Sweep) -> Chart:
    """Draw the share of the differences between trials that each key explains."""
    found = sweep.importance
    numbers: dict[str, list] = {"key": list(found), "importance": list(found.values())}
    caption = (
        "What the score depends on among the trials of this sweep (PED-ANOVA, Watanabe et al. 2023): shares of 1. "
        "Of few trials it is a rough guess."
    )
    return Chart("sweep_importance", "importance of each key", caption, numbers, draw_importance)


def draw_importance(numbers: dict[str, list]) -> Figure:
    figure, axes = named_rows(numbers["key"], "share of what the score depends on")
    shares = np.array(numbers["importance"])
    y = np.arange(len(shares))
    axes.barh(y + 0.08, shares, height=0.32, color=COLOURS[0])
    for place, share in zip(y, shares, strict=True):
        axes.text(share + 0.01, place + 0.08, f"{share:.2f}", va="center", fontsize=9)
    axes.set_xlim(0, max(float(shares.max(initial=0)) * 1.15, 0.1))
    return figure


def parallel_chart(sweep: Sweep) -> Chart:
    """Draw the settings of every trial and its score as parallel coordinates."""
    trials = [trial for trial in sweep.trials if trial.params or trial.value is not None]
    space = sweep.space
    numbers: dict[str, list] = {"number": [t.number for t in trials], "state": [t.state for t in trials]}
    numbers |= {d.key: [t.params.get(d.key) for t in trials] for d in space}
    numbers[sweep.monitor] = [trial.value for trial in trials]
    caption = (
        "A line is a trial: it passes each row at what was tried, left of the row where the key had no meaning, and "
        "ends at its score. Dark lines are the better ones, the thick one is the best, grey ones were pruned."
    )
    logs = [d.key for d in space if d.log]
    draw = partial(draw_parallel, monitor=sweep.monitor, direction=sweep.direction, logs=logs)
    return Chart("sweep_parallel", "what was tried in each trial, and its score", caption, numbers, draw)


def draw_parallel(numbers: dict[str, list], monitor: str, direction: str, logs: list[str]) -> Figure:
    keys = [key for key in numbers if key not in ("number", "state")]
    figure = Figure(figsize=(WIDTH, 0.5 + ROW * len(keys)), layout="constrained")
    axes = figure.add_subplot()
    axes.set(xlim=(ABSENT - 0.06, 1.06), ylim=(len(keys) - 0.5, -0.7), xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
    axes.grid(visible=False)
    values = [math.nan if v is None else v for v in numbers[monitor]]
    known = [v for v in values if not math.isnan(v)]
    bounds = {monitor: _range(np.array(known), direction)} if known else {}
    rows = [_row(axes, y, key, numbers[key], key in logs, bounds.get(key)) for y, key in enumerate(keys)]
    sign = 1 if direction == "min" else -1
    states = numbers["state"]
    order = sorted(range(len(values)), key=lambda i: (states[i] == "complete", -sign * values[i]))
    complete = [i for i in order if states[i] == "complete" and not math.isnan(values[i])]
    shades = matplotlib.colormaps["viridis_r"](np.linspace(0.05, 1, max(len(complete), 1)))
    for i in order:
        x = [row[i] for row in rows]
        style: dict[str, Any] = {"color": "#c8c8c8", "linewidth": 0.8, "zorder": 1}
        if i in complete:
            style = {"color": shades[complete.index(i)], "linewidth": 1.2, "zorder": 2}
        if complete and i == complete[-1]:
            style |= {"color": COLOURS[1], "linewidth": 2.4, "zorder": 3}
        length = len(keys) - math.isnan(values[i])  # what has no score ends above its row
        axes.plot(x[:length], range(length), **style)
    return figure


def _row(
    axes: Axes, y: int, key: str, cells: list, log: bool, bounds: tuple[float, float] | None
) -> list[float]:
    """Draw the axis of a key with its marks. Return the place where each trial passes it, from 0 to 1."""
    axes.plot([0, 1], [y, y], color="black", linewidth=0.8, zorder=4)
    box = {"facecolor": "white", "edgecolor": "none", "pad": 0.6, "alpha": 0.85}
    style: dict[str, Any] = {"ha": "center", "va": "center", "bbox": box, "zorder": 5}
    axes.text(0.5, y - 0.3, shorten(key, LONGEST_NAME), fontsize=9, **style)
    known = [cell for cell in cells if cell is not None]
    numeric = all(type(cell) in (int, float) for cell in known)
    if numeric and known:
        low, high = bounds or (min(known), max(known))
        scale = (lambda v: math.log(v)) if log else (lambda v: v)
        width = (scale(high) - scale(low)) or 1
        ends = ("≤ " * (low > min(known)) + shown(low), "≥ " * (high < max(known)) + shown(high))
        marks = dict(zip((0.0, 1.0), ends, strict=True))
        places = [
            ABSENT if c is None else (scale(min(max(c, low), high)) - scale(low)) / width for c in cells
        ]
    else:
        names = sorted(map(shown, dict.fromkeys(known)))
        at = {name: i / max(len(names) - 1, 1) for i, name in enumerate(names)}
        marks = {place: name for name, place in at.items()}
        places = [ABSENT if cell is None else at[shown(cell)] for cell in cells]
    for place, mark in marks.items():
        axes.plot([place, place], [y - 0.06, y + 0.06], color="black", linewidth=0.8, zorder=4)
        axes.text(place, y + 0.2, mark, fontsize=8, color=GREY, **style)
    return places


def _range(values: np.ndarray, direction: str) -> tuple[float, float]:
    """Return the lowest and highest score to draw; scores far from the best are cut off."""
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    reach = FAR * abs(float(np.median(values)) - (low if direction == "min" else high))
    if reach <= 0:
        return low, high
    return (low, min(high, low + reach)) if direction == "min" else (max(low, high - reach), high)

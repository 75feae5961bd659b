"""The sections of the report of a run that predicts numbers."""

from collections.abc import Callable

import numpy as np

from dnaseq.errors import one_line
from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.numbers import MOST_POINTS, agreement_chart, residual_chart
from dnaseq.report.html.markup import Markup, table
from dnaseq.report.html.tables import sentence
from dnaseq.report.inputs.predictions import PredictedNumbers
from dnaseq.report.inputs.run_files import RunFiles
from dnaseq.report.sections.classification import FIRST, LAST, MOST_ERRORS
from dnaseq.report.sections.headline import baselines, forest, spaced_estimate, summary
from dnaseq.report.sections.section import Blocks, Section, left_out, no_predictions
from dnaseq.schemas import present

MOST_TARGETS = 6  # with a figure each


def each_target(run: RunFiles) -> Blocks:
    if len(present(run.scores).classes) == 1:
        return [sentence("There is one target: its scores are those of the summary.")]
    return forest(run, "pearson", 0.0)


def agreement(run: RunFiles) -> Blocks:
    def caption(target: str, n_targets: int) -> str:
        r = present(run.scores).metrics.get(f"pearson/{target}" if n_targets > 1 else "pearson")
        return (
            f"{target}: Pearson's r {spaced_estimate(r, 'pearson')}. On the straight line both are the same."
        )

    return _target_figures(run, agreement_chart, caption)


def residuals(run: RunFiles) -> Blocks:
    def caption(target: str, _: int) -> str:
        return f"{target}: where predictions are as good as they can be, as much is above 0 as below, everywhere."

    return _target_figures(run, residual_chart, caption)


def largest_errors(run: RunFiles) -> Blocks:
    """List the records with the largest residuals, in standard deviations of the target."""
    p = run.predictions
    if not isinstance(p, PredictedNumbers) or not p.ids:
        return [no_predictions(run, "truth")]
    spread = np.maximum(p.truth.std(axis=0), np.finfo(float).tiny)
    at = np.argsort(-np.abs((p.values - p.truth) / spread), axis=None, kind="stable")[:MOST_ERRORS]
    body = [
        [one_line(p.ids[i]), p.targets[t], f"{p.truth[i, t]:.4g}", f"{p.values[i, t]:.4g}"]
        for i, t in zip(*np.unravel_index(at, p.truth.shape), strict=True)
    ]
    title = "The largest errors, in standard deviations of their target"
    return [table(["record", "target", "true", "predicted"], body, title, "words")]


SECTIONS: dict[str, Section] = {
    "Summary": summary,
    **FIRST,
    "Predicted and true": agreement,
    "Residuals": residuals,
    "Each target": each_target,
    "Baselines": baselines,
    "Largest errors": largest_errors,
    **LAST,
}


def _target_figures(
    run: RunFiles,
    draw_chart: Callable[[PredictedNumbers, int, str], Chart],
    caption_of: Callable[[str, int], str],
) -> Blocks:
    p = run.predictions
    if not isinstance(p, PredictedNumbers) or not p.ids:
        return [no_predictions(run, "truth")]
    dense = f" The darker a cell, the more of the {len(p.ids)} records." if len(p.ids) > MOST_POINTS else ""
    found: list[Markup | Chart] = [
        draw_chart(p, t, f"{caption_of(name, len(p.targets))}{dense}{left_out(p.left_out)}")
        for t, name in enumerate(p.targets[:MOST_TARGETS])
    ]
    if len(p.targets) > MOST_TARGETS:
        found.append(sentence(f"The first {MOST_TARGETS} of {len(p.targets)} targets are drawn."))
    return found

"""A section of the report: a function from the files of a run to the blocks under a title."""

from collections.abc import Callable, Sequence

from dnaseq.report.charts.chart import Chart
from dnaseq.report.html.markup import Markup
from dnaseq.report.html.tables import missing, sentence
from dnaseq.report.inputs.run_files import PREDICTIONS, RunFiles

Blocks = Sequence[Markup | Chart]
Section = Callable[[RunFiles], Blocks]


def no_predictions(run: RunFiles, known: str) -> Markup:
    """Return the sentence of a section without predictions. `known` names what every row must have."""
    if run.predictions is None:
        return missing(PREDICTIONS, "this section is empty")
    return sentence(f"No record with a prediction has a known {known}, so this section is empty.")


def left_out(n: int) -> str:
    """Return the sentence, for a caption, on rows without prediction or known truth; "" where there are none."""
    return f" Rows left out, without prediction or known truth: {n}." if n else ""

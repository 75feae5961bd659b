"""The page of peaks: how many, at which thresholds, by composition, and the best ones with their sequence."""

from typing import NamedTuple

from dnaseq.report.charts.chart import Drawn, draw_chart
from dnaseq.report.charts.genome import gc_chart, threshold_chart
from dnaseq.report.html.markup import Markup, element, table
from dnaseq.report.html.tables import fact_list, sentence
from dnaseq.report.page import document

MOST_PEAKS = 25  # that are listed
RATES = [0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5]


class BestPeak(NamedTuple):
    """A peak with the bases of its best window, as they are read on its strand."""

    place: str
    strand: str
    probability: float
    q: float
    gc: float
    letters: str


class PeakReport(NamedTuple):
    """Content of the page."""

    target: str
    genome: str
    facts: dict  # name -> value, of the settings and counts
    peaks: list[int]  # at each of RATES
    shares: list[float]  # of G and C, the middle of each bin
    scanned: list[float | None]
    shuffled: list[float | None]
    best: list[BestPeak]


def peaks_page(report: PeakReport) -> str:
    """Return the whole page, which needs no other file."""
    figures: list[Markup | Drawn] = [
        draw_chart(threshold_chart(RATES, report.peaks)),
        draw_chart(gc_chart(report.target, report.shares, report.scanned, report.shuffled)),
    ]
    contents: dict[str, list[Markup | Drawn]] = {
        "What was done": [fact_list(report.facts, "settings and counts"), sentence(_MEANING)],
        "Thresholds and composition": figures,
        "Best peaks": [_best(report.best)],
    }
    return document(f"Peaks of {report.target} in {report.genome}", "Report of peaks by dnaseq", contents)


_MEANING = (
    "A window is compared with windows of this genome whose bases are shuffled such that the counts of dinucleotides "
    "stay, among those of about the same share of G and C. q is the false discovery rate among all windows; windows "
    "overlap, so it is not the rate among peaks. A high score says that the model calls a sequence, not that it works."
)


def _best(best: list[BestPeak]) -> Markup:
    if not best:
        return sentence("There are no peaks.")
    header = ["window", "strand", "probability", "q", "GC", "sequence"]
    rows = [
        [
            one.place,
            one.strand,
            f"{one.probability:.4f}",
            f"{one.q:.2g}",
            f"{one.gc:.2f}",
            element("code", one.letters),
        ]
        for one in best
    ]
    return table(header, rows, "the best window of each")

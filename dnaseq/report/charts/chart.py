"""A figure of the report: its numbers, how they are drawn, and both as files and as an element of the page."""

import csv
import io
import re
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG

from dnaseq.errors import FileAccessError, visible
from dnaseq.io.os_errors import access
from dnaseq.report.charts.drawing import SETTINGS, Draw
from dnaseq.report.html.markup import Markup, element

FOLDER = "figures"
SUFFIXES = (".png", ".svg", ".csv")
FORMULA = ("=", "+", "-", "@", "\t", "\r")
RESOLUTION = 150  # dots an inch of the PNG
NOTHING = dict.fromkeys(("Creator", "Date", "Format", "Type"))  # the same numbers are the same bytes


class Chart(NamedTuple):
    """A figure to draw. The drawing sees the numbers and nothing else, so the CSV holds all that it shows."""

    name: str  # of its files, without suffix
    title: str  # for a reader who cannot see it
    caption: str
    numbers: dict[str, list]  # columns of equal length; None where there is no number
    draw: Draw
    wide: bool = False  # True: it takes the whole width of the page


class Drawn(NamedTuple):
    """A chart in the three forms that are saved."""

    chart: Chart
    svg: str  # stands alone
    png: bytes
    csv: str


def draw_chart(chart: Chart) -> Drawn:
    """Draw a chart, once for both kinds of picture."""
    svg, png = io.StringIO(), io.BytesIO()
    shown = {visible(name): [_shown(cell) for cell in cells] for name, cells in chart.numbers.items()}
    with matplotlib.rc_context(SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # the reader's own font may well have the letter
        figure = chart.draw(shown)
        figure.draw_without_rendering()
        figure.set_layout_engine("none")  # laying out is half of the time, and it is done
        # not figure.savefig, which lays out once more for each kind
        FigureCanvasSVG(figure).print_svg(svg, metadata=NOTHING)
        figure.dpi = RESOLUTION
        FigureCanvasAgg(figure).print_png(png, metadata={"Software": None})
    return Drawn(chart, visible(svg.getvalue(), keep="\n"), png.getvalue(), _csv(chart.numbers))


def figure_element(drawing: Drawn) -> Markup:
    """Return the <figure> of a page: an <svg> that fills the width it is given, and the caption."""
    text = drawing.svg[drawing.svg.index("<svg") :]
    used = set(re.findall(r"#([\w-]+)", text))
    text = re.sub(r' id="([\w-]+)"', lambda found: found[0] if found[1] in used else "", text)
    view = next(re.finditer(r'viewBox="[^"]+"', text))[0]
    inner = text[text.index(">") + 1 : text.rindex("</svg>")]
    opening = element("svg", Markup(inner), role="img", aria_label=drawing.chart.title)
    svg = Markup(opening.replace("<svg", f"<svg {view}", 1))
    return element("figure", svg, element("figcaption", drawing.chart.caption))


def write_figures(folder: Path, drawings: Iterable[Drawn]) -> None:
    """Write NAME.png, NAME.svg and NAME.csv of each drawing into `folder`; pictures of an older report there go.

    A folder that would stay empty is not made. Raises FileAccessError where it cannot be written to.
    """
    files: dict[str, bytes] = {}
    for drawing in drawings:
        contents = (drawing.png, _bytes(drawing.svg), _bytes(drawing.csv))
        files |= {drawing.chart.name + s: content for s, content in zip(SUFFIXES, contents, strict=True)}
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise FileAccessError(f"{folder}: is not a folder for figures. Remove it")
    with access(folder):
        if files:
            folder.mkdir(exist_ok=True)
        for path in folder.glob("*"):
            if path.suffix in SUFFIXES and path.name not in files:
                path.unlink()
    for name, content in files.items():
        with access(folder / name):
            (folder / name).write_bytes(content)


def _csv(numbers: dict[str, list]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(map(_cell, numbers))
    for row in zip(*numbers.values(), strict=True):
        writer.writerow(map(_cell, row))
    return text.getvalue()


def _cell(value: object) -> object:
    """Return a cell that a spreadsheet does not compute: text that begins like a formula gets an apostrophe."""
    if isinstance(value, float):
        return f"{value:.7g}"
    if not isinstance(value, str) or _is_number(value):
        return value
    return f"'{visible(value)}" if value.startswith(FORMULA) else visible(value)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _shown(cell: object) -> object:
    return visible(cell) if isinstance(cell, str) else cell


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")  # JSON may spell half a character, which no file holds

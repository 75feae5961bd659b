"""Figures as files."""

import csv
import io
import xml.etree.ElementTree as ElementTree

import pytest
from PIL import Image

from dnaseq.errors import FileAccessError
from dnaseq.report.charts.chart import Chart, draw_chart, figure_element, write_figures
from dnaseq.report.charts.drawing import draw_forest


@pytest.fixture(scope="module")
def drawing():
    numbers = {
        "shortcut": ["GC <&> content", "length"],
        "auroc": [0.8, 0.5],
        "low": [0.7, 0.4],
        "high": [0.9, None],
    }
    return draw_chart(Chart("gc", "a title", "a caption", numbers, lambda n: draw_forest(n, "AUROC", 0.5)))


def test_csv_holds_the_numbers_and_nothing_where_there_is_none(drawing):
    assert list(csv.reader(io.StringIO(drawing.csv))) == [
        ["shortcut", "auroc", "low", "high"],
        ["GC <&> content", "0.8", "0.7", "0.9"],
        ["length", "0.5", "0.4", ""],
    ]


def test_svg_stands_alone_and_keeps_its_text(drawing):
    root = ElementTree.fromstring(drawing.svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "GC <&> content" in "".join(root.itertext())


def test_png_has_150_dots_an_inch(drawing):
    image = Image.open(io.BytesIO(drawing.png))
    assert image.info["dpi"] == pytest.approx((150, 150), abs=0.1)
    assert image.size[0] == 660  # 4.4 inches


def test_element_has_a_title_for_those_who_cannot_see_it(drawing):
    text = figure_element(drawing)
    assert 'role="img" aria-label="a title"' in text
    assert "<figcaption>a caption</figcaption>" in text


def test_figures_of_an_older_report_go_and_other_files_stay(drawing, tmp_path):
    folder = tmp_path / "figures"
    folder.mkdir()
    for name in ("roc.png", "roc.svg", "roc.csv", "notes.txt"):
        (folder / name).write_text("old")
    write_figures(folder, [drawing])
    assert {path.name for path in folder.iterdir()} == {"gc.png", "gc.svg", "gc.csv", "notes.txt"}


def test_without_figures_there_is_no_folder(tmp_path):
    write_figures(tmp_path / "figures", [])
    assert not (tmp_path / "figures").exists()


def test_a_file_in_the_place_of_the_folder_is_a_users_error(drawing, tmp_path):
    (tmp_path / "figures").write_text("")
    with pytest.raises(FileAccessError, match="is not a folder for figures"):
        write_figures(tmp_path / "figures", [drawing])


def test_no_name_is_a_formula_or_turns_text_round():
    names = ["=cmd()", "+a", "-a", "@a", "\ta", "\ra", "-0.5", "a=b", "a\u202eb\u200b", '"a,b"']
    numbers = {"=name": names, "auroc": [-0.5] * 10, "low": [-1e-9] * 10, "high": [None] * 10}
    drawing = draw_chart(Chart("gc", "t", "c", numbers, lambda n: draw_forest(n, "AUROC", 0.5)))
    header, *rows = csv.reader(io.StringIO(drawing.csv))
    assert header[0] == "'=name"
    assert [row[0] for row in rows] == [
        *("'=cmd()", "'+a", "'-a", "'@a", "'\\ta", "'\\ra", "-0.5", "a=b", "a\\u202eb\\u200b", '"a,b"'),
    ]
    assert {tuple(row[1:]) for row in rows} == {("-0.5", "-1e-09", "")}
    assert "a\\u202eb\\u200b" in drawing.svg
    assert "\u202e" not in drawing.svg

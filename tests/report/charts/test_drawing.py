"""The parts that figures share."""

import pytest

from dnaseq.report.charts.drawing import legend, line_style, panel


@pytest.mark.parametrize(("letters", "columns"), [(3, 3), (14, 2), (24, 1)])
def test_a_legend_has_as_many_columns_as_fit_into_the_figure(letters, columns):
    figure, axes = panel("x", "y")
    legend(figure, [axes.plot([0, 1], **line_style(i, "G" * letters))[0] for i in range(4)])
    figure.draw_without_rendering()
    (box,) = figure.legends
    assert box.get_window_extent().width <= figure.bbox.width
    assert len({round(text.get_window_extent().x0) for text in box.get_texts()}) == columns

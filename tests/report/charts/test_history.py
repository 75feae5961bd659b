"""Learning curves: the epochs on their axis."""

import pytest

from dnaseq.report.charts.history import history_charts


@pytest.mark.parametrize("epochs", [[0.0, 1.0], [1.0, 2.0]])
def test_epochs_count_from_1_also_where_an_earlier_version_counted_from_0(epochs):
    (chart,) = history_charts({"epoch": epochs, "val/loss": [0.7, 0.5]})
    assert chart.numbers["epoch"] == [1, 2]

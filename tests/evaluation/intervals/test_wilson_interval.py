"""The interval of a share."""

import numpy as np
import pytest
from scipy.stats import binomtest

from dnaseq.evaluation.intervals.bootstrap import wilson


@pytest.mark.parametrize(("k", "n"), [(0, 1), (0, 20), (7, 20), (20, 20), (5000, 10000)])
def test_it_is_the_one_of_scipy(k, n):
    expected = binomtest(k, n).proportion_ci(method="wilson")
    assert wilson(np.array([k / n]), np.array([n])) == pytest.approx(
        np.array([[expected.low], [expected.high]])
    )

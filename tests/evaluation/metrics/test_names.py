"""The flat table of scores."""

import numpy as np

from dnaseq.evaluation.metrics.names import METRICS, ONE_CLASS, flat

OVERALL = dict.fromkeys(set(METRICS) - set(ONE_CLASS), 0.5)


def test_more_than_two_classes_have_means_and_a_score_for_each():
    single = [dict.fromkeys(ONE_CLASS, value) for value in (0.1, 0.2, 0.6)]
    got = flat(OVERALL, single, ["a", "b", "c"])
    assert (round(got["auroc"], 12), got["auroc/a"], got["auroc/c"]) == (0.3, 0.1, 0.6)


def test_plain_names_come_first_in_the_order_of_the_contract():
    single = [dict.fromkeys(ONE_CLASS, 0.1)] * 3
    assert tuple(flat(OVERALL, single, ["a", "b", "c"]))[: len(METRICS)] == METRICS


def test_mean_with_an_undefined_score_is_undefined():
    single = [dict.fromkeys(ONE_CLASS, value) for value in (0.1, np.nan, 0.6)]
    assert np.isnan(flat(OVERALL, single, ["a", "b", "c"])["f1"])

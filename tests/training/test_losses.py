import numpy as np
import pytest
import torch

from dnaseq.training.losses import cross_entropy

COUNTS = np.array([30, 10])


def test_without_weights_it_is_the_plain_mean():
    logits, y = torch.randn(5, 2), torch.tensor([0, 1, 1, 0, 1])
    expected = -logits.log_softmax(-1)[torch.arange(5), y].mean()
    assert cross_entropy(COUNTS)(logits, y) == pytest.approx(float(expected))


def test_balanced_weights_make_every_class_count_alike():
    weight = cross_entropy(COUNTS, "balanced").weight
    assert weight.tolist() == pytest.approx([40 / 60, 40 / 20])
    assert float((weight * torch.tensor(COUNTS)).sum()) == pytest.approx(40)


def test_unknown_weights_list_the_known():
    with pytest.raises(ValueError, match="one of none, balanced; got 'all'"):
        cross_entropy(COUNTS, "all")


def test_smoothing_of_one_is_refused():
    with pytest.raises(ValueError, match="smoothing must be from 0 to below 1; got 1"):
        cross_entropy(COUNTS, smoothing=1)

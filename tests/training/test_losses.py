import numpy as np
import pytest
import torch

from dnaseq.training.losses import CrossEntropy

COUNTS = np.array([30, 10])


def loss_of(loss: CrossEntropy, logits, y) -> float:
    losses, weights = loss(logits, y)
    return float(losses.sum() / weights.sum())


def test_without_weights_it_is_the_plain_mean():
    logits, y = torch.randn(5, 2), torch.tensor([0, 1, 1, 0, 1])
    expected = -logits.log_softmax(-1)[torch.arange(5), y].mean()
    assert loss_of(CrossEntropy(COUNTS), logits, y) == pytest.approx(float(expected))


def test_balanced_weights_make_every_class_count_alike():
    weights = CrossEntropy(COUNTS, "balanced").weights
    assert weights.tolist() == pytest.approx([40 / 60, 40 / 20])
    assert float((weights * torch.tensor(COUNTS)).sum()) == pytest.approx(40)


def test_the_weighted_loss_is_that_of_torch():
    logits, y = torch.randn(20, 2), torch.randint(0, 2, (20,))
    loss = CrossEntropy(COUNTS, "balanced", smoothing=0.1)
    reference = torch.nn.CrossEntropyLoss(weight=loss.weights, label_smoothing=0.1)
    assert loss_of(loss, logits, y) == pytest.approx(float(reference(logits, y)), rel=1e-5)


def test_unknown_weights_list_the_known():
    with pytest.raises(ValueError, match="one of none, balanced; got 'all'"):
        CrossEntropy(COUNTS, "all")


def test_smoothing_of_one_is_refused():
    with pytest.raises(ValueError, match="smoothing must be from 0 to below 1; got 1"):
        CrossEntropy(COUNTS, smoothing=1)

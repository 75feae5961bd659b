import numpy as np
import pytest
import torch

from dnaseq.data.targets.per_base import IGNORED
from dnaseq.schemas import IdentityLink
from dnaseq.training.losses import BinaryCrossEntropy, CrossEntropy, Focal, MeanSquared, Poisson

COUNTS = np.array([30, 10])


def loss_of(loss, logits, y) -> float:
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


@pytest.mark.parametrize("kind", [CrossEntropy, Focal])
def test_a_record_of_bases_weighs_as_many_as_it_has(kind):
    logits, y = torch.randn(4, 2, 3), torch.tensor([[0, 1, 2, 0], [2, 1, IGNORED, IGNORED]])
    counts = np.array([2, 2, 2])
    losses, weights = kind(counts)(logits, y)
    assert weights.tolist() == [4, 2]
    of_bases, _ = kind(counts)(logits[:2, 1], y[1, :2])
    assert float(losses[1]) == pytest.approx(float(of_bases.sum()), rel=1e-6)


def test_padding_has_no_slope():
    logits = torch.randn(3, 1, 2, requires_grad=True)
    losses, weights = CrossEntropy(COUNTS, "balanced", smoothing=0.1)(logits, torch.tensor([[1, 0, IGNORED]]))
    (losses.sum() / weights.sum()).backward()
    assert logits.grad[2].abs().sum() == 0 < logits.grad[0].abs().sum()


def test_focal_loss_without_gamma_is_cross_entropy():
    logits, y = torch.randn(9, 2), torch.randint(0, 2, (9,))
    expected = loss_of(CrossEntropy(COUNTS, "balanced"), logits, y)
    assert loss_of(Focal(COUNTS, 0.0, "balanced"), logits, y) == pytest.approx(expected, rel=1e-5)


def test_focal_loss_by_hand():
    """p = 0.8 of the true class: (1 - 0.8)^2 times -log 0.8."""
    logits = torch.tensor([[0.8, 0.2]]).log()
    assert loss_of(Focal(COUNTS, 2.0), logits, torch.tensor([0])) == pytest.approx(0.04 * 0.22314, rel=1e-4)


def test_focal_loss_of_a_certain_answer_has_a_slope_that_is_a_number():
    logits = torch.tensor([[200.0, 0.0]], requires_grad=True)
    losses, _ = Focal(COUNTS, 0.5)(logits, torch.tensor([0]))
    losses.sum().backward()
    assert torch.isfinite(logits.grad).all()


def test_binary_cross_entropy_by_hand():
    """p = 0.5 of both labels, one there: the mean of twice log 2; balanced, the one there weighs 9 / 1."""
    logits, y, counts = torch.zeros(1, 2), torch.tensor([[1.0, 0.0]]), np.array([1, 1])
    assert loss_of(BinaryCrossEntropy(counts, 10), logits, y) == pytest.approx(np.log(2))
    assert loss_of(BinaryCrossEntropy(counts, 10, "balanced"), logits, y) == pytest.approx(5 * np.log(2))
    sure = torch.tensor([[2.0, -2.0]])  # smoothing moves the truth to 0.9 and 0.1
    expected = -(0.9 * np.log(1 / (1 + np.exp(-2))) + 0.1 * np.log(1 / (1 + np.exp(2))))
    assert loss_of(BinaryCrossEntropy(counts, 10, smoothing=0.2), sure, y) == pytest.approx(
        expected, rel=1e-5
    )


def test_a_label_of_all_records_or_none_has_a_weight_all_the_same():
    assert torch.isfinite(BinaryCrossEntropy(np.array([0, 10]), 10, "balanced").weights).all()


def test_squared_errors_are_in_standard_deviations():
    """Values 10 and 30: mean 20, deviation 10; an output of 0.5 is 25."""
    loss = MeanSquared(np.array([[10.0], [30.0]]))
    assert loss.values(torch.tensor([[0.5]])).item() == 25
    assert loss_of(loss, torch.tensor([[0.5]]), torch.tensor([[30.0]])) == pytest.approx(0.25)
    assert loss.link == IdentityLink([20.0], [10.0])


def test_the_poisson_loss_is_least_at_the_logarithm_of_the_rate():
    loss, y = Poisson(np.array([[2.0], [6.0]])), torch.tensor([[8.0]])
    best = torch.tensor([[8 / 4]]).log()
    assert loss.values(best).item() == pytest.approx(8)
    assert loss_of(loss, best, y) == pytest.approx(0, abs=1e-6)
    assert loss_of(loss, best + 0.3, y) > 0 < loss_of(loss, best - 0.3, y)


def test_differences_of_the_poisson_loss_are_those_of_torch():
    loss, y = Poisson(np.array([[1.0], [5.0]])), torch.tensor([[0.0], [4.0], [9.0]])
    torchs = torch.nn.PoissonNLLLoss(reduction="none")
    one, other = torch.randn(3, 1), torch.randn(3, 1)
    expected = torchs(one + np.log(3), y) - torchs(other + np.log(3), y)
    found = loss(one, y)[0] - loss(other, y)[0]
    assert torch.allclose(found, expected[:, 0] / 3, atol=1e-5)  # in units of the mean


@pytest.mark.parametrize("values", [[[-1.0], [3.0]], [[0.0], [0.0]]])
def test_what_no_rate_can_make_is_refused(values):
    with pytest.raises(ValueError, match="counts must be at least 0"):
        Poisson(np.array(values))


def test_a_target_that_is_always_the_same_is_refused():
    with pytest.raises(ValueError, match="the same in every training record"):
        MeanSquared(np.array([[1.0, 2.0], [1.0, 3.0]]))

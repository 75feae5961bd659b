"""Batch normalization over records of different lengths, against torch's over the same positions end to end."""

import pytest
import torch
from torch import nn

from dnaseq.models.encoded import real_positions
from dnaseq.models.encoders.norm import BatchNorm

LENGTHS = torch.tensor([9, 1, 4, 7])
REAL = real_positions(LENGTHS, 11).t()  # (B, L)


def pair():
    """Ours and torch's with the same weights, not those that they start with."""
    ours, theirs = BatchNorm(3).double(), nn.BatchNorm1d(3).double()
    with torch.no_grad():
        ours.weight.copy_(torch.tensor([0.5, 2.0, -1.0]))
        ours.bias.copy_(torch.tensor([0.1, -3.0, 0.0]))
    theirs.load_state_dict(ours.state_dict(), strict=False)
    return ours, theirs


def batches():
    """Three batches (B, 3, L) with numbers in the padding that must not matter."""
    return [5 * torch.randn(4, 3, 11, dtype=torch.float64) + 2 for _ in range(3)]


def joined(h):
    """(B, 3, L) -> (N, 3): the real positions of all records end to end."""
    return h.transpose(1, 2)[REAL]


def test_padded_records_train_as_their_real_positions_joined():
    ours, theirs = pair()
    for h in batches():
        torch.testing.assert_close(joined(ours(h, LENGTHS)), theirs(joined(h)), rtol=0, atol=1e-12)
    torch.testing.assert_close(ours.running_mean, theirs.running_mean, rtol=0, atol=1e-12)
    torch.testing.assert_close(ours.running_var, theirs.running_var, rtol=0, atol=1e-12)


def test_gradients_are_those_of_the_real_positions_joined():
    ours, theirs = pair()
    h = batches()[0].requires_grad_()
    scale = torch.linspace(-1, 1, 3 * int(LENGTHS.sum()), dtype=torch.float64).view(-1, 3)
    found = torch.autograd.grad((joined(ours(h, LENGTHS)) * scale).sum(), [h, *ours.parameters()])
    expected = torch.autograd.grad((theirs(joined(h)) * scale).sum(), [h, *theirs.parameters()])
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-12)


def test_without_padding_it_is_that_of_torch():
    ours, theirs = pair()
    for h in batches():
        assert torch.equal(ours(h, None), theirs(h))
    assert torch.equal(ours.running_var, theirs.running_var)


def test_evaluation_uses_what_training_saw():
    ours, theirs = pair()
    for h in batches():
        ours(h, LENGTHS)
        theirs(joined(h))
    h = batches()[0]
    torch.testing.assert_close(ours.eval()(h, LENGTHS), theirs.eval()(h), rtol=0, atol=1e-12)


@pytest.mark.parametrize("length", [1, 5])
def test_one_position_alone_is_normalized_by_the_running_statistics(length):
    ours, _ = pair()
    ours(batches()[0], LENGTHS)
    before = ours.running_var.clone()
    h = torch.randn(1, 3, length, dtype=torch.float64)
    found = ours(h, torch.tensor([1]))[..., :1]
    assert torch.equal(ours.running_var, before)
    torch.testing.assert_close(found, ours.eval()(h, torch.tensor([1]))[..., :1])

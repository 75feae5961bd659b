"""Features to logits."""

import pytest
import torch

from dnaseq.models.head import MLP, Linear


@pytest.mark.parametrize("head", [Linear(6, 3), MLP(6, 3, hidden=5)])
def test_one_logit_a_class(head):
    assert head(torch.randn(4, 6)).shape == (4, 3)


@pytest.mark.parametrize("head", [Linear(6, 3, dropout=0.5), MLP(6, 3, hidden=50, dropout=0.5)])
def test_dropout_ends_with_training(head):
    h = torch.randn(4, 6)
    head.eval()
    assert torch.equal(head(h), head(h))


@pytest.mark.parametrize("head", [Linear(6, 3, dropout=0.5), MLP(6, 3, hidden=50, dropout=0.5)])
def test_dropout_acts_in_training(head):
    h = torch.randn(4, 6)
    assert not torch.equal(head(h), head(h))

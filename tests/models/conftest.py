"""Weights and inputs are drawn alike in every run, whichever tests are chosen."""

import pytest
import torch


@pytest.fixture(autouse=True)
def fixed_seed():
    torch.manual_seed(0)

"""The value between encoder and pool."""

import torch

from dnaseq.models.encoded import Encoded


def test_real_covers_the_positions_of_h_not_of_the_input():
    encoded = Encoded(torch.zeros(3, 2, 4), torch.zeros(2, 4), torch.tensor([3, 1]))
    assert encoded.real.tolist() == [[True, True], [True, False], [True, False]]

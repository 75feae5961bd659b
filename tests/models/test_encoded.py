"""The value between encoder and pool."""

from functools import partial

import pytest
import torch

from dnaseq.models.encoded import Encoded, positions_after
from dnaseq.models.encoders.convolution import Convolution
from dnaseq.models.encoders.recurrent import Recurrent
from dnaseq.models.encoders.stack import Stack

POOLED = partial(Convolution, filters=3, width=5, pool=4)


def test_real_covers_the_positions_of_h_not_of_the_input():
    encoded = Encoded(torch.zeros(3, 2, 4), torch.zeros(2, 4), torch.tensor([3, 1]))
    assert encoded.real.tolist() == [[True, True], [True, False], [True, False]]


@pytest.mark.parametrize(
    ("encoder", "expected"), [(Recurrent(4, "gru", 5), 9), (POOLED(4), 3), (Stack(4, [POOLED, POOLED]), 1)]
)
def test_positions_are_known_before_a_record_is_encoded(encoder, expected):
    assert positions_after(encoder, 9) == expected
    assert len(encoder(torch.randn(9, 1, 4), torch.tensor([9])).h) == expected

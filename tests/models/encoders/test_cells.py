"""Cells over the parameters of a module; that they compute the same is in test_by_hand."""

from torch import nn

from dnaseq.models.encoders.cells import cells_of


def test_cells_share_the_parameters_of_the_module():
    module = nn.LSTM(4, 8, num_layers=2, bidirectional=True)
    shared = [id(weight) for cell in cells_of(module) for weight in cell.parameters()]
    assert shared == [id(weight) for weight in module.parameters()]


def test_there_is_a_cell_for_every_direction_of_every_layer():
    assert [cell.input_size for cell in cells_of(nn.GRU(4, 8, 2, bidirectional=True))] == [4, 4, 16, 16]

from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from dnaseq.bundle.network import check_fit, read_tensors
from dnaseq.errors import ModelFileError

PATH = Path("model.safetensors")


@pytest.fixture
def due():
    return {"a": torch.empty(2, 3, device="meta"), "b": torch.empty(4, device="meta")}


@pytest.fixture
def tensors():
    return {"a": torch.ones(2, 3), "b": torch.ones(4)}


def test_what_was_saved_is_read(tensors):
    again = read_tensors(save(tensors), PATH)
    assert all(torch.equal(again[name], tensors[name]) for name in tensors)


def test_what_fits_passes(tensors, due):
    assert check_fit(tensors, due, PATH) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"a": torch.ones(3, 2)}, r"a is \(3, 2\), expected \(2, 3\)"),
        ({"a": torch.ones(2, 3).half()}, "a is float16, expected float32"),
        ({"c": torch.ones(1)}, r"do not fit the architecture: c \(1 such tensors\)"),
        ({"b": torch.tensor([0, 0, 0, float("inf")])}, "b holds values that are not numbers"),
    ],
)
def test_a_difference_is_named(tensors, due, change, said):
    with pytest.raises(ModelFileError, match=rf"^model.safetensors: .*{said}"):
        check_fit(tensors | change, due, PATH)


def test_no_damaged_file_is_anything_but_a_damaged_file(tensors):
    whole = save(tensors)
    for at in range(0, 8 * len(whole), 3):
        damaged = bytearray(whole)
        damaged[at // 8] ^= 1 << at % 8
        try:
            read_tensors(bytes(damaged), PATH)  # a flipped bit in a number cannot be seen here
        except ModelFileError as error:
            assert "incomplete, or not a file of weights" in str(error)  # noqa: PT017


@pytest.mark.parametrize("weights", [b"", b"<html>", b"\xff" * 100])
def test_what_is_no_file_of_tensors_is_refused(weights):
    with pytest.raises(ModelFileError, match="incomplete, or not a file of weights"):
        read_tensors(weights, PATH)

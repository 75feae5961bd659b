"""One answer from both strands: f(x) = f(reverse complement of x), for every model and encoding."""

from pathlib import Path

import hydra
import pytest
import torch

from dnaseq.build import build
from dnaseq.encode.revcomp import reverse_complement
from dnaseq.models.ensemble import mean_of_strands

MODELS = sorted(path.stem for path in (Path(__file__).parents[2] / "conf" / "model").glob("*.yaml"))
LENGTHS = torch.tensor([40, 3, 17, 25])


def of_both_strands(net, encode, codes):
    """The answer for (B, L) codes and LENGTHS, as training and prediction make it."""
    lengths = encode.lengths(torch.cat([LENGTHS, LENGTHS]))
    outputs = net(encode(torch.cat([codes, reverse_complement(codes, LENGTHS)])), lengths)
    return mean_of_strands(outputs, lengths)


@pytest.fixture(scope="module")
def composed():
    with hydra.initialize_config_module("dnaseq.conf", version_base="1.3"):
        yield lambda *overrides: hydra.compose("train", overrides=list(overrides))


@pytest.mark.parametrize("encoding", ["onehot", "kmer"])
@pytest.mark.parametrize("model", MODELS)
def test_a_record_and_its_other_strand_get_the_same_answer(composed, model, encoding):
    cfg = composed(f"model={model}", f"encoding={encoding}", "data.length=40")
    encode, per_position = build(cfg.encoding), model.startswith("labeller")
    net = build(cfg.model, n_symbols=encode.n_symbols, n_classes=3).eval()
    codes = torch.randint(0, 4, (4, 40), dtype=torch.uint8)
    codes = codes.where(torch.arange(40) < LENGTHS[:, None], 5)
    with torch.inference_mode():
        read = of_both_strands(net, encode, codes)
        other = of_both_strands(net, encode, reverse_complement(codes, LENGTHS))
        alone = net(encode(codes), encode.lengths(LENGTHS))
    if not per_position:
        torch.testing.assert_close(read, other, rtol=0, atol=1e-5)
        assert not torch.allclose(read, alone, atol=1e-5)
        return
    for b, n in enumerate(encode.lengths(LENGTHS).tolist()):
        torch.testing.assert_close(read[:n, b], other[:n, b].flip(0), rtol=0, atol=1e-5)


def test_outputs_of_both_strands_are_averaged_by_record():
    outputs = torch.tensor([[1.0, 0.0], [2.0, 5.0], [3.0, 0.0], [8.0, -5.0]])
    assert mean_of_strands(outputs).tolist() == [[2.0, 0.0], [5.0, 0.0]]


def test_positions_of_the_other_strand_are_turned_round_before_they_are_averaged():
    given = torch.tensor([[1.0, 9.0], [2.0, 0.0], [3.0, 0.0]])  # records of 3 and 1 positions
    other = torch.tensor([[30.0, 90.0], [20.0, 0.0], [10.0, 0.0]])
    outputs = torch.cat([given, other], dim=1)[..., None]
    mean = mean_of_strands(outputs, torch.tensor([3, 1, 3, 1]))
    assert mean[..., 0].tolist() == [[5.5, 49.5], [11.0, 0.0], [16.5, 0.0]]


def test_without_lengths_every_position_of_the_other_strand_is_turned_round():
    outputs = torch.randn(5, 4, 3)
    assert torch.equal(mean_of_strands(outputs), mean_of_strands(outputs, torch.full((4,), 5)))


@pytest.mark.parametrize("shape", [(3, 2), (7, 3, 2), (4,), (1, 7, 4, 2)])
def test_outputs_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"must be \(2B, C\) or \(L, 2B, C\); got shape"):
        mean_of_strands(torch.zeros(shape))

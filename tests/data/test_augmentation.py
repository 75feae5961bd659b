import pytest
import torch

from dnaseq.data.augmentation import Augmentation, turned
from dnaseq.encode.alphabet import PAD, N, to_codes, to_letters
from dnaseq.encode.revcomp import reverse_complement, reversed_over
from dnaseq.errors import ConfigError


def rolled(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def batch(*sequences: str) -> tuple[torch.Tensor, torch.Tensor]:
    lengths = torch.tensor([len(s) for s in sequences])
    codes = torch.full((len(sequences), int(lengths.max())), PAD, dtype=torch.uint8)
    for row, sequence in zip(codes, sequences, strict=True):
        row[: len(sequence)] = torch.from_numpy(to_codes(sequence).copy())
    return codes, lengths


def letters(codes: torch.Tensor) -> list[str]:
    return [to_letters(row.numpy()) for row in codes]


def test_without_settings_nothing_changes():
    codes, lengths = batch("ACGT", "AC")
    assert torch.equal(Augmentation()(codes, lengths, rolled()), codes)


def test_a_shifted_record_keeps_its_length_and_its_order():
    codes, lengths = batch(*["ACGTTG"] * 200, *["ACG"] * 200)
    found = letters(Augmentation(shift=2)(codes, lengths, rolled()))
    assert set(found[:200]) == {"GTTGNN", "CGTTGN", "ACGTTG", "NACGTT", "NNACGT"}
    assert set(found[200:]) == {"GNN---", "CGN---", "ACG---", "NAC---", "NNA---"}


def test_a_record_may_move_out_of_sight():
    codes, lengths = batch(*["AC"] * 100)
    assert {"NN", "AC"} <= set(letters(Augmentation(shift=5)(codes, lengths, rolled())))


def test_mutations_are_as_frequent_as_asked_for_and_never_the_same_base():
    codes = torch.randint(0, 4, (200, 500), dtype=torch.uint8, generator=rolled(1))
    codes[:, 100], codes[:, 101] = N, PAD
    found = Augmentation(mutate=0.1)(codes, torch.full((200,), 500), rolled())
    assert torch.equal(found[:, 100:102], codes[:, 100:102])
    assert (found != codes).float().mean().item() == pytest.approx(0.1, abs=0.005)
    changed = found != codes
    steps = (found[changed].int() - codes[changed].int()) % 4
    shares = torch.bincount(steps, minlength=4) / len(steps)
    assert shares[0] == 0
    assert shares[1:].tolist() == pytest.approx([1 / 3] * 3, abs=0.02)


def test_half_of_the_records_are_turned():
    assert 450 < turned(1000, rolled()).sum() < 550


def test_what_goes_with_the_bases_is_turned_over_each_records_length():
    values, lengths = torch.tensor([[1, 2, 3, 4], [5, 6, -100, -100]]), torch.tensor([4, 2])
    assert reversed_over(values, lengths).tolist() == [[4, 3, 2, 1], [6, 5, -100, -100]]


def test_the_same_seed_draws_the_same():
    codes, lengths = batch(*["ACGGTACA"] * 20)
    change = Augmentation(shift=3, mutate=0.2)
    assert torch.equal(change(codes, lengths, rolled(7)), change(codes, lengths, rolled(7)))
    assert not torch.equal(change(codes, lengths, rolled(7)), change(codes, lengths, rolled(8)))


def test_an_other_strand_of_the_other_strand_is_the_record():
    codes, lengths = batch("ACGTNNRA", "GGA")
    assert torch.equal(reverse_complement(reverse_complement(codes, lengths), lengths), codes)


@pytest.mark.parametrize(("name", "value"), [("shift", -1), ("shift", 1.5), ("mutate", 1), ("mutate", -0.1)])
def test_other_values_are_refused(name, value):
    with pytest.raises(ConfigError, match=f"augmentation.{name} must be"):
        Augmentation(**{name: value})


def test_without_lengths_records_fill_the_batch():
    codes = torch.randint(0, 4, (50, 30), dtype=torch.uint8)
    changed = [
        Augmentation(shift=4, mutate=0.1)(codes, lengths, torch.Generator().manual_seed(1))
        for lengths in (None, torch.full((50,), 30))
    ]
    assert torch.equal(*changed)

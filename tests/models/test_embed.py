"""Symbols to features."""

import pytest
import torch

from dnaseq.models.embed import Dense, Lookup


def test_one_hot_goes_through_unchanged_without_a_width():
    x = torch.rand(5, 3, 4)
    assert Dense(4)(x) is x


def test_width_without_projection_is_the_number_of_symbols():
    assert Dense(4).d_out == 4


def test_projected_ambiguous_base_is_the_mean_of_its_bases():
    embed = Dense(4, 6)
    a, g, r = embed(torch.tensor([[[1.0, 0, 0, 0]], [[0, 0, 1, 0]], [[0.5, 0, 0.5, 0]]])).squeeze(1)
    torch.testing.assert_close(r, (a + g) / 2)


def test_lookup_gives_one_row_of_the_table_for_each_id():
    embed = Lookup(18, d_out=5)
    ids = torch.randint(18, (7, 3))
    assert torch.equal(embed(ids), embed.table.weight[ids])


def test_padding_is_zeros():
    assert not Lookup(18)(torch.tensor([17])).any()


def test_padding_is_never_trained():
    embed = Lookup(18)
    embed(torch.arange(18)).sum().backward()
    assert embed.table.weight.grad.abs().sum(-1).bool().tolist() == [True] * 17 + [False]


def test_unknown_starts_as_zeros():
    assert not Lookup(18)(torch.tensor([16])).any()


def test_vectors_of_3mers_start_nearer_the_more_bases_they_share():
    table = Lookup(4**3 + 2, d_out=4096).table.weight[: 4**3].detach()
    vectors = table.view(4, 4, 4, -1)  # by first, second and third base
    shares_two = [
        (vectors[0, 0, 0] - vectors[a, b, c]).square().mean() for a, b, c in ((1, 0, 0), (0, 2, 0), (0, 0, 3))
    ]
    torch.testing.assert_close(torch.stack(shares_two), torch.full((3,), 1 / 6), atol=0.02, rtol=0)
    torch.testing.assert_close(
        (vectors[0, 0, 0] - vectors[1, 2, 3]).square().mean(), torch.tensor(1 / 2), atol=0.05, rtol=0
    )


@pytest.mark.parametrize("k", [1, 2, 4])
def test_vectors_of_kmers_have_the_mean_square_of_one_hot_input(k):
    table = Lookup(4**k + 2, d_out=4096).table.weight[: 4**k].detach()
    torch.testing.assert_close(table.square().mean(), torch.tensor(1 / 4), atol=0.01, rtol=0)


@pytest.mark.parametrize("n_ids", [0, 1, 3, 20])
def test_ids_that_are_no_kmers_have_different_vectors(n_ids):
    table = Lookup(n_ids + 2, d_out=64).table.weight[:n_ids].detach()
    assert len(table.unique(dim=0)) == n_ids


def test_frozen_table_wants_no_gradient():
    assert not any(p.requires_grad for p in Lookup(18, freeze=True).parameters())


def test_max_norm_shortens_the_vectors_that_are_looked_up():
    assert Lookup(18, max_norm=0.5)(torch.arange(18)).norm(dim=-1).max() < 0.5 + 1e-5


@pytest.mark.parametrize("freeze", [True, False])
def test_vectors_to_start_from_are_those_of_all_ids_but_padding(freeze):
    embed, vectors = Lookup(18, d_out=5, freeze=freeze), torch.rand(17, 5)
    embed.start_from(vectors)
    assert torch.equal(embed(torch.arange(17)), vectors)
    assert not embed(torch.tensor([17])).any()
    assert embed.table.weight.requires_grad is not freeze


def test_vectors_for_padding_too_are_refused():
    with pytest.raises(ValueError, match=r"vectors must be \(17, 5\); got \(18, 5\)"):
        Lookup(18, d_out=5).start_from(torch.rand(18, 5))

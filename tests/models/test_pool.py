"""Each pool against a plain loop over records."""

import math
from functools import partial

import pytest
import torch

from dnaseq.models.encoded import Encoded
from dnaseq.models.pool import AdditiveAttention, DotAttention, Flatten, Last, Max, Mean, Several, build_pool

LENGTHS = torch.tensor([5, 1, 3])
DRAWN = torch.randn(7, 3, 4, generator=torch.Generator().manual_seed(0))
ENCODED = Encoded(DRAWN[:6], DRAWN[6], LENGTHS)
POOLS = {cls.__name__: cls for cls in (Last, Mean, Max, AdditiveAttention, DotAttention)} | {
    "AdditiveAttention_by_position": partial(AdditiveAttention, by_position=True, positions=5),
    "DotAttention_by_position": partial(DotAttention, by_position=True, positions=5),
    "Flatten": partial(Flatten, positions=6),
    "Flatten_narrow": partial(Flatten, positions=5, width=2),
    "Several": partial(Several, pools=[Mean, partial(AdditiveAttention, hidden=3), Flatten], positions=9),
}

attentions = pytest.mark.parametrize("attention", [AdditiveAttention, DotAttention])


def records():
    """The real positions of each record (n, H), with what the encoder ends with (H,)."""
    return [(ENCODED.h[:n, b], ENCODED.final[b]) for b, n in enumerate(LENGTHS.tolist())]


def test_last_is_what_the_encoder_ends_with():
    assert torch.equal(Last(4)(ENCODED), ENCODED.final)


def test_mean_is_over_real_positions():
    torch.testing.assert_close(Mean(4)(ENCODED), torch.stack([h.mean(0) for h, _ in records()]))


def test_max_is_over_real_positions():
    torch.testing.assert_close(Max(4)(ENCODED), torch.stack([h.max(0).values for h, _ in records()]))


def test_additive_attention_matches_a_plain_loop():
    pool = AdditiveAttention(4, hidden=3)
    into, _, query = pool.score
    expected = []
    for h, _ in records():
        scores = torch.stack([query.weight[0] @ torch.tanh(into.weight @ row + into.bias) for row in h])
        expected.append(scores.softmax(0) @ h)
    torch.testing.assert_close(pool(ENCODED), torch.stack(expected))


@attentions
def test_attention_by_position_learns_where_to_look(attention):
    pool = attention(4, by_position=True, positions=5)
    torch.nn.init.constant_(pool.place[2:3], 1e4)
    pooled = pool(ENCODED)[:, :4]  # the weighted mean
    torch.testing.assert_close(pooled[0], ENCODED.h[2, 0])
    torch.testing.assert_close(pooled[1], ENCODED.h[0, 1])  # of one position: position 2 is padding
    with pytest.raises(ValueError, match="a record has 5 positions after the encoder, the model 4"):
        attention(4, by_position=True, positions=4)(ENCODED)
    with pytest.raises(ValueError, match="records of one length"):
        attention(4, by_position=True)


def test_dot_attention_matches_a_plain_loop():
    expected = []
    for h, final in records():
        scores = torch.stack([row @ final / math.sqrt(4) for row in h])
        expected.append(torch.cat([scores.softmax(0) @ h, final]))
    torch.testing.assert_close(DotAttention(4)(ENCODED), torch.stack(expected))


@attentions
def test_attention_weights_of_a_record_sum_to_one(attention):
    torch.testing.assert_close(attention(4).weights(ENCODED).sum(0), torch.ones(3))


@attentions
def test_attention_weights_are_zero_at_padding(attention):
    assert not attention(4).weights(ENCODED)[~ENCODED.real].any()


@attentions
def test_attention_weights_are_position_by_record(attention):
    assert attention(4).weights(ENCODED).shape == (6, 3)


@pytest.mark.parametrize("name", POOLS)
@pytest.mark.parametrize("garbage", [0.0, 1e6, math.inf, math.nan])
def test_what_is_in_the_padding_does_not_matter(name, garbage):
    pool = POOLS[name](4)
    spoilt = ENCODED._replace(h=ENCODED.h.masked_fill(~ENCODED.real[..., None], garbage))
    assert torch.equal(pool(spoilt), pool(ENCODED))


@pytest.mark.parametrize("name", POOLS)
def test_width_is_the_one_announced(name):
    pool = POOLS[name](4)
    assert pool(ENCODED).shape == (3, pool.d_out)


@pytest.mark.parametrize("positions", [5, 6, 8])
def test_flatten_puts_positions_side_by_side_with_zeros_after_a_record(positions):
    rows = torch.zeros(3, positions, 4)
    for b, (h, _) in enumerate(records()):
        rows[b, : len(h)] = h
    assert torch.equal(Flatten(4, positions)(ENCODED), rows.flatten(1))


def test_flatten_narrows_each_position_by_one_map():
    pool = Flatten(4, 6, width=2)
    rows = torch.zeros(3, 6, 2)
    for b, (h, _) in enumerate(records()):
        rows[b, : len(h)] = pool.narrow(h)
    torch.testing.assert_close(pool(ENCODED), rows.flatten(1))


def test_flatten_refuses_a_record_that_is_too_long():
    with pytest.raises(ValueError, match=r"5 positions after the encoder, the model 4: give data.length"):
        Flatten(4, 4)(ENCODED)


@pytest.mark.parametrize("pool", [Flatten, partial(Several, pools=[Mean, Flatten])])
def test_a_pool_of_positions_wants_to_know_how_many(pool):
    with pytest.raises(ValueError, match=r"needs records of one length: give data.length=..."):
        build_pool(pool, 4, None)


@pytest.mark.parametrize("pool", [Flatten, partial(Several, pools=[Flatten])])
def test_a_pool_of_positions_is_told_how_many(pool):
    assert build_pool(pool, 4, 7).d_out == 28


def test_other_pools_are_told_their_width_alone():
    assert build_pool(partial(Several, pools=[Mean, DotAttention]), 4, None).d_out == 12


def test_several_are_side_by_side_in_their_order():
    found = Several(4, [Max, Mean])(ENCODED)
    assert torch.equal(found, torch.cat([Max(4)(ENCODED), Mean(4)(ENCODED)], dim=-1))

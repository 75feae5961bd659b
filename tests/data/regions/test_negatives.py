"""Negatives are like the positives, away from them, and the same for one seed."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from dnaseq.data.regions.intervals import add_places
from dnaseq.data.regions.negatives import Draw, by_contig
from dnaseq.data.regions.traits import Traits, measure_traits
from dnaseq.data.regions.windows import Windows
from dnaseq.encode.alphabet import N
from dnaseq.errors import InputError


class MadeGenome:
    """Contigs whose GC content and soft-masking change every 500 bases, with a gap of N."""

    def __init__(self, *lengths: int):
        self.names = [f"chr{number}" for number in range(1, len(lengths) + 1)]
        rng = np.random.default_rng(1)
        self.letters = dict(zip(self.names, (self._made(n, rng) for n in lengths), strict=True))

    def _made(self, length: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        gc = np.repeat(rng.uniform(0.25, 0.65, length // 500 + 1), 500)[:length]
        is_gc, either = rng.random(length) < gc, rng.integers(0, 2, length)
        codes = np.where(is_gc, 1 + either, 3 * either).astype(np.uint8)
        codes[length // 2 : length // 2 + length // 20] = N
        return codes, np.repeat(rng.random(length // 250 + 1) < 0.4, 250)[:length]

    def length(self, name: str) -> int:
        return len(self.letters[name][0])

    def describe_absence(self, name: str) -> str:
        return name

    def codes(self, name: str, start: int, end: int) -> np.ndarray:
        return self.letters[name][0][start:end]

    def masked(self, name: str, start: int, end: int) -> np.ndarray:
        return self.letters[name][1][start:end]


GENOME = MadeGenome(150_000, 60_000)


def windows(contigs, starts, lengths) -> Windows:
    n = len(starts)
    starts, contigs = np.asarray(starts, np.int64), np.asarray(contigs, np.int32)
    labels, zeros = np.full(n, "positive", dtype=object), np.zeros(n, dtype=np.int64)
    found = Windows(contigs, starts, starts + lengths, np.ones(n, np.int8), labels, zeros, zeros)
    return found.take(np.lexsort((starts, contigs)))


def gc_rich(per_contig=(200, 80), lengths=100, seed=2) -> Windows:
    """Windows of which more lie where there is more G and C."""
    rng = np.random.default_rng(seed)
    contigs, starts = [], []
    for number, n in enumerate(per_contig):
        name = GENOME.names[number]
        at = np.sort(rng.choice(GENOME.length(name) // 150 - 2, 4 * n, replace=False)) * 150
        gc = measure_traits(GENOME, name, at, at + 100).gc
        starts.append(rng.choice(at, n, replace=False, p=gc**2 / (gc**2).sum()))
        contigs.append(np.full(n, number))
    contigs, starts = np.concatenate(contigs), np.concatenate(starts)
    return windows(contigs, starts, np.broadcast_to(lengths, len(starts)))


def blocked(*several: Windows, distance: int = 0):
    places = {}
    for one in several:
        add_places(places, one.contigs, one.starts, one.ends, distance)
    return places


def traits_of(found: Windows) -> Traits:
    found = found.take(np.lexsort((found.starts, found.contigs)))
    each = [
        measure_traits(GENOME, GENOME.names[c], found.starts[rows], found.ends[rows])
        for c, rows in by_contig(found)
    ]
    return Traits(*map(np.concatenate, zip(*each, strict=True)))


def auroc(positives: Windows, negatives: Windows, trait: str) -> float:
    each = [getattr(traits_of(one), trait) for one in (positives, negatives)]
    return roc_auc_score(np.repeat([1, 0], [len(one) for one in each]), np.concatenate(each))


def sorted_rows(found: Windows) -> list[tuple]:
    return sorted(zip(found.contigs.tolist(), found.starts.tolist(), found.ends.tolist(), strict=True))


def test_matched_negatives_have_the_composition_and_random_ones_do_not():
    positives = gc_rich()
    drawn = {
        kind: Draw(GENOME, blocked(positives), kind, (1, 0)).draw(positives, 1.0, "n")
        for kind in ("matched", "random")
    }
    assert auroc(positives, drawn["random"], "gc") > 0.55
    for trait in Traits._fields:
        assert 0.48 < auroc(positives, drawn["matched"], trait) < 0.52
    of_contigs = np.bincount(drawn["matched"].contigs)
    assert of_contigs.sum() == 280
    assert abs(of_contigs[0] - 200) <= 5  # where there is no like place, another contig has one
    assert set(drawn["matched"].labels) == {"n"}


@pytest.mark.parametrize("lengths", [100, "many"])
@pytest.mark.parametrize("kind", ["matched", "random"])
def test_no_base_is_in_a_negative_and_in_another_window(kind, lengths):
    lengths = np.random.default_rng(3).integers(20, 150, 280) if lengths == "many" else lengths
    positives = gc_rich(lengths=lengths)
    places = blocked(positives, distance=10)
    negatives = Draw(GENOME, places, kind, (1, 0)).draw(positives, 1.5, "n")
    assert len(negatives) == 420
    count = np.zeros((2, 150_000), dtype=int)
    for contig, start, end in sorted_rows(negatives):
        assert not places[contig].overlap(np.array([start]), np.array([end]))[0]
        assert end <= GENOME.length(GENOME.names[contig])
        count[contig, start:end] += 1
    assert count.max() == 1
    if not np.isscalar(lengths):
        of_negatives = np.bincount(negatives.ends - negatives.starts, minlength=150)
        assert (of_negatives >= np.bincount(lengths, minlength=150)).all()


def test_a_seed_gives_the_same_negatives_and_another_one_others():
    positives = gc_rich()
    drawn = [
        sorted_rows(Draw(GENOME, blocked(positives), "matched", (s, 0)).draw(positives, 1, "n"))
        for s in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_negatives_lie_in_the_stretch_of_their_positive():
    starts = np.concatenate([np.arange(10) * 300, 80_000 + np.arange(20) * 300])
    positives = windows(np.zeros(30), starts, 60)
    negatives = Draw(GENOME, blocked(positives), "random", (1, 0), 10_000).draw(positives, 1, "n")
    assert np.bincount((negatives.starts + 30) // 10_000).tolist() == [10, 0, 0, 0, 0, 0, 0, 0, 20]


def test_negatives_have_the_strands_of_the_positives():
    positives = gc_rich()
    positives = replace(positives, strands=np.where(np.arange(280) % 4, 1, -1).astype(np.int8))
    negatives = Draw(GENOME, blocked(positives), "matched", (1, 0)).draw(positives, 1, "n")
    assert (negatives.strands < 0).sum() == 70


def test_more_negatives_than_there_are_places_for_are_refused():
    positives = windows([0], [0], 20_000)
    with pytest.raises(InputError, match=r"\d of 10 negatives have no free place"):
        Draw(GENOME, blocked(positives), "matched", (1, 0)).draw(positives, 10, "n")


def test_an_unlike_place_is_better_than_none_and_told(caplog):
    genome = MadeGenome(2_000)
    genome.letters["chr1"] = (np.repeat([1, 0], 1_000).astype(np.uint8), np.zeros(2_000, bool))
    positives = windows([0], [0], 1_000)
    negatives = Draw(genome, blocked(positives), "matched", (1, 0)).draw(positives, 1, "n")
    assert sorted_rows(negatives) == [(0, 1_000, 2_000)]
    assert "1 of 1 negatives differ from their positive by more than 0.05 of GC content" in caplog.text

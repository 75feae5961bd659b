"""Each shortcut finds what it looks at, and nothing else."""

from functools import partial

import lettered
import numpy as np
import pytest

from dnaseq.evaluation.audit import shortcuts as module
from dnaseq.evaluation.audit.shortcuts import METRICS, shortcuts
from dnaseq.evaluation.baselines.fitting import Examples, select_rows
from dnaseq.evaluation.metrics.classification import scores

N = 120
KMERS = [f"{k}-mers" for k in range(1, 7)]
NAMES = ["majority", "length", "gc", "gc_and_length", *KMERS, "position", "record_order", "id_text"]


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch):
    monkeypatch.setattr(module, "scores", partial(scores, resamples=60))


def examples(make, seed: int, classes: int = 2, sort: bool = False, spelt: bool = False) -> Examples:
    """N records of classes in turn, or sorted; make(class, rng) gives the letters of one."""
    rng = np.random.default_rng(seed)
    labels = np.arange(N) * classes // N if sort else np.arange(N) % classes
    numbers = rng.permutation(N)  # numbers that count up would tell classes in turn by their last digit
    ids = [f"{'abc'[c] if spelt else 'r'}_{number:04}" for c, number in zip(labels, numbers, strict=True)]
    return lettered.examples([make(c, rng) for c in labels], labels, ids, np.arange(N) / N)


def aurocs(make, classes: int = 2, **how) -> dict[str, float]:
    """AUROC of each shortcut, tested on other records than it learnt from."""
    train, test = examples(make, 0, classes, **how), examples(make, 1, classes, **how)
    table = shortcuts(train, test, list("abc"[:classes]), seed=0)
    return {name: scored["auroc"].value for name, scored in table.items()}


def drawn(length: int, shares: list[float], rng) -> str:
    return "".join(rng.choice(list("ACGT"), length, p=shares))


def noise(c: int, rng) -> str:
    return drawn(40, [0.25] * 4, rng)


def test_nothing_is_found_where_there_is_nothing():
    found = aurocs(noise)
    assert list(found) == NAMES
    assert found["majority"] == 0.5
    assert max(found.values()) < 0.7


def test_length_is_found_by_what_sees_length():
    found = aurocs(lambda c, rng: drawn(30 + 20 * c, [0.25] * 4, rng))
    assert found["length"] == found["gc_and_length"] == 1
    assert found["gc"] < 0.7


def test_a_length_between_two_others_is_found():
    found = aurocs(lambda c, rng: drawn(40 if c else rng.choice([20, 80]), [0.25] * 4, rng))
    assert found["length"] > 0.99


def test_gc_content_is_found():
    found = aurocs(lambda c, rng: drawn(60, [[0.4, 0.1, 0.1, 0.4], [0.1, 0.4, 0.4, 0.1]][c], rng))
    assert min(found[name] for name in ("gc", "gc_and_length", *KMERS[:3])) > 0.99
    assert found["length"] == 0.5


def test_shuffled_pairs_of_letters_are_found_by_2_mers_and_not_by_gc():
    found = aurocs(lambda c, rng: "".join(rng.choice(["CG", "TA"] if c else ["GC", "AT"], 30)))
    assert found["2-mers"] == 1
    assert found["gc"] < 0.7


def test_a_base_at_a_position_is_found_by_position():
    found = aurocs(lambda c, rng: noise(c, rng)[:20] + "AT"[c] + noise(c, rng)[20:])
    assert found["position"] > 0.95
    assert found["1-mers"] < 0.8


def test_a_longer_test_record_has_its_first_positions_seen():
    train = examples(lambda c, rng: "AT"[c] + noise(c, rng), 0)
    test = examples(lambda c, rng: "AT"[c] + noise(c, rng) * 3, 1)
    assert shortcuts(train, test, ["a", "b"])["position"]["auroc"].value > 0.95


def test_sorted_files_and_ids_that_spell_the_class_are_found():
    found = aurocs(noise, sort=True, spelt=True)
    assert found["record_order"] > 0.99
    assert found["id_text"] == 1


def test_a_class_in_the_middle_of_the_file_is_found():
    middle = np.isin(np.arange(N) * 3 // N, 1).astype(int)
    train, test = (examples(noise, seed)._replace(labels=middle) for seed in (0, 1))
    assert shortcuts(train, test, ["a", "b"])["record_order"]["auroc"].value > 0.98


def test_order_and_ids_are_left_out_where_they_are_not_known():
    train, test = examples(noise, 0), examples(noise, 1)
    table = shortcuts(train._replace(ids=None, places=None), test, ["a", "b"])
    assert list(table) == NAMES[:-2]


def test_every_score_has_its_interval():
    table = shortcuts(examples(noise, 0), examples(noise, 1), ["a", "b"])
    for scored in table.values():
        assert tuple(scored) == METRICS
        assert all(s.low <= s.value <= s.high for s in scored.values())


def test_grouped_test_records_widen_the_intervals():
    make = lambda c, rng: drawn(20, [[0.3, 0.2, 0.2, 0.3], [0.2, 0.3, 0.3, 0.2]][c], rng)  # noqa: E731
    train, test = examples(make, 0), examples(make, 1)
    alone = shortcuts(train, test, ["a", "b"])["gc"]["auroc"]
    thrice = select_rows(test, np.tile(np.arange(N), 3))
    copies = shortcuts(train, thrice, ["a", "b"], groups=np.tile(np.arange(N), 3))["gc"]["auroc"]
    blind = shortcuts(train, thrice, ["a", "b"])["gc"]["auroc"]
    width = {name: s.high - s.low for name, s in (("a", alone), ("c", copies), ("b", blind))}
    assert width["c"] == pytest.approx(width["a"], rel=0.3)
    assert width["b"] < 0.75 * width["a"]


def test_training_records_are_needed():
    with pytest.raises(ValueError, match="training records"):
        shortcuts(lettered.examples([]), examples(noise, 0), ["a", "b"])

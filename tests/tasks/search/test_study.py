"""Trials that survive the processes which train them."""

import math
import os
from functools import partial
from pathlib import Path

import pytest
from msgspec.structs import replace
from started_processes import finished

from dnaseq.errors import ConfigError
from dnaseq.tasks.search import study as module
from dnaseq.tasks.search.locks import register_process
from dnaseq.tasks.search.space import space_of
from dnaseq.tasks.search.study import Rules, Study, build_pruner

SPACE = space_of(
    {
        "lr": {"float": [1e-4, 1e-1], "log": True},
        "encoding": {"choice": ["onehot", "kmer"]},
        "k": {"int": [3, 6], "when": {"encoding": "kmer"}},
    }
)
EPOCHS = 5
RULES = Rules(SPACE, {}, {"lr": 0.003, "encoding": "onehot"}, "min", "median", EPOCHS, seed=1)


def score(params: dict, epoch: int) -> float:
    far = abs(math.log10(params["lr"]) + 2)
    return far + (params["encoding"] == "onehot") + params.get("k", 0) / 10 + 1 / (epoch + 1)


class KilledError(Exception):
    pass


def train(folder: Path, limit: int, rules: Rules = RULES, killed_in: tuple[int, int] | None = None) -> Study:
    """All trials up to `limit`, as one process; it is killed in (trial, epoch)."""
    with register_process(folder) as process:
        study = Study(folder, rules, process)
        while claim := study.claim(limit):
            for epoch in range(claim.epochs, EPOCHS):
                if killed_in == (claim.number, epoch):
                    raise KilledError
                if claim.report(epoch, score(claim.params, epoch)):
                    break
            claim.finish(score(claim.params, EPOCHS - 1))
    return study


def told(study: Study) -> list:
    return [replace(record, seconds=0) for record in study.records()]


@pytest.fixture(scope="module")
def whole(memory) -> Study:
    """A sweep of 14 trials that nothing disturbed."""
    return train(memory / "whole", 14)


def test_killed_and_gone_on_with_is_the_same_as_never_killed(whole, folder):
    for at in ((0, 0), (3, 2), (12, 1)):
        with pytest.raises(KilledError):
            train(folder, 14, killed_in=at)
    assert told(train(folder, 14)) == told(whole)


def test_trials_are_counted_over_all_processes_and_none_is_left_running(folder):
    with register_process(folder) as a, register_process(folder) as b:
        one, other = Study(folder, RULES, a), Study(folder, RULES, b)
        claims = [one.claim(3), other.claim(3), one.claim(3)]
        assert [claim.number for claim in claims] == [0, 1, 2]
        assert other.claim(3) is None
        assert other.is_busy()
        for claim in claims:
            claim.finish(1.0)
        assert not one.is_busy()
    assert [record.state for record in one.records()] == ["complete"] * 3


def test_a_trial_of_a_living_process_is_not_taken_over(folder):
    with register_process(folder) as a, register_process(folder) as b:
        mine = Study(folder, RULES, a).claim(1)
        assert Study(folder, RULES, b).claim(1) is None
    with register_process(folder) as c:
        taken = Study(folder, RULES, c).claim(1)
    assert (taken.number, taken.params) == (mine.number, mine.params)


def test_a_trial_that_was_made_but_not_yet_claimed_is_taken_over(folder):
    """As after a kill between the two."""
    with register_process(folder) as a:
        study = Study(folder, RULES, a)
        study._study.ask()
        assert study.claim(1).number == 0


def test_a_trial_whose_process_always_dies_in_the_same_epoch_is_failed_in_the_end(folder, monkeypatch):
    monkeypatch.setattr(module, "MOST_STARTS", 2)
    for _ in range(3):  # the first of which came that far
        with pytest.raises(KilledError):
            train(folder, 1, killed_in=(0, 2))
    (record,) = train(folder, 1).records()
    assert (record.state, record.reason) == ("failed", "its process ended 2 times in epoch 3")


def test_the_first_trial_is_the_default_as_far_as_it_is_within_the_space(whole):
    first = whole.records()[0]
    assert first.params == {"lr": 0.003, "encoding": "onehot"}


def test_keys_depend_on_others(whole):
    for record in whole.records():
        assert ("k" in record.params) == (record.params["encoding"] == "kmer")


def test_what_is_worse_than_others_is_pruned_and_costs_fewer_epochs(whole):
    records = whole.records()
    pruned = [record for record in records if record.state == "pruned"]
    assert pruned
    assert all(3 <= record.epochs < EPOCHS for record in pruned)
    assert all(record.epochs == EPOCHS for record in records if record.state == "complete")


def test_no_pruning_if_so_chosen(folder):
    records = train(folder, 7, RULES._replace(pruner="none")).records()
    assert {record.state for record in records} == {"complete"}


def test_hyperband_prunes(folder):
    records = train(folder, 14, RULES._replace(pruner="hyperband")).records()
    assert {"pruned", "complete"} == {record.state for record in records}


def test_an_unknown_pruner_is_refused():
    with pytest.raises(ConfigError, match="median, hyperband, none"):
        build_pruner("best", 3)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_score_that_is_no_number_fails_the_trial(folder, value):
    with register_process(folder) as process:
        study = Study(folder, RULES, process)
        claim = study.claim(2)
        claim.report(0, math.nan)
        claim.finish(value)
        study.claim(2).finish(0.5)
        failed, complete = study.records()
    assert (failed.state, failed.value, failed.reason) == ("failed", None, f"its score is {value}")
    assert complete.value == 0.5


def test_the_search_ends_when_its_time_is_over_and_what_runs_is_stopped(folder, monkeypatch):
    now = [1000.0]
    monkeypatch.setattr(module.time, "time", lambda: now[0])
    with register_process(folder) as process:
        study = Study(folder, RULES, process)
        claim = study.claim(9, seconds=10)
        now[0] += 6
        assert not claim.report(0, 1.0)
        claim.finish(1.0)
        now[0] += 100  # in which nothing was trained: the program was not running
        claim = study.claim(9, seconds=10)
        now[0] += 3
        assert not claim.report(0, 1.0)
        now[0] += 2
        assert claim.report(1, 0.7)
        claim.finish(0.7)
        assert study.claim(9, seconds=10) is None
        record = study.records()[1]
    assert (record.state, record.value, record.reason) == ("pruned", 0.7, "time was over")
    assert record.seconds == pytest.approx(5)


def test_times_in_which_two_processes_train_count_once(folder, monkeypatch):
    now = [0.0]
    monkeypatch.setattr(module.time, "time", lambda: now[0])
    with register_process(folder) as a, register_process(folder) as b:
        one, other = Study(folder, RULES, a), Study(folder, RULES, b)
        claims = [one.claim(9, 10), other.claim(9, 10)]
        now[0] += 8
        for claim in claims:
            claim.finish(1.0)
        assert one.claim(9, 10) is not None


def test_importance_is_told_of_enough_trials(whole, folder):
    assert set(whole.importance()) == {"lr", "encoding", "k"}
    assert sum(whole.importance().values()) == pytest.approx(1)
    assert train(folder, 3).importance() == {}


def test_the_largest_is_best_where_that_is_meant(folder):
    with register_process(folder) as process:
        study = Study(folder, RULES._replace(direction="max"), process)
        claim = study.claim(1)
        for epoch, value in enumerate((0.7, 0.9, 0.8)):
            claim.report(epoch, value)
        claim.fail("for this test")
        assert study.records()[0].value == 0.9


def child(folder: Path) -> None:
    with register_process(folder) as process:
        rules = Rules(space_of({"x": {"float": [0, 1]}}), {}, {}, "min", "median", 3, 1)
        study = Study(folder, rules, process)
        while claim := study.claim(12):
            claim.report(0, claim.params["x"])
            claim.finish(claim.params["x"])


def test_two_processes_that_make_one_study_at_once_share_its_trials(folder):
    both = [partial(child, folder / "a {b}")] * 2
    ended = finished(both, [dict(os.environ)] * 2, folder)
    assert [code for code, *_ in ended] == [0, 0], ended
    rules = Rules(space_of({"x": {"float": [0, 1]}}), {}, {}, "min", "median", 3, 1)
    records = Study(folder / "a {b}", rules, "").records()
    assert [record.number for record in records] == list(range(12))
    assert {record.state for record in records} <= {"complete", "pruned"}
    assert len({record.params["x"] for record in records}) == 12

"""experiment=auto: the recipe that picks itself."""

import json

import pytest
from omegaconf import OmegaConf

from dnaseq.bundle.bundle import load_bundle
from dnaseq.errors import DivergedError
from dnaseq.evaluation.baselines.arrangement import Arrangement
from dnaseq.evaluation.comparison.searches import CandidateTrial
from dnaseq.tasks.main import run_task
from dnaseq.tasks.pipeline import recipe_search as search
from dnaseq.tasks.pipeline.recipe_search import Cost, affordable, rank_candidates

SMALL = (
    "trainer=cpu",
    "batch_size=16",
    "max_epochs=2",
    "experiment=auto",
    "auto.members=2",
)


@pytest.fixture(scope="module")
def penalties():
    """A recipe follows from how good linear models are: theirs are chosen, but from fewer."""
    return (10.0, 1.0, 0.03)


@pytest.fixture(scope="module")
def sided(tmp_path_factory, random_sequence):
    """Records of 30 bases with TATAAT at base 10 in class `at`, and anywhere else in class `off`."""
    folder = tmp_path_factory.mktemp("sided")
    for name, first, count in (("train", 0, 140), ("test", 1000, 30)):
        with (folder / f"{name}.fa").open("w") as handle:
            for i in range(first, first + count):
                at = 10 if i % 2 else (0, 3, 17, 22)[i // 2 % 4]
                around = random_sequence(30, i)
                label = "at" if i % 2 else "off"
                handle.write(f">r{i} label={label}\n{around[:at]}TATAAT{around[at + 6 :]}\n")
    return folder


def data_in(folder) -> tuple[str, ...]:
    return ("data=fasta", f"data.train={folder}/train.fa", f"data.test={folder}/test.fa")


@pytest.fixture
def data(sided):
    return data_in(sided)


@pytest.fixture(scope="module")
def of_a_user(sided, tmp_path_factory):
    """A run folder, whose model was searched for among those with what a user has set."""
    folder = tmp_path_factory.mktemp("set") / "found"
    settings = (*SMALL, *data_in(sided), "model=cnn", "strands=both")
    assert run_task("train", [*settings, f"run_dir={folder}"]) == 0
    return folder


@pytest.fixture
def untrained(monkeypatch):
    """A recipe is searched for, and then its training is stopped."""
    monkeypatch.setattr("dnaseq.tasks.pipeline.training_run.train_members", stop)


def stop(*_):
    raise KeyboardInterrupt


def test_the_search_is_written_down_and_its_winner_is_the_bundle(run, data, tmp_path):
    code, out, err = run("train", *SMALL, *data, "run_dir=found")
    assert code == 0, err
    found = json.loads((tmp_path / "found" / "search.json").read_text())
    assert found["found"] == "sites at fixed positions, on the strand that is given"
    assert {trial["candidate"] for trial in found["trials"]} == {"aligned", "aligned_fine"}
    best = min(found["trials"], key=lambda trial: trial["score"])
    assert found["winner"] == best["candidate"]
    assert found["recipe"]["model"]["_target_"].endswith("SequenceClassifier")
    assert (len(found["seeds"]), found["epochs"]) == (2, 2)
    assert not (tmp_path / "found" / "search").exists()
    assert "auto-onehot on fasta" in out
    page = (tmp_path / "found" / "report.html").read_text()
    assert f"records: {found['winner']}. Networks: {len(found['seeds'])}, epochs of each: " in page


def test_the_work_can_be_cut_short_by_minutes_and_the_ensemble_by_its_size(run, data, untrained, tmp_path):
    limits = ("auto.minutes=0.001", "ensemble=1", "batch_size=4")
    code, _, err = run("train", *SMALL, *data, "run_dir=found", *limits)
    assert code == 130, err
    found = json.loads((tmp_path / "found" / "search.json").read_text())
    assert (len(found["seeds"]), found["epochs"]) == (1, 1)


@pytest.mark.parametrize(
    ("arrangement", "left"),
    [
        (Arrangement(True, False, True), ["either"]),
        (Arrangement(True, False, False), ["one"]),
        (Arrangement(False, True, False), ["placed"]),
        (Arrangement(True, True, False), ["one", "placed"]),
    ],
)
def test_linear_models_say_which_candidates_fit(arrangement, left):
    pools = {"either": "Max", "one": "Max", "placed": "Flatten"}
    candidates = {
        name: OmegaConf.create(
            {"strands": "shared" if name == "either" else "one", "model": {"pool": {"_target_": pool}}}
        )
        for name, pool in pools.items()
    }
    assert list(search.choose_fitting(candidates, arrangement)) == left
    assert list(search.choose_fitting({"either": candidates["either"]}, arrangement)) == ["either"]


def test_what_the_user_sets_holds_for_every_candidate(of_a_user):
    found = json.loads((of_a_user / "search.json").read_text())
    assert "Convolution" in str(found["recipe"]["model"])
    assert "Recurrent" not in str(found["recipe"]["model"])
    assert load_bundle(of_a_user / "bundle").spec.strands == "both"


def test_a_run_that_goes_on_keeps_what_it_found(run, data, without_pages, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("dnaseq.tasks.pipeline.training_run.train_members", stop)
        assert run("train", *SMALL, *data, "run_dir=found")[0] == 130
    before = json.loads((tmp_path / "found" / "search.json").read_text())
    kept = tmp_path / "found" / "checkpoints" / "search.json"
    whole = kept.read_text()
    kept.write_text(whole.replace('"epochs": 2', '"epochs": 3'))
    code, _, err = run("train", "resume=found")
    assert code == 4
    assert "checkpoints/search.json: damaged" in err
    kept.write_text(whole)
    code, _, err = run("train", "resume=found")
    assert code == 0, err
    after = json.loads((tmp_path / "found" / "search.json").read_text())
    assert "linear model" in after.pop("blend")
    assert after == before


@pytest.mark.parametrize(
    ("wrong", "fix"),
    [
        ("auto.minutes=0", "auto.candidates must not be empty"),
        ("auto.members=0", "auto.members must be a whole number of at least 1"),
        ("auto.trial=0", "auto.candidates must not be empty"),
        ("auto.candidates=[]", "auto.candidates must not be empty"),
    ],
)
def test_a_search_of_nothing_is_refused(run, data, wrong, fix):
    code, _, err = run("train", *SMALL, *data, wrong)
    assert code == 2
    assert fix in err


def test_data_with_a_strand_are_searched_without_the_other_one(run, data, untrained, tmp_path):
    code, _, err = run("train", *SMALL, *data, "run_dir=found", "data.stranded=true")
    assert code == 130, err
    found = json.loads((tmp_path / "found" / "search.json").read_text())
    assert found["winner"] in {"aligned", "aligned_fine"}
    assert OmegaConf.load(tmp_path / "found" / "config.yaml").data.stranded is True


@pytest.mark.parametrize(
    ("seconds", "epochs", "batches"),
    [(100, 10, None), (35, 3, None), (19, 1, None), (5, 1, 50), (0.1, 1, 20), (-5, 1, 20)],
)
def test_a_training_takes_the_time_that_there_is(seconds, epochs, batches):
    cfg = OmegaConf.create({"max_epochs": 10, "trainer": {"limit_batches": None}})
    cost = Cost(seconds=0.1, steps=100)  # 10 seconds an epoch
    own = affordable(cfg, cost, seconds)
    assert (own.max_epochs, own.trainer.limit_batches) == (epochs, batches)
    assert cost.steps_of(own) == epochs * (batches or 100)


def test_fewer_batches_that_the_user_asks_for_stay():
    cfg = OmegaConf.create({"max_epochs": 10, "trainer": {"limit_batches": 3}})
    own = affordable(cfg, Cost(seconds=1.0, steps=100), 25)
    assert (own.max_epochs, own.trainer.limit_batches) == (8, 3)


def trial(candidate: str, score: float | None) -> CandidateTrial:
    return CandidateTrial(1, candidate, 3, 9, 0.5, score, 100)


def test_the_best_score_of_a_candidate_counts_whatever_the_round():
    trials = [trial("a", 0.4), trial("b", 0.2), trial("c", None), trial("b", 0.5), trial("a", 0.3)]
    assert rank_candidates(trials, "val/loss") == ["b", "a"]
    assert rank_candidates(trials, "val/auroc") == ["b", "a"]
    with pytest.raises(DivergedError, match="every candidate diverged"):
        rank_candidates([trial("c", None)], "val/loss")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("auto.candidates=[foo]",), "auto.candidates: foo"),
        (("auto.candidates=[unaligned]", "data.stranded=true"), "all of them read both strands"),
    ],
)
def test_a_search_that_cannot_be_is_refused_before_a_folder_is_made(run, data, tmp_path, more, said):
    code, _, err = run("train", *SMALL, *data, *more, "run_dir=found")
    assert code == 2
    assert said in err
    assert not (tmp_path / "found").exists()


def test_what_a_stopped_search_left_is_not_taken_for_a_trial(run, data, untrained, tmp_path, monkeypatch):
    original, calls = search.train, []

    def stopped_at_the_second(member):
        calls.append(member)
        if len(calls) == 2:
            raise KeyboardInterrupt
        original(member)

    with monkeypatch.context() as patch:
        patch.setattr(search, "train", stopped_at_the_second)
        assert run("train", *SMALL, *data, "run_dir=found")[0] == 130
    code, _, err = run("train", "resume=found")
    assert code == 130, err
    assert len(calls) == 2
    found = json.loads((tmp_path / "found" / "search.json").read_text())
    assert min(one["seconds"] / one["steps"] for one in found["trials"]) > 0.002


def test_the_bundle_says_that_its_model_was_searched_for(of_a_user):
    assert load_bundle(of_a_user / "bundle").spec.training.model == "auto"

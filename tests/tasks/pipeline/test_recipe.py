"""recipe=probe: what is found, what it sets, and what stays as it was set."""

import shutil

import pytest
import yaml

from dnaseq.io.results.run_files import read_object

SMALL = ("model=gru", "trainer=cpu", "model.encoder.hidden=4", "max_epochs=1")


def written(folder, name: str, random_sequence, make) -> None:
    """Records of two classes; make(sequence, label) puts in what tells them apart."""
    text = ""
    for i in range(200):
        label = i % 2
        text += (
            f">{name}{i} label={('no', 'yes')[label]}\n{make(random_sequence(60, f'{name}{i}'), label, i)}\n"
        )
    (folder / f"{name}.fa").write_text(text)


def at_one_place(sequence: str, label: int, i: int) -> str:
    return sequence[:30] + ("A" if label else "C") + sequence[31:]


def anywhere(sequence: str, label: int, i: int) -> str:
    at = i % 50
    site = ("GATTACAG" if i % 4 < 2 else "CTGTAATC") if label else "GTGTGTGT"
    return sequence[:at] + site + sequence[at + 8 :]


@pytest.fixture(scope="module")
def penalties():
    """A recipe follows from how good linear models are: theirs are chosen, but from fewer."""
    return (10.0, 1.0, 0.03)


@pytest.fixture
def untrained(monkeypatch):
    """What follows from settings and data is written, and then the training is stopped."""

    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("dnaseq.tasks.pipeline.training_run.train_members", stop)


@pytest.fixture
def data(tmp_path, random_sequence):
    """data(make) -> the settings that read such records."""

    def of(make) -> tuple[str, ...]:
        for name in ("train", "test"):
            written(tmp_path, name, random_sequence, make)
        return ("data=fasta", f"data.train={tmp_path}/train.fa", f"data.test={tmp_path}/test.fa")

    return of


def config(folder) -> dict:
    return yaml.safe_load((folder / "config.yaml").read_text())


def test_sites_at_one_place_get_weights_for_every_position(run, data, without_pages, tmp_path):
    code, _, err = run("train", *SMALL, *data(at_one_place), "run_dir=run")
    assert code == 0, err
    assert "recipe: sites at fixed positions, on the strand that is given" in err
    found = config(tmp_path / "run")
    assert found["model"]["pool"]["_target_"].endswith("Flatten")
    assert (found["strands"], found["augmentation"]["shift"]) == ("one", 0)
    assert found["model"]["encoder"] == {**found["model"]["encoder"], "cell": "gru", "hidden": 4}
    assert found["choices"]["schedule"] == "cosine"


@pytest.mark.parametrize(
    ("model", "kept"), [("attention", "AdditiveAttention"), ("dot_attention", "DotAttention")]
)
def test_a_model_named_after_its_attention_keeps_it_and_learns_where_to_look(
    run, data, untrained, tmp_path, model, kept
):
    assert run("train", *SMALL, *data(at_one_place), "run_dir=run", f"model={model}")[0] == 130
    pool = config(tmp_path / "run")["model"]["pool"]
    assert pool["_target_"].endswith(kept)
    assert pool["by_position"] is True


def test_sites_anywhere_get_the_maximum_and_the_report_says_why(run, data, tmp_path):
    code, _, err = run("train", *SMALL, *data(anywhere), "run_dir=run")
    assert code == 0, err
    found, recipe = config(tmp_path / "run"), read_object(tmp_path / "run" / "recipe.json")
    assert found["model"]["pool"]["_target_"].endswith("Max")
    assert found["max_epochs"] == 1  # as it was set
    assert recipe["kept"] == ["max_epochs=1"]
    assert not any(one.startswith("max_epochs") for one in recipe["settings"])
    page = (tmp_path / "run" / "report.html").read_text()
    assert recipe["found"] in page
    assert "What it decided" in page


@pytest.mark.parametrize(
    ("setting", "key", "value"),
    [
        ("strands=augment", "strands", "augment"),
        ("schedule=none", "schedule", "constant"),
        ("optimizer=sgd", "lr", None),
        ("augmentation.mutate=0.5", "mutate", 0.5),
        ("pool=mean", "pool", "Mean"),
        ("model.pool._target_=dnaseq.models.pool.Last", "pool", "Last"),
    ],
)
def test_what_is_set_wins(run, data, untrained, tmp_path, setting, key, value):
    assert run("train", *SMALL, *data(anywhere), "run_dir=run", setting)[0] == 130
    found = config(tmp_path / "run")
    seen = {
        "strands": found["strands"],
        "schedule": found["schedule"]["_target_"].rpartition(".")[2],
        "lr": None if found["optimizer"]["_target_"].endswith("SGD") else found["optimizer"]["lr"],
        "mutate": found["augmentation"]["mutate"],
        "pool": found["model"]["pool"]["_target_"].rpartition(".")[2],
    }
    assert seen[key] == value


def test_a_model_that_is_named_after_its_pool_keeps_it(run, data, untrained, tmp_path):
    assert run("train", *SMALL, "model=attention", *data(anywhere), "run_dir=run")[0] == 130
    assert config(tmp_path / "run")["model"]["pool"]["_target_"].endswith("AdditiveAttention")


@pytest.mark.parametrize("setting", ["recipe=none", "experiment=oriented"])
def test_without_a_recipe_the_files_of_conf_hold(run, data, untrained, tmp_path, setting):
    code, _, err = run("train", "trainer=debug", *data(anywhere), "run_dir=run", setting)
    assert code == 130, err
    assert (tmp_path / "run" / "config.yaml").exists()
    assert not (tmp_path / "run" / "recipe.json").exists()
    assert "recipe:" not in err


def test_a_run_goes_on_with_the_recipe_that_it_found(run, data, without_pages, tmp_path, monkeypatch):
    settings = ("trainer=debug", "model=gru", "model.encoder.hidden=4", "max_epochs=2", *data(anywhere))
    assert run("train", *settings, "run_dir=whole")[0] == 0
    shutil.copytree(tmp_path / "whole", tmp_path / "halved")
    (tmp_path / "halved" / "INCOMPLETE").touch()
    for name in ("scores.json", "predictions.test.tsv"):
        (tmp_path / "halved" / name).unlink()
    monkeypatch.setattr("dnaseq.tasks.pipeline.training_run.find_recipe", None)  # is not asked again
    code, _, err = run("train", "resume=halved")
    assert code == 0, err
    whole, halved = (read_object(tmp_path / name / "scores.json") for name in ("whole", "halved"))
    assert whole["metrics"] == halved["metrics"]


def test_a_run_folder_of_a_time_without_recipes_goes_on_without_one(run, data, without_pages, tmp_path):
    assert run("train", *SMALL, "recipe=none", *data(anywhere), "run_dir=old")[0] == 0
    plan = config(tmp_path / "old")
    del plan["recipe"], plan["pool"]
    (tmp_path / "old" / "config.yaml").write_text(yaml.safe_dump(plan, sort_keys=False))
    kept = tmp_path / "old" / "checkpoints" / "plan.json"
    kept.unlink()
    for name in ("scores.json", "bundle", "checkpoints"):
        path = tmp_path / "old" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    (tmp_path / "old" / "INCOMPLETE").touch()
    code, _, err = run("train", "resume=old")
    assert code == 0, err
    assert not (tmp_path / "old" / "recipe.json").exists()


def test_every_fold_has_a_recipe_of_its_own(run, data, without_pages, tmp_path):
    folds = ("split=kfold", "split.folds=2", "trainer=debug", "model=gru")
    code, _, err = run("train", *SMALL, *data(anywhere)[:2], *folds, "run_dir=run")
    assert code == 0, err
    assert [(tmp_path / "run/folds" / name / "recipe.json").exists() for name in ("01", "02")] == [True, True]


def test_a_sweep_looks_once_and_its_best_can_be_typed_again(run, data, without_pages, tmp_path):
    space = "++sweep.space={batch_size:{choice:[16,32]}}"
    settings = ("trainer=debug", "sweep.trials=2", "sweep.seeds=[1]", space, *data(anywhere))
    code, _, err = run("sweep", *SMALL, *settings, "run_dir=run")
    assert code == 0, err
    assert err.count("recipe: sites") == 1
    best = yaml.safe_load((tmp_path / "run" / "best.yaml").read_text())["overrides"]
    assert {"recipe=none", "pool=max", "schedule=cosine"} <= set(best)
    assert sum(one.startswith("batch_size") for one in best) <= 1
    assert run("sweep", "resume=run")[0] == 0


def test_labels_without_linear_models_are_trained_as_set_and_that_is_said(run, tmp_path, random_sequence):
    text = "".join(f">r{i} label={i % 7}.5\n{random_sequence(40, i)}\n" for i in range(120))
    (tmp_path / "train.fa").write_text(text)
    numbers = (
        "data=fasta",
        "data.train=train.fa",
        "task=regression",
        "loss=mse",
        "calibration=none",
        "split=random",
    )
    code, _, err = run("train", *SMALL, *numbers, "run_dir=run")
    assert code == 0, err
    assert "recipe: there is none for regression" in err


def test_a_wrong_name_is_refused(run, data):
    code, _, err = run("train", *SMALL, *data(anywhere), "recipe=probes")
    assert code == 2
    assert "recipe must be probe or none; got 'probes'" in err


def test_a_labeller_has_no_pool(run, data):
    code, _, err = run("train", "model=labeller_cnn", "pool=max", *data(anywhere))
    assert code == 2
    assert "pool: this model predicts every position" in err

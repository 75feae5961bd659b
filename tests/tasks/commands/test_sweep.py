"""dnaseq sweep: settings that are tried, the best of them retrained, and everything written down."""

import json
import shlex
import shutil
from pathlib import Path

import pytest
import yaml
from interruption import interrupted
from omegaconf import OmegaConf

from dnaseq.errors import DivergedError
from dnaseq.io.results.run_files import read_columns
from dnaseq.tasks.commands.sweep import settings_to_compare
from dnaseq.tasks.main import run_task
from dnaseq.tasks.search import trial as trial_run

QUICK = (
    "recipe=none",
    "model=gru",
    "trainer=cpu",
    "max_epochs=2",
    "sweep.trials=3",
    "sweep.seeds=1",
    "batch_size=32",
)
SMALL = "++sweep.space={model.encoder.hidden:{int:[2,8]},model.encoder.layers:{int:[1,2]}}"


def data_in(folder: Path) -> tuple[str, ...]:
    return ("data=fasta", f"data.train={folder}/train.fa", f"data.test={folder}/test.fa")


@pytest.fixture
def data(easy_fasta):
    return data_in(easy_fasta)


@pytest.fixture(scope="module")
def swept(easy_fasta, tmp_path_factory) -> Path:
    """The folder of a sweep that nothing disturbed."""
    folder = tmp_path_factory.mktemp("swept") / "sweep"
    assert run_task("sweep", [*QUICK, SMALL, *data_in(easy_fasta), f"run_dir={folder}"]) == 0
    return folder


@pytest.fixture(autouse=True)
def _without_pages(without_pages):
    """The pages are those of `swept`, which is made before."""


@pytest.fixture
def without_end(monkeypatch):
    """The trials alone: nothing is retrained."""
    monkeypatch.setattr("dnaseq.tasks.search.workers.retrain", lambda *_: None)


def trials(folder: Path) -> dict[str, list[str]]:
    return {name: cells for name, cells in read_columns(folder / "trials.tsv").items() if name != "seconds"}


def sweep_json(folder: Path) -> dict:
    return json.loads((folder / "sweep.json").read_text())


def test_the_folder_holds_what_was_tried_and_what_came_of_it(swept):
    table = read_columns(swept / "trials.tsv")
    assert list(table)[:5] == ["number", "state", "value", "epochs", "seconds"]
    assert table["number"] == ["0", "1", "2"]
    assert {"optimizer.lr", "model.encoder.hidden"} < set(table)
    assert "batch_size" not in table  # it was set
    assert sorted(p.name for p in (swept / "runs").iterdir()) == sorted(
        Path(final["folder"]).name for final in sweep_json(swept)["finals"]
    )
    assert (swept / "report.html").exists()
    assert not (swept / "INCOMPLETE").exists()
    assert not list(swept.glob("storage/trials/*/checkpoints"))


def test_the_first_trial_is_the_default_and_its_score_that_of_its_training(swept, run, data):
    first = sweep_json(swept)["trials"][0]
    assert first["params"]["optimizer.lr"] == 0.003
    assert run("train", *QUICK[:4], QUICK[6], *data, "run_dir=alone", *overrides_of(first))[0] == 0
    losses = [float(line.split(",")[2]) for line in Path("alone/history.csv").read_text().splitlines()[1:]]
    assert min(losses) == pytest.approx(first["value"], abs=1e-5)


def overrides_of(trial: dict) -> list[str]:
    return [f"{key}={value}" for key, value in trial["params"].items()]


def test_the_best_is_the_complete_trial_with_the_smallest_loss_and_can_be_passed_on(swept):
    told = sweep_json(swept)
    best = min((t for t in told["trials"] if t["state"] == "complete"), key=lambda t: t["value"])
    assert told["best"]["number"] == best["number"]
    assert told["best"]["overrides"] == overrides_of(best)
    text = (swept / "best.yaml").read_text()
    command = shlex.split(text.splitlines()[1].removeprefix("# "))
    assert command == ["dnaseq", "train", *yaml.safe_load(text)["overrides"]]
    assert {"model=gru", *told["best"]["overrides"]} < set(command)
    assert not any("sweep" in argument or argument.startswith("run_dir") for argument in command)


def test_the_best_is_passed_on_as_a_file(swept, run):
    code, out, err = run("train", f"@{swept}/best.yaml", "seed=7", "--cfg", "job")
    assert code == 0, err
    config = yaml.safe_load(out)
    best = sweep_json(swept)["best"]["params"]
    assert config["optimizer"]["lr"] == best["optimizer.lr"]
    assert (config["seed"], config["max_epochs"]) == (7, 2)


def test_the_best_and_the_default_are_compared_on_test_records(swept):
    told = json.loads((swept / "comparison/comparison.json").read_text())
    assert [model["name"] for model in told["models"]] == ["default", sweep_json(swept)["best"]["name"]]
    assert told["n"] == 32
    assert all(model["parameters"] > 0 and model["seconds"] > 0 for model in told["models"])


def test_the_page_shows_what_was_searched(swept):
    page = (swept / "report.html").read_text()
    assert "3 trials" in page
    assert page.count("<svg") >= 2
    assert "model.encoder.layers = 2" in page


def test_a_complete_sweep_is_left_as_it_is(swept, run, data):
    before = {p: p.stat().st_mtime_ns for p in swept.rglob("*") if p.is_file() and p.name != "lock"}
    code, out, err = run("sweep", *QUICK, SMALL, *data, f"run_dir={swept}")
    assert code == 0, err
    assert "nothing to resume" in err
    assert "default" in out
    assert {p: p.stat().st_mtime_ns for p in swept.rglob("*") if p.is_file() and p.name != "lock"} == before


@pytest.mark.parametrize(
    ("key", "line", "message"),
    [
        ("max_epochs", "max_epochs: 1", "config.yaml was changed: max_epochs: "),
        ("command", 'command: "dnaseq sweep \'x"', "config.yaml: command: No closing quotation"),
    ],
)
def test_a_configuration_that_was_changed_is_not_gone_on_with(swept, run, tmp_path, key, line, message):
    shutil.copytree(swept, tmp_path / "copy")
    path = tmp_path / "copy" / "config.yaml"
    plan = OmegaConf.load(path)
    plan.pop(key)
    path.write_text(OmegaConf.to_yaml(plan) + line + "\n")
    code, _, err = run("sweep", "resume=copy")
    assert (code, err.count("\n")) == (2, 1), err
    assert message in err


def test_trials_that_cannot_be_read_are_named(swept, run, tmp_path):
    shutil.copytree(swept, tmp_path / "copy")
    (tmp_path / "copy" / "sweep.json").unlink()
    (tmp_path / "copy" / "storage" / "study.db").write_bytes(b"garbage")
    code, _, err = run("sweep", "resume=copy")
    assert code == 5, err
    assert "study.db: cannot read or write the trials (file is not a database)" in err


def test_no_trial_depends_on_a_test_label(swept, run, easy_fasta, tmp_path, without_end):
    swapped = (easy_fasta / "test.fa").read_text().replace("label=rich", "label=x").replace("poor", "rich")
    (tmp_path / "test.fa").write_text(swapped.replace("label=x", "label=poor"))
    shutil.copy(easy_fasta / "train.fa", tmp_path)
    run("sweep", *QUICK, SMALL, *data_in(tmp_path), "run_dir=swapped")
    assert trials(tmp_path / "swapped") == trials(swept)


def test_stopped_and_gone_on_with_is_the_same_as_never_stopped(swept, run, easy_fasta, tmp_path, monkeypatch):
    """Ctrl-C in the first epoch of the second trial; by the same command, and by resume from another folder."""
    for name in ("train.fa", "test.fa"):
        shutil.copy(easy_fasta / name, tmp_path)
    data = data_in(".")
    epochs = []

    def is_third(_, trainer):
        epochs.append(trainer.current_epoch)
        return len(epochs) == 3

    with interrupted(is_third):
        code, _, err = run("sweep", *QUICK, SMALL, *data, "run_dir=halved")
    assert code == 130
    assert "resume with: dnaseq sweep resume=halved" in err
    assert (tmp_path / "halved/INCOMPLETE").exists()
    shutil.copytree("halved", "resumed")
    (tmp_path / "resumed/config.yaml").write_text(
        (tmp_path / "resumed/config.yaml").read_text().replace("run_dir=halved", "run_dir=resumed")
    )
    monkeypatch.setattr("dnaseq.tasks.search.workers.retrain", lambda *_: None)
    run("sweep", *QUICK, SMALL, *data, "run_dir=halved")
    assert trials(tmp_path / "halved") == trials(swept)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir("elsewhere")
    run("sweep", "resume=../resumed")
    assert trials(tmp_path / "resumed") == trials(swept)


def test_a_longer_sweep_goes_on_with_a_shorter_one(swept, run, data, tmp_path, without_end):
    shutil.copytree(swept, "longer")
    run("sweep", *QUICK, SMALL, *data, "run_dir=longer", "sweep.trials=4")
    longer, before = trials(tmp_path / "longer"), trials(swept)
    assert len(longer["number"]) == 4
    assert {name: cells[:3] for name, cells in longer.items()} == before


def test_other_settings_in_the_same_folder_are_refused(swept, run, data):
    code, _, err = run("sweep", *QUICK, SMALL, *data, f"run_dir={swept}", "patience=3")
    assert code == 2
    assert "is of a sweep with patience=8, not 3" in err


def test_other_data_in_the_same_folder_are_refused(swept, run, easy_fasta, tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    for name in ("train.fa", "test.fa"):
        shutil.copy(easy_fasta / name, tmp_path / "mine")
    monkeypatch.setattr("dnaseq.tasks.commands.sweep.settings_to_compare", lambda _: {})
    with (tmp_path / "mine/train.fa").open("a") as handle:
        handle.write(">more label=rich\nACGTACGTAACCGGTTACGTACGTACGTACGTACGTACGT\n")
    code, _, err = run("sweep", *QUICK, SMALL, *data_in(tmp_path / "mine"), f"run_dir={swept}")
    assert code == 2
    assert "the data have changed" in err


def test_two_sweeps_of_one_storage_share_its_trials(run, data, tmp_path, without_end):
    shared = ("sweep.storage=both", *QUICK, SMALL, *data)
    run("sweep", *shared, "run_dir=a", "sweep.trials=2")
    run("sweep", *shared, "run_dir=b", "sweep.trials=3")
    assert trials(tmp_path / "b")["number"] == ["0", "1", "2"]
    assert {name: cells[:2] for name, cells in trials(tmp_path / "b").items()} == trials(tmp_path / "a")


def test_a_trial_that_fails_does_not_stop_the_others(run, data, tmp_path, monkeypatch):
    original, count = trial_run.train, []

    def fails(member):
        count.append(member)
        if len(count) == 1:
            raise DivergedError("training diverged in epoch 1: the validation loss is nan")
        if len(count) == 2:
            raise RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")
        original(member)

    monkeypatch.setattr(trial_run, "train", fails)
    code, out, err = run("sweep", *QUICK, SMALL, *data, "run_dir=a")
    assert code == 7
    assert err.splitlines()[-1] == "dnaseq sweep: 2 of 3 trials failed; a/trials.tsv says why"
    table = trials(tmp_path / "a")
    assert table["state"][:2] == ["failed", "failed"]
    assert "failed" not in table["state"][2:]
    assert "diverged in epoch 1" in table["reason"][0]
    assert table["reason"][1] == "out of memory"
    assert "2 failed" in out


def test_a_bug_is_no_failed_trial(run, data, monkeypatch):
    def broken(_):
        raise TypeError("a bug")

    monkeypatch.setattr(trial_run, "train", broken)
    with pytest.raises(TypeError, match="a bug"):
        run("sweep", *QUICK, SMALL, *data, "run_dir=a")


def test_a_full_disk_is_no_failed_trial_either_and_the_sweep_goes_on_where_it_was(
    run, data, tmp_path, monkeypatch, without_end
):
    def full(_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(trial_run, "train", full)
        code, _, err = run("sweep", *QUICK, SMALL, *data, "run_dir=a", "sweep.trials=1")
    assert code == 5
    assert "No space left" in err
    run("sweep", *QUICK, SMALL, *data, "run_dir=a", "sweep.trials=1")
    assert trials(tmp_path / "a")["state"] == ["complete"]


def test_where_every_trial_fails_nothing_is_retrained(run, data, tmp_path):
    fixed = ("optimizer.lr=1e30", "trainer.clip=null", "sweep.trials=2", "model=rnn")
    code, out, err = run("sweep", QUICK[0], *QUICK[2:4], *data, "run_dir=a", *fixed)
    assert code == 7
    assert "no trial could be trained to a score (2 failed)" in err
    assert trials(tmp_path / "a")["state"] == ["failed", "failed"]
    assert not (tmp_path / "a/runs").exists()
    assert "2 failed" in out


def test_a_score_that_is_not_defined_fails_its_trial(run, data, tmp_path, monkeypatch):
    monkeypatch.setattr(trial_run, "best_value", lambda *_: float("nan"))
    assert run("sweep", *QUICK, SMALL, *data, "run_dir=a", "sweep.trials=1")[0] == 7
    assert trials(tmp_path / "a")["reason"] == ["its score is nan"]


def test_a_run_of_the_end_that_fails_has_its_row(run, data, tmp_path, monkeypatch):
    from dnaseq.tasks.search import final_runs

    original = final_runs.train_once

    def fails(folder, *more, **options):
        if folder.name.startswith("trial"):
            raise DivergedError("training diverged in epoch 1")
        return original(folder, *more, **options)

    monkeypatch.setattr(final_runs, "train_once", fails)
    monkeypatch.setattr(final_runs, "best_name", lambda plan, best: "trial 9")
    code, out, err = run("sweep", *QUICK, SMALL, *data, "run_dir=a", "sweep.trials=1")
    assert code == 7
    assert "1 of 2 runs failed" in err
    assert "trial 9, seed 1  failed: training diverged in epoch 1" in out


def test_a_time_that_is_over_ends_the_search(run, data, tmp_path, without_end):
    run("sweep", *QUICK, SMALL, *data, "run_dir=a", "sweep.trials=50", "sweep.minutes=0.001")
    table = trials(tmp_path / "a")
    assert len(table["number"]) == 1
    assert table["reason"] == ["time was over"]
    assert sweep_json(tmp_path / "a")["best"]["number"] == 0


def test_a_task_that_no_test_compares_ends_with_a_table_of_its_seeds(run, tmp_path, random_sequence):
    for name, count in (("train", 60), ("test", 30)):
        lines = [
            f">{name}{i} label={i % 7}.5\n{random_sequence(30, i + len(name) * 1000)}\n" for i in range(count)
        ]
        (tmp_path / f"{name}.fa").write_text("".join(lines))
    more = ("task=regression", *data_in(tmp_path), "sweep.trials=1", "sweep.seeds=[1,2]", "run_dir=a")
    code, out, err = run("sweep", *QUICK[:3], "max_epochs=1", SMALL, *more)
    assert code == 0, err
    assert sweep_json(tmp_path / "a")["comparison"] is None
    assert "pearson" in out.lower()
    assert "default" in out


def test_a_folder_is_replaced_only_if_asked_for(swept, run, data, tmp_path, without_end):
    shutil.copytree(swept, "old")
    run("sweep", *QUICK, SMALL, *data, "run_dir=old", "patience=3", "overwrite=true", "sweep.trials=1")
    assert trials(tmp_path / "old")["number"] == ["0"]
    assert [p.name for p in tmp_path.iterdir()] == ["old"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("")
    assert run("sweep", *QUICK, SMALL, *data, "run_dir=mine")[0] == 2
    assert run("sweep", *QUICK, SMALL, *data, "run_dir=mine", "overwrite=true")[0] == 2


def test_a_sweep_from_before_leaks_had_auto_is_the_same_sweep():
    now, then = (settings_to_compare(OmegaConf.create({"leaks": one})) for one in ("auto", "drop"))
    assert now == then


def test_one_number_is_one_seed(swept):
    assert sweep_json(swept)["limits"]["seeds"] == [1]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("sweep.trials=0", "sweep.trials must be"),
        ("sweep.minutes=-1", "sweep.minutes must be"),
        ("sweep.workers=0", "sweep.workers must be"),
        ("sweep.seeds=[1,1]", "sweep.seeds must be"),
        ("sweep.seeds=true", "sweep.seeds must be"),
        ("sweep.pruner=best", "sweep.pruner must be"),
        ("experiment=auto", "a search of its own"),
        ("split=kfold", "one validation part"),
        ("trainer=ddp_cpu", "on one device"),
        ("monitor=val/pearson", "is not measured"),
        ("++sweep.space={seed:{int:[1,9]}}", "seed cannot be searched"),
        ("++sweep.space={loss:{choice:[cross_entropy,focal]}}", "losses cannot be compared by val/loss"),
        ("++sweep.space={data.length:{int:[1,9]}}", "data.length cannot be searched"),
        ("++sweep.space={model.encoder.hiden:{int:[1,9]}}", "model.encoder.hiden: no such key"),
        ("++sweep.space={schedule:{choice:[none,cosin]}}", "Did you mean cosine"),
        ("++sweep.space={model.encoder.hidden:{int:[9,1]}}", "LOW below HIGH"),
        ("resume=", "stands alone"),
    ],
)
def test_what_cannot_be_swept_is_refused_before_a_folder_is_made(run, data, tmp_path, wrong, message):
    code, _, err = run("sweep", *QUICK, *data, "run_dir=a", wrong)
    assert code == 2, err
    assert message in err
    assert not list(tmp_path.iterdir())


def test_a_folder_of_something_else_is_not_gone_on_with(run, trained):
    code, _, err = run("sweep", f"resume={trained}")
    assert code == 2
    assert "not of a sweep" in err


def test_a_sweep_that_torchrun_starts_is_refused(run, monkeypatch):
    names = ("TORCHELASTIC_RUN_ID", "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")
    for name, value in zip(names, ("none", "0", "2", "0", "2"), strict=True):
        monkeypatch.setenv(name, value)
    code, _, err = run("sweep", "data=enhancers")
    assert code == 2
    assert "Start it once, with sweep.workers=N or engine=ray" in err

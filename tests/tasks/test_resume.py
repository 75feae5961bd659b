"""A training that was stopped goes on as if it had not been."""

import csv
import json
import shutil
from collections.abc import Callable
from functools import partial
from random import Random

import pytest
import torch
import yaml
from interruption import interrupted

from dnaseq.errors import ModelFileError
from dnaseq.io.results.run_files import write_sealed
from dnaseq.tasks.main import run_task
from dnaseq.tasks.pipeline import trainer_setup
from dnaseq.training.checkpoints import read_checkpoint

SMALL = ("model=lstm", "model.encoder.hidden=8", "model.encoder.layers=2", "model.encoder.dropout=0.3")
QUICK = ("recipe=none", "trainer=cpu", "batch_size=16", "max_epochs=4", "patience=4", "optimizer.lr=0.02")


@pytest.fixture
def data(easy_fasta):
    return ("data=fasta", f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa")


@pytest.fixture(autouse=True)
def _without_pages(without_pages):
    """None of these tests looks at a report."""


@pytest.fixture
def ended(run, data):
    """ended(when, "run", "ensemble=2"): a training that is interrupted at the end of an epoch."""

    def begin(when: Callable, name: str, *more: str) -> None:
        with interrupted(when):
            options = [one for one in more if one.startswith("--")]  # which come first
            rest = [one for one in more if one not in options]
            code, _, err = run("train", *options, *SMALL, *data, *QUICK, f"run_dir={name}", *rest)
            assert code == 130, err
            assert err.count("resume with: ") == err.count(f"resume with: dnaseq train resume={name}\n") == 1

    return begin


@pytest.fixture
def stopped(ended):
    """stopped("run", "schedule=cosine"): a training that Ctrl-C ends in its third epoch."""
    return partial(ended, lambda _, trainer: trainer.current_epoch == 2)


@pytest.mark.parametrize(
    "more", [("recipe=probe",), ("schedule=cosine",), ("schedule=plateau", "schedule.patience=0")]
)
def test_a_resumed_training_ends_with_the_same_bytes(run, data, stopped, tmp_path, more):
    assert run("train", *SMALL, *data, *QUICK, "run_dir=whole", *more)[0] == 0
    stopped("halved", *more)
    code, out, err = run("train", "resume=halved")
    assert code == 0, err
    assert "AUROC" in out
    weights = [
        (tmp_path / name / "bundle" / "model.safetensors").read_bytes() for name in ("whole", "halved")
    ]
    assert weights[0] == weights[1]


def test_history_of_a_resumed_training_has_every_epoch_once(run, stopped, tmp_path):
    stopped("halved")
    run("train", "resume=halved")
    with (tmp_path / "halved" / "history.csv").open() as handle:
        assert [row["epoch"] for row in csv.DictReader(handle)] == ["1", "2", "3", "4"]
    assert not (tmp_path / "halved" / "INCOMPLETE").exists()


def test_a_complete_run_is_left_as_it_is(run, trained):
    before = {p: p.stat().st_mtime_ns for p in trained.rglob("*")}
    code, _, err = run("train", f"resume={trained}")
    assert code == 0
    assert "nothing to resume" in err
    assert {p: p.stat().st_mtime_ns for p in trained.rglob("*")} == before


def test_changed_data_are_refused_and_what_changed_is_told(run, begun, easy_fasta, tmp_path):
    text = (easy_fasta / "train.fa").read_text()
    (tmp_path / "mine.fa").write_text(text)
    begun("halved", "data.train=mine.fa")
    (tmp_path / "mine.fa").write_text(text + ">more label=rich\nACGTACGTAACCGGTTACGTACGTACGTACGTACGTACGT\n")
    code, _, err = run("train", "resume=halved")
    assert code == 2
    assert (
        "the data have changed since the run began: records.train.rich: 43 when the run began, 44 now" in err
    )


def test_letters_that_have_changed_places_are_refused(run, begun, easy_fasta, tmp_path):
    """Every count is as before."""
    text = (easy_fasta / "train.fa").read_text()
    (tmp_path / "mine.fa").write_text(text)
    begun("halved", "data.train=mine.fa")
    first = text.splitlines()[1]
    (tmp_path / "mine.fa").write_text(text.replace(first, first[::-1]))
    code, _, err = run("train", "resume=halved")
    assert code == 2
    assert "files_sha256.train" in err


@pytest.fixture
def begun(ended):
    """begun("run", "ensemble=2"): a training that Ctrl-C ends after its first epoch."""

    return partial(ended, lambda *_: True)


def test_a_training_that_a_full_disk_ended_goes_on(run, data, halted, tmp_path, monkeypatch):
    save, saves = torch.save, []

    def full(*arguments):
        saves.append(1)
        if len(saves) == 6:  # last.ckpt of the third epoch
            raise OSError(28, "No space left on device")
        save(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(torch, "save", full)
        code, _, err = run("train", *SMALL, *data, *QUICK, "run_dir=full disk")
    assert code == 5
    assert "resume with: dnaseq train 'resume=full disk'\n" in err
    assert run("train", "resume=full disk")[0] == 0
    assert outcome(tmp_path / "full disk") == halted[1]


@pytest.mark.parametrize("more", ["split=kfold", "ensemble=2", "experiment=auto"])
def test_a_configuration_that_was_changed_is_refused(run, begun, tmp_path, more):
    given = ("data.test=null",) if more == "split=kfold" else ()
    begun("halved", more, *given)
    path = tmp_path / "halved" / "config.yaml"
    path.write_text(path.read_text().replace("batch_size: 16", "batch_size: 32"))
    code, _, err = run("train", "resume=halved")
    assert code == 2
    assert "config.yaml was changed: batch_size: 16 when the run began, 32 now. Put it back" in err


@pytest.mark.parametrize("more", [("max_epochs=9",), ("model=gru",)])
def test_nothing_else_can_be_set(run, trained, more):
    code, _, err = run("train", f"resume={trained}", *more)
    assert code == 2
    key = more[0].partition("=")[0]
    assert f"only new places of its files can be given, as data.train=FILE, not {key}" in err


def test_an_empty_name_starts_nothing(run, tmp_path):
    assert run("train", "resume=")[0] == 2
    assert list(tmp_path.iterdir()) == []


def test_a_training_that_had_ended_is_not_trained_further(run, data, trained, tmp_path):
    assert run("train", *SMALL, *data, *QUICK, "run_dir=a")[0] == 0
    weights = (tmp_path / "a" / "bundle" / "model.safetensors").read_bytes()
    (tmp_path / "a" / "scores.json").unlink()
    (tmp_path / "a" / "INCOMPLETE").write_text("stopped while it was judged")
    assert run("train", "resume=a")[0] == 0
    assert (tmp_path / "a" / "bundle" / "model.safetensors").read_bytes() == weights
    assert len((tmp_path / "a" / "history.csv").read_text().splitlines()) == 5


@pytest.fixture(scope="module")
def halted(easy_fasta, tmp_path_factory):
    """A run folder that Ctrl-C left in its third epoch, and the weights and the history of one that nothing stopped."""
    folder = tmp_path_factory.mktemp("halted")
    data = ("data=fasta", f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa")
    command = (*SMALL, *data, *QUICK)
    assert run_task("train", [*command, f"run_dir={folder}/whole"]) == 0
    with interrupted(lambda _, trainer: trainer.current_epoch == 2):
        assert run_task("train", [*command, f"run_dir={folder}/halted"]) == 130
    return folder / "halted", outcome(folder / "whole")


def outcome(folder):
    """The bytes of the weights, and the history without its seconds."""
    with (folder / "history.csv").open() as handle:
        rows = [{**row, "seconds": None} for row in csv.DictReader(handle)]
    return (folder / "bundle" / "model.safetensors").read_bytes(), rows


@pytest.fixture
def copied(halted, tmp_path):
    """A copy of the halted run folder."""
    return shutil.copytree(halted[0], tmp_path / "copied")


def test_a_run_folder_may_be_copied_or_renamed(run, copied, halted):
    code, _, err = run("train", "resume=copied")
    assert code == 0, err
    assert outcome(copied) == halted[1]
    assert outcome(halted[0].parent / "whole") == halted[1]


def test_a_run_of_an_earlier_version_goes_on(run, copied, halted, monkeypatch):
    """It did not know some keys, and its checkpoints have another key."""
    plan = yaml.safe_load((copied / "config.yaml").read_text())
    del plan["started_in"], plan["data"]["id"], plan["data"]["labels_extra"]
    (copied / "config.yaml").write_text(yaml.safe_dump(plan, sort_keys=False))
    write_sealed(copied / "checkpoints" / "plan.json", plan)
    monkeypatch.setattr(trainer_setup, "PLACES", ())
    code, _, err = run("train", "resume=copied")
    assert code == 0, err
    assert outcome(copied) == halted[1]


def flip(path, random):
    whole = bytearray(path.read_bytes())
    whole[random.randrange(len(whole))] ^= 1 << random.randrange(8)
    path.write_bytes(whole)


def cut(path, random):
    path.write_bytes(path.read_bytes()[: random.randrange(path.stat().st_size)])


def assert_never_other_weights(run, folder, halted, names) -> None:
    """Go on with a run folder whose checkpoints `names` are damaged or gone."""
    code, _, err = run("train", f"resume={folder}")
    assert (code == 4 and names[0] in err) or (code == 0 and outcome(folder) == halted[1]), err
    assert "Traceback" not in err


def test_a_damaged_checkpoint_gives_way_to_the_one_before(run, copied, halted):
    flip(copied / "checkpoints" / "last.ckpt", Random(1))
    (copied / "history.csv").unlink()  # which the checkpoints hold as well
    code, _, err = run("train", "resume=copied")
    assert code == 0, err
    assert "last.ckpt: damaged" in err
    assert "Resuming from copied/checkpoints/previous.ckpt" in err
    assert outcome(copied) == halted[1]


def test_where_both_are_damaged_the_newer_one_is_named(run, copied):
    for name in ("last.ckpt", "previous.ckpt"):
        cut(copied / "checkpoints" / name, Random(1))
    code, _, err = run("train", "resume=copied")
    assert code == 4
    assert "copied/checkpoints/last.ckpt: damaged" in err
    assert "Remove copied/checkpoints/*.ckpt to train from the start" in err


def test_a_checkpoint_of_a_training_with_other_settings_is_refused(run, data, copied, trained):
    for name in ("last.ckpt", "previous.ckpt"):
        shutil.copy(trained / "checkpoints" / "last.ckpt", copied / "checkpoints" / name)
    code, _, err = run("train", "resume=copied")
    assert code == 4
    assert "last.ckpt: of another training" in err


@pytest.mark.slow
@pytest.mark.parametrize("name", ["last.ckpt", "best.ckpt", "previous.ckpt"])
def test_no_damaged_checkpoint_of_a_training_is_read(copied, name):
    path = copied / "checkpoints" / name
    whole = path.read_bytes()
    for seed in range(200):
        for harm in (flip, cut):
            path.write_bytes(whole)
            harm(path, Random(seed))
            with pytest.raises(ModelFileError, match="damaged"):
                read_checkpoint(path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("harm", [flip, cut, lambda path, random: path.unlink()])
def test_no_damage_to_checkpoints_leads_to_other_weights(run, copied, halted, seed, harm):
    random = Random(seed)
    names = random.sample(["last.ckpt", "best.ckpt", "previous.ckpt"], k=random.choice([1, 1, 2]))
    for name in names:
        harm(copied / "checkpoints" / name, random)
    assert_never_other_weights(
        run, copied, halted, sorted(names, key=["last.ckpt", "best.ckpt", "previous.ckpt"].index)
    )


@pytest.mark.parametrize("text", ["[1, 2]", "a: [", "batch_size: 3\nchoices: {}"])
def test_a_damaged_configuration_is_named(run, tmp_path, text):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "config.yaml").write_text(text)
    code, _, err = run("train", "resume=a")
    assert code == 2
    assert "config.yaml" in err


def test_a_choice_that_is_not_there_is_named(run, begun, tmp_path):
    begun("begun")
    path = tmp_path / "begun" / "config.yaml"
    path.write_text(path.read_text().replace("  encoding: onehot", "  encoding: nope"))
    code, _, err = run("train", "resume=begun")
    assert (code, err.count("\n")) == (2, 1)
    assert "encoding=nope: no such choice" in err


def test_a_folder_that_is_no_run_is_named(run, tmp_path):
    (tmp_path / "empty").mkdir()
    code, _, err = run("train", "resume=empty")
    assert code == 5
    assert "not a run folder" in err


def test_the_configuration_of_a_run_can_be_read_again(trained):
    text = (trained / "config.yaml").read_text()
    assert "model: gru" in text
    assert "${" not in text
    assert json.loads((trained / "scores.json").read_text())["model"] == "gru-onehot"


@pytest.fixture
def elsewhere(easy_fasta, tmp_path, stopped, monkeypatch):
    """elsewhere(*more): a training that was stopped in the folder a, and the current folder is b beside it."""

    def begin(*more: str) -> None:
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
        shutil.copy(easy_fasta / "train.fa", tmp_path / "a")
        monkeypatch.chdir(tmp_path / "a")
        stopped("run", "data.train=train.fa", "data.test=null", *more)
        monkeypatch.chdir(tmp_path / "b")

    return begin


@pytest.mark.parametrize("more", [(), ("split=kfold", "split.folds=2")])
def test_a_run_resumes_from_another_folder(run, elsewhere, tmp_path, more):
    elsewhere(*more)
    code, _, err = run("train", "resume=../a/run")
    assert code == 0, err
    assert not list((tmp_path / "b").iterdir())


@pytest.mark.parametrize("more", [(), ("split=kfold", "split.folds=2")])
def test_a_run_that_was_moved_is_told_the_new_place_of_its_files(run, elsewhere, tmp_path, more):
    elsewhere(*more)
    (tmp_path / "a").rename(tmp_path / "c")
    (tmp_path / "c" / "train.fa").rename(tmp_path / "c" / "new.fa")
    code, _, err = run("train", "resume=../c/run")
    assert code == 5
    what = (
        f"train.fa: does not exist in {tmp_path}/a, where the run was started, nor here. Give its new place:"
    )
    assert f"{what} dnaseq train resume=../c/run data.train=FILE" in err
    code, _, err = run("train", "resume=../c/run", "data.train=../c/new.fa")
    assert code == 0, err


def test_a_file_in_the_new_place_must_be_the_same(run, elsewhere, easy_fasta):
    elsewhere()
    code, _, err = run("train", "resume=../a/run", f"data.train={easy_fasta}/test.fa")
    assert code == 2
    assert "the data have changed since the run began" in err


def test_only_files_of_the_run_can_have_moved(run, elsewhere):
    elsewhere()
    code, _, err = run("train", "resume=../a/run", "data.val=x.fa")
    assert (code, "the run has no data.val, so it cannot have moved" in err) == (2, True)


def test_choices_of_ones_own_are_kept_for_a_resume(run, data, tmp_path, stopped):
    (tmp_path / "own" / "model").mkdir(parents=True)
    (tmp_path / "own" / "model" / "mine.yaml").write_text("defaults: [lstm]\n")
    given = ("--config-dir=own", *SMALL, *data, *QUICK, "run_dir=whole", "model=mine")
    assert run("train", *given)[0] == 0
    stopped("halved", "--config-dir=own", "model=mine")
    code, _, err = run("train", "resume=halved")
    assert code == 0, err
    for name in ("whole", "halved"):
        config = " ".join((tmp_path / name / "config.yaml").read_text().split())
        assert f"command: dnaseq train --config-dir {tmp_path}/own model=" in config

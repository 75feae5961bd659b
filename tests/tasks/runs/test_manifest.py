"""What a run folder says of itself, and whether it is still true when the run goes on."""

import pytest
from omegaconf import OmegaConf

from dnaseq.errors import ConfigError, DnaseqError, ModelFileError
from dnaseq.tasks.runs.manifest import KEPT, check_same_plan, configuration, keep_plan, write_config

CFG = {
    "model": {"hidden": 8},
    "monitor": "val/loss",
    "seed": 1,
    "optimizer": {"lr": 0.001},
    "data": {"train": "a.fa"},
}


@pytest.fixture
def folder(tmp_path):
    write_config(tmp_path, OmegaConf.create(CFG), {"model": "gru"}, "dnaseq train model=gru")
    keep_plan(tmp_path)
    return tmp_path


def edited(folder, old: str, new: str) -> None:
    path = folder / "config.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_plan_that_nobody_changed_is_the_same(folder):
    check_same_plan(folder)
    (folder / "config.yaml").write_text("# a note\n" + (folder / "config.yaml").read_text())
    check_same_plan(folder)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("lr: 0.001", "lr: 0.01", "optimizer.lr: 0.001 when the run began, 0.01 now"),
        ("monitor: val/loss\n", "", "monitor: val/loss when the run began, absent now"),
        ("seed: 1\n", "seed: 1\nnew: 2\n", "new: absent when the run began, 2 now"),
        ("hidden: 8\n", "hidden: '8'\n", "model.hidden: 8 when the run began, 8 now"),
        ("train: a.fa", "train: b.fa", "data.train: a.fa when the run began, b.fa now"),
        ("model: gru", "model: lstm", "choices.model: gru when the run began, lstm now"),
        ("train model=gru", "train model=lstm", "command: dnaseq train model=gru when the run began"),
    ],
)
def test_what_was_changed_is_told(folder, old, new, told):
    edited(folder, old, new)
    with pytest.raises(ConfigError, match="Put it back, or start a new run") as caught:
        check_same_plan(folder)
    assert told in str(caught.value)


@pytest.mark.parametrize("reference", ["${oc.env:HOME}", "${seed}", r"\\${seed}", "a ${oc.env:HOME} b", "${"])
def test_a_reference_is_refused_without_its_value(folder, monkeypatch, reference):
    monkeypatch.setenv("HOME", "secret")
    edited(folder, "train: a.fa", f"train: '{reference}'")
    with pytest.raises(ConfigError, match=r"data\.train: a reference") as caught:
        configuration(folder)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("typed", ["${oc.env:HOME}", r"a\${b}", r"\\${c} ${d}"])
def test_what_looks_like_a_reference_stands_for_itself(tmp_path, typed):
    cfg = OmegaConf.create({"seed": 1, "name": typed.replace("\\", "\\\\").replace("${", r"\${")})
    write_config(tmp_path, cfg, {}, f"dnaseq train data.train={typed}")
    plan = configuration(tmp_path)
    assert plan.command == f"dnaseq train data.train={typed}"
    assert plan.name == cfg.name


def test_a_damaged_copy_of_the_plan_is_named(folder):
    (folder / KEPT).write_text((folder / KEPT).read_text().replace("0.001", "0.01"))
    with pytest.raises(ModelFileError, match=r"plan\.json: damaged"):
        check_same_plan(folder)


@pytest.mark.parametrize("name", ["checkpoints/last.ckpt", "members/01", "folds/01", "bundle"])
def test_a_run_without_a_copy_goes_on_only_where_nothing_is_trained_yet(folder, name):
    (folder / KEPT).unlink()
    check_same_plan(folder)
    (folder / name).mkdir(parents=True)
    with pytest.raises(DnaseqError, match="Start a new run"):
        check_same_plan(folder)

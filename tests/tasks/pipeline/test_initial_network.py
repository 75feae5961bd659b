"""Trainings that begin with the network of a bundle."""

import csv
import json
import shutil

import pytest
import yaml
from interruption import interrupted
from msgspec.structs import replace
from safetensors.torch import load_file

from dnaseq.build import build
from dnaseq.bundle.bundle import load_bundle, save_bundle
from dnaseq.tasks.main import run_task

TUNED = ("recipe=none", "trainer=cpu", "batch_size=16", "max_epochs=2", "calibration=none")


@pytest.fixture(scope="module")
def others(tmp_path_factory, random_sequence):
    """Train and test FASTA of three other classes and another length: 60 and 24 records of 50 bases."""
    folder = tmp_path_factory.mktemp("others")
    for name, first, count in (("train", 3000, 60), ("test", 4000, 24)):
        lines = [
            f">r{i} label={'xyz'[i % 3]}\n{random_sequence(50, i, ('AT', 'GC', 'ACGT')[i % 3] * 2)}\n"
            for i in range(first, first + count)
        ]
        (folder / f"{name}.fa").write_text("".join(lines))
    return folder


@pytest.fixture
def data(others):
    return ("data=fasta", f"data.train={others}/train.fa", f"data.test={others}/test.fa")


@pytest.fixture(scope="module")
def labeller(easy_fasta, tmp_path_factory):
    """The run folder of a small network that labels each base strong or weak."""
    folder = tmp_path_factory.mktemp("labeller")
    for part in ("train", "test"):
        records = [one.split("\n") for one in (easy_fasta / f"{part}.fa").read_text().split(">")[1:]]
        labels = str.maketrans("ACGT", "WSSW")
        lines = [
            f">{head.split()[0]} label={letters.translate(labels)}\n{letters}\n"
            for head, letters, _ in records
        ]
        (folder / f"{part}.fa").write_text("".join(lines))
    data = ("data=fasta", f"data.train={folder}/train.fa", f"data.test={folder}/test.fa")
    kind = ("task=labelling", "model=labeller_bilstm", "model.encoder.hidden=4")
    assert run_task("train", [*TUNED, *kind, *data, f"run_dir={folder}/run"]) == 0
    return folder / "run"


@pytest.fixture
def numbers(others, tmp_path):
    """Overrides for the same records, with a number for each."""
    for part in ("train", "test"):
        records = [one.split("\n") for one in (others / f"{part}.fa").read_text().split(">")[1:]]
        lines = [f">{head.split()[0]} label={s.count('G') / 10}\n{s}\n" for head, s, _ in records]
        (tmp_path / f"{part}.fa").write_text("".join(lines))
    return ("data=fasta", "data.train=train.fa", "data.test=test.fa", "task=regression")


@pytest.fixture(autouse=True)
def _without_pages(without_pages):
    """No report is drawn but where a test asks for it."""


def weights_of(folder) -> dict:
    return load_file(folder / "bundle" / "model.safetensors")


def scores_of(folder) -> dict:
    return json.loads((folder / "scores.json").read_text())


def test_a_network_for_other_classes_and_lengths_begins_with_the_weights(run, data, trained, tmp_path):
    code, _, err = run(
        "train", *TUNED, *data, f"init={trained}", "freeze=encoder", "averaging=ema", "run_dir=b"
    )
    assert code == 0, err
    before, after = weights_of(trained), weights_of(tmp_path / "b")
    encoder = [name for name in before if name.startswith("encoder.")]
    assert encoder
    assert all(before[name].equal(after[name]) for name in encoder)
    assert len(after["head.classify.1.bias"]) == 3
    sha = json.loads((trained / "bundle" / "spec.json").read_text())["sha256"]["weights"]
    line = f"init: {trained.name}/bundle (SHA-256 {sha[:12]}): model gru, encoding onehot, strands=one; "
    assert f"{line}4 of 6 tensors are taken, 93% of the weights; new: head\n" in err
    assert err.count("init: ") == 1
    found = scores_of(tmp_path / "b")["init"]
    assert (found["sha256"], found["tensors"], found["of_tensors"]) == (sha, 4, 6)
    assert found["new"] == ["head"]
    assert found["parameters"] == sum(before[name].numel() for name in encoder)


def test_a_network_that_labels_bases_begins_one_for_records(run, data, labeller, tmp_path):
    code, _, err = run("train", *TUNED, *data, f"init={labeller}", "freeze=encoder", "run_dir=b")
    assert code == 0, err
    before, after = weights_of(labeller), weights_of(tmp_path / "b")
    encoder = [name for name in before if name.startswith("encoder.")]
    assert encoder
    assert all(before[name].equal(after[name]) for name in encoder)
    assert json.loads((tmp_path / "b" / "bundle" / "spec.json").read_text())["task"] == "multiclass"
    assert scores_of(tmp_path / "b")["classes"] == ["x", "y", "z"]


def test_a_network_of_classes_begins_one_of_numbers_and_that_one_of_classes(
    run, data, numbers, trained, tmp_path
):
    code, _, err = run("train", *TUNED, *numbers, f"init={trained}", "freeze=encoder", "run_dir=b")
    assert code == 0, err
    code, _, err = run("train", *TUNED, *data, "init=b", "freeze=encoder", "leaks=keep", "run_dir=c")
    assert code == 0, err
    assert "rmse" in scores_of(tmp_path / "b")["metrics"]
    assert "auroc" in scores_of(tmp_path / "c")["metrics"]
    first, *rest = (weights_of(folder) for folder in (trained, tmp_path / "b", tmp_path / "c"))
    name = "encoder.rnn.weight_hh_l0"
    assert all(one[name].equal(first[name]) for one in rest)
    assert [one["head.classify.1.bias"].shape[0] for one in rest] == [1, 3]


def test_without_its_weights_the_same_network_begins_at_random(run, data, trained, tmp_path):
    for name, value in (("with", "true"), ("without", "false")):
        options = ("optimizer.lr=1e-9", f"init={trained}", f"init_weights={value}", f"run_dir={name}")
        assert run("train", *TUNED, *data, *options)[0] == 0
    before = weights_of(trained)["encoder.rnn.weight_ih_l0"]
    own, random = (weights_of(tmp_path / name)["encoder.rnn.weight_ih_l0"] for name in ("with", "without"))
    assert own.allclose(before, atol=1e-6)
    assert not random.allclose(before, atol=0.1)
    init = scores_of(tmp_path / "without")["init"]
    assert (init["weights"], init["tensors"], init["files"]) == (False, 0, [])
    code, out, err = run("compare", "with", "without", "resamples=50", "run_dir=c")
    assert code == 0, err
    assert "gru-onehot init_weights=False" in out


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("model=lstm",), "model=lstm (it is gru)"),
        (("model=gru", "model.encoder.hidden=9"), "model.encoder.hidden=9 (it is 8)"),
        (("encoding=kmer",), "encoding=kmer (it is onehot)"),
        (("pool=max",), "pool, as the network has its pool"),
        (("experiment=aligned",), "experiment=aligned, which names a network"),
        (("model=lstm", "encoding=kmer"), "model=lstm (it is gru), encoding=kmer (it is onehot)"),
    ],
)
def test_what_contradicts_the_bundle_is_an_error_before_data_are_read(run, trained, typed, said, others):
    bad = ("data=fasta", f"data.train={trained}/config.yaml", f"data.test={others}/test.fa")  # no sequences
    code, _, err = run("train", *TUNED, *bad, f"init={trained}", *typed)
    assert code == 2
    assert f"has a network and an encoding of its own. Leave out {said}\n" in err


def test_what_agrees_with_the_bundle_and_the_head_may_be_typed(run, data, trained, tmp_path):
    typed = ("model=gru", "encoding=onehot", "model.encoder.hidden=8", "model.head.dropout=0.4")
    assert run("train", *TUNED, *data, f"init={trained}", *typed, "run_dir=b")[0] == 0
    assert yaml.safe_load((tmp_path / "b" / "config.yaml").read_text())["model"]["head"]["dropout"] == 0.4


@pytest.mark.parametrize("typed", ["freeze=embed", "rate_decay=0.5", "init_weights=false"])
def test_keys_of_fine_tuning_need_a_bundle(run, data, typed):
    code, _, err = run("train", *TUNED, *data, typed)
    assert code == 2
    assert "give init=BUNDLE" in err


def test_strands_are_those_of_the_bundle_unless_they_are_typed(run, data, trained, tmp_path):
    both = tmp_path / "both"
    assert run("train", *TUNED, *data, f"init={trained}", "strands=both", f"run_dir={both}")[0] == 0
    for name, typed, strands in (
        ("a", (), "shared"),
        ("b", ("strands=one",), "one"),
        ("c", ("data.stranded=true",), "one"),
    ):
        options = (f"data.train={data[1].partition('=')[2]}", "leaks=keep", f"init={both}", *typed)
        code, _, err = run("train", *TUNED, *data, *options, f"run_dir={name}")
        assert code == 0, err
        assert f"strands={strands};" in err


def test_the_recipe_chooses_neither_pool_nor_strands(run, data, trained, tmp_path):
    typed = ("trainer=cpu", "max_epochs=1", f"init={trained}", "run_dir=b")
    code, _, err = run("train", *data, *typed)
    assert code == 0, err
    settings = json.loads((tmp_path / "b" / "recipe.json").read_text())["settings"]
    keys = {one.partition("=")[0] for one in settings}
    assert {"augmentation", "averaging", "schedule", "batch_size"} <= keys
    assert not keys & {"pool", "strands"}
    assert yaml.safe_load((tmp_path / "b" / "config.yaml").read_text())["strands"] == "one"


def test_members_of_an_ensemble_begin_with_those_of_the_bundle(run, data, others, tmp_path):
    small = ("model=gru", "model.encoder.hidden=4")
    assert run("train", *TUNED, *small, *data, "ensemble=2", "run_dir=two")[0] == 0
    options = ("leaks=keep", "optimizer.lr=1e-9", "init=two")
    for name, typed, members in (
        ("same", (), (0, 1)),
        ("three", ("ensemble=3",), (0, 1, 0)),
        ("one", ("ensemble=1",), (0,)),
    ):
        code, _, err = run("train", *TUNED, *data, *options, *typed, f"run_dir={name}")
        assert code == 0, err
        before, after = weights_of(tmp_path / "two"), weights_of(tmp_path / name)
        key = "encoder.rnn.weight_hh_l0"
        for i, member in enumerate(members):
            own = after[f"members.{i}.{key}" if len(members) > 1 else key]
            assert own.allclose(before[f"members.{member}.{key}"], atol=1e-6)


def test_a_stopped_training_goes_on_from_any_place_of_its_bundle(run, data, trained, tmp_path):
    options = (*TUNED, *data, "init=first", "rate_decay=0.5", "freeze=none")
    shutil.copytree(trained, tmp_path / "first")
    assert run("train", *options, "run_dir=whole")[0] == 0
    with interrupted():
        assert run("train", *options, "run_dir=halved")[0] == 130
    (tmp_path / "first").rename(tmp_path / "moved")
    code, _, err = run("train", "resume=halved")
    assert code == 5
    assert "init=" in err or "KEY" not in err
    shutil.copytree(tmp_path / "whole", tmp_path / "other")
    code, _, err = run("train", "resume=halved", "init=other")
    assert code == 2
    assert "init_sha256" in err
    code, _, err = run("train", "resume=halved", "init=moved")
    assert code == 0, err
    whole, halved = (tmp_path / name / "bundle" / "model.safetensors" for name in ("whole", "halved"))
    assert whole.read_bytes() == halved.read_bytes()


def test_folds_begin_with_the_bundle(run, data, trained, tmp_path):
    options = ("split=kfold", "split.folds=2", f"init={trained}", "run_dir=b")
    code, _, err = run("train", *TUNED, *data[:2], *options)
    assert code == 0, err
    assert err.count("4 of 6 tensors are taken") == 2


def test_a_sweep_searches_what_the_bundle_leaves(run, data, trained, tmp_path):
    space = "++sweep.space={model.encoder.hidden: {int: [4, 8]}, rate_decay: {float: [0.1, 1.0]}}"
    options = (f"init={trained}", "sweep.trials=2", "sweep.seeds=1", "run_dir=s", "sweep=learning", space)
    code, _, err = run("sweep", *TUNED, *data, *options)
    assert code == 0, err
    assert "not searched, as it is that of init=: model.encoder.hidden\n" in err
    with (tmp_path / "s" / "trials.tsv").open() as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    assert "rate_decay" in rows[0]
    assert "model.encoder.hidden" not in rows[0]
    code, _, err = run("sweep", "resume=s")
    assert code == 0, err
    assert "complete" in err


def test_the_bundle_says_what_it_began_with_and_all_that_it_has_learnt(run, data, trained, tmp_path):
    assert run("train", *TUNED, *data, f"init={trained}", "run_dir=b")[0] == 0
    spec = load_bundle(tmp_path / "b" / "bundle").spec
    first = load_bundle(trained / "bundle").spec
    assert spec.training.init.sha256 == first.sha256.weights
    assert spec.training.learned_files > first.training.learned_files
    card = (tmp_path / "b" / "bundle" / "README.md").read_text()
    assert "began with the weights of a network that had learnt `fasta` (86 records;" in card
    n_val = (tmp_path / "b" / "split.tsv").read_text().count("\tval\t")
    assert spec.training.records.n == first.training.records.n + spec.training.n + n_val


def test_a_bundle_in_the_folder_that_would_be_replaced_is_kept(run, data, trained, tmp_path):
    shutil.copytree(trained, tmp_path / "a")
    code, _, err = run("train", *TUNED, *data, "init=a", "run_dir=a", "overwrite=true")
    assert code == 2
    assert "would be replaced" in err
    assert (tmp_path / "a" / "bundle" / "spec.json").exists()


def test_a_linear_model_alone_has_no_network(run, data, trained, tmp_path):
    there = load_bundle(trained / "bundle")
    profile = {"_target_": "dnaseq.models.linear_profile.LinearProfile", "_partial_": True}
    profile |= {"patterns": [[0]], "canonical": False, "positions": None}

    architecture = {
        "_target_": "dnaseq.models.ensemble.Ensemble",
        "members": [profile],
        "average": "probabilities",
    }
    net = build(architecture, n_symbols=4, n_classes=2)
    save_bundle(tmp_path / "linear", replace(there.spec, architecture=architecture), net)
    code, _, err = run("train", *TUNED, *data, "init=linear")
    assert code == 2
    assert "a linear model alone, so it has no network to begin with" in err

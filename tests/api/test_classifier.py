"""DnaClassifier keeps scikit-learn's contract with lists of str, and is the same program as the command line."""

import logging
import os
import pickle
import pickletools
import random

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch
from Bio import SeqIO
from hydra.core.global_hydra import GlobalHydra
from sklearn.base import clone, is_classifier
from sklearn.exceptions import DataConversionWarning, NotFittedError
from sklearn.utils import estimator_checks as checks
from sklearn.utils import get_tags

import dnaseq
from dnaseq.api.run import Run
from dnaseq.bundle.predictor import Predictor
from dnaseq.errors import ArgumentError, ConfigError, ModelFileError
from dnaseq.io.results.rows import read_rows
from dnaseq.io.results.run_files import read_columns
from dnaseq.tasks.main import run_task

pytestmark = pytest.mark.usefixtures("no_pages")


@pytest.fixture(scope="module")
def net(small, made):
    return small(max_epochs=3).fit(made.sequences, made.labels)


@pytest.mark.parametrize(
    "check",
    [
        checks.check_estimator_cloneable,
        checks.check_estimator_tags_renamed,
        checks.check_valid_tag_types,
        checks.check_estimator_repr,
        checks.check_no_attributes_set_in_init,
        checks.check_do_not_raise_errors_in_init_or_set_params,
        checks.check_mixin_order,
        checks.check_parameters_default_constructible,
        checks.check_get_params_invariance,
        checks.check_set_params,
    ],
)
@pytest.mark.parametrize("kind", [dnaseq.DnaClassifier, dnaseq.DnaRegressor])
def test_scikit_learns_checks_of_settings_pass(kind, check):
    check(kind.__name__, kind())


@pytest.mark.parametrize("kind", [dnaseq.DnaClassifier, dnaseq.DnaRegressor])
def test_check_estimator_skips_what_needs_numbers(kind):
    with pytest.warns(checks.SkipTestWarning, match="requires input"):
        checks.check_estimator(kind())


def test_tags_say_that_samples_are_strings():
    tags = get_tags(dnaseq.DnaClassifier())
    assert (tags.input_tags.string, tags.input_tags.two_d_array) == (True, False)
    assert tags.target_tags.required
    assert is_classifier(dnaseq.DnaClassifier())


# What check_estimator does with arrays of numbers, done with lists of str.


def test_fit_returns_the_estimator_and_changes_no_setting(small, made):
    own = small()
    before = repr(own.get_params())
    assert own.fit(made.sequences, made.labels) is own
    assert repr(own.get_params()) == before
    assert {name for name in vars(own) if name not in own.get_params()} == {
        *("classes_", "run_", "predictor_", "_bundle"),
    }


def test_predictions_have_the_shapes_and_types_of_the_contract(net, made):
    X = made.sequences[:7]
    probabilities = net.predict_proba(X)
    assert net.classes_.tolist() == ["poor", "rich"]
    assert probabilities.shape == (7, 2)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1.1e-7)
    assert net.predict(X).dtype == net.classes_.dtype
    assert (net.predict(X) == net.classes_[probabilities.argmax(axis=1)]).all()
    assert net.decision_function(X).shape == (7,)
    assert ((net.decision_function(X) > 0) == (net.predict(X) == "rich")).all()
    assert net.score(made.sequences, made.labels) > 0.9


def test_predicting_changes_nothing_and_does_not_depend_on_order_or_subset(net, made):
    before, X = dict(vars(net)), made.sequences
    whole = net.predict_proba(X)
    np.testing.assert_allclose(net.predict_proba(X[::-1]), whole[::-1], atol=1e-6)
    np.testing.assert_allclose(
        np.concatenate([net.predict_proba(X[i : i + 5]) for i in (0, 5)]), whole[:10], atol=1e-6
    )
    assert vars(net) == before


def test_fitting_twice_gives_the_same_model(small, made, net):
    again = small(max_epochs=3).fit(made.sequences, made.labels).fit(made.sequences, made.labels)
    np.testing.assert_array_equal(again.predict_proba(made.sequences), net.predict_proba(made.sequences))


def test_an_estimator_that_is_not_fitted_says_so(small, made):
    for method in ("predict", "predict_proba", "decision_function"):
        with pytest.raises(NotFittedError):
            getattr(small(), method)(made.sequences)
    with pytest.raises(NotFittedError):
        small().to_bundle("b")


def test_a_clone_is_not_fitted_and_has_the_settings(net):
    copy = clone(net)
    assert copy.get_params() == net.get_params()
    with pytest.raises(NotFittedError):
        copy.predict(["ACGT"])


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        ([10, 9] * 48, [9, 10]),  # not in the order of texts
        ([True, False] * 48, [False, True]),
        (np.array(["b c", "a"] * 48, dtype=object), ["a", "b c"]),
        (pd.Series(["x", "y"] * 48, dtype="category"), ["x", "y"]),
        (pl.Series(["x", "y"] * 48), ["x", "y"]),
        (pa.array(["x", "y"] * 48), ["x", "y"]),
        (["c", "a", "b"] * 32, ["a", "b", "c"]),
    ],
)
def test_labels_come_back_as_they_were_given(small, made, y, classes):
    own = small().fit(made.sequences, y)
    assert own.classes_.tolist() == classes
    assert set(own.predict(made.sequences).tolist()) <= set(classes)
    own.score(made.sequences, y)
    assert own.decision_function(made.sequences).shape == ((96,) if len(classes) == 2 else (96, 3))
    assert own.predictor_.classes == [str(name) for name in classes]


def test_a_column_of_labels_is_taken_with_a_warning(small, made):
    with pytest.warns(DataConversionWarning):
        small().fit(made.sequences, np.array(made.labels)[:, None])


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (["ACGT"] * 3, None, "requires y to be passed, but the target y is None"),
        (["ACGT"] * 3, ["a", "b"], "^X has 3 sequences, and y has 2 labels"),
        (["ACGT"] * 3, "abc", "^y is one text, and a label for each sequence is due"),
        ([], [], "0 sample"),
        (["ACGT", "GG7T"], ["a", "b"], r"^X\[1\]: letter '7' at position 3 is not a nucleotide"),
        (["ACGT", ""], ["a", "b"], r"^X\[1\]: empty sequence"),
        (["ACGT", None], ["a", "b"], r"^X\[1\] is missing"),
        (np.eye(3), [0, 1, 0], r"X is a table of shape \(3, 3\)"),
        ("ACGT", ["a"], "X is one sequence, and a list of them is due"),
        (["ACGT"] * 3, ["a", "b", None], r"y\[2\] is missing"),
        (["ACGT"] * 3, ["a", "b", np.nan], r"y\[2\] is missing"),
        (["ACGT"] * 3, [0.5, 0.25, 0.1], "Unknown label type.* DnaRegressor is for numbers"),
        (["ACGT"] * 3, ["a"] * 3, "y has one class"),
        (["ACGT"] * 3, ["a", "a", "b"], "a class has fewer than 2 records"),
        (["ACGT"] * 3, [["a", "b"]] * 3, "y should be a 1d array"),
        (["ACGT"] * 3, ["a", " b", "a"], "a class cannot be named ' b'"),
        (["ACGT"] * 3, np.array([1, "1", 2], dtype=object), "^y mixes texts and other labels"),
    ],
)
def test_what_cannot_be_learnt_from_is_a_value_error(small, X, y, message):
    with pytest.raises(ValueError, match=message):
        small().fit(X, y)


def test_what_cannot_be_predicted_is_a_value_error(net):
    for X, message in (
        (["ACGT", "7"], r"^X\[1\]: letter '7'"),
        ("ACGT", "one sequence"),
        ([3], "the number 3"),
    ):
        with pytest.raises(ValueError, match=message):
            net.predict(X)


def test_a_failed_fit_leaves_the_fitted_model(small, made):
    own = small().fit(made.sequences, made.labels)
    with pytest.raises(ConfigError, match="unknown key 'modle'"):
        own.set_params(config={"modle": 1}).fit(made.sequences, ["x", "y"] * 48)
    assert own.classes_.tolist() == ["poor", "rich"]
    own.predict(made.sequences)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"config": {"seed": 3}}, "config: seed is not set here, but by the argument seed"),
        ({"config": {"data.train": "a.fa"}}, "config: data.train is not set here, but by X and y"),
        ({"config": {"model.encoder.hiden": 3}}, r"unknown key 'model.encoder.hiden'. Did you mean"),
        ({"device": "tpu"}, "device must be one of auto, cpu, gpu, cuda; got 'tpu'"),
        ({"model": "rnm"}, r"model=rnm: no such choice. Did you mean rnn\?"),
        ({"max_epochs": 0}, "max_epochs must be"),
        ({"run_dir": 3}, "run_dir must be a folder or None"),
    ],
)
def test_a_wrong_setting_is_told_by_fit_in_the_words_of_the_command(small, made, settings, message):
    with pytest.raises(ConfigError, match=message):
        small(**settings).fit(made.sequences, made.labels)


def test_a_file_is_x_and_has_labels(small, easy_fasta, net, made):
    own = small(max_epochs=3).fit(easy_fasta / "train.fa")
    np.testing.assert_array_equal(own.predict_proba(made), net.predict_proba(made.sequences))
    assert own.score(str(easy_fasta / "test.fa")) == own.score(dnaseq.read(easy_fasta / "test.fa"))


def test_records_of_biopython_are_read_as_sequences(net, easy_fasta, made):
    with (easy_fasta / "train.fa").open() as handle:
        records = list(SeqIO.parse(handle, "fasta"))
    for X in (records, [one.seq for one in records], np.array(made.sequences), pa.array(made.sequences)):
        np.testing.assert_array_equal(net.predict_proba(X), net.predict_proba(made.sequences))


def test_the_command_line_gives_the_same_numbers(small, made, easy_fasta, tmp_path, monkeypatch):
    """Given the same training, validation and test records: those of the fit, as FASTA files."""
    monkeypatch.chdir(tmp_path)
    held_out = dnaseq.read(easy_fasta / "test.fa")
    own = small(max_epochs=2, run_dir="py").fit(made, test=(held_out, None))
    columns = read_columns(tmp_path / "py" / "split.tsv")
    part = dict(zip(columns["id"], columns["split"], strict=True))
    records = {name: [one for one in made if part[one.id] == name] for name in ("train", "val")}
    assert [len(some) for some in records.values()] == [86, 10]
    for name, some in records.items():
        text = "".join(f">{one.id} label={one.label}\n{one.sequence}\n" for one in some)
        (tmp_path / f"{name}.fa").write_text(text)
    typed = ["model=rnn", "recipe=none", "max_epochs=2", "batch_size=16", "trainer=cpu", "data=fasta"]
    typed += ["model.encoder.hidden=8", "optimizer.lr=0.02", "run_dir=cli"]
    typed += ["data.train=train.fa", "data.val=val.fa", f"data.test={easy_fasta}/test.fa"]
    assert run_task("train", typed) == 0
    _, by_command = read_rows("cli/predictions.test.tsv")
    np.testing.assert_array_equal(own.predict_proba(held_out), by_command.probabilities)
    assert own.run_.scores.metrics == Run(tmp_path / "cli").scores.metrics


def test_validation_records_may_be_given(small, made, tmp_path):
    X, y = made.sequences, made.labels
    own = small(run_dir=tmp_path / "r").fit(X[:80], y[:80], validation=(X[80:], y[80:]))
    text = (tmp_path / "r" / "split.tsv").read_text()
    assert (text.count("\ttrain\t"), text.count("\tval\t"), text.count("\ttest\t")) == (80, 16, 0)
    assert own.run_.scores.n == 0
    with pytest.raises(ArgumentError, match=r"^validation must be a pair \(X, y\)"):
        small().fit(X, y, validation=X)
    with pytest.raises(ArgumentError, match="validation y has the class 'new'"):
        small().fit(X, y, validation=(X[:2], ["rich", "new"]))


def test_groups_stay_on_one_side_of_the_validation_split(small, made, tmp_path):
    groups = [f"g{i // 4}" for i in range(96)]
    small(run_dir=tmp_path / "r").fit(made.sequences, made.labels, groups=groups)
    chosen = dnaseq.read(tmp_path / "r.records" / "val.tsv", id="id").ids
    assert 8 <= len(chosen) <= 12
    rows = sorted(int(name) - 1 for name in chosen)
    assert all(sum(row // 4 == group for row in rows) == 4 for group in {row // 4 for row in rows})
    with pytest.raises(ValueError, match="X has 96 sequences, and groups has 95 entries"):
        small().fit(made.sequences, made.labels, groups=groups[1:])
    with pytest.raises(ArgumentError, match=r"groups: 1 groups .*validation=\(X, y\)"):
        small().fit(made.sequences, made.labels, groups=[1] * 96)


def test_each_fit_has_a_run_folder_of_its_own(small, made, tmp_path):
    own = small(run_dir=tmp_path / "r")
    folders = [own.fit(made.sequences, made.labels).run_.folder.name for _ in range(2)]
    assert folders == ["r", "r_2"]
    with pytest.raises(ConfigError):
        own.set_params(model="nothing").fit(made.sequences, made.labels)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r", "r.records", "r_2", "r_2.records"]


def test_a_temporary_run_is_deleted_with_its_estimator(small, made):
    own = small().fit(made.sequences, made.labels)
    folder = own.run_.folder
    assert (folder / "bundle" / "spec.json").exists()
    del own
    assert not folder.parent.exists()


def test_a_bundle_answers_as_the_estimator(net, made, tmp_path):
    folder = net.to_bundle(tmp_path / "b")
    assert {path.name for path in folder.iterdir()} == {
        *("model.safetensors", "spec.json", "README.md", "records.bin")
    }
    np.testing.assert_array_equal(
        Predictor.load(folder).predict_proba(made.sequences), net.predict_proba(made.sequences)
    )
    with pytest.raises(ConfigError, match="exists"):
        net.to_bundle(folder)
    net.to_bundle(folder, overwrite=True)


def test_a_pickle_holds_the_bundle_and_answers_alike(net, made):
    stored = pickle.dumps(net)
    own = pickle.loads(stored)
    np.testing.assert_array_equal(own.predict_proba(made.sequences), net.predict_proba(made.sequences))
    assert not hasattr(own, "run_")
    opened = {argument for code, argument, _ in pickletools.genops(stored) if code.name == "SHORT_BINUNICODE"}
    assert not [
        name for name in opened if name and name.startswith(("torch", "dnaseq.models", "dnaseq.bundle"))
    ]
    with pytest.raises(NotFittedError):
        pickle.loads(pickle.dumps(clone(net))).predict(["ACGT"])


def test_a_changed_pickle_is_refused(net):
    state = net.__getstate__()
    weights = bytearray(state["_bundle"]["model.safetensors"])
    weights[-1] ^= 1
    state["_bundle"] = state["_bundle"] | {"model.safetensors": bytes(weights)}
    with pytest.raises(ModelFileError, match="SHA-256 of the weights differs"):
        clone(net).__setstate__(state)


def test_a_training_leaves_the_program_as_it_was(small, made, capfd):
    random.seed(5)
    np.random.seed(5)
    torch.manual_seed(5)
    before = random.getstate(), np.random.get_state()[1].tolist(), torch.get_rng_state()
    environment, hydra, level = (
        dict(os.environ),
        GlobalHydra.instance().hydra,
        logging.getLogger("dnaseq").level,
    )
    small().fit(made.sequences, made.labels)
    assert random.getstate() == before[0]
    assert np.random.get_state()[1].tolist() == before[1]
    assert (torch.get_rng_state() == before[2]).all()
    assert dict(os.environ) == environment
    assert GlobalHydra.instance().hydra is hydra
    assert logging.getLogger("dnaseq").level == level
    assert capfd.readouterr().out == ""


def test_a_rule_of_abstention_and_a_threshold_hold(small, made):
    own = small(max_epochs=3, config={"abstain": 0.01, "threshold": "fixed", "threshold.value": 0.9})
    own.fit(made.sequences, made.labels)
    assert set(own.predict(made.sequences)) <= {"poor", "rich"}
    p = own.predict_proba(made.sequences)[:, 1]
    assert ((own.predict(made.sequences) == "rich") == (p >= 0.9)).all()
    np.testing.assert_allclose(own.decision_function(made.sequences) >= 0, p >= 0.9)


def test_a_notebook_shows_the_report(small, made, monkeypatch):
    own = small().fit(made.sequences, made.labels)
    own.run_.report.write_text('<p>a "report"</p>')
    shown = own._repr_mimebundle_()["text/html"]
    assert 'srcdoc="&lt;p&gt;a &quot;report&quot;&lt;/p&gt;"' in shown
    assert "iframe" not in small()._repr_mimebundle_()["text/html"]

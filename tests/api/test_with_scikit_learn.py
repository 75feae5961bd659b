"""The estimators as a part of scikit-learn: pipelines, searches, cross-validation, calibration, groups."""

import warnings

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    KFold,
    StratifiedKFold,
    cross_val_predict,
    cross_val_score,
    cross_validate,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import dnaseq
from dnaseq.errors import ConfigError

pytestmark = pytest.mark.usefixtures("no_pages")


@pytest.fixture(scope="module")
def families(random_sequence):
    """24 families of four near-duplicates of 60 bases, and their labels, by families."""
    first = [random_sequence(60, 500 + i) for i in range(24)]
    sequences = [one[: 10 * k] + "A" + one[10 * k + 1 :] for one in first for k in range(4)]
    return sequences, [("x", "y")[i // 8 % 2] for i in range(96)], [i // 4 for i in range(96)]


def test_cross_validation_gives_the_scores_of_its_folds(small, made):
    X, y, cv = made.sequences, np.array(made.labels), StratifiedKFold(2)
    scores = cross_val_score(small(), X, y, cv=cv)
    train, test = next(cv.split(X, y))
    alone = small().fit([X[i] for i in train], y[train])
    assert scores[0] == alone.score([X[i] for i in test], y[test])
    assert cross_val_predict(small(), X, y, cv=2, method="predict_proba").shape == (96, 2)


def test_other_scores_and_processes_work(small, made):
    found = cross_validate(
        small(), made.sequences, made.labels, cv=2, n_jobs=2, return_estimator=True,
        scoring=["roc_auc", "neg_log_loss"], error_score="raise",
        pre_dispatch=2,
    )  # fmt: skip
    assert (found["test_roc_auc"] > 0.8).all()
    # they come back from other processes with their bundles
    assert found["estimator"][0].predict(made.sequences[:2]).shape == (2,)


def test_a_grid_is_searched(small, made):
    grid = {"model": ["rnn", "gru"], "config": [{"model.encoder.hidden": 4}]}
    search = GridSearchCV(small(), grid, cv=2, error_score="raise").fit(made.sequences, made.labels)
    assert search.best_params_["model"] in ("rnn", "gru")
    assert search.best_estimator_.run_.scores.classes == ["poor", "rich"]
    assert search.predict(made.sequences).shape == (96,)


def test_a_pipeline_may_prepare_the_sequences(small, made):
    upper = FunctionTransformer(lambda X: [one.upper() for one in X])
    pipe = make_pipeline(upper, small(max_epochs=3))
    lower = [one.lower() for one in made.sequences]
    assert pipe.fit(lower, made.labels).score(lower, made.labels) > 0.9
    assert pipe.set_params(dnaclassifier__seed=2)[-1].seed == 2


def test_probabilities_may_be_calibrated_by_scikit_learn(small, made):
    calibrated = CalibratedClassifierCV(small(max_epochs=3), cv=2).fit(made.sequences, made.labels)
    probabilities = calibrated.predict_proba(made.sequences)
    assert probabilities.shape == (96, 2)
    assert (calibrated.predict(made.sequences) == made.labels).mean() > 0.9


def test_similar_groups_are_the_families_on_either_strand(families, tmp_path):
    X, _, family = families
    groups = dnaseq.similar_groups(X)
    assert groups.tolist() == family
    pair = ["".join("TGCA"["ACGT".index(base)] for base in reversed(X[0])), X[0]]
    assert dnaseq.similar_groups(pair).tolist() == [0, 0]
    assert dnaseq.similar_groups(pair, stranded=True).tolist() == [0, 1]
    assert len(set(dnaseq.similar_groups(X, identity=None, overlap=None).tolist())) == len(set(X))
    path = tmp_path / "a.fa"
    path.write_text("".join(f">{i}\n{one}\n" for i, one in enumerate(X)))
    assert dnaseq.similar_groups(path).tolist() == family
    assert dnaseq.similar_groups([]).tolist() == []
    with pytest.raises(ValueError, match=r"X\[1\]: letter '7' at position 2"):
        dnaseq.similar_groups(["ACGT", "A7"])


def test_a_plain_cross_validation_of_families_is_warned_of_and_one_by_groups_is_not(small, families):
    X, y, _ = families
    with pytest.warns(dnaseq.SimilarRecordsWarning, match=r"\d+ of 48 test records of this fold") as told:
        cross_val_score(small(), X, y, cv=KFold(2, shuffle=True, random_state=0), error_score="raise")
    assert len(told) == 2
    assert "groups=dnaseq.similar_groups(X)" in str(told[0].message)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cross_val_score(small(), X, y, cv=GroupKFold(2), groups=dnaseq.similar_groups(X), error_score="raise")
        cross_val_score(make_pipeline(small()), X, y, cv=GroupKFold(2), groups=dnaseq.similar_groups(X))


def test_fitting_on_families_says_what_a_cross_validation_must_do(small, families, made):
    X, y, family = families
    with pytest.warns(dnaseq.SimilarRecordsWarning, match="96 of 96 records are near-duplicates of others"):
        small().fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        small().fit(X, y, groups=family)  # the user has seen to it
        small().fit(made.sequences, made.labels)  # there are none


def test_a_fit_inside_a_program_with_hydra_of_its_own_leaves_it_alone(small, made):
    from hydra import compose, initialize_config_module
    from hydra.core.global_hydra import GlobalHydra

    with initialize_config_module("dnaseq.conf", version_base="1.3"):
        before = GlobalHydra.instance().hydra
        small().fit(made.sequences, made.labels)
        assert GlobalHydra.instance().hydra is before
        assert compose("doctor") is not None


def test_regression_gives_numbers_and_keeps_its_own_targets_apart(small, made):
    share = [one.count("G") + one.count("C") for one in made.sequences]
    own = small(dnaseq.DnaRegressor, max_epochs=8).fit(made.sequences, share)
    assert own.predict(made.sequences).shape == (96,)
    assert own.score(made.sequences, share) > 0.5
    assert not hasattr(own, "predict_proba")
    two = small(dnaseq.DnaRegressor).fit(made.sequences, np.stack([share, np.arange(96.0)], axis=1))
    assert two.predict(made.sequences).shape == (96, 2)
    assert cross_val_score(
        small(dnaseq.DnaRegressor), made.sequences, share, cv=2, error_score="raise"
    ).shape == (2,)
    small(dnaseq.DnaRegressor).fit(made.sequences, share, groups=np.arange(96) // 4)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (["a", "b"], "^y is not of numbers .* DnaClassifier is for classes"),
        ([1.0, np.inf], r"^y\[1\] is not a finite number"),
        ([1.0, None], r"y\[1\] is missing"),
        ([1.0, 1.0], "y is 1 in every record"),
    ],
)
def test_regression_refuses_what_is_no_number(small, y, message):
    with pytest.raises(ValueError, match=message):
        small(dnaseq.DnaRegressor).fit(["ACGT", "GGCC"], y)


def test_training_by_the_words_of_the_command(easy_fasta, tmp_path, capsys):
    run = dnaseq.train(
        "data=fasta", f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa",
        model="rnn", recipe="none", max_epochs=1, explain="none", trainer="cpu",
        config={"model": {"encoder": {"hidden": 8}}, "optimizer.lr": 0.02}, run_dir=tmp_path / "r",
    )  # fmt: skip
    assert run.folder == tmp_path / "r"
    assert run.scores.n == 32
    assert "verdict" in str(run)
    assert capsys.readouterr().out == ""  # it is the caller's
    assert run.predictor(device="cpu").predict(easy_fasta / "test.fa")[0].label
    for typed, message in (("--cfg=job", "an option of the command line"), ("rnn", "'rnn' is no KEY=VALUE")):
        with pytest.raises(ValueError if "=" not in typed else ConfigError, match=message):
            dnaseq.train(typed)


def test_an_explanation_has_arrays(small, made, tmp_path, monkeypatch):
    own = small(config={"split": "untested"}).fit(made.sequences, made.labels)
    why = dnaseq.explain(
        own, made.sequences[:3], tmp_path / "why", method="ism", motifs="none", target="rich"
    )
    assert why.folder == tmp_path / "why"
    assert (why.values.shape, why.hypothetical.shape, why.codes.shape) == ((3, 40), (3, 40, 4), (3, 40))
    assert (why.ids, why.faithfulness.target) == (["1", "2", "3"], "rich")
    assert "iframe" in why._repr_html_()

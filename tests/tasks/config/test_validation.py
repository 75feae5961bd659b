import hydra
import pytest

from dnaseq.errors import ConfigError
from dnaseq.tasks.config.composition import compose_task, hydra_of
from dnaseq.tasks.config.validation import check_settings


def check(*overrides: str, task: str = "train") -> bool:
    """True unless something is refused."""
    groups = [o for o in overrides if o.split("=")[0] in ("model", "data", "trainer", "split")]
    with hydra_of(task):
        usual = compose_task(task, groups)
        check_settings(hydra.compose(task, overrides=list(overrides)), usual.cfg, usual.meanings)
    return True


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("data.stranded=no", "data.stranded must be true or false; got 'no'"),
        ("reading.allow_missing_eof=no", "reading.allow_missing_eof must be true or false"),
        ("overwrite=1", "overwrite must be true or false; got 1"),
        ("split.val=abc", "split.val must be a number from 0 to 1; got 'abc'"),
        ("optimizer.lr=abc", "optimizer.lr must be a number"),
        ("model.encoder.hidden=8.5", "model.encoder.hidden must be a whole number of at least 1; got 8.5"),
        (
            "data.rename=null",
            "data.rename must be names with values, such as data.rename.NAME=VALUE; got None",
        ),
        ("data.classes=pos", "data.classes must be a list, or null; got 'pos'"),
        ("seed=-1", "seed must be a whole number from 0 to 4294967295; got -1"),
        ("batch_size=null", "batch_size must be given"),
        ("seed=${monitor}", "seed must be a whole number from 0 to 4294967295; got 'val/loss'"),
    ],
)
def test_a_value_of_the_wrong_kind_is_named(override, message):
    with pytest.raises(ConfigError, match=message):
        check(override)


@pytest.mark.parametrize(
    "override",
    ["trainer.clip=null", "optimizer.lr=1", "data.test=null", "run_dir=7", "data.rename={}", "model=gru"],
)
def test_a_value_of_the_right_kind_passes(override):
    assert check(override)


def test_what_must_be_given_may_not_be_null():
    with pytest.raises(ConfigError, match="bundle must be given"):
        check("bundle=null", "input=a.fa", task="predict")


@pytest.mark.parametrize("override", ["novelty=null", "similarity.identity=null", "data.length=null"])
def test_null_is_a_value_where_it_says_something(override):
    assert check(override)


def test_a_stretch_of_null_is_a_whole_sequence():
    assert check("data=annotation", "data.stretch=null")


@pytest.mark.parametrize("override", ["optimizer.lr=null", "split.val=null", "patience=null"])
def test_elsewhere_a_number_must_be_given(override):
    with pytest.raises(ConfigError, match="must be given"):
        check(override)


@pytest.mark.parametrize("names", ["split.test=[chr1]", "split.test=chr1", "split.test=0.3"])
def test_chromosomes_are_shares_or_names(names):
    assert check("split=chromosome", names)


def test_other_splits_take_no_names():
    with pytest.raises(ConfigError, match=r"split\.test must be a number"):
        check("split=grouped", "split.test=[chr1]")

"""What is searched, and how the configuration of a trial comes of it."""

from pathlib import Path

import dnaseq.conf
import hydra
import pytest
from omegaconf import OmegaConf

from dnaseq.errors import ConfigError
from dnaseq.tasks.search.plan import drop_missing
from dnaseq.tasks.search.space import override, space_of, suggest_values

SPACES = sorted((Path(dnaseq.conf.__file__).parent / "sweep").glob("*.yaml"))
MODELS = sorted(path.stem for path in (Path(dnaseq.conf.__file__).parent / "model").glob("*.yaml"))
CHOICES = {"model": "bilstm", "encoding": "onehot", "optimizer": "adamw", "schedule": "none"}
CHOICES |= {"averaging": "none", "augmentation": "none"}


@pytest.fixture
def composing():
    with hydra.initialize_config_module("dnaseq.conf", version_base="1.3"):
        yield


def space_in(path: Path) -> list:
    return space_of(OmegaConf.to_container(OmegaConf.load(path).space))


def kept(space: list, *overrides: str) -> list[str]:
    return [dimension.key for dimension in drop_missing(space, list(overrides), [], CHOICES)]


@pytest.mark.parametrize("path", SPACES, ids=lambda path: path.stem)
def test_every_space_is_one_of_trainings(path, composing):
    """Both ends of every dimension make a configuration, and so does every choice of a group."""
    space = drop_missing(space_in(path), [], [], CHOICES)
    for at in (0, -1):
        values = suggest_values(space, lambda dimension, at=at: dimension.values[at], dict(CHOICES))
        hydra.compose("train", overrides=[override(key, value) for key, value in values.items()])


@pytest.mark.parametrize("model", MODELS)
def test_the_default_space_fits_every_model(model, composing):
    (default,) = [path for path in SPACES if path.stem == "default"]
    keys = kept(space_in(default), f"model={model}")
    assert {"optimizer.lr", "batch_size", "model.head.dropout"} <= set(keys)
    encoder = hydra.compose("train", overrides=[f"model={model}"]).model.encoder
    assert ("model.encoder.hidden" in keys) == ("hidden" in encoder)


def test_an_optional_key_that_is_not_there_is_not_searched(composing):
    space = space_of(
        {"batch_size": {"choice": [1, 2]}, "model.encoder.filters": {"int": [1, 9], "optional": True}}
    )
    assert kept(space, "model=gru") == ["batch_size"]
    assert kept(space, "model=cnn") == ["batch_size", "model.encoder.filters"]


def test_a_key_may_be_there_only_with_a_choice_that_is_searched(composing):
    entry = {"int": [2, 4], "when": {"encoding": "kmer"}}
    assert kept(space_of({"encoding.k": entry})) == ["encoding.k"]
    assert kept(space_of({"encoding": {"choice": ["kmer", "onehot_kmer"]}, "encoding.k": {"int": [2, 4]}}))
    with pytest.raises(ConfigError, match=r"encoding\.k: no such key"):
        kept(space_of({"encoding.k": {"int": [2, 4]}}))


def test_a_key_of_a_list_can_be_searched(composing):
    space = space_of({"model.encoder.parts.convolution.filters": {"int": [8, 64]}})
    assert kept(space, "model=cnn_bilstm") == ["model.encoder.parts.convolution.filters"]


def test_a_space_of_nothing_is_refused(composing):
    with pytest.raises(ConfigError, match="nothing is left to search"):
        kept(space_of({"model.encoder.filters": {"int": [1, 9], "optional": True}}), "model=gru")

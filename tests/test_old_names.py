"""Names of parts in bundles, run folders and configurations of earlier versions."""

import importlib
from pathlib import Path

import dnaseq.conf
import pytest
from omegaconf import OmegaConf

from dnaseq.build import TRAINING, arguments_of, build
from dnaseq.models.encoders.recurrent import Recurrent
from dnaseq.old_names import MODULES, with_new_names

CONF = Path(dnaseq.conf.__file__).parent


@pytest.mark.parametrize("old", MODULES)
def test_a_module_of_today_stands_for_an_old_name(old):
    importlib.import_module(MODULES[old])
    assert MODULES[old] not in MODULES


def test_names_change_at_every_depth_and_other_texts_do_not():
    node = {
        "_target_": "dnaseq.models.stack.Stack",
        "parts": [
            {"_target_": "dnaseq.models.labeller.SequenceLabeller", "note": "dnaseq.models.stack.Stack"}
        ],
        "head": {"_target_": "dnaseq.models.head.Linear", "length": 3},
    }
    assert with_new_names(node) == {
        "_target_": "dnaseq.models.encoders.stack.Stack",
        "parts": [
            {"_target_": "dnaseq.models.classifier.SequenceLabeller", "note": "dnaseq.models.stack.Stack"}
        ],
        "head": {"_target_": "dnaseq.models.head.Linear", "length": 3},
    }


def test_what_has_an_old_name_is_built():
    old = {"_target_": "dnaseq.models.recurrent.Recurrent", "cell": "gru", "hidden": 3}
    assert isinstance(build(old, TRAINING, d_in=4), Recurrent)
    assert "hidden" in arguments_of(old["_target_"])


def test_no_configuration_that_is_shipped_has_an_old_name():
    for path in CONF.rglob("*.yaml"):
        node = OmegaConf.to_container(OmegaConf.load(path), resolve=False)
        assert with_new_names(node) == node, path

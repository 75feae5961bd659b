"""A bundle of an untrained network: what it predicts does not matter, that it is the same everywhere does."""

import hashlib
import json
import shutil

import hydra
import pytest
import torch
from omegaconf import OmegaConf
from specs import make_spec

from dnaseq.build import build
from dnaseq.bundle.bundle import SPEC, WEIGHTS, save_bundle


@pytest.fixture(scope="session")
def make_bundle():
    """make_bundle(folder, model="bilstm", encoding="onehot", classes=[...], lengths={...}) -> folder."""

    def make(folder, model="bilstm", encoding="onehot", classes=("neg", "pos"), lengths=None, overrides=()):
        with hydra.initialize_config_module("dnaseq.conf", version_base="1.3"):
            cfg = hydra.compose("train", overrides=[f"model={model}", f"encoding={encoding}", *overrides])
        architecture = OmegaConf.to_container(cfg.model, resolve=True)
        encoding_cfg = OmegaConf.to_container(cfg.encoding, resolve=True)
        torch.manual_seed(0)
        net = build(architecture, n_symbols=build(encoding_cfg).n_symbols, n_classes=len(classes))
        with torch.no_grad():  # far from zero, so that records get different answers
            net.head.classify[-1].weight.mul_(20)
        spec = {
            "architecture": architecture,
            "encoding": encoding_cfg,
            "classes": list(classes),
            "task": "binary" if len(classes) == 2 else "multiclass",
            "lengths": lengths or {"policy": "pad", "length": None},
        }
        save_bundle(folder, make_spec(**spec), net)
        return folder

    return make


@pytest.fixture(scope="session")
def bundle(tmp_path_factory, make_bundle):
    return make_bundle(tmp_path_factory.mktemp("bundle") / "b")


@pytest.fixture
def copy(bundle, tmp_path):
    return shutil.copytree(bundle, tmp_path / "copy")


@pytest.fixture(scope="session")
def sign():
    """sign(folder, **changes): change the spec as an attacker would, so that the hashes fit again."""

    def change(folder, **changes):
        spec = json.loads((folder / SPEC).read_text()) | changes
        rest = {key: value for key, value in spec.items() if key != "sha256"}
        digest = hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()
        weights = hashlib.sha256((folder / WEIGHTS).read_bytes()).hexdigest()
        (folder / SPEC).write_text(json.dumps(rest | {"sha256": {"spec": digest, "weights": weights}}))

    return change

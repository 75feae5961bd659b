"""Predictors of small untrained networks, in memory; large weights, so that records get different logits."""

from functools import cache

import hydra
import numpy as np
import pytest
import torch
from omegaconf import OmegaConf
from specs import make_spec

from dnaseq.build import build
from dnaseq.bundle.bundle import make_bundle
from dnaseq.bundle.predictor import Predictor
from dnaseq.encode.alphabet import PAD


@pytest.fixture(scope="session")
def predictor_of():
    """predictor_of("cnn", "encoding=kmer", classes=[...], **entries of the spec) -> Predictor."""

    @cache
    def composed(*overrides):
        with hydra.initialize_config_module("dnaseq.conf", version_base="1.3"):
            cfg = hydra.compose("train", overrides=list(overrides))
        return tuple(OmegaConf.to_container(part, resolve=True) for part in (cfg.model, cfg.encoding))

    def make(model="cnn", *overrides, classes=("neg", "pos"), wrap=None, options=None, **entries):
        architecture, encoding = composed(f"model={model}", *overrides)
        architecture = wrap(architecture) if wrap else architecture
        torch.manual_seed(0)
        net = build(architecture, n_symbols=build(encoding).n_symbols, n_classes=len(classes))
        with torch.no_grad():
            for name, weight in net.named_parameters():
                if name.endswith("classify.1.weight"):
                    weight.mul_(20)
        task = "binary" if len(classes) == 2 else "multiclass"
        given = {"architecture": architecture, "encoding": encoding, "classes": list(classes), "task": task}
        bundle = make_bundle(make_spec(**given | entries), net)
        return Predictor(bundle, device="cpu", **(options or {}))

    return make


@pytest.fixture(scope="session")
def records():
    """records(lengths, seed=0, letters=4) -> (n, longest) codes, padded, and (n,) lengths."""

    def make(lengths, seed=0, letters=4):
        lengths = np.array(lengths)
        codes = np.random.default_rng(seed).integers(letters, size=(len(lengths), lengths.max()))
        codes[np.arange(lengths.max()) >= lengths[:, None]] = PAD
        return codes.astype(np.uint8), lengths

    return make

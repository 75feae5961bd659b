"""A plug-in of one file, and bundles that need it, for tests. Each source can leave a mark where it runs."""

import torch
from specs import make_spec

from dnaseq.build import TRAINING, build
from dnaseq.bundle.bundle import save_bundle
from dnaseq.bundle.spec import BundleSpec
from dnaseq.plugins.named import Plugins, find_plugins
from dnaseq.plugins.source import PluginSource

NET = """
import torch
from os import system
from pathlib import Path
from torch import nn

{mark}

class Net(nn.Module):
    def __init__(self, n_symbols, n_classes, width=2):
        super().__init__()
        self.layer = nn.Linear(n_symbols, n_classes)

    def forward(self, x, lengths):
        shares = x.sum(0) / (len(x) if lengths is None else lengths[:, None])
        return self.layer(shares)

def make_net(**settings):
    return Net(**settings)

class _Hidden(Net):
    pass
"""
ARCHITECTURE = {"_target_": "plugin:mylab/Net", "width": 2}


def source_of(mark=None) -> str:
    """The text of the plug-in; it makes the file `mark` where it runs."""
    return NET.format(mark=f"Path({str(mark)!r}).touch()" if mark else "")


def write_plugin(folder, name="mylab.py", mark=None):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(source_of(mark))
    return path


def write_bundle(folder, plugins: Plugins):
    """Write a bundle of the network of `plugins`, untrained, and return its folder."""
    torch.manual_seed(0)
    net = build(ARCHITECTURE, TRAINING, plugins, n_symbols=4, n_classes=2)
    save_bundle(folder, spec_of(plugins.sources(["mylab"])), net)
    return folder


def spec_of(sources: list[PluginSource], **changes) -> BundleSpec:
    plain = [{"name": one.name, "sha256": one.sha256} for one in sources]
    return make_spec(**{"architecture": ARCHITECTURE, "plugins": plain, **changes})


def plugin_of(path) -> Plugins:
    return find_plugins([str(path)])

"""Bundles with parts of plug-ins: they load where the user names the plug-in and its source is the same, else nothing
runs."""

import json
import os
import pickle
from contextlib import suppress

import pytest
import torch
from plugin_files import ARCHITECTURE, plugin_of, source_of, write_bundle, write_plugin

from dnaseq.bundle.bundle import SPEC, load_bundle
from dnaseq.bundle.predictor import Predictor
from dnaseq.errors import ConfigError, ModelFileError
from dnaseq.plugins.named import Plugins, use_plugins


@pytest.fixture
def mark(tmp_path):
    """A file that is there if code has run that must not."""
    return tmp_path / "ran"


@pytest.fixture
def own(tmp_path):
    """A plug-in, and a bundle that needs it."""
    path = write_plugin(tmp_path)
    return path, write_bundle(tmp_path / "bundle", plugin_of(path))


def test_a_bundle_predicts_with_the_plug_in_that_is_named(own):
    path, bundle = own
    plugins = plugin_of(path)
    found = Predictor.load(bundle, plugins=[str(path)], device="cpu").predict(["ACGT", "AACCGGTT"])
    net = plugins.part("plugin:mylab/Net")(4, 2).eval()
    net.load_state_dict(load_bundle(bundle, plugins).net.state_dict())
    shares = torch.tensor([[0.25, 0.25, 0.25, 0.25]])
    expected = net.layer(shares).softmax(-1)[0].tolist()
    for one in found:
        assert list(one.probabilities.values()) == pytest.approx(expected, abs=1e-6)


def test_the_spec_says_which_source_the_plug_in_has(own):
    path, bundle = own
    spec = json.loads((bundle / SPEC).read_text())
    source = plugin_of(path).known[0].source
    assert spec["plugins"] == [
        {"name": "mylab", "distribution": None, "version": None, "sha256": source.sha256}
    ]


def test_a_bundle_without_plug_ins_does_not_speak_of_them(bundle):
    assert "plugins" not in json.loads((bundle / SPEC).read_text())


def test_the_model_card_says_which_plug_in_is_to_be_named(own, bundle):
    card = (own[1] / "README.md").read_text()
    assert "dnaseq predict bundle=THIS_FOLDER plugins=[mylab] input=" in card
    assert 'Predictor.load("THIS_FOLDER", plugins=["mylab"])' in card
    assert "plug" not in (bundle / "README.md").read_text()


def test_without_its_name_nothing_runs(own, mark, monkeypatch):
    path, bundle = own
    monkeypatch.chdir(path.parent)
    message = r"needs the plug-in mylab \(SHA-256 .*\)\. If you trust it, write plugins=\[mylab\], or"
    with pytest.raises(ModelFileError, match=message):
        Predictor.load(bundle)


def test_another_source_is_refused_before_it_runs_and_accepted_when_that_is_said(own, mark, caplog):
    path, bundle = own
    path.write_text(source_of(mark))
    with pytest.raises(ModelFileError, match=r"was made with the plug-in mylab .*plugins_changed=accept"):
        Predictor.load(bundle, plugins=[str(path)])
    assert not mark.exists()
    Predictor.load(bundle, plugins=[str(path)], plugins_changed="accept", device="cpu").predict(["ACGT"])
    assert mark.exists()
    assert "was made with the plug-in mylab" in caplog.text


def test_the_plug_ins_of_another_command_do_not_count(own, mark):
    path, bundle = own
    with use_plugins(plugin_of(path)), pytest.raises(ModelFileError, match="needs the plug-in mylab"):
        load_bundle(bundle)


HOSTILE_TARGETS = [
    "plugin:os/system",
    "plugin:subprocess/Popen",
    "plugin:mylab/system",
    "plugin:mylab/_Hidden",
    "plugin:mylab/Net.__init__",
    "plugin:mylab/../other/Net",
    "plugin:../mylab/Net",
    "plugin:./mylab.py/Net",
    "plugin:/tmp/mylab/Net",
    "plugin:mylab:Net",
    "plugin:mylab/",
    "plugin:/",
    "plugin:",
    "plugin:mylab/Net\n",
    "plugin:my\u202elab/Net",
    "plugin:myl\u0430b/Net",  # a Cyrillic a
    "PLUGIN:mylab/Net",
    " plugin:mylab/Net",
    "dnaseq_plugin_mylab.Net",
    "mylab.Net",
    ["plugin:mylab/Net"],
]


@pytest.mark.parametrize("target", HOSTILE_TARGETS, ids=ascii)
def test_a_hostile_target_runs_nothing(target, own, mark, sign, monkeypatch):
    """The plug-in is named, so that only the target is at fault; a module of its name lies in the working folder."""
    path, bundle = own
    monkeypatch.chdir(write_plugin(path.parent / "here", mark=mark).parent)
    sign(bundle, architecture=ARCHITECTURE | {"_target_": target})
    with pytest.raises(ModelFileError):
        load_bundle(bundle, plugin_of(path))
    assert not mark.exists()


@pytest.mark.parametrize(
    "entry",
    [
        {"name": "./mylab.py"},
        {"name": "../mylab"},
        {"name": "/etc/passwd"},
        {"name": "mylab\u0000"},
        {"name": "my\u202elab"},
        {"name": "os"},
        {"name": "mylab", "path": "./mylab.py"},
        {"name": "mylab", "distribution": "../x"},
        {"name": "mylab", "distribution": "x", "version": "1; import os"},
        {"name": "mylab", "sha256": "0" * 63},
        {"name": "mylab", "sha256": None},
    ],
    ids=ascii,
)
def test_a_hostile_entry_of_a_bundle_runs_nothing(entry, own, mark, sign, monkeypatch):
    path, bundle = own
    monkeypatch.chdir(write_plugin(path.parent / "here", mark=mark).parent)
    sign(bundle, plugins=[{"sha256": plugin_of(path).known[0].source.sha256} | entry])
    with pytest.raises(ModelFileError):
        load_bundle(bundle, plugin_of(path))
    assert not mark.exists()


def test_a_bundle_whose_entries_do_not_list_its_plug_in_is_refused(own, mark, sign):
    path, bundle = own
    sign(bundle, plugins=[])
    with pytest.raises(
        ModelFileError, match=r"plugins must be those that parts of the network name: \['mylab'\]"
    ):
        load_bundle(bundle, plugin_of(path))


def test_a_bundle_cannot_have_a_plug_in_named_that_it_does_not_need(own, mark, sign, tmp_path):
    path, bundle = own
    other = write_plugin(tmp_path / "other", "other.py", mark)
    known = [plugin_of(one).known[0].source for one in (path, other)]
    sign(bundle, plugins=[{"name": one.name, "sha256": one.sha256} for one in known])
    with pytest.raises(ModelFileError, match="plugins must be those"):
        load_bundle(bundle, Plugins((*plugin_of(path).known, *plugin_of(other).known)))
    assert not mark.exists()


@pytest.mark.parametrize("place", ["mylab.py", "mylab/__init__.py", "model.safetensors.py", "conftest.py"])
def test_code_in_a_bundle_does_not_run(place, own, mark, monkeypatch):
    path, bundle = own
    write_plugin((bundle / place).parent, (bundle / place).name, mark)
    monkeypatch.chdir(bundle)
    with pytest.raises(ModelFileError, match="needs the plug-in"):
        load_bundle(bundle)
    load_bundle(bundle, plugin_of(path))
    assert not mark.exists()


def test_a_link_in_a_bundle_to_code_does_not_run(own, mark, monkeypatch):
    path, bundle = own
    os.symlink(write_plugin(path.parent / "there", mark=mark), bundle / "mylab.py")
    monkeypatch.chdir(bundle)
    load_bundle(bundle, plugin_of(path))
    assert not mark.exists()


class Bomb:
    """An object whose pickle makes a file where it is read."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return open, (str(self.mark), "w")


@pytest.mark.parametrize("place", ["model.safetensors", SPEC, "mylab.pkl", "mylab.py"])
def test_a_pickle_in_a_bundle_is_not_read(place, own, mark, monkeypatch):
    path, bundle = own
    (bundle / place).write_bytes(pickle.dumps(Bomb(mark)))
    monkeypatch.chdir(bundle)
    with suppress(ModelFileError):
        load_bundle(bundle, plugin_of(path))
    assert not mark.exists()


def test_a_pickle_that_is_named_as_a_plug_in_does_not_run(own, mark):
    path, _ = own
    path.write_bytes(pickle.dumps(Bomb(mark)))
    with pytest.raises(ConfigError, match=r"mylab\.py:1: SyntaxError"):
        plugin_of(path).part("plugin:mylab/Net")
    assert not mark.exists()


def test_plug_ins_of_a_predictor_are_a_list(own):
    path, bundle = own
    with pytest.raises(ConfigError, match="plugins must be a list of names"):
        Predictor.load(bundle, plugins=str(path))


def test_a_huge_number_in_a_bundle_of_a_plug_in_costs_nothing(own, sign):
    path, bundle = own
    sign(bundle, architecture=ARCHITECTURE | {"width": 10**12})
    with pytest.raises(ModelFileError, match="fits no tensor of the weights"):
        load_bundle(bundle, plugin_of(path))

"""Bundles of strangers in init=: refused in one line, or used as data; nothing of them is run."""

import hashlib
import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from plugin_files import plugin_of, write_bundle, write_plugin

from dnaseq.bundle.spec import spec_hash

TUNED = ("recipe=none", "trainer=cpu", "batch_size=16", "max_epochs=1", "calibration=none")
CANARY = "canary-4711-secret"


@pytest.fixture(autouse=True)
def _without_pages(without_pages, monkeypatch):
    monkeypatch.setenv("DNASEQ_CANARY", CANARY)


@pytest.fixture
def bundle(trained, tmp_path) -> Path:
    return Path(shutil.copytree(trained / "bundle", tmp_path / "stranger"))


@pytest.fixture
def data(easy_fasta):
    return ("data=fasta", f"data.train={easy_fasta}/test.fa", "leaks=keep")


def sign(folder: Path, change: Callable[[dict], object]) -> None:
    """Change the spec, and make its hashes fit again."""
    spec = json.loads((folder / "spec.json").read_text())
    change(spec)
    spec["sha256"] = {
        "spec": spec_hash(spec),
        "weights": hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest(),
    }
    (folder / "spec.json").write_text(json.dumps(spec))


def put(*path: str, value: object) -> Callable[[dict], None]:
    def change(spec: dict) -> None:
        node = spec
        for key in path[:-1]:
            node = node[key]
        node[path[-1]] = value

    return change


class Touch:
    def __reduce__(self):
        return (Path.touch, (Path("MARKER"),))


SYSTEM = {"_target_": "os.system", "command": "touch MARKER", "_partial_": True}
SPECS = {
    "a target that is no network": put("architecture", value=SYSTEM),
    "a part that is no network": put("architecture", "encoder", value=SYSTEM),
    "a name that leads out of the allowed modules": put(
        "architecture", "pool", "_target_", value="dnaseq.models.encoded.torch.load"
    ),
    "a module of training": put("architecture", "_target_", value="dnaseq.training.trainer.make_trainer"),
    "a module of the working folder": put("architecture", "head", "_target_", value="evil.Head"),
    "an encoding that is none": put("encoding", "_target_", value="builtins.open"),
    "a reference to the environment": put("architecture", "encoder", "cell", value="${oc.env:DNASEQ_CANARY}"),
    "a reference in the encoding": put("encoding", "ambiguous", value="${oc.env:DNASEQ_CANARY}"),
    "a width beyond all memory": put("architecture", "encoder", "hidden", value=10**12),
    "a head that is code": put("architecture", "head", value=SYSTEM),
    "files that are no hashes": put(
        "training", "init", value={"bundle": "../../x", "sha256": "x", "files": ["../x"]}
    ),
    "a number of digests below zero": put("training", "records", value={"n": -1, "sha256": "0" * 64}),
}


def refused(run, data, tmp_path, *options: str) -> str:
    (tmp_path / "evil.py").write_text("open('MARKER', 'w')")
    code, out, err = run("train", *TUNED, *data, *options, "run_dir=b")
    assert code in (2, 3, 4, 5), err
    assert not list(tmp_path.rglob("MARKER"))
    assert not (tmp_path / "b").exists()
    assert CANARY not in out + err
    assert "Traceback" not in err
    return err


@pytest.mark.parametrize("name", SPECS)
def test_a_spec_that_wants_more_than_a_network_is_refused(run, data, bundle, tmp_path, name):
    sign(bundle, SPECS[name])
    assert "spec.json" in refused(run, data, tmp_path, f"init={bundle}")


def test_a_pickle_in_place_of_weights_is_refused(run, data, bundle, tmp_path):
    (bundle / "model.safetensors").write_bytes(pickle.dumps(Touch()))
    sign(bundle, lambda spec: None)
    assert "not a file of weights" in refused(run, data, tmp_path, f"init={bundle}")


def test_a_pickle_in_place_of_digests_is_refused(run, data, bundle, tmp_path):
    (bundle / "records.bin").write_bytes(pickle.dumps(Touch()))
    assert "records.bin" in refused(run, data, tmp_path, f"init={bundle}")


@pytest.mark.parametrize(
    "init",
    [
        "https://example.org/bundle",
        "s3://bucket/bundle",
        "[a,b]",
        "{a: b}",
        "nowhere",
        "stranger/spec.json",
        "/",
        "''",
    ],
)
def test_what_is_no_bundle_is_refused(run, data, bundle, tmp_path, init):
    refused(run, data, tmp_path, f"init={init}")


@pytest.mark.parametrize(
    "name", ["../../outside", "/etc", "a/b", ".", "x\ny", "${oc.env:DNASEQ_CANARY}", "-m", ""]
)
def test_the_name_of_a_model_leads_nowhere(run, data, bundle, tmp_path, name):
    sign(bundle, put("training", "model", value=name))
    code, out, err = run("train", *TUNED, *data, f"init={bundle}")
    assert code == 0, err
    assert CANARY not in out + err
    (folder,) = [path.parent for path in tmp_path.rglob("scores.json")]
    assert folder.relative_to(tmp_path).parts[:3] == ("runs", "fasta", "own-onehot")


def test_a_plug_in_of_the_bundle_runs_only_if_it_is_named(run, data, tmp_path):
    write_bundle(tmp_path / "bundle", plugin_of(write_plugin(tmp_path)))
    err = refused(run, data, tmp_path, "init=bundle")
    assert "needs the plug-in mylab" in err
    code, _, err = run("train", *TUNED, *data, "init=bundle", "plugins=[./mylab.py]", "run_dir=b")
    assert code == 0, err

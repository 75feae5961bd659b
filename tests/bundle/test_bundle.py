import json
import random

import pytest
import torch
from msgspec.structs import replace
from safetensors.torch import load_file, save_file

from dnaseq.bundle.bundle import SPEC, WEIGHTS, load_bundle, save_bundle
from dnaseq.errors import ConfigError, DnaseqError, FileAccessError, ModelFileError


def change_spec(folder, **changes):
    spec = json.loads((folder / SPEC).read_text())
    (folder / SPEC).write_text(json.dumps(spec | changes))


def test_weights_come_back_as_they_were_saved(bundle):
    state = load_bundle(bundle).net.state_dict()
    saved = load_file(bundle / WEIGHTS)
    assert state.keys() == saved.keys()
    assert all(torch.equal(state[name], saved[name]) for name in saved)


def test_a_bundle_is_three_files_and_none_of_them_code(bundle):
    assert sorted(p.name for p in bundle.iterdir()) == ["README.md", "model.safetensors", "spec.json"]


@pytest.mark.parametrize("name", [SPEC, WEIGHTS])
def test_no_truncated_file_is_accepted(copy, name):
    whole = (copy / name).read_bytes()
    for length in [
        *range(0, len(whole), max(len(whole) // 100, 1)),
        len(whole) - 2,
    ]:  # the last byte of JSON is a line end
        (copy / name).write_bytes(whole[:length])
        with pytest.raises(ModelFileError, match=name):
            load_bundle(copy)


@pytest.mark.parametrize("name", [SPEC, WEIGHTS])
@pytest.mark.parametrize("seeds", [range(20), pytest.param(range(20, 400), marks=pytest.mark.slow)], ids=len)
def test_no_flipped_bit_is_accepted(copy, name, seeds):
    whole = (copy / name).read_bytes()
    for seed in seeds:
        at = random.Random(seed).randrange(len(whole) * 8)
        damaged = bytearray(whole)
        damaged[at // 8] ^= 1 << at % 8
        (copy / name).write_bytes(damaged)
        if name == SPEC and _same_json(whole, bytes(damaged)):
            continue  # white space between entries
        with pytest.raises(ModelFileError):
            load_bundle(copy)


def _same_json(a: bytes, b: bytes) -> bool:
    try:
        return json.loads(a) == json.loads(b)
    except ValueError:
        return False


@pytest.mark.parametrize(
    "change",
    [
        {"classes": ["pos", "neg"]},
        {"threshold": 0.9},
        {"encoding": {"_target_": "dnaseq.encode.kmer.Kmer", "k": 3}},
        {"lengths": {"policy": "trim", "length": 10}},
    ],
)
def test_a_spec_edited_by_hand_is_refused(copy, change):
    change_spec(copy, **change)
    with pytest.raises(ModelFileError, match="was changed after it was written"):
        load_bundle(copy)


def test_a_newer_format_is_refused_with_both_versions(copy):
    change_spec(copy, format_version=4)
    with pytest.raises(ModelFileError, match=r"format version 4, this dnaseq reads 1 to 3. Upgrade"):
        load_bundle(copy)


def test_an_entry_too_many_is_named(copy):
    change_spec(copy, surprise=1)
    with pytest.raises(ModelFileError, match="unknown field `surprise`"):
        load_bundle(copy)


@pytest.mark.parametrize("target", ["os.getcwd", "dnaseq.models.encoded.torch.load", "builtins.exec"])
def test_a_signed_spec_cannot_run_code(copy, sign, target):
    sign(copy, architecture={"_target_": target})
    with pytest.raises(ModelFileError, match="not allowed here"):
        load_bundle(copy)


def test_weights_of_another_shape_are_named(copy, sign):
    tensors = load_file(copy / WEIGHTS)
    tensors["head.classify.1.bias"] = torch.zeros(3)
    save_file(tensors, copy / WEIGHTS)
    sign(copy)
    with pytest.raises(ModelFileError, match=r"head.classify.1.bias is \(3,\), expected \(2,\)"):
        load_bundle(copy)


def test_weights_of_another_type_are_named(copy, sign):
    tensors = {name: tensor.half() for name, tensor in load_file(copy / WEIGHTS).items()}
    save_file(tensors, copy / WEIGHTS)
    sign(copy)
    with pytest.raises(ModelFileError, match=r"is float16, expected float32"):
        load_bundle(copy)


def test_a_missing_tensor_is_named(copy, sign):
    tensors = load_file(copy / WEIGHTS)
    del tensors["head.classify.1.bias"]
    save_file(tensors, copy / WEIGHTS)
    sign(copy)
    with pytest.raises(ModelFileError, match=r"do not fit the architecture: head.classify.1.bias"):
        load_bundle(copy)


def test_weights_that_are_not_numbers_are_named(copy, sign):
    tensors = load_file(copy / WEIGHTS)
    tensors["head.classify.1.bias"] = torch.tensor([0.0, float("nan")])
    save_file(tensors, copy / WEIGHTS)
    sign(copy)
    with pytest.raises(ModelFileError, match=r"head.classify.1.bias holds values that are not numbers"):
        load_bundle(copy)


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileAccessError, match="no such bundle folder"):
        load_bundle(tmp_path / "nothing")


def test_a_folder_that_is_no_bundle_is_named(tmp_path):
    with pytest.raises(ModelFileError, match=r"not a bundle, it has no spec.json"):
        load_bundle(tmp_path)


def test_a_run_folder_names_its_bundle(tmp_path):
    (tmp_path / "bundle").mkdir()
    (tmp_path / "bundle" / "spec.json").write_text("{}")
    with pytest.raises(ModelFileError, match=r"it has no spec.json. Its bundle is .*/bundle$"):
        load_bundle(tmp_path)


def test_an_address_is_refused():
    with pytest.raises(ConfigError, match="read from disk only"):
        load_bundle("https://example.org/bundle")


def test_every_refusal_is_one_the_program_knows(copy):
    (copy / SPEC).write_text("<html>")
    with pytest.raises(DnaseqError) as raised:
        load_bundle(copy)
    assert raised.value.exit_code == 4


def test_what_could_not_be_read_is_not_written(bundle, tmp_path):
    loaded = load_bundle(bundle)
    with pytest.raises(ValueError, match=r"threshold: expected `float` <= 1\.0"):
        save_bundle(tmp_path / "b", replace(loaded.spec, threshold=2), loaded.net)
    assert not (tmp_path / "b").exists()


def test_a_bundle_about_which_nothing_is_said_decides_nothing(bundle):
    spec = load_bundle(bundle).spec
    assert (spec.calibration, spec.threshold, spec.decision.rule) == (None, 0.5, "fixed")
    assert (spec.abstention, spec.novelty) == (None, None)

import pytest
import torch
from safetensors.torch import load_file
from specs import make_spec

from dnaseq.build import build
from dnaseq.bundle.bundle import SPEC, WEIGHTS, load_bundle
from dnaseq.bundle.network import build_network, empty_network
from dnaseq.bundle.spec import read_spec
from dnaseq.encode.onehot import OneHot
from dnaseq.errors import ModelFileError

MODELS = ("rnn", "lstm", "bigru", "attention", "multihead", "transformer", "cnn", "cnn_bilstm")


@pytest.fixture(scope="module")
def cnn(tmp_path_factory, make_bundle):
    return make_bundle(tmp_path_factory.mktemp("cnn") / "b", "cnn")


def deep(levels: int) -> list:
    node: list = []
    for _ in range(levels):
        node = [node]
    return node


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("encoding", ["onehot", "kmer"])
def test_an_empty_network_has_the_names_shapes_and_types_of_the_weights(
    tmp_path, make_bundle, model, encoding
):
    folder = make_bundle(tmp_path / "b", model, encoding)
    spec, tensors = read_spec(folder / SPEC), load_file(folder / WEIGHTS)
    empty = empty_network(spec, build(spec.encoding), tensors).state_dict()
    assert {n: (t.shape, t.dtype) for n, t in empty.items()} == {
        n: (t.shape, t.dtype) for n, t in tensors.items()
    }
    assert all(tensor.is_meta for tensor in empty.values())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"filters": 10**11}, "spec.json: architecture: 100000000000 fits no tensor"),
        ({"layers": 10**9}, "spec.json: architecture: 1000000000 fits no tensor"),
        (
            {"filters": 1000},
            r"model.safetensors: encoder.scanners.0.bias is \(128,\), expected \(1000,\)",
        ),
        ({"filters": -1}, "spec.json: SequenceClassifier: filters must be a whole number"),
        ({"filters": deep(400)}, r"spec.json: maximum recursion depth"),
        ({"layers": 2}, "model.safetensors: weights do not fit the architecture: encoder.scanners.1"),
        ({"surprise": 1}, "spec.json: SequenceClassifier: .*surprise"),
        ({"_args_": 5}, "spec.json: .*_args_"),
        ({"_recursive_": 5}, "spec.json: .*_recursive_"),
        ({"_partial_": False}, "spec.json: SequenceClassifier: .*d_in"),
        ({"_target_": ["os.getcwd"]}, "spec.json: .* is not allowed here"),
        ({"_target_": {"a": "os.getcwd"}}, "spec.json: .* is not allowed here"),
        ({"_target_": "dnaseq.models.nothing.Here"}, "spec.json: .* cannot be found"),
        ({"_target_": "dnaseq.models..x"}, "spec.json: .* cannot be found"),
        ({"_target_": "dnaseq.models.encoded.last_real"}, "spec.json: "),
        ({"filters": "${oc.env:HOME}"}, "spec.json: .* is a reference"),
    ],
)
def test_a_false_description_is_refused(cnn, tmp_path, sign, change, said):
    folder = tmp_path / "b"
    folder.mkdir()
    for name in (SPEC, WEIGHTS):
        (folder / name).write_bytes((cnn / name).read_bytes())
    architecture = read_spec(cnn / SPEC).architecture
    sign(folder, architecture=architecture | {"encoder": architecture["encoder"] | change})
    with pytest.raises(ModelFileError, match=said):
        load_bundle(folder)


@pytest.mark.parametrize(
    "target", ["dnaseq.encode.onehot.OneHot", "dnaseq.models.head.Linear", "dnaseq.models.pool.Mean"]
)
def test_what_is_no_classifier_is_refused(copy, sign, target):
    sign(copy, architecture={"_target_": target})
    with pytest.raises(ModelFileError, match=r"spec.json: "):
        load_bundle(copy)


def test_windows_shorter_than_k_are_refused(tmp_path, make_bundle, sign):
    folder = make_bundle(tmp_path / "b", encoding="kmer")
    sign(folder, lengths={"policy": "trim", "length": 2})
    with pytest.raises(ModelFileError, match=r"data.length=2 is less than encoding.k=3"):
        load_bundle(folder)


def test_a_network_that_cannot_answer_is_found_out(cnn):
    embed = {"_target_": "dnaseq.models.embed.Lookup", "_partial_": True}  # wants ids, not one-hot
    architecture = read_spec(cnn / SPEC).architecture | {"embed": embed}
    tensors = build(architecture, n_symbols=4, n_classes=2).state_dict()
    with pytest.raises(RuntimeError, match="indices"):
        build_network(make_spec(architecture=architecture), OneHot(), tensors)


def test_a_loaded_network_is_in_evaluation_mode(cnn):
    assert not build_network(read_spec(cnn / SPEC), OneHot(), load_file(cnn / WEIGHTS)).training


def test_loading_leaves_the_weights_as_they_are(cnn):
    spec, tensors = read_spec(cnn / SPEC), load_file(cnn / WEIGHTS)
    net = build_network(spec, OneHot(), tensors)
    assert all(torch.equal(net.state_dict()[name], tensors[name]) for name in tensors)

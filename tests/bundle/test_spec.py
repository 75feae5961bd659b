import json

import pytest
from msgspec import to_builtins

from dnaseq.bundle import spec as module
from dnaseq.bundle.bundle import SPEC, load_bundle
from dnaseq.bundle.spec import read_spec
from dnaseq.errors import ModelFileError


def test_a_spec_comes_back_as_it_was_written(bundle):
    assert to_builtins(read_spec(bundle / SPEC)) == json.loads((bundle / SPEC).read_text())


@pytest.mark.parametrize(
    ("entry", "value", "said"),
    [
        ("threshold", float("nan"), "threshold: expected `float` >= 0.0"),
        ("threshold", "x", "threshold: expected `float`, got `str`"),
        ("threshold", 1.5, "threshold: expected `float` <= 1.0"),
        ("threshold", -0.1, "threshold: expected `float` >= 0.0"),
        ("threshold", True, "threshold: expected `float`, got `bool`"),
        ("threshold", 10**400, "threshold: number out of range"),
        ("classes", "ab", "classes: expected `array`, got `str`"),
        ("classes", [1, 2], r"classes\[.\]: expected `str`, got `int`"),
        ("classes", [], "classes: expected `array` of length >= 1"),
        ("classes", ["a", "\u202e"], "classes must be different printable names"),
        ("classes", ["a", "a"], "classes must be different printable names"),
        ("classes", ["a"], r"classes must be at least two with task binary; got \['a'\]"),
        ("classes", ["a", "b", "c"], "task must be multiclass with 3 classes; got binary"),
        ("task", "multiclass", "task must be binary with 2 classes; got multiclass"),
        ("task", "regression", "link must have a mean for each target in regression"),
        ("task", "labelling", "classes must be single letters with task labelling"),
        ("link", {"kind": "log", "mean": [1, 1]}, "link must have .* else be null"),
        ("task", ["binary"], "task: expected `str`, got `array`"),
        (
            "task",
            "ranking",
            "task: expected `str` matching .*binary.multiclass.multilabel.regression.labelling",
        ),
        ("lengths", [], "lengths: expected `object`, got `array`"),
        ("lengths", {"policy": "cut", "length": None}, "length_policy must be one of error, pad, trim, tile"),
        ("lengths", {"policy": "trim", "length": None}, "length_policy=trim needs a length"),
        ("lengths", {"policy": "pad", "length": "9"}, "lengths.length: expected `int . null`, got `str`"),
        ("calibration", {"temperature": 2}, "calibration: object missing required field `kind`"),
        ("decision", {"rule": "mcc"}, "decision.rule: invalid enum value 'mcc'"),
        ("abstention", {}, "abstention: object missing required field `at_most`"),
        ("novelty", {"rate": 0.1}, "novelty: object missing required field `cut_off`"),
        ("training", {}, "training: object missing required field `data`"),
        ("scores", {"auroc": 1}, r"scores\[.\]: expected `object`, got `int`"),
        ("encoding", None, "encoding: expected `object`, got `null`"),
        (
            "encoding",
            {"_target_": "dnaseq.encode.kmer.Kmer", "k": "???"},
            "encoding must have every value given",
        ),
        ("architecture", {"_target_": ["os.getcwd"]}, "is not allowed here"),
        ("dnaseq_version", 1, "dnaseq_version: expected `str`, got `int`"),
        ("format_version", True, "format version True, this dnaseq reads 1 to 3"),
        ("format_version", 0, "format version 0, this dnaseq reads 1 to 3"),
        ("format_version", [1], r"format version \[1\], this dnaseq reads 1 to 3"),
    ],
)
def test_an_entry_that_is_signed_but_wrong_is_named(copy, sign, entry, value, said):
    sign(copy, **{entry: value})
    with pytest.raises(ModelFileError, match=rf"spec.json: .*{said}"):
        load_bundle(copy)


@pytest.mark.parametrize("value", ["abc", None, {}, {"spec": "0" * 64}, {"weights": "0" * 64, "spec": 5}])
def test_hashes_that_are_none_are_refused(copy, value):
    spec = json.loads((copy / SPEC).read_text()) | {"sha256": value}
    (copy / SPEC).write_text(json.dumps(spec))
    with pytest.raises(ModelFileError, match=r"sha256|SHA-256 differs"):
        read_spec(copy / SPEC)


@pytest.mark.parametrize(
    "text", ['{"a": ' + "[" * 200_000 + "]" * 200_000 + "}", "[" * 200_000, "<html>", "", "\x80", "9" * 9999]
)
def test_what_cannot_be_parsed_is_no_bundle(copy, text):
    (copy / SPEC).write_text(text, encoding="latin-1")
    with pytest.raises(ModelFileError, match="not JSON"):
        read_spec(copy / SPEC)


@pytest.mark.parametrize("text", ["[]", "3", "null", '"a"', "{}"])
def test_json_that_describes_nothing_is_of_no_version(copy, text):
    (copy / SPEC).write_text(text)
    with pytest.raises(ModelFileError, match="format version None"):
        read_spec(copy / SPEC)


def test_infinity_is_refused(copy):
    (copy / SPEC).write_text((copy / SPEC).read_text().replace('"n": 12', '"n": 1e999'))
    with pytest.raises(ModelFileError, match=r"spec.json: training.n: expected `int`"):
        read_spec(copy / SPEC)


def test_a_file_too_large_is_refused_unread(copy, monkeypatch):
    monkeypatch.setattr(module, "LARGEST_SPEC", 100)
    monkeypatch.setattr("pathlib.Path.read_bytes", lambda path: pytest.fail("was read"))
    with pytest.raises(ModelFileError, match="bytes is no model description"):
        read_spec(copy / SPEC)


def test_a_file_that_may_not_be_read_is_an_access_error(copy, monkeypatch):
    def refuse(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.read_bytes", refuse)
    with pytest.raises(module.FileAccessError, match=r"spec.json: Permission denied"):
        read_spec(copy / SPEC)


def as_version_1(folder, sign) -> None:
    """Make of the bundle what version 1 would have written."""
    spec = json.loads((folder / SPEC).read_text())
    for name in ("decision", "abstention", "novelty", "strands", "link"):
        del spec[name]
    (folder / SPEC).write_text(json.dumps(spec))
    sign(folder, format_version=1)


def test_version_1_reads_as_one_that_decides_nothing_more(copy, sign):
    as_version_1(copy, sign)
    spec = read_spec(copy / SPEC)
    assert spec.format_version == 3
    assert (spec.decision.rule, spec.abstention, spec.novelty) == ("fixed", None, None)
    assert (spec.strands, spec.link) == ("one", None)


def test_version_1_that_was_changed_is_refused(copy, sign):
    as_version_1(copy, sign)
    (copy / SPEC).write_text((copy / SPEC).read_text().replace('"threshold": 0.5', '"threshold": 0.6'))
    with pytest.raises(ModelFileError, match="was changed after it was written"):
        read_spec(copy / SPEC)


def test_there_is_a_curve_for_each_of_three_classes(copy, sign):
    curve = {"x": [0, 1], "y": [0.1, 0.9]}
    sign(copy, calibration={"kind": "isotonic", "n": 50, "curves": [curve] * 3})
    with pytest.raises(ModelFileError, match=r"calibration must have 1 curve\(s\) with 2 classes; got 3"):
        read_spec(copy / SPEC)


def test_a_missing_entry_is_named(copy):
    spec = json.loads((copy / SPEC).read_text())
    del spec["training"]
    (copy / SPEC).write_text(json.dumps(spec))
    with pytest.raises(ModelFileError, match="missing required field `training`"):
        read_spec(copy / SPEC)

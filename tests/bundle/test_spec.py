import json

import pytest

from dnaseq.bundle import spec as module
from dnaseq.bundle.bundle import SPEC, load_bundle
from dnaseq.bundle.checks import DEFAULT_DECISIONS
from dnaseq.bundle.spec import check_spec, read_spec
from dnaseq.errors import ModelFileError


def test_a_spec_comes_back_as_it_was_written(bundle):
    assert read_spec(bundle / SPEC) == json.loads((bundle / SPEC).read_text())


@pytest.mark.parametrize(
    ("entry", "value", "said"),
    [
        ("threshold", float("nan"), "JSON"),
        ("threshold", "x", "threshold must be a number from 0 to 1; got 'x'"),
        ("threshold", 1.5, "threshold must be a number from 0 to 1; got 1.5"),
        ("threshold", -0.1, "threshold must be a number from 0 to 1; got -0.1"),
        ("threshold", True, "threshold must be a number from 0 to 1; got True"),
        ("threshold", 10**400, "threshold must be a number from 0 to 1; got 1000"),
        ("classes", "ab", "classes must be a list of different printable names; got 'ab'"),
        ("classes", [1, 2], "classes must be a list of different printable names"),
        ("classes", ["a", "a"], "classes must be a list of different printable names"),
        ("classes", ["a"], r"classes must be at least two with task binary; got \['a'\]"),
        ("classes", ["a", "b", "c"], "task must be multiclass with 3 classes; got binary"),
        ("task", "multiclass", "task must be binary with 2 classes; got multiclass"),
        ("task", "regression", "link must be an object of kind identity or log, with 2 mean"),
        ("task", "labelling", "classes must be single letters with task labelling"),
        ("link", {"kind": "log", "mean": [1, 1]}, "link must be null with task binary"),
        ("task", ["binary"], "task must be one of binary, multiclass, multilabel, regression, labelling"),
        ("lengths", [], "lengths must be an object of policy and length alone"),
        ("lengths", {"policy": "pad"}, "lengths must be an object of policy and length alone"),
        ("lengths", {"policy": "pad", "length": 1, "x": 1}, "lengths must be an object of policy and length"),
        ("lengths", {"policy": "cut", "length": None}, "length_policy must be one of error, pad, trim, tile"),
        ("lengths", {"policy": "trim", "length": None}, "length_policy=trim needs a length"),
        ("lengths", {"policy": "pad", "length": "9"}, "length must be a whole number of bases"),
        ("calibration", {"temperature": 2}, "calibration must be null, a temperature"),
        ("decision", {"rule": "mcc"}, "decision must be an object whose rule is one of fixed, max_mcc"),
        ("abstention", {}, "abstention must be null or an object of at_most"),
        ("novelty", {"rate": 0.1}, "novelty must be null or an object of rate"),
        ("training", {}, "training must be an object of data, model, encoding"),
        ("scores", {"auroc": 1}, "scores must be null or an object of metrics"),
        ("encoding", None, "encoding must be an object whose _target_ is text"),
        ("encoding", {"_target_": "dnaseq.encode.kmer.Kmer", "k": "???"}, "with every value given"),
        (
            "architecture",
            {"_target_": ["os.getcwd"]},
            "architecture must be an object whose _target_ is text",
        ),
        ("dnaseq_version", 1, "dnaseq_version must be text"),
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
    with pytest.raises(ModelFileError, match="sha256 must be an object of two SHA-256"):
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
    (copy / SPEC).write_text((copy / SPEC).read_text().replace('"threshold": 0.5', '"threshold": 1e999'))
    with pytest.raises(ModelFileError, match=r"spec.json: .*JSON"):
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
    assert spec["format_version"] == 3
    assert {name: spec[name] for name in DEFAULT_DECISIONS} == DEFAULT_DECISIONS
    assert (spec["strands"], spec["link"]) == ("one", None)


def test_version_1_with_an_entry_of_version_2_is_refused(copy, sign):
    as_version_1(copy, sign)
    sign(copy, novelty=None)
    with pytest.raises(ModelFileError, match="missing or unknown entries: novelty"):
        read_spec(copy / SPEC)


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


def test_a_missing_entry_is_a_broken_promise(bundle):
    spec = read_spec(bundle / SPEC)
    del spec["scores"]
    with pytest.raises(ValueError, match="missing or unknown entries: scores"):
        check_spec(spec)

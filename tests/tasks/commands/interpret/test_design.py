"""dnaseq design: records changed for a small GRU that counts G and C, and for an ensemble."""

import csv

import pytest
import torch
from specs import ENTRIES, make_spec

from dnaseq.build import build
from dnaseq.bundle.bundle import save_bundle
from dnaseq.bundle.predictor import Predictor

START = ">a\nATTATCGAATATTACGATATAATTATCGAATATTACGATA\n>b\nATCGATATTCTATAACGTATATCGATATTCTATAACGTAT\n"
GRU = {
    "_target_": "dnaseq.models.encoders.recurrent.Recurrent",
    "_partial_": True,
    "cell": "gru",
    "hidden": 4,
}
MEMBER = {
    "_target_": "dnaseq.models.classifier.SequenceClassifier",
    "_partial_": True,
    "embed": {"_target_": "dnaseq.models.embed.Dense", "_partial_": True, "d_out": None},
    "encoder": GRU,
    "pool": {"_target_": "dnaseq.models.pool.Mean", "_partial_": True},
    "head": {"_target_": "dnaseq.models.head.Linear", "_partial_": True},
}


@pytest.fixture
def design(run, trained, tmp_path):
    (tmp_path / "s.fa").write_text(START)

    def call(*arguments, bundle=trained):
        return run("design", f"bundle={bundle}", "device=cpu", "start=s.fa", "output=d.fa", *arguments)

    return call


@pytest.fixture(scope="module")
def save_ensemble(tmp_path_factory):
    """save_ensemble(3, seed=1) -> the folder of the bundle of so many untrained networks."""

    def save(members: int, seed: int):
        ensemble = {"_target_": "dnaseq.models.ensemble.Ensemble", "members": [MEMBER] * members}
        torch.manual_seed(seed)
        net = build(ensemble, n_symbols=4, n_classes=2)
        folder = tmp_path_factory.mktemp("ensemble") / "bundle"
        save_bundle(folder, make_spec(architecture=ensemble, training=ENTRIES["training"]), net)
        return folder

    return save


def designs(folder) -> dict[str, tuple[str, str]]:
    """Return header and letters of each design."""
    lines = (folder / "d.fa").read_text().splitlines()
    headers = [line[1:].split(" ", 1) for line in lines[::2]]
    return {name: (rest, letters) for (name, rest), letters in zip(headers, lines[1::2], strict=True)}


def table(folder) -> list[dict[str, str]]:
    with open(folder / "d.tsv") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def test_edits_raise_the_logit_step_by_step_within_limits(design, trained, tmp_path):
    code, out, err = design("edits=5", "protect=[0:6,30:35]", "forbid=[GGCC,CCWGG]", "gc=0:0.35", "beam=2")
    assert (code, out) == (0, ""), err
    starts = dict(zip("ab", START.split("\n")[1::2], strict=True))
    found = designs(tmp_path)
    assert list(found) == ["a", "b"]
    steps = table(tmp_path)
    for name, (header, letters) in found.items():
        own = [row for row in steps if row["id"] == name]
        changed = list(starts[name])
        for row in own[1:]:
            assert changed[int(row["position"])] == row["old"]
            changed[int(row["position"])] = row["new"]
        assert "".join(changed) == letters
        assert (letters[:6], letters[30:35]) == (starts[name][:6], starts[name][30:35])
        assert "GGCC" not in letters
        assert (letters.count("G") + letters.count("C")) / 40 <= 0.35
        assert float(own[-1]["logit"]) > float(own[0]["logit"])
        assert header.startswith(f"target=rich edits={len(own) - 1} logit=")
        (answer,) = Predictor.load(trained / "bundle", device="cpu").predict([letters])
        assert float(own[-1]["probability"]) == pytest.approx(answer.probabilities["rich"], abs=1e-6)
    assert "the logit of rich rises from" in err
    assert "there is no independent judge of the designs. Name another model: judge=BUNDLE" in err


def test_designs_have_their_distance_from_the_training_records(design, described, tmp_path):
    predictor = Predictor.load(described)
    code, _, err = design("edits=12", "beam=1", bundle=described)
    assert code == 0, err
    last = {row["id"]: row for row in table(tmp_path)}
    for name, (header, letters) in designs(tmp_path).items():
        (answer,) = predictor.predict([letters])
        assert last[name]["novel"] == ("yes" if answer.note else "no")
        assert f"novel={last[name]['novel']}" in header
        is_beyond = float(last[name]["novelty_distance"]) > predictor.novelty.cut_off
        assert is_beyond == (last[name]["novel"] == "yes")
    assert "of 2 designs are unlike the training records" in err


def test_the_last_member_of_an_ensemble_is_the_judge(design, save_ensemble, tmp_path):
    folder = save_ensemble(3, seed=1)
    code, _, err = design("edits=2", "beam=1", bundle=folder)
    assert code == 0, err
    assert "the judge is member 3 of the ensemble; the search sees the 2 before it" in err
    assert "the bundle does not know its training records" in err
    rows = table(tmp_path)
    assert all(row["judge_logit"] for row in rows)
    assert {row["novel"] for row in rows} == {""}
    code, _, err = design("edits=2", "judge=none", "overwrite=true", bundle=folder)
    assert (code, "no independent judge" in err) == (0, True)
    assert {row["judge_logit"] for row in table(tmp_path)} == {""}


def test_another_bundle_is_the_judge(design, save_ensemble, tmp_path):
    judge = save_ensemble(1, seed=2)
    code, _, err = design("edits=2", f"judge={judge}", "target=pos", bundle=save_ensemble(1, seed=1))
    assert code == 0, err
    assert f"the judge is the bundle {judge}" in err
    last = {row["id"]: row for row in table(tmp_path)}
    letters = [letters for _, letters in designs(tmp_path).values()]
    answers = Predictor.load(judge, device="cpu").predict(letters)
    for answer, row in zip(answers, last.values(), strict=True):
        share = answer.probabilities["pos"]
        assert 1 / (1 + 2.718281828 ** -float(row["judge_logit"])) == pytest.approx(share, abs=1e-5)


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        ("forbid=CGAATA", 3, "s.fa:1: record 'a': the forbidden site CGAATA begins at base 5 (0-based)"),
        ("forbid=TATTCG", 3, "the forbidden site CGAATA begins at base 5"),
        ("gc=0.4:0.6", 3, "s.fa:1: record 'a': GC content is 0.200, not from 0.4 to 0.6"),
        ("protect=30:50", 3, "s.fa:1: record 'a': protect=30:50 ends after its 40 bases"),
        ("protect=30", 2, "protect must be as protect=20:60"),
        ("gc=0.2:1.5", 2, "gc must be two shares from 0 to 1"),
        ("gc=low", 2, "gc must be as gc=0.4:0.6"),
        ("forbid=[]", 0, ""),
        ("forbid=GAXTTC", 2, "forbid=GAXTTC: letter 'X'"),
        ("judge=nowhere", 5, "nowhere: no such bundle folder"),
        ("target=blue", 2, "target=blue"),
        ("output=d.txt", 2, "output=d.txt must end in .fa or .fasta"),
        ("edits=0", 2, "edits must be a whole number from 1 to 10000; got 0"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line(design, tmp_path, arguments, code, line):
    got, out, err = design("beam=1", *(arguments.split() if "edits" in arguments else [arguments, "edits=1"]))
    assert (got, out) == (code, ""), err
    assert line in err
    if code:
        assert err.count("\n") == 1
        assert sorted(path.name for path in tmp_path.iterdir()) == ["s.fa"]


def test_the_same_model_is_no_judge(design, trained):
    code, _, err = design(f"judge={trained}")
    assert (code, "is the same model as the bundle" in err) == (2, True)


def test_a_judge_without_the_target_is_told(design, save_ensemble):
    judge = save_ensemble(1, seed=2)
    code, _, err = design(f"judge={judge}", "target=rich")
    assert (code, f"judge={judge}: target=rich: the bundle has the classes neg, pos" in err) == (2, True)


def test_a_record_of_another_length_is_told_what_this_command_can_do(design, tmp_path_factory, tmp_path):
    folder = tmp_path_factory.mktemp("strict") / "bundle"
    network = MEMBER | {"_partial_": False}
    spec = make_spec(architecture=network, lengths={"policy": "error", "length": 40})
    save_bundle(folder, spec, build(network, n_symbols=4, n_classes=2))
    (tmp_path / "s.fa").write_text(START + ">c\nACGT\n")
    code, _, err = design("edits=1", bundle=folder)
    told = "s.fa:5: record 'c': length 4, expected 40. Give it the length that the bundle reads, or write"
    assert (code, f"{told} bad_records=keep, which leaves such records out" in err) == (3, True), err


def test_an_enzyme_stands_for_its_site(design, tmp_path):
    (tmp_path / "s.fa").write_text(START.replace(START.split("\n")[1][:6], "GAATTC", 1))
    for typed in ("GAATTC", "EcoRI", "[BsaI,ecori]"):
        code, _, err = design(f"forbid={typed}", "edits=1")
        assert (code, "the forbidden site GAATTC begins at base 0 (0-based)" in err) == (3, True), err


def test_records_that_break_a_limit_are_left_out_on_request(design, tmp_path):
    code, _, err = design("forbid=CGAATA", "edits=1", "bad_records=keep")
    assert (code, "1 of 2 records could not be used and were left out" in err) == (7, True)
    assert list(designs(tmp_path)) == ["b"]
    code, _, err = design("gc=0.9:1", "edits=1", "bad_records=keep", "overwrite=true")
    assert (code, "every record is unusable or breaks a limit" in err) == (3, True)

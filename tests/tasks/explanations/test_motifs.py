"""Motifs of a network that is known to read one word: what they are compared with, and when they are not sought."""

import json

import numpy as np
import pytest
import torch
from specs import make_spec

from dnaseq.build import build
from dnaseq.bundle.bundle import save_bundle
from dnaseq.encode.alphabet import COMPLEMENT, to_codes, to_letters

WORD = "TGACTCAT"
ARCHITECTURE = {
    "_target_": "dnaseq.models.classifier.SequenceClassifier",
    "embed": {"_target_": "dnaseq.models.embed.Dense", "_partial_": True, "d_out": None},
    "encoder": {
        "_target_": "dnaseq.models.encoders.convolution.Convolution",
        "_partial_": True,
        **{"filters": 2, "width": 9, "pool": 1, "layers": 1, "dropout": 0.0},
    },
    "pool": {"_target_": "dnaseq.models.pool.Max", "_partial_": True},
    "head": {"_target_": "dnaseq.models.head.Linear", "_partial_": True, "dropout": 0.0},
}
NAMED = ">M1 JUN\nA [0 0 9 0 0 0 9 0]\nC [0 0 0 9 0 9 0 0]\nG [0 9 0 0 0 0 0 0]\nT [9 0 0 0 9 0 0 9]\n"


@pytest.fixture(scope="module")
def bundle_of(tmp_path_factory):
    """bundle_of(scores) -> the folder of a network whose filters are the word on both strands."""

    def make(**scores):
        net = build(ARCHITECTURE, n_symbols=4, n_classes=2)
        word = torch.from_numpy(np.eye(4, dtype=np.float32)[to_codes(WORD)]).T  # (4, 8)
        with torch.no_grad():
            for name, weight in net.named_parameters():
                weight.zero_()
                if weight.dim() == 3:
                    weight[0, :, :8], weight[1, :, :8] = word, word.flip(0, 1)
                elif "encoder" in name:
                    weight.fill_(-5 if weight.shape == (2,) and name.endswith("bias") else 1)
                elif weight.shape == (2, 2):
                    weight[1] = 1
        folder = tmp_path_factory.mktemp("reads_word") / "bundle"
        save_bundle(folder, make_spec(architecture=ARCHITECTURE, scores=scores or None), net)
        return folder

    return make


@pytest.fixture(scope="module")
def reads(tmp_path_factory):
    """A FASTA file of 120 records; the word is in those with label=pos."""
    rng, text = np.random.default_rng(0), ""
    for i in range(120):
        codes = rng.integers(0, 4, 60)
        if i % 2:
            start = rng.integers(0, 52)
            word = to_codes(WORD)
            codes[start : start + 8] = word if rng.random() < 0.5 else COMPLEMENT[word][::-1]
        text += f">r{i} label={'pos' if i % 2 else 'neg'}\n{to_letters(codes.astype(np.uint8))}\n"
    path = tmp_path_factory.mktemp("reads") / "reads.fa"
    path.write_text(text)
    return path


@pytest.fixture
def motifs_of(run, reads, tmp_path):
    """motifs_of(bundle, ...) -> exit code, stderr, and what motifs.json holds."""
    (tmp_path / "jun.txt").write_text(NAMED)

    def call(bundle, *arguments, source=reads):
        usual = ("method=gradient_input", "device=cpu", f"input={source}", "output=why")
        code, _, err = run("explain", f"bundle={bundle}", *usual, "motifs=jun.txt", *arguments)
        path = tmp_path / "why/motifs.json"
        return code, err, json.loads(path.read_text()) if path.exists() else None

    return call


def test_the_word_is_found_and_named(motifs_of, bundle_of):
    code, err, found = motifs_of(bundle_of())
    assert code == 0, err
    (motif,) = found["motifs"]
    assert motif["consensus"] in (WORD, "ATGAGTCA")
    assert (motif["argues"], motif["background"], motif["best_match"]["name"]) == ("for", "negatives", "JUN")
    assert motif["matched"] == 60
    assert found["words"] in err


def test_a_method_without_a_sign_finds_it_too(motifs_of, bundle_of):
    code, err, found = motifs_of(bundle_of(), "method=gradient")
    assert code == 0
    assert len(found["motifs"]) == 1
    assert "motifs are sought by gradient x input: method=gradient gives no signs" in err


def test_without_labels_other_records_or_shuffles_are_compared_with(motifs_of, bundle_of, reads, tmp_path):
    lines = reads.read_text().splitlines()
    for name, label in (("pos.fa", "pos"), ("neg.fa", "neg")):
        kept = [f">{i}\n{lines[i + 1]}" for i in range(0, len(lines), 2) if lines[i].endswith(label)]
        (tmp_path / name).write_text("\n".join(kept) + "\n")
    for arguments, against in ((["background=neg.fa"], "negatives"), (["overwrite=true"], "shuffled")):
        code, err, found = motifs_of(bundle_of(), *arguments, source="pos.fa")
        assert code == 0, err
        assert [one["background"] for one in found["motifs"]] == [against]


def test_a_model_that_has_learnt_nothing_gives_none(motifs_of, bundle_of):
    chance = {"auroc": {"value": 0.52, "low": 0.48, "high": 0.56}}
    code, err, found = motifs_of(bundle_of(**chance))
    assert code == 0, err
    assert found["motifs"] == []
    assert found["words"].endswith("could show (auroc 0.52 on its test records, 0.5 is chance).")


def test_motifs_none_writes_no_file(motifs_of, bundle_of, tmp_path):
    code, err, found = motifs_of(bundle_of(), "motifs=none")
    assert (code, found) == (0, None), err
    assert not (tmp_path / "why/seqlets.tsv").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["motifs=jaspar_mammals"], 2, "motifs must be a file, none or one of jaspar, jaspar_vertebrates"),
        (["motifs=missing.meme"], 5, "missing.meme: No such file"),
        (["motifs=[a,b]"], 2, "motifs must be one path"),
        (["background=missing.fa"], 5, "missing.fa: does not exist"),
        (["motifs=damaged.txt"], 3, "damaged.txt:1: record 'M1': a profile has four rows"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(motifs_of, bundle_of, tmp_path, arguments, code, message):
    (tmp_path / "damaged.txt").write_text(NAMED[: NAMED.index("T [")])
    got, err, found = motifs_of(bundle_of(), *arguments)
    assert (got, err.count("\n"), found) == (code, 1, None), err
    assert message in err

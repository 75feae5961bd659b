"""The page of an explanation: what it says of method, motifs and faithfulness, and what it draws."""

import json

import numpy as np
import pytest

from dnaseq.errors import InputError
from dnaseq.report.inputs.run_files import read_run


def curves(level: float) -> dict:
    shares = [0.1, 0.5]
    return {"shares": shares, "mean": [level, 2 * level], "low": [0, level], "high": [2 * level, 3 * level]}


def method(name: str, title: str, value: float) -> dict:
    faithfulness = {"value": value, "low": value - 0.05, "high": value + 0.05}
    return {
        "method": name,
        "title": title,
        "faithfulness": faithfulness,
        "deletion": curves(value),
        "insertion": curves(value),
    }


MOTIF = {
    "name": "motif_1",
    "argues": "for",
    "consensus": "GATA",
    "counts": [[1, 0, 39, 0], [40, 0, 0, 0], [0, 0, 0, 40], [38, 2, 0, 0]],
    "contributions": [[0.1, 0, 0.9, 0], [0.8, 0, 0, 0], [0, 0, 0, 0.7], [0.5, -0.1, 0, 0]],
    "sites": 40,
    "attribution": 2.9,
    "q_attributions": 1e-6,
    "q_records": 1e-5,
    "records": 50,
    "matched": 38,
    "background_records": 50,
    "background_matched": 6,
    "background": "negatives",
    "odds_ratio": 23.2,
    "p": 1e-9,
    "best_match": {"profile": "MA0035.5", "name": "GATA1", "correlation": 0.97, "p": 1e-5, "q": 0.002},
}


@pytest.fixture
def explained(tmp_path):
    """The folder of an explanation of six records, with one motif."""
    n, longest = 6, 30
    rng = np.random.default_rng(0)
    lengths = np.array([30, 30, 20, 30, 30, 5])
    codes = rng.integers(0, 4, (n, longest)).astype(np.uint8)
    values = rng.normal(size=(n, longest)).astype(np.float32)
    ids = np.array([f"r{i}" for i in range(n)])
    np.savez(tmp_path / "attributions.npz", ids=ids, lengths=lengths, codes=codes, values=values)
    rows = [f"r{i}\t{lengths[i]}\t{logit}\t0.5\n" for i, logit in enumerate((1.0, 5.0, 4.0, -2.0, 3.0, 2.0))]
    (tmp_path / "records.tsv").write_text("id\tlength\tlogit\tprobability\n" + "".join(rows))
    told = {
        "target": "pos",
        "method": "ig",
        "title": "integrated gradients",
        "chosen_by": "measurement",
        "baseline": "uniform",
        "records": n,
        "sample": n,
        "methods": [method("ig", "integrated gradients", 0.6), method("random", "random order", 0.1)],
        "meaning_of_faithfulness": "what the first bases explain",
        "meaning_of_deletion": "what is lost",
        "meaning_of_insertion": "what is gained",
        "completeness": {"value": 0.02, "low": 0.01, "high": 0.03, "meaning": "the sum is complete"},
        "cautions": ["The two curves disagree."],
    }
    (tmp_path / "faithfulness.json").write_text(json.dumps(told))
    mean = {"value": 1.5, "low": 1.0, "high": 2.0}
    parts = ("loss", "control_loss", "change", "control_change", "difference")
    ablated = {"motif": "motif_1", "records": 5, "sites": 7, "p": 0.01, **dict.fromkeys(parts, mean)}
    summary = {"target": "pos", "scrambles": 5, "seed": 1, "meaning": "", "motifs": [ablated]}
    (tmp_path / "ablation.json").write_text(json.dumps(summary))
    parts = ("effect", "control_effect", "difference")
    inserted = {
        "motif": "motif_1",
        "letters": "GATA",
        "backgrounds": 9,
        "p": 0.01,
        **dict.fromkeys(parts, mean),
    }
    summary = {"target": "pos", "seed": 1, "meaning": "", "motifs": [inserted]}
    (tmp_path / "insertion.json").write_text(json.dumps(summary))
    words = "1 motif in 6 records: motif_1 GATA (GATA1)."
    (tmp_path / "motifs.json").write_text(json.dumps({"motifs": [MOTIF], "words": words}))
    return tmp_path


def test_the_summary_says_how_faithful_the_method_is_beside_chance(explained, section):
    text = section(explained, "Summary").text
    assert "the logit of pos, in 6 records. Method: integrated gradients, the most faithful one" in text
    assert "explain 0.600 [0.550, 0.650] of what the bases do to the logit; a random order 0.100" in text
    assert "1 motif in 6 records: motif_1 GATA (GATA1)." in text
    assert "The two curves disagree." in text


def test_records_with_the_highest_logits_are_drawn_with_their_own_letters(explained, section):
    found = section(explained, "Records")
    assert [name.split("_")[0] for name in found.charts] == ["record"] * 4
    assert [caption.split(":")[0] for caption in (c.caption for c in found.charts.values())] == [
        "r1",
        "r2",
        "r4",
        "r5",
    ]
    with np.load(explained / "attributions.npz") as arrays:
        second = found.charts["record_2"].numbers
        assert second["base"] == ["ACGT"[c] for c in arrays["codes"][2, :20]]
        np.testing.assert_allclose(second["value"], arrays["values"][2, :20])


def test_a_predicted_number_is_told_from_a_probability(explained, section):
    assert "is a number" not in section(explained, "Summary").text
    path = explained / "faithfulness.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"of_number": True}))
    assert "pos is a number: what is called its logit is the output" in section(explained, "Summary").text
    assert "logit 5, predicted 0.5" in section(explained, "Records").text


def test_records_of_one_length_have_a_mean_by_position(explained, section):
    assert "positions" not in section(explained, "Records").charts  # their lengths differ
    with np.load(explained / "attributions.npz") as arrays:
        whole = dict(arrays)
    whole["lengths"] = np.full(6, 30)
    np.savez(explained / "attributions.npz", **whole)
    found = section(explained, "Records").charts["positions"].numbers
    assert found["position"] == list(range(30))
    np.testing.assert_allclose(found["size"], np.abs(whole["values"]).mean(axis=0), rtol=1e-5)


def test_a_motif_has_its_numbers_its_profile_and_two_logos(explained, section):
    found = section(explained, "Motifs")
    for text in ("GATA", "38 of 50", "6 of 50 negatives", "GATA1", "MA0035.5", "0.002"):
        assert text in found.text
    assert set(found.charts) == {"ablation", "motif_insertion", "motif_1_bits", "motif_1_contributions"}
    assert "all sites of a motif were scrambled" in found.text
    assert "each motif was put into shuffled records" in found.text
    assert found.charts["motif_1_contributions"].numbers["C"] == [0, 0, 0, -0.1]


def test_curves_of_the_method_stand_beside_those_of_a_random_order(explained, section):
    found = section(explained, "Faithfulness")
    assert set(found.charts) == {"deletion", "insertion"}
    assert set(found.charts["deletion"].numbers["order"]) == {"integrated gradients", "random order"}
    assert "the sum is complete" in found.text


def test_without_motifs_the_page_says_so(explained, section):
    (explained / "motifs.json").write_text(json.dumps({"motifs": [], "words": "No motif: nothing."}))
    assert "No motif: nothing." in section(explained, "Motifs").text
    (explained / "motifs.json").unlink()
    assert "motifs were not sought" in section(explained, "Motifs").text


@pytest.mark.parametrize("content", [None, b"", b"not a zip"])
def test_damaged_arrays_are_named(explained, content):
    path = explained / "attributions.npz"
    path.write_bytes(path.read_bytes()[:200] if content is None else content)
    with pytest.raises(InputError, match=r"attributions.npz: no attributions, or damaged"):
        read_run(explained)


@pytest.fixture
def run_with_explanation(explained, made_up_run):
    """The folder of a run with an explanation in it."""
    folder = made_up_run(explained / "run", ["neg", "pos"])
    (folder / "explanation").mkdir()
    for path in explained.glob("*.*"):
        path.rename(folder / "explanation" / path.name)
    return folder


def test_a_run_shows_its_explanation(run_with_explanation, section):
    found = section(run_with_explanation, "Why")
    assert "Why pos: integrated gradients on 6 test records." in found.text
    assert [name for name in found.charts if name.startswith("record")] == [
        "record_1",
        "record_2",
        "record_3",
    ]
    assert "q is the share of false motifs" in found.text
    assert "p compares the two columns before it" in found.text


def test_a_run_does_not_show_what_is_no_better_than_a_random_order(run_with_explanation, section):
    path = run_with_explanation / "explanation" / "faithfulness.json"
    told = json.loads(path.read_text())
    told["methods"][0]["faithfulness"] = {"value": 0.2, "low": 0.1, "high": 0.3}
    path.write_text(json.dumps(told))
    found = section(run_with_explanation, "Why")
    assert "too little faithful to be shown" in found.text
    assert not found.charts

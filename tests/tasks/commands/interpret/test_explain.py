"""dnaseq explain: its files, and what is refused in one line."""

import gzip
import json

import numpy as np
import pytest

from dnaseq.bundle.predictor import Predictor
from dnaseq.encode.alphabet import to_codes
from dnaseq.interpret.attributions import read_npz
from dnaseq.interpret.logit import Logit
from dnaseq.interpret.methods.choices import explain as explain_codes
from dnaseq.interpret.methods.explanation import MethodSettings
from dnaseq.io.results.explanation import FAITHFULNESS, FILES, PAGE, Faithfulness
from dnaseq.io.results.motifs import ABLATION, INSERTION
from dnaseq.io.results.run_files import read_columns, read_record

SEQUENCES = ("ACGTGGGCGCCATTGACA", "ACGGCNCGTTAA", "TTATATAGGACCAAT")


@pytest.fixture(scope="module")
def reads(tmp_path_factory):
    path = tmp_path_factory.mktemp("reads") / "reads.fa"
    path.write_text("".join(f">r{i} text\n{s}\n" for i, s in enumerate(SEQUENCES)))
    return path


@pytest.fixture
def explain(run, trained, reads, without_pages):
    def call(*arguments, source=reads):
        return run("explain", f"bundle={trained}/bundle", "device=cpu", f"input={source}", *arguments)

    return call


def test_the_arrays_and_tables_say_the_same(explain, trained, tmp_path):
    code, _, err = explain("output=why", "method=ig")
    assert (code, sorted(path.name for path in (tmp_path / "why").iterdir())) == (
        0,
        sorted(set(FILES) - {ABLATION, INSERTION, *PAGE}),
    ), err
    found = read_npz(tmp_path / "why/attributions.npz")
    assert found.ids == ["r0", "r1", "r2"]
    assert found.lengths.tolist() == [len(s) for s in SEQUENCES]
    logit = Logit(Predictor.load(trained / "bundle", device="cpu"))
    due = explain_codes(logit, found.codes, found.lengths, "ig", MethodSettings())
    np.testing.assert_allclose(found.values, due.values, atol=1e-6)
    np.testing.assert_allclose(found.hypothetical, due.hypothetical, atol=1e-6)
    table = read_columns(tmp_path / "why/attributions.tsv")
    assert table["id"] == [f"r{i}" for i, s in enumerate(SEQUENCES) for _ in s]
    assert "".join(table["base"]) == "".join(SEQUENCES)
    assert table["position"] == [str(p) for s in SEQUENCES for p in range(len(s))]
    values = [v for row, s in zip(found.values, SEQUENCES, strict=True) for v in row[: len(s)]]
    np.testing.assert_allclose(np.array(table["value"], dtype=float), values, rtol=1e-5)


def test_the_records_have_their_logits_and_the_probabilities_of_predict(explain, trained, run, tmp_path):
    assert explain("output=why", "method=occlusion", "target=poor")[0] == 0
    table = read_columns(tmp_path / "why/records.tsv")
    predictor = Predictor.load(trained / "bundle", device="cpu")
    shares = [one.probabilities["poor"] for one in predictor.predict(list(SEQUENCES))]
    np.testing.assert_allclose(np.array(table["probability"], dtype=float), shares, rtol=1e-6)
    logits = [Logit(predictor, "poor").of_codes(to_codes(s)[None])[0] for s in SEQUENCES]
    np.testing.assert_allclose(np.array(table["logit"], dtype=float), logits, rtol=1e-5)


def test_the_most_faithful_method_is_chosen_measured_and_shown(run, trained, easy_fasta, tmp_path):
    bundle, source = f"bundle={trained}/bundle", f"input={easy_fasta}/test.fa"
    code, _, err = run("explain", bundle, source, "device=cpu", "output=why")
    assert code == 0
    page = (tmp_path / "why" / "report.html").read_text()
    assert "Why rich?" in page
    assert page.count("<figure>") >= 6  # four records, two curves
    found = read_record(tmp_path / "why" / FAITHFULNESS, Faithfulness)
    assert (found.chosen_by, found.records, found.sample, found.target) == ("measurement", 32, 32, "rich")
    *methods, chance = found.methods
    assert {one.method for one in methods} == {"gradient", "gradient_input", "ig", "ism", "occlusion"}
    assert chance.method == "random"
    shares = [one.faithfulness.value for one in methods]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 2 * chance.faithfulness.value
    chosen = next(one for one in methods if one.method == found.method)
    assert chosen.faithfulness.value >= shares[0] - 0.01
    assert f"method: {found.title} (the most faithful here" in err
    assert found.random_network.value < 0.9
    assert all(0 <= one.faithfulness.low <= one.faithfulness.high for one in methods)


def test_the_same_command_gives_the_same_bytes(explain, tmp_path):
    for name in ("a", "b"):
        assert explain(f"output={name}", "method=ig", "baseline=shuffles")[0] == 0
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_some_records_are_drawn_in_their_order(explain, easy_fasta, tmp_path):
    code, _, err = explain("output=why", "method=gradient", "records=5", source=easy_fasta / "test.fa")
    assert code == 0, err
    ids = read_columns(tmp_path / "why/records.tsv")["id"]
    assert len(set(ids)) == 5
    assert ids == sorted(ids)
    assert ids != [f"r{1000 + i}" for i in range(5)]


def test_tables_and_compressed_files_are_read(explain, tmp_path):
    rows = "".join(f"{i}\t{s}\n" for i, s in enumerate(SEQUENCES))
    (tmp_path / "a.tsv").write_text("id\tsequence\n" + rows)
    (tmp_path / "a.fq.gz").write_bytes(
        gzip.compress("".join(f"@{i}\n{s}\n+\n{'I' * len(s)}\n" for i, s in enumerate(SEQUENCES)).encode())
    )
    for name, columns in (("a.tsv", ["data.id=id"]), ("a.fq.gz", [])):
        code, _, err = explain("output=why", "method=gradient", "overwrite=true", *columns, source=name)
        assert code == 0, err
        assert read_npz(tmp_path / "why/attributions.npz").ids == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["target=pos"], 2, "target=pos: the bundle has the classes poor, rich. Set target= to one of them"),
        (["position=3"], 2, "position=3: the bundle labels whole records. Leave position out"),
        (["method=attention"], 2, "method=attention: the model has no attention pool. Use method=auto"),
        (["method=deeplift"], 2, "method must be"),
        (["records=0"], 2, "records must be"),
        (["output=-"], 2, "output=-: an explanation is a folder. Write output=FOLDER"),
        (["output=none/why"], 5, "none/why: there is no folder none"),
        (["output=reads.txt"], 5, "reads.txt: is a file, not a folder"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(explain, tmp_path, arguments, code, message):
    (tmp_path / "reads.txt").write_text("")
    got, _, err = explain("output=why", *arguments)
    assert (got, err.count("\n")) == (code, 1), err
    assert message in err
    assert [path.name for path in tmp_path.iterdir()] == ["reads.txt"]


def test_an_older_folder_is_kept_unless_told_otherwise(explain, tmp_path):
    assert explain("output=why", "method=gradient")[0] == 0
    before = (tmp_path / "why/records.tsv").read_text()
    code, _, err = explain("output=why", "method=gradient", "target=poor")
    assert (code, "why exists. Choose another name or overwrite=true" in err) == (2, True)
    assert explain("output=why", "method=gradient", "target=poor", "overwrite=true")[0] == 0
    assert (tmp_path / "why/records.tsv").read_text() != before


def test_a_bad_record_stops_and_nothing_is_left_or_it_is_left_out(explain, tmp_path):
    (tmp_path / "bad.fa").write_text(">a\nACGTACGT\n>b\nACXXX\n>c\nGGCCATT\n")
    code, _, err = explain("output=why", "method=gradient", source="bad.fa")
    assert (code, "bad.fa:4: record 'b': letter 'X' at position 3" in err) == (3, True)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.fa"]
    code, _, err = explain("output=why", "method=gradient", "bad_records=keep", source="bad.fa")
    assert (code, "1 records could not be used" in err) == (7, True)
    assert json.loads((tmp_path / "why/faithfulness.json").read_text())["records"] == 2

"""dnaseq ablate: scrambled sites of a small GRU that counts G and C."""

import csv
import json

import numpy as np
import pytest

from dnaseq.encode.alphabet import to_letters
from dnaseq.schemas import AblationSummary, convert

# stretches whose order matters to no model that counts letters, so that nothing is lost but by chance
NAMES = "id\tstart\tend\tmotif\n"
SITES = NAMES + "".join(f"r{i}\t{i % 20}\t{i % 20 + 8}\tone\n" for i in range(1000, 1032))
HEAD = "MEME version 4\n\nALPHABET= ACGT\n\nMOTIF m1 odd\nletter-probability matrix: alength= 4 w= 8 nsites= 20\n"
ROWS = [" ".join("0.97" if base == letter else "0.01" for base in "ACGT") for letter in "TGACTCAC"]


@pytest.fixture
def ablate(run, trained):
    return lambda *arguments: run("ablate", f"bundle={trained}", "device=cpu", "scrambles=3", *arguments)


@pytest.fixture
def planted(tmp_path):
    """Records with TGACTCAC at base 10 of every second one."""
    rng = np.random.default_rng(1)
    records = [to_letters(rng.integers(4, size=40).astype(np.uint8)) for _ in range(20)]
    texts = [r[:10] + "TGACTCAC" + r[18:] if i % 2 else r for i, r in enumerate(records)]
    (tmp_path / "in.fa").write_text("".join(f">s{i}\n{text}\n" for i, text in enumerate(texts)))
    return tmp_path / "in.fa"


def test_listed_sites_are_scrambled_beside_controls(ablate, easy_fasta, tmp_path):
    (tmp_path / "sites.tsv").write_text(SITES)
    code, out, err = ablate(f"input={easy_fasta}/test.fa", "sites=sites.tsv", "output=a.tsv")
    assert (code, out) == (0, ""), err
    assert "one in 32 records: the logit of rich changes by" in err
    with open(tmp_path / "a.tsv") as handle:
        table = list(csv.DictReader(handle, delimiter="\t"))
    assert [row["id"] for row in table] == [f"r{i}" for i in range(1000, 1032)]
    assert {(row["motif"], row["sites"]) for row in table} == {("one", "1")}
    summary = convert(json.loads((tmp_path / "a.json").read_text()), AblationSummary)
    (motif,) = summary.motifs
    assert (summary.target, motif.records, motif.sites) == ("rich", 32, 32)
    assert motif.loss.value == pytest.approx(np.mean([float(row["loss"]) for row in table]), abs=1e-5)
    assert motif.change.value == pytest.approx(np.mean([abs(float(row["loss"])) for row in table]), abs=1e-5)
    assert (tmp_path / "a.png").exists()


def test_a_folder_of_explain_has_the_sites(ablate, easy_fasta, tmp_path):
    (tmp_path / "why").mkdir()
    (tmp_path / "why" / "seqlets.tsv").write_text(SITES.replace("one", "", 1))  # one is of no motif
    assert ablate(f"input={easy_fasta}/test.fa", "explain=why", "output=a.tsv")[0] == 0
    assert len((tmp_path / "a.tsv").read_text().splitlines()) == 32


def test_profiles_find_their_sites(ablate, planted, tmp_path):
    (tmp_path / "m.meme").write_text(HEAD + "\n".join(ROWS) + "\n")
    assert ablate("input=in.fa", "motifs=m.meme", "output=a.tsv")[0] == 0
    with open(tmp_path / "a.tsv") as handle:
        table = list(csv.DictReader(handle, delimiter="\t"))
    assert {f"s{i}" for i in range(1, 20, 2)} <= {row["id"] for row in table}
    assert len(table) < 15
    assert {row["motif"] for row in table} == {"m1 odd"}


def test_the_same_command_gives_the_same_bytes(ablate, easy_fasta, tmp_path):
    (tmp_path / "sites.tsv").write_text(SITES)
    for name in "ab":
        assert ablate(f"input={easy_fasta}/test.fa", "sites=sites.tsv", f"output={name}.tsv")[0] == 0
    for suffix in ("tsv", "json"):
        assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


@pytest.mark.parametrize(
    ("sites", "arguments", "code", "line"),
    [
        (
            "s1\t35\t41\tm\n",
            "sites=x",
            3,
            "x:2: record 's1': the site ends at 41, and the record has 40 bases",
        ),
        ("s1\t9\t9\tm\n", "sites=x", 3, "x:2: start '9' and end '9' are no stretch of bases"),
        ("s1\t-1\t9\tm\n", "sites=x", 3, "x:2: start '-1'"),
        ("z\t1\t9\tm\n", "sites=x", 3, "x: no record of the input has one of its ids, such as 'z'"),
        ("", "sites=x", 3, "x: no sites of motifs"),
        ("", "", 2, "by one of explain=FOLDER, sites=FILE and motifs=FILE; got none"),
        ("", "sites=x motifs=x", 2, "got sites, motifs"),
        ("", "explain=.", 5, "explain=.: has no seqlets.tsv"),
        ("", "motifs=jaspar_birds", 2, "jaspar_birds"),
        ("", "sites=none.tsv", 5, "none.tsv"),
    ],
)
def test_a_mistake_is_one_line(ablate, planted, tmp_path, sites, arguments, code, line):
    (tmp_path / "x").write_text(NAMES + sites)
    got, out, err = ablate("input=in.fa", "output=a.tsv", *arguments.split())
    assert (got, out, err.count("\n")) == (code, "", 1), err
    assert line in err
    assert not (tmp_path / "a.tsv").exists()


def test_ids_that_repeat_are_refused(ablate, tmp_path):
    (tmp_path / "in.fa").write_text(">a\nACGTACGTAC\n>a\nACGTACGTAC\n")
    (tmp_path / "x").write_text(f"{NAMES}a\t1\t9\tm\n")
    code, _, err = ablate("input=in.fa", "sites=x", "output=a.tsv")
    assert (code, "in.fa:3: record 'a': another record has this id" in err) == (3, True)


def test_a_table_is_read_by_its_columns(ablate, tmp_path):
    (tmp_path / "in.csv").write_text("name,dna\na,ACGTACGTACTTAGGACAGT\nb,ACGGATTACATTAGGACAGT\n")
    (tmp_path / "x").write_text(f"{NAMES}a\t1\t9\tm\nb\t5\t9\tm\n")
    code, _, err = ablate("input=in.csv", "data.id=name", "data.sequence=dna", "sites=x", "output=a.tsv")
    assert code == 0, err
    assert [line[:3] for line in (tmp_path / "a.tsv").read_text().splitlines()[1:]] == ["a\tm", "b\tm"]

"""The audit of regions: how like negatives are, and negatives as FASTA."""

import gzip
import json

import pysam
import pytest

DATA = ("data=regions", "data.train=p.bed", "data.genome=g.fa", "cache_dir=cache")


@pytest.fixture(autouse=True)
def _genome(tmp_path, random_sequence):
    """g.fa of a contig, and p.bed with thirty regions on it; the first third of the genome is rich in G and C."""
    text = random_sequence(4000, 1, "ACGGCCGT") + random_sequence(8000, 2)
    (tmp_path / "g.fa").write_text(f">chr1\n{text}\n")
    (tmp_path / "p.bed").write_text("".join(f"chr1\t{at}\t{at + 50}\n" for at in range(20, 3900, 130)))


def audited(tmp_path) -> dict:
    return json.loads((tmp_path / "audit" / "audit.json").read_text())


def test_matched_negatives_are_alike_and_random_ones_are_not(run, tmp_path):
    verdicts = {}
    for kind in ("matched", "random", "shuffled"):
        code, out, err = run("audit", *DATA, f"negatives={kind}", "run_dir=audit", "overwrite=true")
        assert code == 0, err
        assert f"{kind} negatives" in out
        verdicts[kind] = {one["check"]: one["verdict"] for one in audited(tmp_path)["verdicts"]}
        assert audited(tmp_path)["negatives"]["kind"] == kind
    assert verdicts["matched"]["negatives_gc"] == "ok"
    assert verdicts["random"]["negatives_gc"] == "warning"
    assert verdicts["shuffled"]["negatives_kind"] == "warning"
    page = (tmp_path / "audit" / "report.html").read_text()
    assert "Regions against negatives by one trait alone" in page


def test_negatives_are_written_as_fasta(run, tmp_path):
    code, _, err = run("audit", *DATA, "negatives=random", "write_negatives=n.fa.gz", "run_dir=audit")
    assert code == 0, err
    records = gzip.decompress((tmp_path / "n.fa.gz").read_bytes()).decode().split(">")[1:]
    assert len(records) == 30
    genome = pysam.FastaFile(str(tmp_path / "g.fa"))
    for record in records:
        header, letters, _ = record.split("\n")
        name, start, end = header.split()[0].replace(":", "-").split("-")
        assert letters == genome.fetch(name, int(start), int(end))
        assert header.endswith("label=negative")
    assert run("audit", *DATA, "write_negatives=n.fa.gz", "run_dir=more")[0] == 2


@pytest.mark.parametrize(
    "data", [("data=fasta", "data.train=f.fa"), (*DATA, "negatives=none", "data.label=4")]
)
def test_where_there_are_none_no_file_is_written(run, tmp_path, data, random_sequence):
    records = [f">{label}{i} label={label}\n{random_sequence(40, i)}\n" for label in "ab" for i in range(8)]
    (tmp_path / "f.fa").write_text("".join(records))
    lines = (tmp_path / "p.bed").read_text().splitlines()
    (tmp_path / "p.bed").write_text("".join(f"{line}\t{'ab'[i % 2]}\n" for i, line in enumerate(lines)))
    code, _, err = run("audit", *data, "write_negatives=n.fa", "run_dir=audit")
    assert (code, err.splitlines()[-1].startswith("dnaseq audit: write_negatives")) == (2, True), err
    assert not (tmp_path / "n.fa").exists()

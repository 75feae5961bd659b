"""The data that come with the package are what their READMEs say, and can be made again."""

import gzip
import hashlib
import re
import runpy
from collections import Counter
from importlib.resources import files
from pathlib import Path
from random import Random

import pytest

from dnaseq.data.sources.files import Fasta
from dnaseq.encode.alphabet import COMPLEMENT, to_codes, to_letters
from dnaseq.io.sequences.reading import Reading

SHIPPED = files("dnaseq.shipped")
MAKE = Path(__file__).parents[2] / "data" / "ecoli_coding" / "make.py"
STOPS = ("TAA", "TAG", "TGA")


def records(path: Path) -> dict[str, tuple[str, str]]:
    """id -> label, letters."""
    found = {}
    for _, (block, labels, *_) in Fasta(train=str(path)).read(Reading()):
        for i, (name, label) in enumerate(zip(block.ids, labels, strict=True)):
            codes = block.codes[block.offsets[i] : block.offsets[i + 1]]
            found[name.decode()] = (label, to_letters(codes))
    return found


def on_strand(genome: str, place: str) -> str:
    """Letters of `name:start-end(strand)`."""
    start, end, strand = re.fullmatch(r".*:(\d+)-(\d+)\(([+-])\)", place).groups()
    letters = genome[int(start) : int(end)]
    return letters if strand == "+" else turned(letters)


def turned(letters: str) -> str:
    return to_letters(COMPLEMENT[to_codes(letters)][::-1])


def gc(letters: str) -> int:
    return letters.count("G") + letters.count("C")


@pytest.mark.parametrize("folder", ["enhancers", "ecoli_coding"])
def test_files_have_the_checksums_of_their_readme(folder):
    rows = re.findall(
        r"^\| (\S+\.fa\S*) \|.* ([0-9a-f]{64}) \|$", (SHIPPED / folder / "README.md").read_text(), re.M
    )
    assert len(rows) == 2
    for name, sha in rows:
        content = (SHIPPED / folder / name).read_bytes()
        content = gzip.decompress(content) if name.endswith(".gz") else content
        assert hashlib.sha256(content).hexdigest() == sha


def test_classes_of_ecoli_coding_have_the_same_numbers_of_g_and_c():
    for part in ("train", "test"):
        found = records(SHIPPED / "ecoli_coding" / f"{part}.fa.gz").values()
        assert {len(letters) for _, letters in found} == {200}
        counts = [
            Counter(gc(letters) for label, letters in found if label == one)
            for one in ("coding", "noncoding")
        ]
        assert counts[0] == counts[1]


def test_only_coding_records_of_ecoli_coding_have_a_frame_without_stop():
    def is_open(letters: str) -> bool:
        return any(all(letters[i : i + 3] not in STOPS for i in range(at, 198, 3)) for at in range(3))

    found = records(SHIPPED / "ecoli_coding" / "test.fa.gz").values()
    shares = {
        label: [is_open(letters) for one, letters in found if one == label]
        for label in ("coding", "noncoding")
    }
    assert len(shares["coding"]) + len(shares["noncoding"]) == len(found)
    assert all(shares["coding"])
    assert sum(shares["noncoding"]) < 0.5 * len(shares["noncoding"])


def test_records_of_ecoli_coding_are_cut_from_a_genome_and_its_annotation(tmp_path):
    random, genome, lines = Random(1), "", []
    for number in range(40):  # genes of 900 bases on either strand, with bases of chance between them
        codons = ["".join(random.choices("ACGT", k=3)) for _ in range(298)]
        gene = "ATG" + "".join("GCA" if codon in STOPS else codon for codon in codons) + "TAA"
        genome += "".join(random.choices("ACGT", k=9_100))
        begin, strand = len(genome), "+-"[number % 2]
        genome += gene if strand == "+" else turned(gene)
        lines.append(f"chr1\tx\tCDS\t{begin + 1}\t{len(genome)}\t.\t{strand}\t0\tID=g{number}\n")
    (tmp_path / "genome.fa").write_text(f">chr1 a genome\n{genome}\n")
    (tmp_path / "genes.gff").write_text("##gff-version 3\n" + "".join(lines))
    main = runpy.run_path(str(MAKE))["main"]
    main(f"{tmp_path}/genome.fa", f"{tmp_path}/genes.gff", str(tmp_path))
    found = {part: records(tmp_path / f"{part}.fa.gz") for part in ("train", "test")}
    assert found["train"]
    assert found["test"]
    for part, here in found.items():
        for place, (label, letters) in here.items():
            window = on_strand(genome, place)
            assert (letters == window) == (label == "coding")
            assert (letters[:5], gc(letters)) == (window[:5], gc(window))
            start = int(place.split(":")[1].split("-")[0])
            assert (start // 100_000 % 4 == 0) == (part == "test")

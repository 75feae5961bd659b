"""A genome is the same whatever its file, and equals what samtools reads; damaged files are one line each."""

import gzip
import struct

import numpy as np
import pysam
import pytest
import zstandard

from dnaseq.encode.alphabet import to_codes
from dnaseq.errors import InputError
from dnaseq.io.genome.genome import Genome
from dnaseq.io.genome.names import chrom_map

RNG = np.random.default_rng(4)
LETTERS = np.frombuffer(b"ACGTacgtNn", np.uint8)
SHARES = [0.18] * 4 + [0.06] * 4 + [0.02] * 2
CONTIGS = {
    name: RNG.choice(LETTERS, n, p=SHARES).tobytes().decode()
    for name, n in (("chr1", 150_001), ("chr2", 60), ("chr3", 7), ("chrM", 121))
}


def fasta(width=60, end="\n"):
    lines = []
    for name, letters in CONTIGS.items():
        lines.append(f">{name} made up")
        lines += [letters[i : i + width] for i in range(0, len(letters), width)]
    return end.join([*lines, ""]).encode()


def two_bit(order="<"):
    def runs(letters, wanted):
        marks = np.array([letter in wanted for letter in letters])
        edges = np.flatnonzero(np.diff(np.concatenate([[0], marks, [0]]))).reshape(-1, 2)
        return [len(edges), *edges[:, 0], *(edges[:, 1] - edges[:, 0])]

    index, body = b"", b""
    at = 16 + sum(5 + len(name) for name in CONTIGS)
    for name, letters in CONTIGS.items():
        codes = np.array(["TCAG".find(letter) for letter in letters.upper()]).clip(0)
        codes = np.concatenate([codes, np.zeros(-len(codes) % 4, dtype=int)]).reshape(-1, 4)
        packed = (codes * [64, 16, 4, 1]).sum(axis=1).astype(np.uint8).tobytes()
        numbers = [len(letters), *runs(letters, "Nn"), *runs(letters, "acgtn"), 0]
        entry = struct.pack(f"{order}{len(numbers)}I", *numbers) + packed
        index += bytes([len(name)]) + name.encode() + struct.pack(f"{order}I", at + len(body))
        body += entry
    return struct.pack(f"{order}4I", 0x1A412743, 0, len(CONTIGS), 0) + index + body


def write(folder, kind):
    """The genome as a file of the kind."""
    path = folder / {"2bit": "g.2bit", "2bit big": "g.2bit"}.get(kind, "g.fa")
    if kind.startswith("2bit"):
        path.write_bytes(two_bit(">" if "big" in kind else "<"))
    elif kind == "gzip":
        path = folder / "g.fa.gz"
        path.write_bytes(gzip.compress(fasta()))
    elif kind == "zstd":
        path = folder / "g.fa.zst"
        path.write_bytes(zstandard.compress(fasta()))
    elif kind.startswith("bgzip"):
        plain, path = folder / "plain.fa", folder / "g.fa.gz"
        plain.write_bytes(fasta())
        pysam.tabix_compress(str(plain), str(path), force=True)
        if kind == "bgzip indexed":
            pysam.faidx(str(path))
    else:
        path.write_bytes(fasta(end="\r\n") if kind.startswith("crlf") else fasta())
        if kind.endswith("indexed"):
            pysam.faidx(str(path))
    return str(path)


KINDS = (
    *("plain", "indexed", "crlf", "crlf indexed", "gzip", "zstd", "bgzip", "bgzip indexed"),
    *("2bit", "2bit big"),
)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_file_gives_the_same_bases_and_the_same_mask(kind, tmp_path):
    genome = Genome.open(write(tmp_path, kind))
    assert [(name, genome.length(name)) for name in genome.names] == [
        (name, len(letters)) for name, letters in CONTIGS.items()
    ]
    rng = np.random.default_rng(1)
    places = [(name, 0, len(letters)) for name, letters in CONTIGS.items()]
    places += [("chr1", *sorted(rng.integers(0, 150_002, 2).tolist())) for _ in range(40)]
    places += [("chr1", start, start + 1) for start in (0, 59, 60, 65_279, 65_280, 150_000)]
    for name, start, end in places:
        letters = CONTIGS[name][start:end]
        np.testing.assert_array_equal(genome.codes(name, start, end), to_codes(letters))
        assert genome.masked(name, start, end).tolist() == [letter.islower() for letter in letters]


def test_bases_are_those_of_samtools(tmp_path):
    path = write(tmp_path, "indexed")
    genome, oracle = Genome.open(path), pysam.FastaFile(path)
    for start in range(0, 3000, 37):
        np.testing.assert_array_equal(
            genome.codes("chr1", start, start + 61), to_codes(oracle.fetch("chr1", start, start + 61))
        )


def test_lines_of_different_lengths_are_read_without_an_index(tmp_path):
    (tmp_path / "g.fa").write_bytes(b">a\nACG\n\nACGTACGT\nA\n>b\nAC GT\n")
    genome = Genome.open(str(tmp_path / "g.fa"))
    np.testing.assert_array_equal(genome.codes("a", 0, 12), to_codes("ACGACGTACGTA"))
    assert genome.length("b") == 4


def test_an_index_of_another_file_is_not_believed(tmp_path, caplog):
    path = tmp_path / "g.fa"
    path.write_bytes(fasta())
    pysam.faidx(str(path))
    path.write_bytes(b">chr0\nACGT\n" + fasta())
    genome = Genome.open(str(path))
    assert "not the index of this file" in caplog.text
    assert genome.names[0] == "chr0"
    np.testing.assert_array_equal(genome.codes("chr1", 0, 9), to_codes(CONTIGS["chr1"][:9]))


def spoil_index(folder):
    path = write(folder, "bgzip indexed")
    with open(path + ".gzi", "r+b") as handle:
        handle.truncate(20)
    return path


def cut(kind, size):
    def make(folder):
        path = write(folder, kind)
        with open(path, "r+b") as handle:
            handle.truncate(size)
        return path

    return make


def text(content, name="g.fa"):
    def make(folder):
        (folder / name).write_bytes(content)
        return str(folder / name)

    return make


BROKEN = {
    "empty": (text(b""), "empty file"),
    "blank": (text(b"\n\n"), "no sequences"),
    "no header": (text(b"ACGT\n>a\nACGT\n"), "text before the first header: 'ACGT'"),
    "vcf": (text(b"##fileformat=VCFv4.2\n"), "text before the first header"),
    "header without a name": (text(b">\nACGT\n"), "a header without a name"),
    "names twice": (text(b">a\nACGT\n>b\nAC\n>a\nACGT\n"), "2 sequences have the name 'a'"),
    "letter": (text(b">a\nACGT\nAC*T\n"), "'a': letter '[*]' at position 7 is not a nucleotide"),
    "protein": (text(b">a\nMKLVQE\n"), "letter 'L' at position 3"),
    "gzip cut": (cut("gzip", 30_000), "ends early in sequence 'chr1'"),
    "bgzip cut": (cut("bgzip", 30_000), "ends early|end marker"),
    "bgzip index cut": (spoil_index, "not the block index of"),
    "2bit cut": (cut("2bit", 9_000), "not a readable 2bit file .*too short"),
    "2bit header cut": (cut("2bit", 30), "not a readable 2bit file"),
    "index of words": (
        lambda folder: [text(b">a\nACGT\n")(folder), text(b"a\tb\tc\n", "g.fa.fai")(folder)][0],
        "g.fa.fai:1: not a line of a FASTA index",
    ),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_genome_is_one_line(kind, tmp_path):
    make, message = BROKEN[kind]
    path = make(tmp_path)
    with pytest.raises(InputError, match=message):
        Genome.open(path)


def test_an_indexed_bgzip_file_that_is_cut_is_found_where_it_is_read(tmp_path):
    path = write(tmp_path, "bgzip indexed")
    with open(path, "r+b") as handle:
        handle.truncate(60_000)
    with pytest.raises(InputError, match=r"not the block index|ends early"):
        Genome.open(path).codes("chrM", 0, 100)


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (0, 61), (9, 3)])
def test_a_place_beyond_a_contig_is_refused(start, end, tmp_path):
    with pytest.raises(InputError, match="not within its 60"):
        Genome.open(write(tmp_path, "plain")).codes("chr2", start, end)


def test_a_contig_of_another_spelling_is_named_with_the_key_that_maps_it(tmp_path):
    genome = Genome.open(write(tmp_path, "plain"))
    with pytest.raises(InputError, match=r"has no '1', but 'chr1'.* chrom_map=add_chr"):
        genome.codes("1", 0, 1)


def test_a_mapped_name_that_is_not_there_is_told_as_it_was_sought(tmp_path):
    genome = Genome.open(write(tmp_path, "plain"), chrom_map("drop_chr"))
    with pytest.raises(InputError, match=r"has no '1', which chrom_map= makes of 'chr1', but 'chr1'"):
        genome.codes("chr1", 0, 1)


def test_names_are_mapped(tmp_path):
    table = tmp_path / "names.tsv"
    table.write_text("# of the table\tof the genome\nI\tchr1\n\nII\tchr2\n")
    path = write(tmp_path, "plain")
    for value, names in (("add_chr", ["1", "chr2", "MT"]), (str(table), ["I", "II", "chrM"])):
        genome = Genome.open(path, chrom_map(value))
        assert [genome.length(name) for name in names] == [150_001, 60, 121]
    assert [chrom_map("drop_chr")(name) for name in ("chr1", "1", "chrM")] == ["1", "1", "MT"]


@pytest.mark.parametrize(
    ("content", "message"),
    [("a b\n", ":1: 1 columns"), ("a\tb\tc\n", "3 columns"), ("a\tb\na\tc\n", ":2: 'a' has two names")],
)
def test_a_broken_map_of_names_is_one_line(content, message, tmp_path):
    table = tmp_path / "names.tsv"
    table.write_text(content)
    with pytest.raises(InputError, match=message):
        chrom_map(str(table))

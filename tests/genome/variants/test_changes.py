"""Every spelling of a variant is one change, the one of bcftools norm."""

import random

import pysam.bcftools
import pytest

from dnaseq.genome.variants.changes import Change, normalised, stratum
from dnaseq.io.genome.genome import Genome

UNITS = ("A", "AC", "CAG", "ACGT", "GATTA")


def repeats(n, seed):
    """n bases, half of them in repeats of short words."""
    rng, letters = random.Random(seed), ""
    while len(letters) < n:
        letters += rng.choice(UNITS) * rng.randrange(1, 30) if rng.random() < 0.5 else rng.choice("ACGT") * 3
        letters += "".join(rng.choices("ACGT", k=rng.randrange(12)))
    return letters[:n]


def written(change, letters):
    """POS, REF and ALT of a change in VCF: alleles without a base have the base before them, or the one after."""
    if change.ref and change.alt:
        return change.start + 1, change.ref, change.alt
    if change.start:
        before = letters[change.start - 1]
        return change.start, before + change.ref, before + change.alt
    after = letters[change.start + len(change.ref)]
    return 1, change.ref + after, change.alt + after


def variants(letters, n, seed):
    """n random insertions, deletions and MNVs, also with more bases than they need, as (start, ref, alt)."""
    rng = random.Random(seed)
    while n:
        start, size = rng.randrange(len(letters) - 40), rng.randrange(1, 16)
        ref = letters[start : start + size]
        kind = rng.randrange(4)
        if kind == 0:  # a deletion
            alt = ref[: rng.randrange(1, size + 1)]
        elif kind == 1:  # an insertion, often of what is there already
            alt = ref + rng.choice([ref, ref[-1:], rng.choice(UNITS) * rng.randrange(1, 4)])
        elif kind == 2:
            alt = "".join(rng.choices("ACGT", k=size))
        else:
            alt = "".join(rng.choices("ACGT", k=rng.randrange(1, 16)))
        if alt != ref:
            n -= 1
            yield start, ref, alt


@pytest.mark.parametrize("n", [10_000, pytest.param(100_000, marks=pytest.mark.slow)])
def test_changes_are_those_of_bcftools_norm(n, tmp_path):
    letters = repeats(20_000, seed=n)
    (tmp_path / "g.fa").write_text(f">c\n{letters}\n")
    every = list(variants(letters, n, seed=n + 1))
    header = f"##fileformat=VCFv4.2\n##contig=<ID=c,length={len(letters)}>\n"
    lines = [f"c\t{start + 1}\tv{i}\t{ref}\t{alt}\t.\t.\t.\n" for i, (start, ref, alt) in enumerate(every)]
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    (tmp_path / "v.vcf").write_text(header + columns + "".join(lines))
    given = ["--no-version", "-f", str(tmp_path / "g.fa"), str(tmp_path / "v.vcf")]
    text = pysam.bcftools.norm(*given, catch_stdout=True)
    oracle = {
        name: (int(pos), ref, alt)
        for _, pos, name, ref, alt, *_ in (
            line.split("\t") for line in text.splitlines() if not line.startswith("#")
        )
    }
    genome = Genome.open(str(tmp_path / "g.fa"))
    assert len(oracle) == n
    for i, (start, ref, alt) in enumerate(every):
        assert written(normalised("c", start, ref, alt, genome), letters) == oracle[f"v{i}"], lines[i]


def test_every_spelling_of_an_indel_is_one_change(genome_of):
    genome = genome_of(c="GGTACACACATT")
    deletions = [
        (3, "AC", ""),
        (5, "AC", ""),
        (4, "CA", ""),
        (2, "TAC", "T"),
        (0, "GGTACACA", "GGTACA"),
        (8, "CA", ""),
    ]
    assert {normalised("c", *one, genome) for one in deletions} == {Change("c", 3, "AC", "")}
    insertions = [(3, "", "AC"), (9, "A", "ACA"), (10, "", "CA"), (0, "GGT", "GGTAC")]
    assert {normalised("c", *one, genome) for one in insertions} == {Change("c", 3, "", "AC")}


def test_a_change_moves_as_far_as_the_contig_and_its_letters_allow(genome_of):
    genome = genome_of(c="A" * 1000 + "C", d="AANAAAC")
    assert normalised("c", 999, "A", "", genome) == Change("c", 0, "A", "")
    assert normalised("d", 5, "A", "", genome) == Change("d", 3, "A", "")


def test_kinds_of_changes():
    kinds = [("A", "C"), ("", "AC"), ("", "ACT"), ("ACGT", ""), ("AC", "GT")]
    assert [stratum(Change("c", 0, *one)) for one in kinds] == ["A>C", "0>2", "0>2", "3>0", "2>2"]

"""Letters that are no nucleotides: refused with the key that would help, or left out by choice."""

import numpy as np
import pytest

from dnaseq.data.sources.files import Table
from dnaseq.encode.alphabet import to_letters
from dnaseq.errors import ConfigError, InputError
from dnaseq.io.sequences.fasta import fasta_blocks
from dnaseq.io.sequences.plain import sequence_blocks
from dnaseq.io.sequences.reading import Reading, read_blocks

FORMATS = ("fasta", "wrapped", "long", "fastq", "embl", "table", "python")
GAPS, UNKNOWN, WORDS = {"gaps": "drop"}, {"unknown": "N"}, {"words": "join"}
KMERS = {  # as a program writes them: the sequence
    "AAC ACG CGT": "AACGT",
    "aac acg cgt gtn": "AACGTN",
    "AACG ACGU CGUA": "AACGTA",
    "AA AC CG GT TT TA": "AACGTTA",
    "GATTAC ATTACA TTACAG": "GATTACAG",
    "GATTAC TACAGA AGATTA TTACCC CCCGAT": "GATTACAGATTACCCGAT",  # every third
    "AAA AAA AAA AAA": "AAAAAA",
}


def embl(name, sequence):
    size = len(sequence)
    return f"ID   {name}; SV 1; linear; DNA; XXX; XXX; {size} BP.\nSQ\n     {sequence} {size}\n//\n"


def blocks(kind, sequence, tmp_path, **settings):
    reading, path = Reading(**settings), tmp_path / "x"
    if kind == "python":
        return list(sequence_blocks(["ACGT", sequence], reading))
    if kind == "long":
        size = 16 if " " in sequence else 9
        text = f">a\nACGT\n>b\n{sequence}\n".encode()
        pieces = [text[i : i + size] for i in range(0, len(text), size)]
        return list(fasta_blocks(pieces, "x", reading, long=size // 2))
    if kind == "table":
        path.write_text(f"sequence,label\nACGT,1\n{sequence},1\n")
        return [labelled.block for _, labelled in Table(str(path)).read(reading)]
    lines = sequence.replace(" ", "\n") if " " in sequence else f"{sequence[:3]}\n{sequence[3:]}"
    path.write_text(
        {
            "fasta": f">a\nACGT\n>b\n{sequence}\n",
            "wrapped": f">a\nACGT\n>b\n{lines}\n",
            "fastq": f"@a\nACGT\n+\nIIII\n@b\n{sequence}\n+\n{'I' * len(sequence)}\n",
            "embl": embl("a", "ACGT") + embl("b", sequence),
        }[kind]
    )
    return list(read_blocks(path, Reading(format="embl" if kind == "embl" else "auto", **settings)))


def letters(kind, sequence, tmp_path, **settings):
    """Of the second record, and that the first one is as ever."""
    found = [
        to_letters(block.codes[a:b])
        for block in blocks(kind, sequence, tmp_path, **settings)
        for a, b in zip(block.offsets, block.offsets[1:], strict=False)
    ]
    assert found[0] == "ACGT"
    return found[1]


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    ("sequence", "choice", "expected"),
    [
        ("AC-GT--T", GAPS, "ACGTT"),
        ("...ACGT-.", GAPS, "ACGT"),
        ("ACXXGTxT", UNKNOWN, "ACNNGTNT"),
        ("ACGIIGTi", UNKNOWN, "ACGNNGTN"),
        ("ACGTTTGA*", UNKNOWN, "ACGTTTGA"),
        ("ACX-GTI.A*", GAPS | UNKNOWN, "ACNGTNA"),
    ],
)
def test_letters_are_left_out_or_read_as_n_by_choice(kind, sequence, choice, expected, tmp_path):
    assert letters(kind, sequence, tmp_path, **choice) == expected
    with pytest.raises(InputError, match=r"is not a nucleotide.*\. reading\.(gaps=drop|unknown=N) "):
        blocks(kind, sequence, tmp_path)


@pytest.mark.parametrize("kind", FORMATS)
def test_what_the_choice_does_not_name_is_still_refused(kind, tmp_path):
    with pytest.raises(InputError, match="letter '-' at position 7"):
        blocks(kind, "ACXXGT-T", tmp_path, **UNKNOWN)
    with pytest.raises(InputError, match="letter 'X' at position 6"):
        blocks(kind, "AC-GTXX", tmp_path, **GAPS)
    with pytest.raises(InputError, match=r"letter '\*' at position 5"):
        blocks(kind, "ACGT*ACG", tmp_path, **UNKNOWN)
    kept = blocks(kind, "ACGT*ACG", tmp_path, **UNKNOWN, bad_records="keep")
    assert [why.split(" (")[0] for block in kept for why in block.rejected.values()] == [
        "letter '*' at position 5 is not a nucleotide"
    ]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_record_of_gaps_alone_is_empty(kind, tmp_path):
    with pytest.raises(InputError, match="empty sequence"):
        blocks(kind, "-----.--", tmp_path, **GAPS)


@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind not in ("wrapped", "fastq", "embl")])
@pytest.mark.parametrize("text", KMERS)
def test_kmers_are_refused_or_joined(kind, text, tmp_path):
    words = text.split()
    with pytest.raises(
        InputError, match=rf"{len(words)} words of {len(words[0])} letters.*reading.words=join"
    ):
        blocks(kind, text, tmp_path)
    assert letters(kind, text, tmp_path, **WORDS) == KMERS[text]
    (block,) = blocks(kind, text, tmp_path, bad_records="keep")[-1:]
    assert "k-mers, not a sequence" in next(iter(block.rejected.values()))
    assert len(block.codes) in (0, 4)


@pytest.mark.parametrize("broken", ["AAC ACG\nCGT GTT", "AAC ACG C\nGT GTT", "AAC\tACG\tCGT\nGTT\n"])
def test_kmers_on_several_lines_are_kmers(broken, tmp_path):
    (tmp_path / "x.fa").write_text(f">a\n{broken}\n")
    with pytest.raises(
        InputError, match=r"x\.fa:2: record 'a': 4 words of 3 letters, each overlapping .* by 2"
    ):
        list(read_blocks(tmp_path / "x.fa"))
    (block,) = read_blocks(tmp_path / "x.fa", Reading(**WORDS))
    assert to_letters(block.codes) == "AACGTT"


@pytest.mark.parametrize(
    "text",
    ["ACGTTGCAAC GGTACCATTG CCA", "ACG TGC", "AAAAAAAAAA AAAAAAAAAA", "ACACACACAC ACACACACAC", "A C G T A A"],
)
def test_blanks_between_other_words_are_left_out(text, tmp_path):
    assert letters("fasta", text, tmp_path) == text.replace(" ", "")


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("AAC ACG", "AACG"),
        ("AAAAAAAAAA AAAAAAAAAA", "AAAAAAAAAAA"),
        ("ACG TGC", "ACGTGC"),
        ("ACACACACAC ACACACACAC", "ACACACACACACACACACAC"),
    ],
)
def test_words_that_may_be_kmers_are_joined_if_there_are_kmers(text, joined, tmp_path):
    assert letters("fasta", text, tmp_path, **WORDS) == joined


def test_every_choice_has_its_values():
    for key in ("gaps", "unknown", "words", "bad_records", "format"):
        with pytest.raises(ConfigError, match=f"reading.{key} must be one of .*; got 'perhaps'"):
            Reading(**{key: "perhaps"})


def test_kept_records_are_whole_beside_rejected_ones(tmp_path):
    (tmp_path / "x.fa").write_text(">a\nAC-GT\n>b\nACGE\n>c\nTT--A\n>d\n\n")
    first, last = read_blocks(tmp_path / "x.fa", Reading(**GAPS, bad_records="keep"))
    assert to_letters(first.codes) == "ACGTTTA"
    np.testing.assert_array_equal(first.offsets, [0, 4, 4, 7])
    assert (list(first.rejected), list(last.rejected)) == ([1], [0])

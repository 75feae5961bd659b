"""Files of every format with random damage: they are read, or refused by an error that a user understands."""

import gzip
import random
from contextlib import suppress
from pathlib import Path

import pytest
from Bio.Seq import Seq
from Bio.SeqIO import write
from Bio.SeqRecord import SeqRecord

from dnaseq.errors import DnaseqError, InputError
from dnaseq.io.sequences.reading import Reading, read_blocks

pytestmark = pytest.mark.filterwarnings("ignore::Bio.BiopythonParserWarning")
BAD = Path(__file__).parent.parent / "bad"
SUFFIXES = (".fa", ".fq", ".gb", ".embl", ".2bit", ".gz", ".zst")
FASTA = b">a one\nACGTACGTNN\nACG\n>b\nTTTTacgtRY\n\n>c x\nGGGGGGCC\n"
FASTQ = b"@a 1\nACGTACGT\n+\nIIIIIIII\n@b\nACGTNN\n+b\n!!~~II\n@c\nTTTT\n+\n@@@@\n"
TEXT = b" \t\n\r\0>@+-*.;#xNnACGTU/1LOCUS\xef\xff"


def flat(kind: str, path: Path) -> bytes:
    records = [
        SeqRecord(Seq("ACGTACGTNNAC" * 9), id=f"r{i}", annotations={"molecule_type": "DNA"}) for i in range(3)
    ]
    write(records, path, kind)
    return path.read_bytes()


def two_bit() -> bytes:
    """Two records of eight bases, the second with a stretch of N."""

    def number(n: int) -> bytes:
        return n.to_bytes(4, "little")

    first = number(8) + number(0) + number(0) + number(0) + b"\x1b\x1b"
    second = number(8) + number(1) + number(2) + number(3) + number(0) + number(0) + b"\x1b\x1b"
    begin = 16 + 2 * (1 + 1 + 4)
    index = b"\x01a" + number(begin) + b"\x01b" + number(begin + len(first))
    return number(0x1A412743) + number(0) + number(2) + number(0) + index + first + second


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> list[tuple[str, bytes]]:
    """Suffix and content of good files, and of files that have one defect already."""
    folder = tmp_path_factory.mktemp("whole")
    good = [(".fa", FASTA), (".fq", FASTQ), (".2bit", two_bit()), (".fa.gz", gzip.compress(FASTA))]
    good += [(f".{suffix}", flat(kind, folder / suffix)) for suffix, kind in (("gb", "gb"), ("embl", "embl"))]
    bad = [path for path in sorted(BAD.iterdir()) if path.suffix in SUFFIXES]
    return 8 * good + [
        ("".join(path.suffixes), path.read_bytes()) for path in bad if path.stat().st_size < 20_000
    ]


def damaged(content: bytes, dice: random.Random) -> bytes:
    found = bytearray(content)
    for _ in range(dice.randint(1, 3)):
        at, n = dice.randrange(len(found) + 1), dice.randint(1, 12)
        kind = dice.randrange(5)
        if kind == 0:
            del found[at : at + n]
        elif kind == 1:
            found[at:at] = bytes(dice.choices(TEXT, k=n))
        elif kind == 2:
            found[at : at + 1] = bytes(dice.choices(TEXT, k=1))
        elif kind == 3 and at < len(found):
            found[at] ^= 1 << dice.randrange(8)
        else:
            found[at:at] = found[dice.randrange(len(found) + 1) :][: 5 * n]
    return bytes(found)


def check(whole, folder: Path, times: int, seed: int) -> None:
    dice = random.Random(seed)
    for turn in range(times):
        suffix, content = dice.choice(whole)
        path = folder / f"file{suffix}"
        path.write_bytes(damaged(content, dice))
        for bad_records in ("fail", "keep"):
            with suppress(DnaseqError):
                for block in read_blocks(path, Reading(bad_records=bad_records)):
                    assert len(block.offsets) == len(block.headers) + 1, turn
                    assert block.offsets[-1] == len(block.codes), turn


def test_they_are_read_before_they_are_damaged(whole, tmp_path):
    for suffix, content in whole[:6]:
        (tmp_path / f"file{suffix}").write_bytes(content)
        assert sum(len(block.headers) for block in read_blocks(tmp_path / f"file{suffix}")) in (2, 3)


@pytest.mark.parametrize(
    ("place", "what"),
    [
        (11, "4,278,190,082 sequences"),
        (31, "4,278,190,088 bases"),
        (35, "4,278,190,080 stretches of N"),
        (39, "4,278,190,080 stretches in lower case"),
    ],
)
def test_a_2bit_file_that_announces_billions_of_anything_is_refused_at_once(tmp_path, place, what):
    content = bytearray(two_bit())
    content[place] = 0xFF
    (tmp_path / "a.2bit").write_bytes(content)
    with pytest.raises(InputError, match=f"it announces {what} and is too short for them"):
        list(read_blocks(tmp_path / "a.2bit", Reading(bad_records="keep")))


def test_damage_is_refused_in_words_or_read(whole, tmp_path):
    check(whole, tmp_path, times=150, seed=1)


@pytest.mark.slow
def test_much_damage_is_refused_in_words_or_read(whole, tmp_path):
    check(whole, tmp_path, times=5_000, seed=2)

import hashlib
import re
from pathlib import Path

import pytest

from dnaseq.data.sources.planted import Planted
from dnaseq.encode.alphabet import COMPLEMENT, to_codes, to_letters
from dnaseq.errors import ConfigError
from dnaseq.io.sequences.reading import Reading

MOTIFS = ("AGATAAGA", "CCGGAAGT", "TTGACA")


def planted(folder, **changed) -> Planted:
    usual = {"motifs": list(MOTIFS[:2]), "spacing": [6, 15], "n": 40, "length": 60, "seed": 1}
    return Planted(**{**usual, **changed}, cache=str(folder))


def labels_and_letters(source: Planted) -> dict[str, tuple[str, str, str]]:
    """id -> part, label, letters."""
    found = {}
    for part, (block, labels, *_) in source.read(Reading()):
        for i, (name, label) in enumerate(zip(block.ids, labels, strict=True)):
            codes = block.codes[block.offsets[i] : block.offsets[i + 1]]
            found[name.decode()] = (part, label, to_letters(codes))
    return found


def truth(source: Planted) -> dict[str, list[tuple[int, int, str, str]]]:
    """id -> start, end, motif and strand of each motif, from left to right."""
    lines = (Path(source.files["train"][0]).parent / "truth.tsv").read_text().splitlines()
    assert lines[0] == "id\tstart\tend\tmotif\tstrand"
    found: dict[str, list[tuple[int, int, str, str]]] = {}
    for name, start, end, motif, strand in (line.split("\t") for line in lines[1:]):
        found.setdefault(name, []).append((int(start), int(end), motif, strand))
    return found


def turned(letters: str) -> str:
    return to_letters(COMPLEMENT[to_codes(letters)][::-1])


@pytest.mark.parametrize("count", [2, 3])
def test_the_motifs_stand_where_the_table_says_and_only_their_order_tells_the_classes_apart(tmp_path, count):
    source = planted(tmp_path, motifs=list(MOTIFS[:count]), n=200, length=120)
    records, places = labels_and_letters(source), truth(source)
    assert len(records) == 200
    assert records.keys() == places.keys()
    for name, (_, label, letters) in records.items():
        assert len(letters) == 120
        for start, end, motif, strand in places[name]:
            assert letters[start:end] == (motif if strand == "+" else turned(motif))
        gaps = [after[0] - before[1] for before, after in zip(places[name], places[name][1:], strict=False)]
        assert all(6 <= gap <= 15 for gap in gaps)
        (strand,) = {strand for *_, strand in places[name]}
        order = [motif for _, _, motif, _ in places[name]][:: 1 if strand == "+" else -1]
        assert sorted(order) == sorted(MOTIFS[:count])
        assert (order == list(MOTIFS[:count])) == (label == "ordered")
    assert {strand for found in places.values() for *_, strand in found} == {"+", "-"}


def test_of_a_broken_record_one_motif_has_other_bases_throughout(tmp_path):
    source = planted(tmp_path, broken=0.5, n=400, length=80)
    records, places = labels_and_letters(source), truth(source)
    lacking = [
        name for name, (_, label, _) in records.items() if label == "scrambled" and len(places[name]) == 1
    ]
    assert 70 < len(lacking) < 130  # of 200
    assert all(len(places[name]) == 2 for name, (_, label, _) in records.items() if label == "ordered")
    for name in lacking:
        ((start, end, motif, strand),) = places[name]
        letters = records[name][2]
        letters, start = (letters, start) if strand == "+" else (turned(letters), len(letters) - end)
        assert letters[start : start + 8] == motif
        other = MOTIFS[1 - MOTIFS.index(motif)]
        # the lost one stood 6 to 15 bases away, on the side that the order says
        ways = [start - gap - 8 if motif == MOTIFS[1] else start + 8 + gap for gap in range(6, 16)]
        bases = [letters[at : at + 8] for at in ways if 0 <= at <= len(letters) - 8]
        assert any(len(one) == 8 and all(a != b for a, b in zip(one, other, strict=True)) for one in bases)
        assert other not in bases
    assert {places[name][0][2] for name in lacking} == set(MOTIFS[:2])


def test_half_of_the_records_are_ordered_and_a_fifth_is_the_test_set(tmp_path):
    found = [(part, label) for part, label, _ in labels_and_letters(planted(tmp_path, n=100)).values()]
    assert {pair: found.count(pair) for pair in found} == {
        ("train", "ordered"): 40,
        ("train", "scrambled"): 40,
        ("test", "ordered"): 10,
        ("test", "scrambled"): 10,
    }


def test_the_same_settings_give_the_same_files_on_every_machine(tmp_path):
    files = planted(tmp_path).files
    text = b"".join(Path(files[part][0]).read_bytes() for part in ("train", "test"))
    assert (
        hashlib.sha256(text).hexdigest() == "a4f7bb729a53cdc0742317faf336dfe6cdbef0594bc552c2d2f7f4b5ffafa83c"
    )
    assert planted(tmp_path / "other").settings == planted(tmp_path).settings


def test_another_seed_gives_other_records_in_another_folder(tmp_path):
    first, second = planted(tmp_path), planted(tmp_path, seed=2)
    assert first.files != second.files
    letters = [{letters for *_, letters in labels_and_letters(one).values()} for one in (first, second)]
    assert not letters[0] & letters[1]


def test_whole_files_stay_and_damaged_ones_are_written_again(tmp_path):
    train = Path(planted(tmp_path).files["train"][0])
    before, text = train.stat().st_ino, train.read_bytes()
    planted(tmp_path)
    assert train.stat().st_ino == before
    train.write_bytes(text[:100])
    planted(tmp_path)
    assert train.read_bytes() == text


def test_the_folder_is_named(tmp_path, caplog):
    caplog.set_level("INFO", logger="dnaseq")
    source = planted(tmp_path)
    assert str(Path(source.files["train"][0]).parent) in caplog.text


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"n": 19}, "planted.n must be 20 records or more; got 19"),
        ({"n": "many"}, "planted.n must be 20 records or more; got 'many'"),
        ({"length": 30}, "planted.length must be 31 or more"),
        ({"motifs": ["ACGN", "ACCA"]}, "planted.motifs: 'ACGN' must be made of the letters A, C, G and T"),
        ({"motifs": ["ACCA", ""]}, "planted.motifs: '' must be made of"),
        ({"motifs": ["ACCA"]}, "planted.motifs must list two to six"),
        ({"motifs": "ACCA"}, "planted.motifs must list two to six"),
        ({"motifs": ["ACCA", "acca"]}, "planted.motifs: in every order they read the same"),
        ({"motifs": ["CACGTG", "GAATTC"]}, "planted.motifs: in every order they read the same"),
        ({"spacing": [9, 3]}, r"planted.spacing must be the fewest and most bases, as [6,15]; got [9, 3]"),
        ({"spacing": 9}, "planted.spacing must be"),
        ({"broken": 1.5}, "planted.broken must be a share from 0 to 1; got 1.5"),
        ({"seed": -1}, "planted.seed must be a whole number of 0 or more; got -1"),
    ],
)
def test_what_no_records_can_be_made_of_is_refused(tmp_path, changed, what):
    with pytest.raises(ConfigError, match=re.escape(what)):
        planted(tmp_path, **changed)
    assert not list(tmp_path.iterdir())

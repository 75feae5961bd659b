"""Sites of motifs: by profiles."""

from itertools import pairwise

import numpy as np
import pytest

from dnaseq.encode.alphabet import COMPLEMENT, to_codes
from dnaseq.errors import InputError
from dnaseq.interpret.experiments.sequences import Record
from dnaseq.interpret.experiments.sites import profile_sites
from dnaseq.interpret.motifs.profiles import Profile


def profile(text: str, name: str) -> Profile:
    return Profile(name, "", 20 * np.eye(4)[to_codes(text)])


def record(name: str, *places: tuple[int, str]) -> Record:
    codes = np.random.default_rng(len(places)).integers(4, size=60).astype(np.uint8)
    for start, text in places:
        codes[start : start + len(text)] = to_codes(text)
    return Record(name, codes, "a.fa", 1)


def test_a_profile_finds_its_places_on_both_strands():
    other = "".join("ACGT"[code] for code in COMPLEMENT[to_codes("TGACTGACGT")[::-1]])
    records = [
        record("one", (5, "TGACTGACGT")),
        record("two", (20, other), (40, "TGACTGACGT")),
        record("none", (0, "AC" * 30)),
    ]
    sites = profile_sites(records, [profile("TGACTGACGT", "m")])
    assert sites == {"one": {"m": [(5, 15)]}, "two": {"m": [(20, 30), (40, 50)]}}


def test_of_places_that_overlap_the_better_one_is_taken():
    sites = profile_sites(
        [record("r", (10, "TATATATATATA"), (30, "CTATATATAG"))], [profile("TATATATATA", "m")]
    )
    stretches = sites["r"]["m"]
    assert all(a[1] <= b[0] for a, b in pairwise(stretches))
    assert (10, 20) in stretches or (12, 22) in stretches


def test_records_without_any_place_are_told():
    with pytest.raises(InputError, match="no record has a place"):
        profile_sites([record("r")], [profile("TGACTGACGTTTAG", "m")])

"""Sites of restriction enzymes."""

import pytest

from dnaseq.io.enzymes import sites_of_enzyme


@pytest.mark.parametrize(
    ("name", "sites"),
    [
        ("EcoRI", ["GAATTC"]),
        ("ecorv", ["GATATC"]),
        ("BsaI", ["GGTCTC"]),
        ("SfiI", ["GGCCNNNNNGGCC"]),
        ("HpyUM037X", ["TNGGNAG", "GTGGNAG"]),
        ("GAATTC", []),
        ("EcoR1", []),
    ],
)
def test_an_enzyme_has_the_sites_of_rebase(name, sites):
    assert sites_of_enzyme(name) == sites

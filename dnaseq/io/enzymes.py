"""Restriction enzymes and the sites that they recognize, from REBASE as Biopython has it."""

from Bio.Restriction.Restriction_Dictionary import rest_dict

_BY_NAME = {name.casefold(): str(enzyme["site"]).split("|") for name, enzyme in rest_dict.items()}


def sites_of_enzyme(name: str) -> list[str]:
    """Return the sites of an enzyme, such as GAATTC for EcoRI, in any case of letters; none for an unknown name."""
    return _BY_NAME.get(name.casefold(), [])

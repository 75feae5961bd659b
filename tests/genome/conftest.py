"""Predictors of small untrained networks, and genomes made on the spot."""

import pytest
from predictors import predictor_of, records

from dnaseq.io.genome.genome import Genome

__all__ = ["predictor_of", "records"]


@pytest.fixture
def genome_of(tmp_path):
    """genome_of(chr1="ACGT", ...) -> Genome."""
    made = []

    def make(**contigs):
        path = tmp_path / f"genome{len(made)}.fa"
        made.append(path)
        path.write_text("".join(f">{name}\n{letters}\n" for name, letters in contigs.items()))
        return Genome.open(str(path))

    return make

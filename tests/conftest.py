"""Shared by all tests: small data sets made on the spot, and a cache of parsed data of their own."""

import os
import random
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    os.environ["DNASEQ_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    torch.set_num_threads(1)  # the suite itself runs in as many processes as there are cores


@pytest.fixture(scope="session")
def random_sequence():
    """random_sequence(length, seed=0, letters="ACGT") -> letters."""

    def make(length: int, seed: int = 0, letters: str = "ACGT") -> str:
        return "".join(random.Random(seed).choices(letters, k=length))

    return make


@pytest.fixture(scope="session")
def easy_fasta(tmp_path_factory, random_sequence):
    """Train and test FASTA of 96 and 32 records of 40 bases that GC content tells apart: labels rich and poor."""
    folder = tmp_path_factory.mktemp("easy")
    for name, first, count in (("train", 0, 96), ("test", 1000, 32)):
        with (folder / f"{name}.fa").open("w") as handle:
            for i in range(first, first + count):
                label, letters = ("rich", "ACGGCC") if i % 2 else ("poor", "AATTCG")
                handle.write(f">r{i} label={label}\n{random_sequence(40, i, letters)}\n")
    return folder

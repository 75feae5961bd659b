"""`import dnaseq`: what it has, and what it does not load."""

import subprocess
import sys

import pytest

import dnaseq
from dnaseq.errors import ArgumentError


def test_a_predictor_needs_no_training_and_no_scikit_learn_estimator():
    code = "import sys, dnaseq; dnaseq.Predictor; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"pytorch_lightning", "sklearn", "matplotlib", "dnaseq.tasks"} & set(loaded.split())


def test_public_names_are_listed_and_found():
    assert set(dnaseq.__all__) <= set(dir(dnaseq))
    for name in dnaseq.__all__:
        assert getattr(dnaseq, name).__name__ == name
        assert getattr(dnaseq, name).__doc__
    with pytest.raises(AttributeError, match="module 'dnaseq' has no attribute 'Klassifier'"):
        dnaseq.Klassifier  # noqa: B018 (it is the access that raises)


def test_a_list_of_sequences_is_no_file_to_read():
    with pytest.raises(ArgumentError, match=r"'ACGTACGT' names no file\. Estimators take"):
        dnaseq.read(["ACGTACGT"])

"""Digests of learnt records in a bundle."""

import numpy as np
import pytest

from dnaseq.bundle.bundle import load_bundle, save_bundle
from dnaseq.bundle.learned_records import RECORDS, read_learned_records
from dnaseq.bundle.spec import read_spec
from dnaseq.errors import ModelFileError

DIGESTS = np.array([2**64 - 1, 7, 5, 7], dtype=np.uint64)


@pytest.fixture
def saved(bundle, tmp_path):
    there = load_bundle(bundle)
    save_bundle(tmp_path / "b", there.spec, there.net, DIGESTS)
    return tmp_path / "b"


def test_they_are_read_as_they_were_saved(saved):
    load_bundle(saved)
    found = read_learned_records(saved, read_spec(saved / "spec.json"))
    assert found.tolist() == [5, 7, 2**64 - 1]
    assert (saved / RECORDS).stat().st_size == 24


def test_a_bundle_without_them_has_none(bundle, saved):
    assert read_learned_records(bundle, read_spec(bundle / "spec.json")) is None
    (saved / RECORDS).unlink()
    assert read_learned_records(saved, read_spec(saved / "spec.json")) is None


@pytest.mark.parametrize("content", [b"", b"\0" * 24, b"\0" * 25])
def test_a_damaged_file_is_refused(saved, content):
    (saved / RECORDS).write_bytes(content)
    with pytest.raises(ModelFileError, match=RECORDS):
        read_learned_records(saved, read_spec(saved / "spec.json"))

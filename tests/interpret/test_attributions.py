"""Files of attributions: what is written is read again, and damage is told."""

import numpy as np
import pytest

from dnaseq.encode.alphabet import PAD, N
from dnaseq.errors import InputError
from dnaseq.interpret.attributions import Attributions, new_attributions, read_npz, write_npz, write_tsv


@pytest.fixture
def some(tmp_path):
    (tmp_path / "work").mkdir()
    found = new_attributions(tmp_path / "work", ["a", "Ö|2"], np.array([3, 2]), has_hypothetical=True)
    found.codes[0], found.codes[1, :2] = (0, 3, N), (2, 1)
    found.values[0], found.values[1, :2] = (0.5, -1.25, 0), (1e-9, 3)
    found.hypothetical[0, 0] = (0.5, -0.5, 0, 0)
    return found


def test_arrays_are_read_as_they_were_written(some, tmp_path):
    write_npz(tmp_path / "a.npz", some)
    found = read_npz(tmp_path / "a.npz")
    assert found.ids == ["a", "Ö|2"]
    for name in ("lengths", "codes", "values", "hypothetical"):
        np.testing.assert_array_equal(getattr(found, name), getattr(some, name))
    assert found.codes[1, 2] == PAD
    with np.load(tmp_path / "a.npz") as arrays:  # as a user would
        assert arrays["ids"].tolist() == ["a", "Ö|2"]


def test_without_hypothetical_numbers_there_is_no_entry(some, tmp_path):
    write_npz(tmp_path / "a.npz", some._replace(hypothetical=None))
    assert read_npz(tmp_path / "a.npz").hypothetical is None


def test_the_table_has_a_line_for_every_base(some, tmp_path):
    write_tsv(tmp_path / "a.tsv", some)
    assert (tmp_path / "a.tsv").read_text() == (
        "id\tposition\tbase\tvalue\na\t0\tA\t0.5\na\t1\tT\t-1.25\na\t2\tN\t0\nÖ|2\t0\tG\t1e-09\nÖ|2\t1\tC\t3\n"
    )


@pytest.mark.parametrize("share", [0, 0.5, 0.99])
def test_a_damaged_file_is_told_of(some, tmp_path, share):
    write_npz(tmp_path / "a.npz", some)
    text = (tmp_path / "a.npz").read_bytes()
    (tmp_path / "a.npz").write_bytes(text[: int(share * len(text))])
    with pytest.raises(InputError, match=r"a\.npz: no attributions, or damaged"):
        read_npz(tmp_path / "a.npz")


def test_arrays_that_do_not_fit_are_told_of(tmp_path):
    odd = Attributions(["a"], np.array([9]), np.zeros((1, 2), np.uint8), np.zeros((1, 2), np.float32))
    write_npz(tmp_path / "a.npz", odd)
    with pytest.raises(InputError, match="the arrays do not fit each other"):
        read_npz(tmp_path / "a.npz")

"""Files of attributions: what is written is read again, and damage is told."""

import numpy as np
import pytest

from dnaseq.encode.alphabet import PAD, N
from dnaseq.errors import InputError
from dnaseq.interpret.attributions import (
    Attributions,
    attribution_files,
    map_attributions,
    read_npz,
    write_npz,
    write_tsv,
)


@pytest.fixture
def some(tmp_path):
    """Two records, written one after the other."""
    work = tmp_path / "work"
    work.mkdir()
    hypothetical = np.zeros((1, 3, 4), np.float32)
    hypothetical[0, 0] = (0.5, -0.5, 0, 0)
    with attribution_files(work, 2, 3, has_hypothetical=True) as append:
        append(np.array([[0, 3, N]]), np.array([[0.5, -1.25, 0]]), hypothetical)
        append(np.array([[2, 1]]), np.array([[1e-9, 3]]), hypothetical[:, 1:])
    return map_attributions(work, ["a", "Ö|2"], np.array([3, 2]))


def test_what_was_appended_is_mapped(some):
    assert some.codes.tolist() == [[0, 3, N], [2, 1, PAD]]
    np.testing.assert_array_equal(some.values, np.array([[0.5, -1.25, 0], [1e-9, 3, 0]], np.float32))
    assert some.hypothetical[0, 0].tolist() == [0.5, -0.5, 0, 0]
    assert np.abs(some.hypothetical).sum() == 1


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

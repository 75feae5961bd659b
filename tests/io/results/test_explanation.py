import numpy as np

from dnaseq.io.results.explanation import array_rows


def test_rows_come_some_at_a_time_and_are_those_of_the_array(tmp_path):
    arrays = {"ids": np.array(["a", "bc", "d"]), "values": np.arange(24, dtype=np.float32).reshape(3, 4, 2)}
    np.savez(tmp_path / "a.npz", **arrays)
    for name, array in arrays.items():
        some = list(array_rows(tmp_path / "a.npz", name, at_once=2))
        assert [len(rows) for rows in some] == [2, 1]
        np.testing.assert_array_equal(np.concatenate(some), array)

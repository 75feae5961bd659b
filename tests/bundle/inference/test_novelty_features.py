import numpy as np
import pytest

from dnaseq.bundle.inference.novelty_features import record_composition, windows_composition
from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.io.sequences.plain import sequence_blocks
from dnaseq.io.sequences.reading import Reading


def seen(sequences: list[str], policy: LengthPolicy, rows=None) -> np.ndarray:
    (block,) = sequence_blocks(sequences, Reading())
    rows = np.arange(len(sequences)) if rows is None else np.array(rows)
    return record_composition(block, rows, policy)


@pytest.fixture
def sequences(random_sequence):
    return [random_sequence(n, n) for n in (20, 61, 5, 30)]


def test_a_record_that_is_trimmed_is_its_middle(sequences):
    # (61 - 20) // 2 = 20 bases are cut from the beginning, 21 from the end; (30 - 20) // 2 = 5 from both
    whole = [sequences[0], sequences[1][20:40], sequences[2], sequences[3][5:25]]
    np.testing.assert_array_equal(
        seen(sequences, LengthPolicy("trim", 20)), seen(whole, LengthPolicy("pad", None))
    )


def test_a_record_that_is_tiled_is_all_of_it_and_as_long_as_a_window(sequences):
    tiled, whole = seen(sequences, LengthPolicy("tile", 20)), seen(sequences, LengthPolicy("pad", None))
    np.testing.assert_array_equal(tiled[:, :-1], whole[:, :-1])
    np.testing.assert_allclose(tiled[:, -1], np.log([20, 20, 5, 20]))


@pytest.mark.parametrize("policy", [LengthPolicy(), LengthPolicy("tile", 20), LengthPolicy("trim", 20)])
def test_rows_are_as_they_are_beside_any_others(sequences, policy):
    np.testing.assert_array_equal(seen(sequences, policy, [1, 3]), seen(sequences, policy)[[1, 3]])


def test_a_window_has_the_features_of_its_letters_however_they_overlap(random_sequence):
    sequence = random_sequence(2000, 3)
    (block,) = sequence_blocks([sequence], Reading())
    starts = np.arange(0, 1980, 3)
    lengths = np.where(starts % 2, 20, 13)
    pieces = [sequence[s : s + n] for s, n in zip(starts, lengths, strict=True)]
    np.testing.assert_array_equal(
        windows_composition(block.codes, starts, lengths), seen(pieces, LengthPolicy())
    )

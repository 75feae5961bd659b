"""Records that are explained: read once, drawn by chance, refused with their name."""

import numpy as np
import pytest

from dnaseq.encode.alphabet import to_letters
from dnaseq.errors import InputError
from dnaseq.interpret import records as module
from dnaseq.interpret.logit import Logit
from dnaseq.interpret.records import choose_records, read_records
from dnaseq.io.sequences.plain import sequence_blocks
from dnaseq.io.sequences.reading import Reading

SEQUENCES = ["ACGTAC", "GG", "TTTTNNAC", "CCGA"]


@pytest.fixture(scope="module")
def logit(predictor_of):
    return Logit(predictor_of("gru", "model.encoder.hidden=4"))


def read(logit, sequences, folder, bad_records="fail"):
    blocks = sequence_blocks(sequences, Reading(bad_records=bad_records))
    return read_records(logit, blocks, bad_records, folder / "codes.bin")


def texts(records):
    rows = np.arange(len(records.ids))
    return [
        to_letters(row[:n]) for row, n in zip(records.padded(rows), records.lengths.tolist(), strict=True)
    ]


def test_all_records_are_there_in_order(logit, tmp_path):
    found = read(logit, SEQUENCES, tmp_path)
    assert (found.ids, texts(found), found.rejected) == (["1", "2", "3", "4"], SEQUENCES, 0)


def test_records_that_cannot_be_used_are_counted(logit, tmp_path):
    found = read(logit, ["ACGT", "XX", "GGA"], tmp_path, "keep")
    assert (found.ids, texts(found), found.rejected) == (["1", "3"], ["ACGT", "GGA"], 1)
    with pytest.raises(InputError, match="no record can be used"):
        read(logit, ["XX"], tmp_path, "keep")


def test_a_record_that_ends_before_the_position_is_refused(predictor_of, tmp_path):
    predictor = predictor_of("labeller_cnn", classes=("x", "y"), task="labelling")
    logit = Logit(predictor, position=3)
    with pytest.raises(InputError, match=r"record '2': 2 bases, and position=3 \(0-based\) is beyond them"):
        read(logit, SEQUENCES, tmp_path)
    found = read(logit, SEQUENCES, tmp_path, "keep")
    assert (found.ids, found.rejected) == (["1", "3", "4"], 1)


def test_records_are_drawn_in_the_order_of_the_input(logit, tmp_path):
    found = read(logit, SEQUENCES, tmp_path)
    drawn = [choose_records(found, 2, np.random.default_rng(seed)) for seed in range(20)]
    assert all(texts(one) == [SEQUENCES[int(name) - 1] for name in one.ids] for one in drawn)
    assert all(one.ids == sorted(one.ids) for one in drawn)
    assert len({tuple(one.ids) for one in drawn}) > 3
    assert choose_records(found, 9, np.random.default_rng(0)) is found


def test_more_than_a_table_can_hold_is_refused_with_a_number_that_fits(logit, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "MOST_NUMBERS", 20)
    found = read(logit, SEQUENCES, tmp_path)
    with pytest.raises(InputError, match=r"4 records of up to 8 bases are more .*, such as records=2"):
        choose_records(found, None, np.random.default_rng(0))
    assert len(choose_records(found, 2, np.random.default_rng(0)).ids) == 2

import numpy as np
import pytest

from dnaseq.build import build
from dnaseq.bundle.inference.windows import AMBIGUOUS, WITHOUT_BASE, Scan, build_scan
from dnaseq.bundle.predictor import RECORDS_AT_ONCE, Predictor
from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.encode.alphabet import to_letters
from dnaseq.errors import ConfigError, InputError
from dnaseq.io.sequences.plain import sequence_blocks
from dnaseq.io.sequences.reading import Reading
from dnaseq.prediction_task import CLASSIFICATION, prediction_task

ONEHOT = {"_target_": "dnaseq.encode.onehot.OneHot"}


def block_of(sequences: list[str]):
    (block,) = sequence_blocks(sequences, Reading(bad_records="keep"))
    return block


def windows_of(scan: Scan, sequences: list[str], most: int) -> list[tuple[str, int, str]]:
    """Id, begin and letters of every window, however the block is cut."""
    found = []
    for piece in scan.cut(block_of(sequences), most):
        spans = scan.spans(piece)
        assert len(spans.ids) <= most
        for name, begin, start, length in zip(
            spans.ids, spans.begin, spans.starts, spans.lengths, strict=True
        ):
            found.append((name, int(begin), to_letters(spans.codes[start : start + length])))
    return found


def by_hand(sequences: list[str], window: int, stride: int) -> list[tuple[str, int, str]]:
    found = []
    for number, sequence in enumerate(sequences, 1):
        last = max(len(sequence) - window, 0)
        for begin in sorted({*range(0, last, stride), last}):
            found.append((str(number), begin, sequence[begin : begin + window]))
    return found


@pytest.mark.parametrize(("window", "stride"), [(4, 1), (4, 3), (4, 4), (4, 9), (7, 2), (100, 30), (1, 1)])
@pytest.mark.parametrize("most", [1, 2, 5, 1000])
def test_windows_are_those_of_the_definition_wherever_records_are_cut(random_sequence, window, stride, most):
    sequences = [random_sequence(n, n) for n in (1, 3, 4, 5, 10, 11, 12, 13, 29, 64)]
    scan = Scan(window, stride, shortest=1, ambiguous=True)
    assert windows_of(scan, sequences, most) == by_hand(sequences, window, stride)


def test_codes_are_not_copied(random_sequence):
    block = block_of([random_sequence(1000, 1), random_sequence(50, 2)])
    pieces = list(Scan(20, 3, shortest=1, ambiguous=True).cut(block, 16))
    assert len(pieces) > 10
    assert all(np.shares_memory(piece.codes, block.codes) for piece in pieces)


def test_a_window_without_a_base_is_rejected_and_one_with_a_base_is_not():
    sequence = "ACGT" + "N" * 12 + "NNAN"
    spans = Scan(4, 4, shortest=1, ambiguous=True).spans(block_of([sequence]))
    assert spans.rejected == {1: WITHOUT_BASE, 2: WITHOUT_BASE, 3: WITHOUT_BASE}
    spans = Scan(4, 4, shortest=1, ambiguous=False).spans(block_of([sequence]))
    assert spans.rejected == dict.fromkeys((1, 2, 3), WITHOUT_BASE) | {4: AMBIGUOUS}


def test_a_rejected_record_is_one_row_with_its_reason():
    block = block_of(["ACGTACGT", "ACGX", "ACGTA"])
    spans = Scan(4, 2, shortest=1, ambiguous=True).spans(block)
    assert spans.begin.tolist() == [0, 2, 4, -1, 0, 1]
    assert list(spans.rejected) == [3]
    assert "letter 'X'" in spans.rejected[3]


@pytest.mark.parametrize(
    ("window", "stride", "policy", "task", "message"),
    [
        (None, 5, LengthPolicy(), "binary", "Set window=N as well"),
        (0, None, LengthPolicy(), "binary", "window must be a whole number of bases, at least 1; got 0"),
        (5, 0.5, LengthPolicy(), "binary", "stride must be a whole number of bases, at least 1; got 0.5"),
        (5, 1, LengthPolicy(), "labelling", "Use length_policy=tile"),
        (60, 1, LengthPolicy("error", 50), "binary", "window=60: the bundle takes exactly 50 bases"),
        (40, 1, LengthPolicy("error", 50), "binary", "window=40: the bundle takes exactly 50 bases"),
        (60, 1, LengthPolicy("pad", 50), "binary", "window=60: the bundle takes at most 50 bases"),
    ],
)
def test_what_a_bundle_cannot_answer_is_refused(window, stride, policy, task, message):
    with pytest.raises(ConfigError, match=message):
        build_scan(window, stride, policy, build(ONEHOT), prediction_task(task))


def test_windows_touch_unless_there_is_a_stride():
    scan = build_scan(50, None, LengthPolicy("error", 50), build(ONEHOT), CLASSIFICATION)
    assert (scan.window, scan.stride, scan.shortest) == (50, 50, 50)
    assert build_scan(None, None, LengthPolicy(), build(ONEHOT), CLASSIFICATION) is None


def test_a_window_has_the_answer_that_its_letters_have_alone(bundle, random_sequence):
    sequence = random_sequence(3000, 7)
    answers = Predictor.load(bundle, window=60, stride=25).predict([sequence])
    starts = [a.start for a in answers]
    assert starts == [*range(0, 2940, 25), 2940]
    alone = Predictor.load(bundle).predict([sequence[s : s + 60] for s in starts])
    assert [a.probabilities for a in answers] == [a.probabilities for a in alone]
    assert [a.label for a in answers] == [a.label for a in alone]
    assert {(a.id, a.length) for a in answers} == {("1", 60)}


def test_more_windows_than_a_piece_holds_come_in_order(bundle, random_sequence):
    short, long = random_sequence(30, 1), random_sequence(RECORDS_AT_ONCE + 5000, 2)
    answers = Predictor.load(bundle, window=6, stride=1, batch_size=4096).predict([short, long, short])
    expected = (
        [(1, n) for n in range(25)] + [(2, n) for n in range(len(long) - 5)] + [(3, n) for n in range(25)]
    )
    assert [(int(a.id), a.start) for a in answers] == expected


def test_a_record_that_is_too_short_is_rejected(tmp_path, make_bundle, random_sequence):
    folder = make_bundle(tmp_path / "b", lengths={"policy": "error", "length": 20})
    scan = Predictor.load(folder, window=20, stride=7)
    sequences = [random_sequence(19, 1), random_sequence(34, 2)]
    with pytest.raises(InputError, match="record '1': 19 bases, shorter than 20"):
        scan.predict(sequences)
    answers = scan.predict(sequences, bad_records="keep")
    assert [(a.id, a.start, a.length) for a in answers] == [("1", -1, 0), *(("2", s, 20) for s in (0, 7, 14))]
    assert [a.status for a in answers] == ["rejected:19 bases, shorter than 20", "ok", "ok", "ok"]


def test_a_window_and_a_length_policy_exclude_each_other(bundle):
    with pytest.raises(ConfigError, match="Leave one out"):
        Predictor.load(bundle, window=20, length_policy="pad")

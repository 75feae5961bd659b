import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dnaseq.data.similarity.packed import equal_bases, packed, words_at, words_from
from dnaseq.encode.alphabet import PAD, to_codes, to_letters

lengths = st.lists(st.integers(1, 100), min_size=1, max_size=8)


def letters(word: int) -> str:
    return "".join("ACGT"[int(word) >> 62 - 2 * i & 3] for i in range(32))


def pack(*sequences: str):
    codes = [to_codes(s) for s in sequences]
    sizes = np.array([len(c) for c in codes])
    return packed(np.concatenate(codes), np.cumsum(sizes) - sizes, sizes)


def random_records(sizes, seed=0):
    codes = np.random.default_rng(seed).integers(0, 4, sum(sizes), dtype=np.uint8)
    sizes = np.array(sizes)
    return packed(codes, np.cumsum(sizes) - sizes, sizes), codes


@given(lengths)
def test_records_come_back_and_the_words_say_whose_they_are(sizes):
    records, codes = random_records(sizes)
    at = 0
    for i, size in enumerate(sizes):
        place = np.arange(records.start[i], records.start[i] + size)
        assert np.array_equal(records.codes[place], codes[at : at + size])
        assert (records.record[place >> 5] == i).all()
        at += size


@given(lengths)
def test_padding_stands_between_records_and_a_word_of_it_at_both_ends(sizes):
    records, _ = random_records(sizes)
    assert (records.codes == PAD).sum() == len(records.codes) - sum(sizes)
    assert (records.codes[records.start - 1] == PAD).all()
    assert (records.codes[:32] == PAD).all()
    assert (records.codes[-32:] == PAD).all()
    assert records.record[0] == records.record[-1] == -1


@given(lengths, st.integers(0, 31))
def test_a_word_holds_the_32_bases_from_any_position_of_either_strand(sizes, skipped):
    records, _ = random_records(sizes)
    text = to_letters(records.codes)
    for i, size in enumerate(sizes):
        at = int(records.start[i]) + min(skipped, size - 1)
        end = min(at + 32, int(records.start[i]) + size)
        word = letters(words_at(records.strands, np.array([at]))[0])
        assert word[: end - at] == text[at:end]
        other = letters(words_at(records.strands, np.array([2 * len(text) - end]))[0])
        assert other[: end - at] == text[at:end][::-1].translate(str.maketrans("ACGT", "TGCA"))


@given(lengths, st.integers(0, 40), st.integers(1, 90))
def test_words_in_a_row_are_the_words_at_each_position(sizes, start, n):
    records, _ = random_records(sizes)
    n = min(n, 2 * len(records.codes) - start - 1)
    expected = words_at(records.strands, np.arange(start, start + n))
    assert np.array_equal(words_from(records.strands, start, n), expected)


def test_ambiguous_bases_keep_their_code_and_match_by_chance_only():
    records = pack("N" * 4096, "R" * 4096)
    assert set(records.codes[records.start]) == {4, 6}
    x, y = (words_at(records.strands, start + np.arange(4000)) for start in records.start)
    assert 7 < equal_bases(x, y, ~np.uint64(0)).mean() < 9  # a quarter of 32


def test_equal_bases_counts_those_the_mask_selects():
    records = pack("ACGTACGT" * 4, "ACGAACGT" * 3 + "TTTTTTTT")
    x, y = (words_at(records.strands, np.array([start])) for start in records.start)
    assert equal_bases(x, y, ~np.uint64(0)).tolist() == [32 - 3 - 6]
    assert equal_bases(x, y, np.uint64(0xFF << 56)).tolist() == [3]  # the first four bases

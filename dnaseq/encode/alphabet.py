"""Letters to codes and back. Every other encoding in the package starts from these codes.

A 0, C 1, G 2, T 3, so that the complement of a base is 3 - code; N 4, padding 5, the other IUPAC letters
R Y S W K M B D H V 6 to 15. A code of 4 or more is ambiguous: not one base.
"""

import numpy as np

from dnaseq.errors import InputError

BASES = "ACGT"
N, PAD = 4, 5
LETTERS = "ACGTN-RYSWKMBDHV"  # the letter of each code; '-' stands for padding and is no input letter
INVALID = 255

# The bases of each letter (IUPAC-IUB 1984).
_MEANING = {
    "R": "AG", "Y": "CT", "S": "CG", "W": "AT", "K": "GT", "M": "AC",
    "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG", "N": "ACGT",
}  # fmt: skip


def _code_of_byte() -> np.ndarray:
    """(256,) uint8: the code of every byte, 255 where it is no nucleotide letter."""
    table = np.full(256, INVALID, dtype=np.uint8)
    for code, letter in enumerate(LETTERS):
        if code != PAD:
            # lower case is soft-masking, not another base
            table[[ord(letter), ord(letter.lower())]] = code
    table[[ord("U"), ord("u")]] = LETTERS.index("T")
    return table


def _expected_base() -> np.ndarray:
    """(16, 4) float32: the share of A, C, G, T in each code; padding is all zeros."""
    table = np.zeros((16, 4), dtype=np.float32)
    for code, letter in enumerate(LETTERS):
        bases = letter if letter in BASES else _MEANING.get(letter, "")
        for base in bases:
            table[code, BASES.index(base)] = 1 / len(bases)
    return table


def _complement() -> np.ndarray:
    """(16,) uint8: the code of the letter that pairs with each code."""
    shares = _expected_base()
    codes = [int(np.flatnonzero((shares == row[::-1]).all(axis=1))[0]) for row in shares]
    return np.array(codes, dtype=np.uint8)


CODE_OF_BYTE = _code_of_byte()
EXPECTED_BASE = _expected_base()
COMPLEMENT = _complement()
_BYTE_OF_CODE = np.frombuffer(LETTERS.encode(), dtype=np.uint8)


def to_codes(sequence: str) -> np.ndarray:
    """Encode a sequence: uint8 (L,). Upper and lower case read alike, U reads as T.

    Raises InputError, naming the letter and its position (counted from 1), for anything outside IUPAC.
    """
    codes = CODE_OF_BYTE[np.frombuffer(sequence.encode("latin-1", "replace"), dtype=np.uint8)]
    bad = np.flatnonzero(codes == INVALID)
    if bad.size:
        raise InputError(invalid_letters(sequence, bad))
    return codes


def to_letters(codes: np.ndarray) -> str:
    """Decode (L,) codes to L upper-case letters; the inverse of to_codes."""
    return _BYTE_OF_CODE[codes].tobytes().decode()


def invalid_letters(sequence: str, bad: np.ndarray) -> str:
    """Describe the fault of a sequence that has bytes outside IUPAC at the indices `bad`."""
    at = int(bad[0])
    what = f"letter {sequence[at]!r} at position {at + 1} is not a nucleotide"
    what += f" ({bad.size} such letters)" if bad.size > 1 else ""
    letters = sum(c.isalpha() for c in sequence)
    protein = bad.size > 0.1 * len(sequence) and letters > 0.9 * len(sequence)
    return what + ("; this looks like protein" if protein else "")

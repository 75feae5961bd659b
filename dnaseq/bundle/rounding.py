"""Probabilities as they are written, so that who reads a table decides on the numbers the predictor decided on."""

import numpy as np

# What is promised of equality. The same command on the same machine gives the same bytes; with another batch size,
# number of processes, engine or processor the probabilities of a record are within SAME_WITHIN of each other, because
# kernels round by the shape of a batch and by what the processor has. Those of a GPU use shorter numbers (TF32).
SAME_WITHIN, SAME_WITHIN_ON_GPU = 1e-6, 1e-2
DIGITS = 7  # significant ones, as io/row_text prints them
# Powers of ten that float64 holds exactly: a whole number divided by one is the float64 nearest to its decimals,
# which is also what reading those decimals gives.
_POWERS = np.array([float(10**n) for n in range(23)])


def as_written(probabilities: np.ndarray) -> np.ndarray:
    """Numbers from 0 to 1 -> the same with DIGITS significant digits (fewer below 1e-15, none below 1e-22).

    Printing a result with DIGITS digits and reading it again gives it back to the last bit. One number moves by
    at most 5e-8, so a row of two still sums to 1 within 1e-7.
    """
    magnitude = np.floor(np.log10(np.clip(probabilities, 1e-22, 1)))
    scale = _POWERS[np.clip(DIGITS - 1 - magnitude, 0, len(_POWERS) - 1).astype(np.int64)]
    return np.rint(probabilities * scale) / scale

"""Arrays for large intermediate results, which the system may write to disk where memory is short."""

import os
from tempfile import TemporaryFile

import numpy as np

IN_MEMORY = 1 << 26  # bytes


def scratch(n: int, dtype: type) -> np.ndarray:
    """(n,) zeros: of more than IN_MEMORY bytes mapped from a temporary file without a name, which goes with the array.

    In memory too where the folder of temporary files ($TMPDIR) has no room.
    """
    size = n * np.dtype(dtype).itemsize
    if size > IN_MEMORY:
        with TemporaryFile() as file:
            try:
                os.posix_fallocate(file.fileno(), 0, size)  # else a full disk would kill the process later
            except (OSError, AttributeError):  # no room, or no such call on this system
                return np.zeros(n, dtype)
            return np.memmap(file, dtype, "r+", shape=(n,))
    return np.zeros(n, dtype)

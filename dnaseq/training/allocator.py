"""Settings of the C library for the memory of large arrays."""

import ctypes
import platform

# mallopt(3), parameter and value. Larger arrays than the first are mapped anew every time; free memory beyond the
# second goes back to the system; the third is the step by which the heap grows.
_MMAP_THRESHOLD, _TRIM_THRESHOLD, _TOP_PAD = (-3, 1 << 30), (-1, (2 << 30) - 1), (-2, 64 << 20)


def keep_freed_memory() -> None:
    """Keep the memory of freed arrays for the next ones; do nothing where the C library is not glibc.

    A training step makes and frees arrays of many megabytes. glibc takes each from the system and returns it, so the
    kernel clears all their pages in every step. That was half of the time of a BiLSTM (hidden 64, batches of 256, two
    threads: 1,200 records/s, 2,480 without), and a fifth of that of a convolution under a BiLSTM.
    """
    if platform.libc_ver()[0] == "glibc":
        library = ctypes.CDLL(None)
        for parameter, value in (_MMAP_THRESHOLD, _TRIM_THRESHOLD, _TOP_PAD):
            library.mallopt(parameter, value)


def release_freed_memory() -> None:
    """Give the memory of freed arrays back to the system; do nothing where the C library is not glibc.

    The allocator keeps the memory that a stage of a run has freed, and the next one can hardly use the pieces:
    reading, training, simple models and report would each add their peak to those before.
    """
    if platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).malloc_trim(0)

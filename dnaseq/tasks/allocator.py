"""How the C library deals with the memory of large arrays."""

import ctypes
import platform

# mallopt(3): parameter and value. The first may not be larger; the last two are what is kept and asked for at once.
_MMAP_THRESHOLD, _TRIM_THRESHOLD, _TOP_PAD = (-3, 32 << 20), (-1, (2 << 30) - 1), (-2, 64 << 20)


def keep_freed_memory() -> None:
    """Keep what large arrays give back for the next ones; nothing where the C library is not glibc.

    A training step makes and frees arrays of megabytes. glibc takes each from the system and returns it, so the kernel
    clears all their pages in every step: that was an eighth of a CPU's training time.
    """
    if platform.libc_ver()[0] == "glibc":
        library = ctypes.CDLL(None)
        for parameter, value in (_MMAP_THRESHOLD, _TRIM_THRESHOLD, _TOP_PAD):
            library.mallopt(parameter, value)

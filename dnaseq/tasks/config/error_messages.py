"""What went wrong in a task: whose fault it is, and how it is said."""

import re

from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from dnaseq.errors import ConfigError, DivergedError, DnaseqError, FileAccessError, one_line
from dnaseq.tasks.config.overrides import explained

# how torch words it, on a GPU and on the CPU
OUT_OF_MEMORY = "out of memory|can't allocate memory|not enough memory"
# What a task may raise that is no bug for sure.
FAILURES = (DnaseqError, HydraException, OmegaConfBaseException, OSError, MemoryError, RuntimeError)


def for_the_user(error: Exception, batch_size: int | None) -> DnaseqError | None:
    """What the user can mend, in the user's words; None for a bug."""
    if isinstance(error, DnaseqError):
        return error
    if isinstance(error, HydraException | OmegaConfBaseException):  # some are of OSError as well
        return ConfigError(explained(error, []))
    if isinstance(error, OSError):
        where = error.filename or "a file of the run"
        return FileAccessError(f"{where}: cannot read or write ({error.strerror})")
    if is_out_of_memory(error):
        hint = f". Try batch_size={max(batch_size // 2, 1)}" if batch_size else ""
        return FileAccessError(f"out of memory{hint}")
    return None


def is_out_of_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError) or re.search(OUT_OF_MEMORY, str(error)) is not None


def fault_of_settings(error: Exception) -> str | None:
    """Why a training failed for which other settings may do, in one line; None where they would fail as well."""
    if isinstance(error, HydraException | OmegaConfBaseException):
        return one_line(explained(error, []))
    if is_out_of_memory(error):
        return "out of memory"
    of_torch = isinstance(error, RuntimeError) and "CUDA error" not in str(error)  # after one nothing works
    return one_line(str(error)) if of_torch or isinstance(error, DivergedError | ConfigError) else None

"""Messages for errors in a task: those that the user can fix, and those of a setting of one training."""

import re

from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from dnaseq.errors import ConfigError, DivergedError, DnaseqError, FileAccessError, one_line
from dnaseq.tasks.config.overrides import explain

# messages of torch, on a GPU and on the CPU
OUT_OF_MEMORY = "out of memory|can't allocate memory|not enough memory"
# Errors of a task that may be no bug.
FAILURES = (DnaseqError, HydraException, OmegaConfBaseException, OSError, MemoryError, RuntimeError)


def user_error(error: Exception, batch_size: int | None) -> DnaseqError | None:
    """Translate an error that the user can fix into a DnaseqError; None for a bug."""
    if isinstance(error, DnaseqError):
        return error
    if isinstance(error, HydraException | OmegaConfBaseException):  # some are OSErrors as well
        return ConfigError(explain(error, []))
    if isinstance(error, OSError):
        where = error.filename or "a file of the run"
        return FileAccessError(f"{where}: cannot read or write ({error.strerror})")
    if is_out_of_memory(error):
        hint = f". Try batch_size={max(batch_size // 2, 1)}" if batch_size else ""
        return FileAccessError(f"out of memory{hint}")
    return None


def is_out_of_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError) or re.search(OUT_OF_MEMORY, str(error)) is not None


def settings_error(error: Exception) -> str | None:
    """Return the reason, in one line, of a failure that other settings may avoid; None for any other failure."""
    if isinstance(error, HydraException | OmegaConfBaseException):
        return one_line(explain(error, []))
    if is_out_of_memory(error):
        return "out of memory"
    is_torch = isinstance(error, RuntimeError) and "CUDA error" not in str(error)  # after one nothing works
    return one_line(str(error)) if is_torch or isinstance(error, DivergedError | ConfigError) else None

"""Translation of errors of the operating system into errors of the user."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dnaseq.errors import FileAccessError


@contextmanager
def access(path: str | Path) -> Iterator[None]:
    """Turn an OSError inside into FileAccessError naming the path.

    BrokenPipeError passes: the file is not at fault where a reader has closed a pipe.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise FileAccessError(f"{path}: {error.strerror or error}") from error

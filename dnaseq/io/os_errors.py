"""What the operating system refuses, said as the user's error."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dnaseq.errors import FileAccessError


@contextmanager
def access(path: str | Path) -> Iterator[None]:
    """Turn an OSError inside into FileAccessError naming the path.

    BrokenPipeError passes: a reader that has left is no fault of the file.
    """
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise FileAccessError(f"{path}: {error.strerror or error}") from error

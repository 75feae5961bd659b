"""Named pipes that give bytes to what reads them."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def fed_pipe(path: Path, content: bytes, step: int = 4096) -> Iterator[Path]:
    """Make a pipe into which so many bytes are written at a time, until the reader has gone."""
    os.mkfifo(path)

    def feed() -> None:
        with suppress(BrokenPipeError), open(path, "wb", buffering=0) as pipe:
            for start in range(0, len(content), step):
                pipe.write(content[start : start + step])

    thread = threading.Thread(target=feed)
    thread.start()
    try:
        yield path
    finally:
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))  # a writer without a reader waits for one
        thread.join()

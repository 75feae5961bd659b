"""What becomes of a process whose parent is killed."""

import os
from multiprocessing import parent_process
from threading import Thread

from dnaseq.errors import TERMINATED


def end_with_parent() -> None:
    """From now on this process ends when its parent does; else it would wait for work, or go on with it, for ever."""
    Thread(target=_wait_and_end, daemon=True).start()


def _wait_and_end() -> None:
    parent_process().join()
    os._exit(TERMINATED)

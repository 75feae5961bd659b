"""The end of processes whose parent is killed."""

import os
from multiprocessing import parent_process
from threading import Thread

from dnaseq.errors import TERMINATED


def end_with_parent() -> None:
    """End this process when its parent ends; else it would wait for work, or go on with it, for ever."""
    Thread(target=_wait_and_end, daemon=True).start()


def _wait_and_end() -> None:
    parent = parent_process()
    assert parent is not None  # this process was spawned
    parent.join()
    os._exit(TERMINATED)

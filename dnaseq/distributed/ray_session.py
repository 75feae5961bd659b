"""A connection to a Ray cluster, or to a new Ray of this machine. Ray, an optional extra, is imported here alone."""

import logging
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from dnaseq.errors import ConfigError, FileAccessError

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # send no statistics
os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # its messages on stderr are for its own developers
os.environ.setdefault("RAY_worker_niceness", "0")  # workers of a local Ray are as urgent as this process
os.environ.setdefault("RAY_DEDUP_LOGS", "0")  # trials that end alike are not one
try:
    import ray.data
    from ray.util import ActorPool
except ImportError:
    ray = ActorPool = None  # type: ignore[assignment,misc]  # mypy knows no optional module

_OBJECTS = 1 << 30  # bytes of memory of a local Ray for messages between processes
MOST_DEATHS = 5  # of workers over the same work
_PATIENCE = 10  # seconds to wait for an answer from a cluster


def check_installed() -> None:
    if ray is None:
        raise ConfigError("engine=ray needs ray. Install it: pip install 'dnaseq[ray]'")


@contextmanager
def connected(address: str | None, processors: int, with_output: bool = False) -> Iterator[None]:
    """Drive a cluster inside the block: the one at `address` or in RAY_ADDRESS, or else a new one of this machine,
    which may use all processors, and at least `processors`. `with_output` shows the output of workers here.

    Raises FileAccessError where the cluster cannot be reached.
    """
    if ray.is_initialized():
        yield
        return
    address = address or os.environ.get("RAY_ADDRESS")
    own = {
        "num_cpus": max(len(os.sched_getaffinity(0)), processors),
        "object_store_memory": _OBJECTS,
        "include_dashboard": False,
    }
    where = {"address": address} if address else {"address": "local"} | own
    _check_reachable(address)
    at_sigterm = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(log_to_driver=with_output, logging_level=logging.ERROR, **where)
    except (ConnectionError, ray.exceptions.AuthenticationError) as error:
        what = str(error).partition(". ")[0]
        raise FileAccessError(f"no Ray cluster at {address} that lets this process in ({what})") from error
    signal.signal(signal.SIGTERM, at_sigterm)  # Ray's own would end this process with another exit code
    try:
        yield
    finally:
        ray.shutdown()


def _check_reachable(address: str | None) -> None:
    """Raise FileAccessError soon: Ray itself would try for minutes, and then kill this process."""
    host, _, port = (address or "auto").rpartition(":")
    if not host or not port.isdecimal():
        return
    try:
        socket.create_connection((host.removeprefix("ray://"), int(port)), timeout=_PATIENCE).close()
    except OSError as error:
        raise FileAccessError(f"no Ray cluster at {address} ({error.strerror or error})") from error


def gpus() -> int:
    return int(ray.cluster_resources().get("GPU", 0))


def processors() -> int:
    return int(ray.cluster_resources().get("CPU", 0))


def enter_folder(folder: str) -> None:
    """Change to the folder of the user, so that relative paths are the same; not where this machine lacks it."""
    with suppress(OSError):
        os.chdir(folder)

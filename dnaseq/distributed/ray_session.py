"""A connection to a Ray cluster, or to a Ray of this machine that lives as long as it."""

import logging
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from dnaseq.errors import ConfigError, FileAccessError

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is told to anybody
os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what it writes to stderr is for its own developers
os.environ.setdefault("RAY_worker_niceness", "0")  # workers of a local Ray are as urgent as this process
os.environ.setdefault("RAY_DEDUP_LOGS", "0")  # trials that end alike are not one
try:
    import ray
except ImportError:
    ray = None

_OBJECTS = 1 << 30  # bytes of memory in which a local Ray keeps what goes from process to process
MOST_DEATHS = 5  # of workers over the same work
_PATIENCE = 10  # seconds to wait for an answer from a cluster


def check_installed() -> None:
    if ray is None:
        raise ConfigError("engine=ray needs ray. Install it: pip install 'dnaseq[ray]'")


@contextmanager
def connected(address: str | None, processors: int, with_output: bool = False) -> Iterator[None]:
    """Inside, this process is the driver of a cluster: the one at `address` or in RAY_ADDRESS, or else a new one of
    this machine, which may use all processors, and at least so many. `with_output` shows here what workers print.

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
    """Ray itself would try for minutes, and then kill this process."""
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


def entered(folder: str) -> None:
    """Make the folder that of this process, so that paths mean what they mean to the user; where a machine has no
    such folder, they name what is missing."""
    with suppress(OSError):
        os.chdir(folder)

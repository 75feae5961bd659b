"""Processes that torchrun or srun has started: the first runs the command, the others train with it.

The others know nothing of the command. They wait for calls, each a function with its arguments, and answer with None
or with an error. So there is one run folder, one evaluation and one message for every kind of training: an ensemble,
the folds of a cross-validation, the jobs of a sweep. The training in these calls communicates by torch.distributed.
"""

import logging
import os
import secrets
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener, wait
from pickle import dumps

from pytorch_lightning.plugins.environments import SLURMEnvironment
from torch.distributed import DistStoreError, PrefixStore, Store, rendezvous

from dnaseq.errors import ConfigError, DnaseqError, one_line
from dnaseq.plugins.named import PluginsFirst
from dnaseq.training.ranks import Place, check_place

ALL_START_WITHIN = timedelta(minutes=10)
GRACE = 10.0  # seconds in which a process must notice by itself that another one has failed
LOST = 1  # exit code of a process whose first process is gone
_joined: list["FirstProcess"] = []  # in the first process, while the task runs


def first_process() -> "FirstProcess | None":
    """Return the connections to the other processes where this is the first of several started together."""
    return _joined[0] if _joined else None


def run_together(place: Place, run: Callable[[], int]) -> int:
    """Call run() in the first process, and let the others serve it; return its exit code, in the others 0."""
    try:
        check_place(place)
        store = _store(place)
        if place.rank:
            return _serve(_connect(place, store))
        _joined.append(FirstProcess(place, store))
    except (ConfigError, DistStoreError) as error:
        if not place.rank:
            print(one_line(f"dnaseq: {error}"), file=sys.stderr)
        return ConfigError.exit_code
    try:
        return run()
    finally:
        _joined.pop().end()


class FirstProcess:
    """The connections to the other processes, by their rank."""

    def __init__(self, place: Place, store: Store):
        self.place, self._store = place, store  # of which this process may be the server
        key = secrets.token_bytes(32)
        self._others: dict[int, Connection] = {}
        self._first_of_nodes: list[int] = []
        self._in_step = True
        with Listener(("0.0.0.0", 0), backlog=place.size, authkey=key) as listener:
            store.set("address", f"{listener.address[1]} {key.hex()}")
            store.wait([f"started {rank}" for rank in range(1, place.size)], ALL_START_WITHIN)
            while len(self._others) < place.size - 1:
                try:
                    connection = listener.accept()
                    rank, local_rank = connection.recv()
                except (AuthenticationError, EOFError):  # not one of these processes
                    continue
                self._others[rank] = connection
                if local_rank == 0:
                    self._first_of_nodes.append(rank)

    def on_other_nodes(self, function: Callable, *arguments: object) -> None:
        """Have the first process of every other node call a function, and wait for them."""
        ranks = self._first_of_nodes
        self._call(ranks, function, arguments)
        answers = _Answers({self._others[rank]: rank for rank in ranks})
        answers.join()
        answers.raise_first()

    def together(self, function: Callable, *arguments: object) -> None:
        """Call a function in all processes. Raises its error here, or the error of another process that caused it."""
        self._call(list(self._others), function, arguments)
        answers = _Answers({connection: rank for rank, connection in self._others.items()}, ends_us=True)
        self._in_step = False
        try:
            function(*arguments)
        except Exception as error:
            answers.expected()
            answers.join(GRACE)
            self._in_step = not answers.is_alive()
            if not isinstance(error, DnaseqError):
                answers.raise_first()
            raise
        answers.expected()
        answers.join()
        self._in_step = True
        answers.raise_first()

    def end(self) -> None:
        """Let the other processes go."""
        for connection in self._others.values():
            try:
                connection.send(None)
            except OSError:  # it has gone already
                continue

    def _call(self, ranks: list[int], function: Callable, arguments: tuple) -> None:
        if not self._in_step:
            raise RuntimeError("the other processes have not ended an earlier training, which failed")
        # not connection.send, whose pickle passes tensors on by shared memory, which ends with the machine
        call = dumps((PluginsFirst(), function, arguments))
        for rank in ranks:
            self._others[rank].send_bytes(call)


class _Answers(threading.Thread):
    """A thread that waits for the answers to a call.

    After an error elsewhere the training may just stand still here. So with `ends_us` the thread ends this process
    unless its own part of the call ends soon.
    """

    def __init__(self, ranks: dict[Connection, int], ends_us: bool = False):
        super().__init__(daemon=True)
        self._ranks, self._ends_us, self._expected = ranks, ends_us, threading.Event()
        self._failures: list[Exception] = []
        self.start()

    def expected(self) -> None:
        """Note that the part of this process has ended."""
        self._expected.set()

    def raise_first(self) -> None:
        if self._failures:
            raise self._failures[0]

    def run(self) -> None:
        waiting = set(self._ranks)
        while waiting:
            for connection in wait(waiting):
                assert isinstance(connection, Connection)
                waiting.discard(connection)
                failure: Exception | None
                try:
                    failure = connection.recv()
                except (EOFError, OSError):
                    failure = RuntimeError(f"process {self._ranks[connection]} has ended")
                if failure is None:
                    continue
                self._failures.append(failure)
                if self._ends_us and not self._expected.wait(GRACE):
                    print(one_line(f"dnaseq: {failure}"), file=sys.stderr, flush=True)
                    os._exit(getattr(failure, "exit_code", LOST))


def _store(place: Place) -> Store:
    """Open the store in which processes find each other: at MASTER_ADDR and MASTER_PORT, as torch.distributed does."""
    if place.started_by == "srun":
        slurm = SLURMEnvironment(auto_requeue=False)
        os.environ["MASTER_ADDR"], os.environ["MASTER_PORT"] = slurm.main_address, str(slurm.main_port)
    store, _, _ = next(rendezvous("env://", place.rank, place.size, timeout=ALL_START_WITHIN))
    return PrefixStore("dnaseq", store)


def _connect(place: Place, store: Store) -> Connection:
    store.set(f"started {place.rank}", "")
    port, key = store.get("address").decode().split()
    connection = Client((os.environ["MASTER_ADDR"], int(port)), authkey=bytes.fromhex(key))
    connection.send((place.rank, place.local_rank))
    return connection


def _serve(connection: Connection) -> int:
    """Answer the calls of the first process until it ends this one; return the exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the first process, which ends this one
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    quieten()
    while True:
        try:
            call = connection.recv()
            if call is None:
                return 0
            _, function, arguments = call
            connection.send(_do(connection, function, arguments))
        except (EOFError, OSError):
            return LOST


def _do(connection: Connection, function: Callable, arguments: tuple) -> DnaseqError | None:
    """Call the function; return an error of the user. Any other error is sent to the first process, which reports it,
    and ends this process, so that the training fails there at once."""
    try:
        with _ending_with(connection):
            function(*arguments)
    except DnaseqError as error:
        return error
    except Exception as error:
        trace = "".join(traceback.format_exception(error))
        connection.send(RuntimeError(f"{type(error).__name__}: {error}\n{trace}"))
        raise SystemExit(LOST) from error
    return None


@contextmanager
def _ending_with(connection: Connection) -> Iterator[None]:
    """End this process, inside the block, soon after the first one: it would wait for it for a long time."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.2):
            if connection.poll():  # nothing is sent during a call but the end
                if not done.wait(GRACE):
                    os._exit(0)
                return

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield
    finally:
        done.set()
        watching.join()


def quieten() -> None:
    """Silence warnings of Lightning about workers, loggers and devices, which do not concern the user, in this process
    and, by the environment, in those that it starts."""
    for name in ("pytorch_lightning", "lightning.pytorch", "lightning_fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    for module in ("pytorch_lightning", "torchmetrics"):
        warnings.filterwarnings("ignore", module=module)
    os.environ.setdefault("PYTHONWARNINGS", "ignore")

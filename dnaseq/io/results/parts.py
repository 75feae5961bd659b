"""Finished parts of a table that takes long to make, kept beside it, so that a stopped run can resume."""

import hashlib
import json
import logging
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from dnaseq.errors import ConfigError, FileAccessError, InputError, ModelFileError, one_line
from dnaseq.io.atomic import atomic_file, check_writable, publish, write_json
from dnaseq.io.os_errors import access

try:
    import fcntl
except ImportError:  # Windows
    _HAS_LOCKS = False
else:
    _HAS_LOCKS = True

SUFFIX = ".dnaseq-part"
_PLAN, _LOCK = "plan.json", "lock"
_PART = re.compile(r"\d+-\d+")
_FIX = "Use the same again, or overwrite=true to begin anew"
_LONGEST = 60  # characters of a value in a message
logger = logging.getLogger("dnaseq")


class Part(NamedTuple):
    """Rows that belong together: number `number` of those of a shard, both counted from 0."""

    shard: int
    number: int
    last: bool  # True: the shard has no more of them
    content: list  # as JSON can hold it


class Parts:
    """The folder OUTPUT.dnaseq-part: a file for every part, and the outputs until all of them are complete.

    A part is written with a SHA-256 of its content, its name and the plan. One that is damaged, cut or of another plan
    is ignored, so that a part need not be written atomically.
    """

    def __init__(self, folder: Path, outputs: Sequence[Path], plan: dict[str, object]):
        """Take the folder, the outputs in the order in which they get their names, the table last, and the plan."""
        self.folder, self._outputs, self._plan = folder, outputs, plan
        self.table = self.place(outputs[-1])
        self._key = json.dumps(plan, sort_keys=True)
        self._replaced: list[Path] = []  # outputs that may be

    def place(self, output: Path) -> Path:
        """Return where the whole of an output is to be written."""
        return self.folder / output.name

    def get(self, shard: int, number: int) -> Part | None:
        path = self._path(shard, number)
        if not path.exists():
            return None
        with access(path):
            digest, _, body = path.read_bytes().partition(b"\n")
        return Part(**json.loads(body)) if self._digest(path, body) == digest else None

    def add(self, part: Part) -> None:
        path = self._path(part.shard, part.number)
        body = json.dumps(part._asdict()).encode()
        with access(path):
            path.write_bytes(self._digest(path, body) + b"\n" + body)

    def find(self, shard: int) -> tuple[set[int], bool]:
        """Return the numbers of the parts of a shard, and True where these are all of it."""
        numbers = {
            int(path.name.split("-")[1]) for path in self._files() if path.name.startswith(f"{shard}-")
        }
        found = {number: part.last for number in numbers if (part := self.get(shard, number))}
        ends = [number for number, last in found.items() if last]
        return set(found), bool(ends) and set(range(ends[0])) <= set(found)

    def begin(self, overwrite: bool) -> None:
        """Take over the parts of a stopped run. An output may be replaced where that run was stopped after it had
        written it."""
        then = self._read_plan()
        if then["plan"] != self._plan:
            if then["plan"] and self._files() and not overwrite:
                raise ConfigError(
                    f"{self.folder} was begun with {_differing(then['plan'], self._plan)}. {_FIX}"
                )
            self._clear(keep=())
            write_json(self.folder / _PLAN, {"plan": self._plan, "written": []})
        self._clear(keep=(_PLAN, *(path.name for path in self._files())))
        self._replaced = [one for one in self._outputs if overwrite or _identity(one) in then["written"]]
        for one in self._outputs:
            check_writable(one, one in self._replaced)

    def end(self) -> None:
        """Give the outputs their names, those that are there."""
        ready = [one for one in self._outputs if self.place(one).exists()]
        if ready:
            # if this process ends before the folder is gone, the next one knows the outputs as its own
            written = [_identity(self.place(one)) for one in ready]
            write_json(self.folder / _PLAN, {"plan": self._plan, "written": written})
        for one in ready:
            with access(one):
                _publish(self.place(one), one, one in self._replaced)

    def stop(self, error: BaseException) -> None:
        """Keep the finished parts, unless the fix of the error changes the rows."""
        if isinstance(error, InputError | ModelFileError) or not self._files():
            self.remove()
        elif isinstance(error, KeyboardInterrupt | SystemExit):
            logger.warning("finished parts are in %s: the same command resumes from there", self.folder)

    def remove(self) -> None:
        with suppress(OSError):
            (self.folder / _PLAN).unlink(missing_ok=True)  # first: without it the rest is nothing
            self._clear(keep=())
            (self.folder / _LOCK).unlink()
            self.folder.rmdir()

    def _read_plan(self) -> dict:
        """Read the plan of the run that began this folder; for a damaged file, one that equals no other plan."""
        path = self.folder / _PLAN
        if not path.exists():
            return {"plan": {}, "written": []}
        try:
            then = json.loads(path.read_bytes())
            return {"plan": dict(then["plan"]), "written": list(then.get("written", ()))}
        except (ValueError, TypeError, KeyError, RecursionError):
            return {"plan": {_PLAN: "a damaged file"}, "written": []}

    def _clear(self, keep: Iterable[str]) -> None:
        names = {_LOCK, *keep}
        for path in self.folder.iterdir():
            if path.name not in names:
                path.unlink()

    def _files(self) -> list[Path]:
        return [path for path in self.folder.iterdir() if _PART.fullmatch(path.name)]

    def _path(self, shard: int, number: int) -> Path:
        return self.folder / f"{shard}-{number}"

    def _digest(self, path: Path, body: bytes) -> bytes:
        return hashlib.sha256(f"{self._key}\n{path.name}\n".encode() + body).hexdigest().encode()


@contextmanager
def parts_beside(
    output: str, plan: dict[str, object], overwrite: bool, others: Sequence[Path] = ()
) -> Iterator[Parts]:
    """Open the parts of a table, with those of a stopped run. Where the block ends well, the table in `Parts.table`
    gets its name, as do `others`, files that belong to it, and the parts are removed. They are also removed where none
    is finished, and after an InputError or a ModelFileError, since its fix changes the rows.

    `plan` is all that rows depend on, as JSON can hold it. Raises ConfigError where the output exists or there are
    parts of another plan, unless they may be overwritten, and FileAccessError while another process writes the same
    output.
    """
    place = _place(output)
    check_writable(place, overwrite=True)
    folder = place.with_name(place.name + SUFFIX)
    parts = Parts(folder, (*others, place), json.loads(json.dumps(plan)))
    with _alone(folder, output):
        try:
            with access(folder):
                parts.begin(overwrite)
            yield parts
            parts.end()
        except BaseException as error:
            parts.stop(error)
            raise
        parts.remove()


def check_free(path: str | Path, output: str, overwrite: bool) -> None:
    """Do as check_writable does for `output` or a file that belongs to it, before the work begins. Where a stopped run
    may have written the file, parts_beside knows."""
    place = _place(output)
    check_writable(path, overwrite or place.with_name(place.name + SUFFIX).is_dir())


def _place(output: str) -> Path:
    return Path(os.path.realpath(output)) if os.path.islink(output) else Path(output)


def _publish(part: Path, output: Path, overwrite: bool) -> None:
    """Give a complete file its name, by a copy where that is on another file system, as it may be beside a link."""
    if part.stat().st_dev == output.resolve().parent.stat().st_dev:
        publish(part, output, overwrite)
        return
    with atomic_file(output, "wb", overwrite) as handle:
        handle.write(part.read_bytes())


@contextmanager
def _alone(folder: Path, output: str) -> Iterator[None]:
    """Hold a lock that ends with the process. Where the system or the file system has none, continue without."""
    with access(folder):
        folder.mkdir(exist_ok=True)
        lock = open(folder / _LOCK, "a+")  # noqa: SIM115 (it is closed below)
    with lock:
        try:
            if _HAS_LOCKS:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            what = f"another process is writing it ({lock.read().strip()})"
            raise FileAccessError(f"{output}: {what}. Wait for it, or choose another output") from error
        except OSError:
            logger.debug("%s: the file system has no locks", folder)
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, since {datetime.now():%Y-%m-%d %H:%M:%S}\n")
        lock.flush()
        yield


def _differing(then: dict, now: dict) -> str:
    """List the keys in which two plans differ, with both values of each."""
    keys = [key for key in dict.fromkeys([*now, *then]) if then.get(key) != now.get(key)]
    return ", ".join(f"{key}={_short(then.get(key))}, not {_short(now.get(key))}" for key in keys)


def _short(value: object) -> str:
    text = one_line(str(value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 4]} ..."


def _identity(path: Path) -> list[int] | None:
    """Return values that no other file has, and that a file keeps when it is renamed."""
    if not path.exists():
        return None
    state = path.stat()
    return [state.st_ino, state.st_size, state.st_mtime_ns]

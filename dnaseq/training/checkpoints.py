"""Checkpoints that are written whole or not at all, and checked when they are read.

A checkpoint is the zip file of torch.save, whose comment is the SHA-256 of all bytes before it: neither torch nor zip
notices a flipped bit. Other programs can read the file as well.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from pickle import UnpicklingError
from typing import IO, Any

import torch
from pytorch_lightning.plugins.io import TorchCheckpointIO

from dnaseq.errors import ModelFileError
from dnaseq.io.atomic import atomic_file
from dnaseq.io.os_errors import access

BEST, LAST, PREVIOUS = "best.ckpt", "last.ckpt", "previous.ckpt"
RUN = "dnaseq_run"  # the key of the training in a checkpoint
_KEYS = {
    *("epoch", "global_step", "state_dict", "loops", "callbacks", "optimizer_states", "lr_schedulers"),
    *("pytorch-lightning_version", RUN),
}
_SEAL = b"dnaseq sha256 "
_COMMENT = len(_SEAL) + 64
# exceptions of torch.load for files that are not from torch.save
_NOT_LOADED = (RuntimeError, UnpicklingError, EOFError, ValueError, LookupError, TypeError, AttributeError)


class AtomicCheckpoints(TorchCheckpointIO):
    """A writer that replaces the old file at the end: a kill or a full disk leaves the old one whole.

    Lightning's own writer uses the temporary folder, which may be on another file system: then the last step is a
    copy over the old file. The last.ckpt before this one is kept as previous.ckpt.
    """

    def save_checkpoint(
        self, checkpoint: dict[str, Any], path: str | Path, storage_options: Any | None = None
    ) -> None:
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(path, "w+b", overwrite=True) as handle:
            torch.save(checkpoint, handle)
            _seal(handle)
            if path.name == LAST and path.exists():
                handle.flush()
                os.fsync(handle.fileno())  # before the older one loses its name
                path.replace(path.with_name(PREVIOUS))

    def load_checkpoint(
        self, path: str | Path, map_location: Callable | None = None, weights_only: bool | None = None
    ) -> dict[str, Any]:
        """Load a checkpoint, or the weights alone, which spawned processes hand over."""
        return _load(Path(path))


def read_checkpoint(path: Path) -> dict[str, Any]:
    """Read a whole checkpoint of a training, on the CPU. Raises ModelFileError for any other file, FileAccessError
    where there is none."""
    found = _load(path)
    if not isinstance(found, dict) or (missing := _KEYS - set(found)):
        lacks = f" (it has no {min(missing)})" if isinstance(found, dict) else ""
        raise ModelFileError(f"{path}: not a checkpoint of dnaseq{lacks}")
    return found


def _load(path: Path) -> Any:
    with access(path), path.open("rb") as handle:
        if not _is_sealed(handle):
            raise ModelFileError(f"{path}: damaged, or not written by this version of dnaseq")
        try:
            return torch.load(handle, map_location="cpu", weights_only=True)
        except _NOT_LOADED as error:
            raise ModelFileError(f"{path}: not a checkpoint of dnaseq") from error


def _seal(handle: IO[bytes]) -> None:
    """Give a zip file without a comment its hash as one. The last two bytes of the zip hold the comment's length."""
    handle.seek(-2, os.SEEK_END)
    handle.write(_COMMENT.to_bytes(2, "little"))
    handle.write(_hash(handle, handle.tell()))


def _is_sealed(handle: IO[bytes]) -> bool:
    """Check the comment against the file; leave the file at its beginning."""
    size = handle.seek(0, os.SEEK_END) - _COMMENT
    if size < 0:
        return False
    handle.seek(size)
    comment = handle.read()
    is_sealed = comment == _hash(handle, size)
    handle.seek(0)
    return is_sealed


def _hash(handle: IO[bytes], size: int) -> bytes:
    """Return the comment for the first `size` bytes, after which it leaves the file."""
    handle.seek(0)
    digest, left = hashlib.sha256(), size
    while left and (some := handle.read(min(left, 1 << 20))):
        digest.update(some)
        left -= len(some)
    return _SEAL + digest.hexdigest().encode()

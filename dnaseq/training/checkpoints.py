"""Checkpoints that are whole or not there, and that are read only as they were written.

A checkpoint is the zip file of torch.save, whose comment is the SHA-256 of all bytes before it: neither torch nor zip
notices a flipped bit. A program that knows nothing of it reads the file as well.
"""

import hashlib
import os
from pathlib import Path
from pickle import UnpicklingError
from typing import IO, Any

import torch
from pytorch_lightning.plugins.io import TorchCheckpointIO

from dnaseq.errors import ModelFileError
from dnaseq.io.atomic import atomic_file
from dnaseq.io.os_errors import access

BEST, LAST, PREVIOUS = "best.ckpt", "last.ckpt", "previous.ckpt"
RUN = "dnaseq_run"  # the key under which a checkpoint says of which training it is
_KEYS = {
    *("epoch", "global_step", "state_dict", "loops", "callbacks", "optimizer_states", "lr_schedulers"),
    *("pytorch-lightning_version", RUN),
}
_SEAL = b"dnaseq sha256 "
_COMMENT = len(_SEAL) + 64
# what torch.load raises for files that nobody wrote with torch.save
_NOT_LOADED = (RuntimeError, UnpicklingError, EOFError, ValueError, LookupError, TypeError, AttributeError)


class AtomicCheckpoints(TorchCheckpointIO):
    """Writes beside the old file and then takes its name; a kill or a full disk leaves the old one whole.

    Lightning's own writer goes through the temporary folder, which may be on another file system: then the
    last step is a copy over the old file. Of last.ckpt the one before is kept, as previous.ckpt.
    """

    def save_checkpoint(self, checkpoint: dict[str, Any], path, storage_options: Any | None = None) -> None:
        path = Path(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(path, "w+b", overwrite=True) as handle:
            torch.save(checkpoint, handle)
            _seal(handle)
            if path.name == LAST and path.exists():
                handle.flush()
                os.fsync(handle.fileno())  # before the older one loses its name
                path.replace(path.with_name(PREVIOUS))

    def load_checkpoint(self, path, map_location=None, weights_only: bool | None = None) -> dict[str, Any]:
        """What was saved; also the weights alone, which processes that were started for a training hand over."""
        return _loaded(Path(path))


def read_checkpoint(path: Path) -> dict[str, Any]:
    """A whole checkpoint of a training, on the CPU. Raises ModelFileError for any other file, FileAccessError where
    there is none."""
    found = _loaded(path)
    if not isinstance(found, dict) or (missing := _KEYS - set(found)):
        lacks = f" (it has no {min(missing)})" if isinstance(found, dict) else ""
        raise ModelFileError(f"{path}: not a checkpoint of dnaseq{lacks}")
    return found


def _loaded(path: Path) -> Any:
    with access(path), path.open("rb") as handle:
        if not _is_sealed(handle):
            raise ModelFileError(f"{path}: damaged, or not written by this version of dnaseq")
        try:
            return torch.load(handle, map_location="cpu", weights_only=True)
        except _NOT_LOADED as error:
            raise ModelFileError(f"{path}: not a checkpoint of dnaseq") from error


def _seal(handle: IO[bytes]) -> None:
    """Give a zip file that has no comment the one of which its last two bytes will tell the length."""
    handle.seek(-2, os.SEEK_END)
    handle.write(_COMMENT.to_bytes(2, "little"))
    handle.seek(0)
    digest = hashlib.file_digest(handle, "sha256").hexdigest()
    handle.write(_SEAL + digest.encode())


def _is_sealed(handle: IO[bytes]) -> bool:
    """Whether the comment is there and holds; leaves the file at its beginning."""
    size = handle.seek(0, os.SEEK_END) - _COMMENT
    if size < 0:
        return False
    handle.seek(size)
    comment = handle.read()
    handle.seek(0)
    digest, left = hashlib.sha256(), size
    while left and (some := handle.read(min(left, 1 << 20))):
        digest.update(some)
        left -= len(some)
    handle.seek(0)
    return comment == _SEAL + digest.hexdigest().encode()

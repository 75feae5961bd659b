"""Checkpoints that are whole or not there."""

from pathlib import Path
from typing import Any

import torch
from pytorch_lightning.plugins.io import TorchCheckpointIO

from dnaseq.io.atomic import atomic_file


class AtomicCheckpoints(TorchCheckpointIO):
    """Writes beside the old file and then takes its name; a kill or a full disk leaves the old one whole.

    Lightning's own writer goes through the temporary folder, which may be on another file system: then the
    last step is a copy over the old file.
    """

    def save_checkpoint(self, checkpoint: dict[str, Any], path, storage_options: Any | None = None) -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(path, overwrite=True) as handle:
            torch.save(checkpoint, handle)

"""The rank of this process among those that torchrun or srun has started to train together."""

import os
from typing import NamedTuple

from dnaseq.errors import ConfigError


class Place(NamedTuple):
    """The rank of a process among `size`, with `local_size` of them on each node."""

    rank: int
    size: int
    local_rank: int
    local_size: int
    started_by: str  # torchrun or srun

    @property
    def nodes(self) -> int:
        return self.size // self.local_size


def read_torchrun() -> Place | None:
    """Read the variables of torchrun; None where it has not started this process."""
    if "TORCHELASTIC_RUN_ID" not in os.environ:
        return None
    names = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE")
    rank, size, local_rank, local_size = (int(os.environ[name]) for name in names)
    return Place(rank, size, local_rank, local_size, "torchrun")


def read_srun() -> Place | None:
    """Read the variables of SLURM; None where srun has not started this process.

    They are in the environment of a batch script as well, so this is called only for trainer=slurm.
    """
    names = ("SLURM_PROCID", "SLURM_NTASKS", "SLURM_LOCALID")
    if not all(name in os.environ for name in names):
        return None
    rank, size, local_rank = (int(os.environ[name]) for name in names)
    return Place(rank, size, local_rank, int(os.environ.get("SLURM_NTASKS_PER_NODE", size)), "srun")


def check_place(place: Place) -> None:
    """Raise ConfigError where nodes have different numbers of processes."""
    if place.started_by == "srun" and place.size > 1 and "SLURM_NTASKS_PER_NODE" not in os.environ:
        raise ConfigError("trainer=slurm needs --ntasks-per-node=N, one process a GPU, in the SLURM script")
    if place.size % place.local_size:
        raise ConfigError(
            f"{place.size} processes, {place.local_size} of them on this node: start as many on every node"
        )

"""Lightning's Trainer for the device at hand, and its loggers, of which none sends anything unless it is asked to."""

import math
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, cast, get_args

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback
from pytorch_lightning.loggers import Logger, MLFlowLogger, TensorBoardLogger, WandbLogger
from pytorch_lightning.plugins.environments import (
    ClusterEnvironment,
    LightningEnvironment,
    SLURMEnvironment,
    TorchElasticEnvironment,
)
from torch.multiprocessing import ProcessRaisedException

from dnaseq.data.datamodule import SequenceDataModule
from dnaseq.data.dataset import parse_on_node
from dnaseq.errors import TERMINATED, ConfigError, DivergedError
from dnaseq.training.checkpoints import AtomicCheckpoints
from dnaseq.training.processes import first_process, quieten

ACCELERATORS = ("auto", "cpu", "gpu")
Precision = Literal["32-true", "16-mixed", "bf16-mixed"]
PRECISIONS = ("auto", *get_args(Precision))
LIGHTNING_ENDS_CTRL_C_WITH = 1  # an exit code that would mean a bug
SMALL = 128 * 64  # batch size times hidden size of a recurrent layer


def make_trainer(
    accelerator: str,
    devices: int | str,
    precision: str,
    clip: float | None,
    limit_batches: int | None,
    max_epochs: int,
    callbacks: list[Callback],
    logger: Logger | bool,
    launcher: str | None = None,
) -> pl.Trainer:
    """Build a quiet Trainer: its progress and its files are those of the callbacks.

    precision "auto" is bf16 where the GPU has it, else 32-bit. `limit_batches` cuts the training of every epoch
    short (debug); all validation records are used, for the first ones of a file may be of one class.
    Several devices are as many processes. They are spawned: running the command again would make a second run folder
    and, in a multirun, start every job again. Where torchrun or srun has started processes, these train and `devices`
    is ignored; launcher "srun" requires it.
    """
    on_gpu = _on_gpu(accelerator)
    if launcher == "srun" and first_process() is None:
        raise ConfigError("trainer=slurm is for a job of SLURM: srun dnaseq train trainer=slurm ...")
    processes, environment = _processes(devices, on_gpu)
    if precision not in PRECISIONS:
        raise ConfigError(f"trainer.precision must be one of {', '.join(PRECISIONS)}; got {precision!r}")
    if clip is not None and not 0 < clip < math.inf:
        raise ConfigError(f"trainer.clip must be a number above 0, or null; got {clip}")
    if limit_batches is not None and (type(limit_batches) is not int or limit_batches < 1):
        raise ConfigError(
            f"trainer.limit_batches must be a whole number of at least 1; got {limit_batches!r}"
        )
    quieten()
    return pl.Trainer(
        accelerator="gpu" if on_gpu else "cpu",
        **processes,
        precision=_precision(precision, on_gpu),
        gradient_clip_val=clip,
        max_epochs=max_epochs,
        limit_train_batches=limit_batches,
        callbacks=callbacks,
        logger=logger,
        plugins=[AtomicCheckpoints(), environment],
        num_sanity_val_steps=0,
        use_distributed_sampler=False,  # the loaders share out the records themselves
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def fit(
    trainer: pl.Trainer, module: pl.LightningModule, data: SequenceDataModule, last: Path | None = None
) -> None:
    """Train, from the checkpoint `last` if there is one; in all processes that were started together.

    Unlike Lightning alone, it passes on the cause of an early end: it raises KeyboardInterrupt for
    Ctrl-C, SystemExit(143) for SIGTERM, DivergedError also out of another process.
    """
    first = first_process()
    if first is None:
        _fit(trainer, module, data, last)
        return
    first.on_other_nodes(parse_on_node, data.source, data.reading, data.data.store.folder)
    first.together(_fit, trainer, module, data, last)


def _fit(
    trainer: pl.Trainer, module: pl.LightningModule, data: SequenceDataModule, last: Path | None
) -> None:
    try:
        with threads_for(module, data.loading.batch_size, trainer.strategy.root_device):
            trainer.fit(module, data, ckpt_path=last, weights_only=True)
    except SystemExit as stop:
        if stop.code == LIGHTNING_ENDS_CTRL_C_WITH:
            raise KeyboardInterrupt from None
        raise
    except ProcessRaisedException as error:
        if f"{DivergedError.__name__}: " not in str(error):
            raise
        raise DivergedError(str(error).rsplit(f"{DivergedError.__name__}: ", 1)[1].strip()) from None
    finally:
        launcher = trainer.strategy.launcher
        if launcher is not None:  # its processes would train on after this one is stopped
            launcher.kill(signal.SIGKILL)
    if trainer.received_sigterm:
        sys.exit(TERMINATED)


@contextmanager
def threads_for(net: torch.nn.Module, batch_size: int, device: torch.device) -> Iterator[None]:
    """Use one thread inside the block where a network with small recurrent layers trains on the CPU, unless
    OMP_NUM_THREADS is set.

    Threads wait for each other at every time step. On two processors a second one makes such a training up to a third
    faster, and five times slower as soon as another program runs beside it (benchmarks/speed/threads.py).
    """
    before = torch.get_num_threads()
    sizes = [layer.hidden_size for layer in net.modules() if isinstance(layer, torch.nn.RNNBase)]
    small = bool(sizes) and batch_size * max(sizes) <= SMALL
    if device.type == "cpu" and small and "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _on_gpu(accelerator: str) -> bool:
    if accelerator not in ACCELERATORS:
        raise ConfigError(
            f"trainer.accelerator must be one of {', '.join(ACCELERATORS)}; got {accelerator!r}"
        )
    if accelerator == "gpu" and not torch.cuda.is_available():
        raise ConfigError("no GPU found. Use trainer=cpu (or trainer=auto, which takes what is there)")
    return accelerator != "cpu" and torch.cuda.is_available()


def _count(devices: int | str, on_gpu: bool) -> int:
    there = torch.cuda.device_count() if on_gpu else (os.cpu_count() or 1)
    if devices == "auto":
        return there if on_gpu else 1
    if type(devices) is not int or not 1 <= devices <= there:
        kind = "GPUs" if on_gpu else "processors"
        raise ConfigError(
            f"trainer.devices must be from 1 to {there}, the {kind} here, or auto; got {devices!r}"
        )
    return devices


def _processes(devices: int | str, on_gpu: bool) -> tuple[dict[str, Any], ClusterEnvironment]:
    """Return Lightning's settings for the processes, and how it finds them: named, for it would take a plain start in a
    SLURM script for one of srun."""
    first = first_process()
    if first is None:
        count = _count(devices, on_gpu)
        return {"devices": count, "strategy": "ddp_spawn" if count > 1 else "auto"}, LightningEnvironment()
    count, there = first.place.local_size, torch.cuda.device_count()
    if on_gpu and count > there:
        raise ConfigError(
            f"{count} processes on this node see {there} GPUs: start one process a GPU, each of which sees all of them "
            "(SLURM: --gpus-per-node=N, not --gpus-per-task)"
        )
    by_srun = first.place.started_by == "srun"
    environment = SLURMEnvironment(auto_requeue=False) if by_srun else TorchElasticEnvironment()
    return {"devices": count, "num_nodes": first.place.nodes, "strategy": "ddp"}, environment


def _precision(precision: str, on_gpu: bool) -> Precision:
    if precision != "auto":
        return cast(Precision, precision)
    return "bf16-mixed" if on_gpu and torch.cuda.is_bf16_supported() else "32-true"


def csv(folder: Path) -> bool:
    """Write history.csv alone."""
    return False


def tensorboard(folder: Path) -> TensorBoardLogger:
    """Write event files into the run folder as well: `tensorboard --logdir runs` shows them."""
    with _extra("tensorboard"):
        return TensorBoardLogger(save_dir=folder, name="tensorboard", version="")


def wandb(folder: Path, project: str, offline: bool) -> WandbLogger:
    """Log to Weights & Biases as well; with `offline` into the run folder alone, from where `wandb sync` sends it."""
    os.environ.setdefault("WANDB_ERROR_REPORTING", "false")
    with _extra("wandb"):
        from wandb import Settings  # here, as the package is optional

        quiet = Settings(silent=True, console="off", disable_git=True, disable_code=True)
        return OneRunWandbLogger(str(folder), folder, offline=offline, project=project, settings=quiet)


def mlflow(folder: Path, experiment: str, uri: str) -> MLFlowLogger:
    """Log to MLflow as well: to the data base or server at `uri`, under the name of the folder."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    with _extra("mlflow"):
        return MLFlowLogger(experiment, str(folder), uri)


class OneRunWandbLogger(WandbLogger):
    """Logger that ends its run with the training: otherwise the next training of the process would go on with it."""

    def finalize(self, status: str) -> None:
        super().finalize(status)
        if self._experiment is not None:
            self._experiment.finish()


@contextmanager
def _extra(name: str) -> Iterator[None]:
    """Raise ConfigError where the optional package of a logger is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ConfigError(f"logger={name} needs: pip install 'dnaseq[{name}]'") from error

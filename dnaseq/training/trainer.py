"""Lightning's Trainer for the device at hand."""

import logging
import os
import sys
import warnings
from pathlib import Path

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import Callback, RichProgressBar
from torch.multiprocessing import ProcessRaisedException

from dnaseq.errors import ConfigError, DivergedError

ACCELERATORS = ("auto", "cpu", "gpu")
TERMINATED = 143  # exit code after SIGTERM
LIGHTNING_ENDS_CTRL_C_WITH = 1  # an exit code that would say "a bug"


def make_trainer(
    accelerator: str,
    devices: int | str,
    strategy: str,
    precision: str,
    clip: float | None,
    max_epochs: int,
    limit_batches: int | None,
    callbacks: list[Callback],
    logger,
) -> pl.Trainer:
    """A quiet Trainer: a progress bar on a terminal only, and nothing written but by the callbacks.

    precision "auto" is bf16 where the GPU has it, else 32-bit. `limit_batches` cuts every epoch short (debug).
    """
    _check_device(accelerator)
    _quieten()
    bar = [RichProgressBar(console_kwargs={"stderr": True})] if sys.stderr.isatty() else []
    return pl.Trainer(
        accelerator=accelerator,
        devices=devices,
        strategy=_strategy(strategy),
        precision=_precision(precision, accelerator),
        gradient_clip_val=clip,
        max_epochs=max_epochs,
        limit_train_batches=limit_batches,
        limit_val_batches=limit_batches,
        callbacks=[*callbacks, *bar],
        logger=logger,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,  # the loaders share out the records themselves
        enable_progress_bar=bool(bar),
        enable_model_summary=False,
    )


def fit(
    trainer: pl.Trainer, module: pl.LightningModule, data: pl.LightningDataModule, last: Path | None = None
) -> None:
    """Train, from the checkpoint `last` if there is one.

    What ends a training early reaches the caller as itself, which Lightning alone does not do: raises
    KeyboardInterrupt for Ctrl-C, SystemExit(143) for SIGTERM, DivergedError also out of another process.
    """
    try:
        trainer.fit(module, data, ckpt_path=last, weights_only=True)
    except SystemExit as stop:
        if stop.code == LIGHTNING_ENDS_CTRL_C_WITH:
            raise KeyboardInterrupt from None
        raise
    except ProcessRaisedException as error:
        if f"{DivergedError.__name__}: " not in str(error):
            raise
        raise DivergedError(str(error).rsplit(f"{DivergedError.__name__}: ", 1)[1].strip()) from None
    if trainer.received_sigterm:
        sys.exit(TERMINATED)


def _check_device(accelerator: str) -> None:
    if accelerator not in ACCELERATORS:
        raise ConfigError(
            f"trainer.accelerator must be one of {', '.join(ACCELERATORS)}; got {accelerator!r}"
        )
    if accelerator == "gpu" and not torch.cuda.is_available():
        raise ConfigError("no GPU found. Use trainer=cpu (or trainer=auto, which takes what is there)")


def _strategy(strategy: str) -> str:
    """Processes are spawned rather than started by running the command again, which would make a second run
    folder and, in a multirun, start every job again. Under torchrun they are there already."""
    if strategy == "ddp":
        return "ddp" if "TORCHELASTIC_RUN_ID" in os.environ else "ddp_spawn"
    return strategy


def _precision(precision: str, accelerator: str) -> str:
    if precision != "auto":
        return precision
    on_gpu = accelerator != "cpu" and torch.cuda.is_available()
    return "bf16-mixed" if on_gpu and torch.cuda.is_bf16_supported() else "32-true"


def _quieten() -> None:
    """Lightning's advice about workers, loggers and devices is not the user's concern here."""
    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="pytorch_lightning")
    warnings.filterwarnings("ignore", module="torchmetrics")
    os.environ.setdefault("PYTHONWARNINGS", "ignore")  # for the processes that are spawned

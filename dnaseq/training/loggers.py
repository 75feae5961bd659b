"""Loggers of curves besides history.csv, which every run has."""

from pathlib import Path

from pytorch_lightning.loggers import TensorBoardLogger

from dnaseq.errors import ConfigError


def csv(folder: Path) -> bool:
    """Write history.csv alone."""
    return False


def tensorboard(folder: Path) -> TensorBoardLogger:
    """Write event files into the run folder as well: `tensorboard --logdir runs` shows them."""
    try:
        return TensorBoardLogger(save_dir=folder, name="tensorboard", version="")
    except ModuleNotFoundError as error:
        raise ConfigError("logger=tensorboard needs: pip install 'dnaseq[tensorboard]'") from error

"""Warnings of Lightning about workers, loggers and devices, which do not concern the user."""

import logging
import os
import warnings


def quieten() -> None:
    """Silence it in this process and, by the environment, in those that it starts."""
    for name in ("pytorch_lightning", "lightning.pytorch", "lightning_fabric"):
        logging.getLogger(name).setLevel(logging.ERROR)
    for module in ("pytorch_lightning", "torchmetrics"):
        warnings.filterwarnings("ignore", module=module)
    os.environ.setdefault("PYTHONWARNINGS", "ignore")

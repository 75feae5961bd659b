"""The one LightningModule: a network, a loss, an optimizer and what is watched while they train."""

from collections.abc import Callable

import pytorch_lightning as pl
import torch
from torch import Tensor, nn
from torchmetrics import MetricCollection
from torchmetrics.classification import MulticlassAccuracy, MulticlassAUROC

from dnaseq.data.batch import Batch


class LitClassifier(pl.LightningModule):
    """`spec` is plain data (architecture, classes, seed), from which a checkpoint can rebuild its own network.

    The scores logged here are for watching; every reported number is computed from saved predictions.
    """

    def __init__(self, net: nn.Module, loss: nn.Module, optimizer: Callable, schedule: Callable, spec: dict):
        super().__init__()
        self.save_hyperparameters("spec", logger=False)
        self.net, self.loss = net, loss
        self.optimizer, self.schedule = optimizer, schedule
        n = len(spec["classes"])
        self.scores = MetricCollection(
            {
                "val/accuracy": MulticlassAccuracy(n, average="micro"),
                "val/auroc": MulticlassAUROC(n),
            },
            compute_groups=False,
        )

    def forward(self, batch: Batch) -> Tensor:
        """Encoded batch -> (B, C) logits."""
        return self.net(batch.x, batch.lengths)

    def training_step(self, batch: Batch, _) -> Tensor:
        loss = self.loss(self(batch), batch.y)
        self._log_loss("train/loss", loss, batch)
        return loss

    def validation_step(self, batch: Batch, _) -> None:
        logits = self(batch).float()  # bf16 would shift the AUROC by ties
        self._log_loss("val/loss", self.loss(logits, batch.y), batch)
        self.scores.update(logits.softmax(-1), batch.y)

    def on_validation_epoch_end(self) -> None:
        self.log_dict(self.scores.compute())
        self.scores.reset()

    def _log_loss(self, name: str, loss: Tensor, batch: Batch) -> None:
        # batch_size is explicit because Lightning would read dimension 0, which is the length here
        self.log(
            name, loss, on_step=False, on_epoch=True, batch_size=batch.size, sync_dist=True, prog_bar=True
        )

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        """Every epoch has its own random numbers, so a resumed training goes on as if it had never stopped.

        Not in on_train_epoch_start, which Lightning leaves out of the first epoch after a resume.
        """
        if batch_idx == 0:
            torch.manual_seed(hash((self.hparams["spec"]["seed"], self.current_epoch, self.global_rank)))

    def configure_optimizers(self):
        optimizer = self.optimizer(self.net.parameters())
        return {"optimizer": optimizer, "lr_scheduler": self.schedule(optimizer, self.trainer)}

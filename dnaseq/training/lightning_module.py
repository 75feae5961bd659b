"""The LightningModule: a network, a loss, an optimizer and the monitored metrics."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any, SupportsIndex

import pytorch_lightning as pl
import torch
from pytorch_lightning.utilities.types import OptimizerLRScheduler
from torch import Tensor, nn
from torch.optim import Optimizer

from dnaseq.data.records.batching import Batch
from dnaseq.errors import DivergedError, ModelFileError
from dnaseq.models.ensemble import mean_of_strands
from dnaseq.plugins.named import job_plugins, rebuild
from dnaseq.training.allocator import keep_freed_memory
from dnaseq.training.checkpoints import RUN
from dnaseq.training.fine_tuning import Tuning, rate_groups
from dnaseq.training.losses import MeanLoss
from dnaseq.training.monitor_metrics import MonitorMetrics
from dnaseq.training.processes import quieten

# Steps between checks of the loss. A check waits for the device, which costs nothing on the CPU.
LOOKS_AFTER, MANY = {"cpu": 1}, 64
NAMED = 3  # records of a batch
FIX = "Try a smaller optimizer.lr or trainer.clip; the checkpoint of the epoch before is kept"


class LitModel(pl.LightningModule):
    """The scores logged here are to follow a training; every reported number is computed from saved predictions.

    A loss is the weighted mean over all records of an epoch, however they are cut into batches.
    """

    def __init__(
        self,
        net: nn.Module,
        loss: nn.Module,
        optimizer: partial[Optimizer],
        schedule: Callable,
        watched: MonitorMetrics,
        seed: int,
        run: str = "",
        tuning: Tuning | None = None,
    ):
        super().__init__()
        self.net, self.loss = net, loss
        self.optimizer, self.schedule, self.seed = optimizer, schedule, seed
        self.run = run  # the key of the training, for its checkpoints; "" for those of an earlier version
        self._losses: list[Tensor] = []  # of the last steps, not checked yet
        self.train_loss, self.val_loss = MeanLoss(), MeanLoss()
        self.watched, self.tuning = watched, tuning
        self.train()

    def train(self, mode: bool = True) -> "LitModel":
        """Switch to training, all but the frozen parts: what they compute stays the same."""
        super().train(mode)
        for part in self.tuning.frozen if self.tuning else ():
            self.net.get_submodule(part).eval()
        return self

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple:
        """Reduce for pickle, so that a process that Lightning spawns runs the plug-ins before it reads their parts."""
        return rebuild, (type(self), job_plugins().loaded), self.__getstate__()

    def forward(self, batch: Batch) -> Tensor:
        """Map an encoded batch -> (B, C) outputs or (L, B, C), the mean over both strands if the batch holds both."""
        outputs = self.net(batch.x, batch.lengths)
        return outputs if outputs.shape[-2] == batch.size else mean_of_strands(outputs, batch.lengths)

    def setup(self, stage: str) -> None:
        # in every process that trains
        quieten()
        keep_freed_memory()

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint[RUN] = self.run

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        if self.run and checkpoint.get(RUN) != self.run:
            raise ModelFileError("the checkpoint is of another training")

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        """Seed every epoch with its own number, so that a resumed training equals one without a stop.

        Not in on_train_epoch_start, which Lightning leaves out of the first epoch after a resume.
        """
        if batch_idx == 0:
            self._losses.clear()
            torch.manual_seed(hash((self.seed, self.current_epoch, self.global_rank)))

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        losses, weights = self.loss(self(batch), batch.y)
        self.train_loss.update(losses.detach(), weights)
        loss = losses.sum() / weights.sum()
        self._losses.append(loss.detach())
        if len(self._losses) >= LOOKS_AFTER.get(loss.device.type, MANY):
            self._check_losses(batch_idx)
        return loss

    def validation_step(self, batch: Batch, batch_idx: int) -> None:
        """Update the scores. Ranks exchange nothing here, for they may have records of different numbers."""
        outputs, y = self(batch).float(), batch.y  # bf16 would shift the AUROC by ties
        if not batch.counted:  # but a rank must know the shape of the other ranks' outputs
            outputs, y = outputs[..., :0, :], y[:0]
        losses, weights = self.loss(outputs, y)
        self.val_loss.update(losses, weights)
        self.watched.update(outputs, y)

    def on_validation_epoch_end(self) -> None:
        """Log the scores. Raise DivergedError before a checkpoint is written, so that none holds such weights."""
        if self._losses:
            self._check_losses(self.trainer.fit_loop.batch_idx)
        loss = self.val_loss.compute()
        if not torch.isfinite(loss):
            raise DivergedError(f"{self._diverged()}: the validation loss is {float(loss)}. {FIX}")
        if not self._is_finite():
            raise DivergedError(f"{self._diverged()}: a weight is no longer a finite number. {FIX}")
        if self.train_loss.update_called:  # logged here and not in every step, which takes 0.3 ms
            self.log("train/loss", self.train_loss.compute(), prog_bar=True)
        self.log("val/loss", loss, prog_bar=True)
        self.log_dict(self.watched.compute())
        self.train_loss.reset()
        self.val_loss.reset()
        self.watched.reset()

    def _check_losses(self, step: int) -> None:
        """Raise DivergedError for the first step up to this one whose loss is no finite number."""
        losses = torch.stack(self._losses).tolist()
        self._losses.clear()
        first = next((i for i, loss in enumerate(losses) if not math.isfinite(loss)), None)
        if first is None:
            return
        step, what = step - len(losses) + 1 + first, f"the loss is {losses[first]}"
        if step and len(losses) == 1 and not self._is_finite():
            step, what = step - 1, "its gradient is no finite number"  # the weights come from that step
        ids = self.trainer.datamodule.ids_of_batch(step)  # type: ignore[attr-defined]  # Lightning sets it late
        more = f" and {len(ids) - NAMED} more" if len(ids) > NAMED else ""
        raise DivergedError(
            f"{self._diverged()}, step {step}: {what} (records {', '.join(ids[:NAMED])}{more}). {FIX}"
        )

    def _diverged(self) -> str:
        return f"training diverged in epoch {self.current_epoch + 1}"

    def _is_finite(self) -> bool:
        """Check that all weights are finite, and the running means of a normalisation."""
        return all(torch.isfinite(weights).all() for weights in self.net.state_dict().values())

    def configure_gradient_clipping(
        self,
        optimizer: Optimizer,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: str | None = None,
    ) -> None:
        """Clip by the norm. Lightning's own way refuses a fused optimizer wherever precision is mixed."""
        if gradient_clip_val is not None:
            torch.nn.utils.clip_grad_norm_(self.net.parameters(), gradient_clip_val)

    def configure_optimizers(self) -> OptimizerLRScheduler:
        # a fused one would undo the scaling of 16-bit gradients only after they are clipped
        scaled = self.trainer.precision == "16-mixed" and self.optimizer.keywords.get("fused")
        more = {"fused": False} if scaled else {}
        groups = rate_groups(self.net, self.tuning) if self.tuning else []
        optimizer = self.optimizer(
            [{"params": one.weights} for one in groups] or self.net.parameters(), **more
        )
        for group, one in zip(optimizer.param_groups, groups, strict=False):
            group["lr"] *= one.factor
        steps = max(int(self.trainer.estimated_stepping_batches), 1)
        return {"optimizer": optimizer, "lr_scheduler": self.schedule(optimizer, steps)}

from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import pytorch_lightning as pl
import torch
from torch import nn
from torch.utils.data import DataLoader
from torchmetrics.classification import BinaryAUROC

from dnaseq.data.records.batching import Batch
from dnaseq.errors import DivergedError
from dnaseq.prediction_task import CLASSIFICATION, PER_BASE
from dnaseq.training import lightning_module
from dnaseq.training.lightning_module import LitModel
from dnaseq.training.losses import CrossEntropy
from dnaseq.training.monitor_metrics import MonitorMetrics
from dnaseq.training.schedules import constant


class Table(nn.Module):
    """Gives record i of a batch the logits in x[:, i]: a network whose answers are known."""

    def forward(self, x, lengths):
        return x[0]


def build_lit_model(logged: dict, counts=(1, 1), class_weights="none") -> LitModel:
    loss = CrossEntropy(np.array(counts), class_weights)
    lit = LitModel(Table(), loss, None, None, MonitorMetrics(CLASSIFICATION, 2), seed=1)
    lit.log = lambda name, value, **settings: logged.setdefault(name, value)
    lit.log_dict = lambda values: logged.update({name: float(v) for name, v in values.items()})
    return lit


def batch(n: int, seed: int) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    y = torch.randint(0, 2, (n,), generator=generator)
    x = torch.randn(1, n, 2, generator=generator)
    return Batch(x, torch.ones(n, dtype=torch.long), y)


@pytest.mark.parametrize("class_weights", ["none", "balanced"])
def test_the_validation_loss_does_not_depend_on_where_batches_are_cut(class_weights):
    parts = [batch(8, 0), batch(2, 1), batch(3, 2)]
    logged: dict = {}
    lit = build_lit_model(logged, (3, 1), class_weights)
    for part in parts:
        lit.validation_step(part, 0)
    lit.on_validation_epoch_end()
    x, y = torch.cat([p.x for p in parts], dim=1), torch.cat([p.y for p in parts])
    expected = torch.nn.functional.cross_entropy(x[0], y, lit.loss.weights)
    assert float(logged["val/loss"]) == pytest.approx(float(expected), rel=1e-5)


def test_the_watched_auroc_is_that_of_all_records_at_once():
    logged: dict = {}
    lit = build_lit_model(logged)
    parts = [batch(8, 0), batch(2, 1)]
    for part in parts:
        lit.validation_step(part, 0)
    lit.on_validation_epoch_end()
    margin = torch.cat([p.x[0, :, 1] - p.x[0, :, 0] for p in parts])
    expected = BinaryAUROC()(margin.sigmoid(), torch.cat([p.y for p in parts]))
    assert abs(logged["val/auroc"] - float(expected)) < 1e-6


def test_a_loss_that_is_no_number_ends_the_training():
    lit = build_lit_model({})
    lit.validation_step(batch(4, 0)._replace(x=torch.full((1, 4, 2), float("nan"))), 0)
    with pytest.raises(DivergedError, match="the validation loss is nan"):
        lit.on_validation_epoch_end()


class Letters(nn.Module):
    """Gives every position the logits that are its input."""

    def forward(self, x, lengths):
        return x


def test_answers_of_bases_are_averaged_over_both_strands_position_by_position():
    lit = LitModel(Letters(), CrossEntropy(np.array([1, 1])), None, None, MonitorMetrics(PER_BASE, 2), seed=1)
    x = torch.arange(12.0).view(3, 2, 2)  # one record of 3 bases, then its other strand, backwards
    answer = lit(Batch(x, torch.tensor([3, 3]), torch.zeros(1, 3, dtype=torch.long)))
    assert answer.shape == (3, 1, 2)
    assert answer[0, 0].tolist() == ((x[0, 0] + x[2, 1]) / 2).tolist()
    assert lit(Batch(x, torch.tensor([3, 3]), torch.zeros(2, 3, dtype=torch.long))).equal(x)


class Linear(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(2, 2, bias=False)
        with torch.no_grad():
            self.layer.weight.copy_(torch.tensor([[1.0, -2.0], [0.5, 3.0]]))

    def forward(self, x, lengths):
        return self.layer(x[0])


def trained(precision: str, clip: float | None, **options) -> torch.Tensor:
    optimizer = partial(torch.optim.SGD, lr=1.0, **options)
    lit = LitModel(
        Linear(),
        CrossEntropy(np.array((1, 1)), "none"),
        optimizer,
        constant,
        MonitorMetrics(CLASSIFICATION, 2),
        1,
    )
    quiet = dict.fromkeys(
        ("logger", "enable_progress_bar", "enable_checkpointing", "enable_model_summary"), False
    )
    trainer = pl.Trainer(
        accelerator="cpu", max_epochs=1, precision=precision, gradient_clip_val=clip, **quiet
    )
    trainer.fit(lit, train_dataloaders=DataLoader([batch(16, 1)], batch_size=None))
    return lit.net.layer.weight.detach()


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
def test_a_fused_optimizer_steps_as_a_plain_one_along_a_clipped_gradient(precision):
    start = Linear().layer.weight.detach()
    plain, fused = (trained(precision, 0.01, fused=fused) - start for fused in (False, True))
    assert float(plain.norm()) == pytest.approx(0.01, rel=1e-3)
    torch.testing.assert_close(fused, plain)
    assert float((trained(precision, None, fused=True) - start).norm()) > 0.05


def test_where_gradients_are_scaled_the_optimizer_is_not_fused(monkeypatch):
    optimizer = partial(torch.optim.SGD, lr=1.0, fused=True)
    lit = LitModel(Linear(), None, optimizer, constant, None, 1)
    for precision, fused in (("16-mixed", False), ("bf16-mixed", True)):
        trainer = SimpleNamespace(precision=precision, estimated_stepping_batches=1)
        monkeypatch.setattr(LitModel, "trainer", trainer)
        assert lit.configure_optimizers()["optimizer"].defaults["fused"] is fused


class Dividing(nn.Module):
    """Its gradient is no number where a weight is 0, though its answers are."""

    def __init__(self, weight: float = 0.0):
        super().__init__()
        self.weight = nn.Parameter(torch.full((2,), weight))
        self.unused = nn.Parameter(torch.zeros(1))

    def forward(self, x, lengths):
        return x[0] + (0 * self.weight).sqrt()


class Answering(nn.Module):
    """Its answers are infinite where its input is; a weight that no answer shows is given to it."""

    def __init__(self, unused: float = 0.0):
        super().__init__()
        self.weight, self.unused = nn.Parameter(torch.ones(2)), nn.Parameter(torch.tensor(unused))

    def forward(self, x, lengths):
        return x[0] * self.weight


class Data(pl.LightningDataModule):
    def __init__(self, batches: list[Batch]):
        super().__init__()
        self.batches = batches

    def train_dataloader(self):
        return DataLoader(self.batches, batch_size=None)

    def val_dataloader(self):
        return DataLoader([batch(4, 9)], batch_size=None)

    def ids_of_batch(self, number: int) -> list[str]:
        return [f"b{number}r{i}" for i in range(self.batches[number].size)]


def fit(net: nn.Module, batches: list[Batch]) -> None:
    loss = CrossEntropy(np.array((1, 1)), "none")
    lit = LitModel(
        net, loss, partial(torch.optim.SGD, lr=0.1), constant, MonitorMetrics(CLASSIFICATION, 2), 1
    )
    quiet = dict.fromkeys(
        ("logger", "enable_progress_bar", "enable_checkpointing", "enable_model_summary"), False
    )
    pl.Trainer(accelerator="cpu", max_epochs=1, num_sanity_val_steps=0, **quiet).fit(
        lit, datamodule=Data(batches)
    )


@pytest.fixture(params=["at once", "later"])
def looks(request, monkeypatch):
    """As on the CPU, where every loss is looked at, and as on a GPU."""
    if request.param == "later":
        monkeypatch.setattr(lightning_module, "LOOKS_AFTER", {})
    return request.param


@pytest.mark.parametrize("bad", [0, 2, 4])
def test_a_loss_that_is_no_number_is_named_with_its_step_and_its_records(looks, bad):
    batches = [batch(5, i) for i in range(5)]
    batches[bad] = batches[bad]._replace(x=batches[bad].x * float("inf"))
    expected = rf"in epoch 1, step {bad}: the loss is nan \(records b{bad}r0, b{bad}r1, b{bad}r2 and 2 more\)"
    with pytest.raises(DivergedError, match=expected):
        fit(Answering(), batches)


def test_a_gradient_that_is_no_number_is_named_with_its_step():
    with pytest.raises(
        DivergedError, match=r"epoch 1, step 0: its gradient is no finite number \(records b0r0"
    ):
        fit(Dividing(), [batch(3, 0), batch(3, 1)])


def test_a_weight_that_no_answer_shows_is_noticed_before_a_checkpoint_is_written():
    with pytest.raises(DivergedError, match="a weight is no longer a finite number"):
        fit(Answering(float("inf")), [batch(3, 0)])

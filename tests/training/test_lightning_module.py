import torch
from torch import nn
from torchmetrics.classification import BinaryAUROC

from dnaseq.data.batch import Batch
from dnaseq.training.lightning_module import LitClassifier
from dnaseq.training.losses import cross_entropy


class Table(nn.Module):
    """Gives record i of a batch the logits in x[:, i]: a network whose answers are known."""

    def forward(self, x, lengths):
        return x[0]


def lit_of(logged: dict) -> LitClassifier:
    lit = LitClassifier(Table(), cross_entropy([1, 1]), None, None, {"classes": ["a", "b"], "seed": 1})
    lit.log = lambda name, value, **settings: logged.setdefault(name, []).append((float(value), settings))
    lit.log_dict = lambda values: logged.update({name: float(v) for name, v in values.items()})
    return lit


def batch(n: int, seed: int) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    y = torch.randint(0, 2, (n,), generator=generator)
    x = torch.randn(1, n, 2, generator=generator)
    return Batch(x, torch.ones(n, dtype=torch.long), y)


def test_losses_are_weighed_by_records_not_by_batches():
    logged: dict = {}
    lit = lit_of(logged)
    for part in (batch(8, 0), batch(2, 1)):
        lit.validation_step(part, 0)
    assert [settings["batch_size"] for _, settings in logged["val/loss"]] == [8, 2]
    assert all(settings["on_epoch"] for _, settings in logged["val/loss"])


def test_the_watched_auroc_is_that_of_all_records_at_once():
    logged: dict = {}
    lit = lit_of(logged)
    parts = [batch(8, 0), batch(2, 1)]
    for part in parts:
        lit.validation_step(part, 0)
    lit.on_validation_epoch_end()
    margin = torch.cat([p.x[0, :, 1] - p.x[0, :, 0] for p in parts])
    expected = BinaryAUROC()(margin.sigmoid(), torch.cat([p.y for p in parts]))
    assert abs(logged["val/auroc"] - float(expected)) < 1e-6


def test_hyper_parameters_are_plain_data():
    assert lit_of({}).hparams == {"spec": {"classes": ["a", "b"], "seed": 1}}

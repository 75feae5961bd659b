import pickle

import pytest
import pytorch_lightning as pl
import torch
from torch.utils.data import DataLoader

from dnaseq.errors import ConfigError
from dnaseq.training.averaging import ema, no_averaging


class Falling(pl.LightningModule):
    """One weight that every step makes smaller by 1, from 0 on."""

    def __init__(self):
        super().__init__()
        self.weight, self.seen = torch.nn.Parameter(torch.zeros(())), []

    def training_step(self, batch, _):
        return self.weight

    def validation_step(self, batch, _):
        self.seen.append(float(self.weight.detach()))

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=1.0)


def fitted(callbacks, steps: int) -> Falling:
    module, loader = Falling(), DataLoader(torch.zeros(steps), batch_size=1)
    trainer = pl.Trainer(
        max_epochs=1, callbacks=callbacks, accelerator="cpu", logger=False, enable_checkpointing=False,
        enable_progress_bar=False, enable_model_summary=False, num_sanity_val_steps=0,
    )  # fmt: skip
    trainer.fit(module, loader, DataLoader(torch.zeros(1)))
    return module


def test_without_averaging_validation_sees_the_last_weights():
    assert fitted(no_averaging(), 6).seen == [-6.0]


@pytest.mark.parametrize(("decay", "steps"), [(0.5, 20), (0.9, 3), (0.9, 100)])
def test_validation_and_the_end_get_the_moving_average(decay, steps):
    average = -1.0  # after the first step
    for n in range(1, steps):
        now = min(decay, (1 + n) / (10 + n))
        average = average * now - (n + 1) * (1 - now)
    module = fitted(ema(decay), steps)
    assert module.seen == [pytest.approx(average, rel=1e-4)]
    assert float(module.weight.detach()) == pytest.approx(average, rel=1e-4)


def test_the_average_can_be_pickled_for_another_process():
    again = pickle.loads(pickle.dumps(ema(0.5)))
    assert fitted(again, 20).seen == fitted(ema(0.5), 20).seen


@pytest.mark.parametrize("decay", [0, 1, -0.5, 1.5])
def test_other_decays_are_refused(decay):
    with pytest.raises(ConfigError, match=r"averaging\.decay must be above 0 and below 1"):
        ema(decay)

import pytest
import torch

from dnaseq.training import schedules


def rates(schedule, steps: int = 100, **settings) -> list[float]:
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = schedule(optimizer, 100, **settings)["scheduler"]
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return found


def test_constant_stays():
    assert set(rates(schedules.constant)) == {1.0}


def test_cosine_warms_up_and_ends_near_zero():
    found = rates(schedules.cosine, warmup=0.1)
    assert found[:10] == pytest.approx([0.1 * step for step in range(1, 11)])
    assert max(found) == 1.0
    assert found[55] == pytest.approx(0.5, abs=0.01)
    assert found[-1] < 0.001
    assert found[10:] == sorted(found[10:], reverse=True)


def test_plateau_halves_when_the_loss_stands_still():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    described = schedules.plateau(optimizer, 100, patience=2)
    assert described["monitor"] == "val/loss"
    for _ in range(5):
        described["scheduler"].step(1.0)
    assert optimizer.param_groups[0]["lr"] == 0.5


def test_a_warm_up_of_everything_is_refused():
    with pytest.raises(ValueError, match="warmup must be from 0 to below 1; got 1"):
        rates(schedules.cosine, warmup=1)

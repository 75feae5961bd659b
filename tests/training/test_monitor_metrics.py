import numpy as np
import pytest
import torch
from scipy.stats import pearsonr
from sklearn.metrics import roc_auc_score

from dnaseq.data.records.batching import Batch
from dnaseq.data.samplers import shared_batches
from dnaseq.data.targets.per_base import IGNORED
from dnaseq.prediction_task import prediction_task
from dnaseq.training.lightning_module import LitModel
from dnaseq.training.losses import Poisson
from dnaseq.training.monitor_metrics import MonitorMetrics


def watched(task: str, n_names: int, outputs, y, **more) -> dict[str, float]:
    """What is watched of records that come in two batches; records are in the last dimension but one of outputs."""
    scores = MonitorMetrics(prediction_task(task), n_names, **more)
    half = outputs.shape[-2] // 2
    scores.update(outputs[..., :half, :], y[:half])
    scores.update(outputs[..., half:, :], y[half:])
    return {name: float(value) for name, value in scores.compute().items()}


def test_the_auroc_of_label_sets_is_the_mean_over_labels():
    y, outputs = torch.randint(0, 2, (40, 3)).float(), torch.randn(40, 3)
    expected = roc_auc_score(y.numpy(), outputs.numpy(), average="macro")
    assert watched("multilabel", 3, outputs, y) == {"val/auroc": pytest.approx(expected, abs=1e-5)}


def test_the_correlation_of_counts_is_that_of_the_rates():
    y, outputs = torch.poisson(torch.full((30, 1), 4.0)), torch.randn(30, 1)
    loss = Poisson(np.array([[1.0], [5.0]]))
    expected = pearsonr(outputs[:, 0].exp(), y[:, 0])[0]
    found = watched("regression", 1, outputs, y, values=loss.values)
    assert found == {"val/pearson": pytest.approx(expected, abs=1e-4)}


def test_the_correlation_of_several_targets_is_their_mean():
    y, outputs = torch.randn(30, 2), torch.randn(30, 2)
    expected = np.mean([pearsonr(outputs[:, t], y[:, t])[0] for t in range(2)])
    assert watched("regression", 2, outputs, y, values=lambda x: x)["val/pearson"] == pytest.approx(
        expected, abs=1e-4
    )


def test_the_accuracy_of_bases_leaves_padding_out():
    """Class 1 is said of the first position of every record, else class 0: three bases of four are right."""
    outputs = torch.zeros(3, 4, 2)
    outputs[..., 0], outputs[0, :, 1] = 1, 2
    y = torch.tensor([[1, 0, 1], [1, IGNORED, IGNORED]]).repeat(2, 1)
    assert watched("labelling", 2, outputs, y) == {"val/accuracy": 0.75}


@pytest.mark.parametrize("task", ["binary", "multiclass"])
def test_classes_are_watched_by_accuracy_and_auroc(task):
    y, outputs = torch.tensor([0, 1, 0, 1]), torch.tensor([[1.0, 0], [0, 1], [0, 2], [0, 3]])
    assert watched(task, 2, outputs, y) == {"val/accuracy": 0.75, "val/auroc": 0.75}


def shared(rank: int, ranks: int, folder, cases) -> None:
    """One process of several: what is watched of its own records, in batches of 2, with those of the others."""
    torch.distributed.init_process_group("gloo", f"file://{folder}/store", rank=rank, world_size=ranks)
    found = []
    for task, outputs, y in cases:
        values = torch.nn.Identity() if task == "regression" else None
        lit = LitModel(
            Same(),
            Squares(),
            None,
            None,
            MonitorMetrics(prediction_task(task), outputs.shape[-1], values),
            seed=1,
        )
        logged = {}
        lit.log = lambda name, value, logged=logged, **_: logged.update({name: float(value)})
        lit.log_dict = lambda more, logged=logged: logged.update({k: float(v) for k, v in more.items()})
        for drawn in shared_batches(len(y), 2, rank, ranks):
            batch = Batch(outputs[..., drawn.windows, :], None, y[drawn.windows], 0, drawn.counted)
            lit.validation_step(batch, 0)
        lit.on_validation_epoch_end()
        found.append(logged)
    torch.save(found, f"{folder}/{rank}")
    torch.distributed.destroy_process_group()


class Same(torch.nn.Module):
    def forward(self, x, lengths):
        return x


class Squares(torch.nn.Module):
    """A loss whose records weigh differently."""

    def forward(self, outputs, y):
        at = outputs if outputs.ndim == 2 else outputs.transpose(0, 1).flatten(1)
        weights = 1 + at[:, 0].abs()
        return weights * (at**2).sum(1), weights


def test_processes_of_different_numbers_of_records_watch_what_one_process_does(tmp_path):
    """Of 10 records three processes have 4, 3 and 3, and of 2 the last one has none."""
    torch.manual_seed(0)
    cases = []
    for n in (10, 2):
        truth, half = torch.arange(n) % 2, torch.rand(n, 3) > 0.5
        half[:2] = torch.tensor([[True, False, True], [False, True, False]])
        bases = torch.randint(0, 2, (n, 5))
        bases[0, 3:] = IGNORED
        cases += [
            ("binary", torch.randn(n, 2), truth),
            ("multiclass", torch.randn(n, 3), torch.arange(n) % 3),
        ]
        cases += [
            ("multilabel", torch.randn(n, 3), half.float()),
            ("multilabel", torch.randn(n, 1), truth[:, None]),
        ]
        cases += [("regression", torch.randn(n, t), torch.randn(n, t)) for t in (1, 2)]
        cases += [("labelling", torch.randn(5, n, 2), bases)]
    for ranks in (1, 3):
        (tmp_path / f"{ranks}").mkdir()
        torch.multiprocessing.start_processes(
            shared, (ranks, tmp_path / f"{ranks}", cases), nprocs=ranks, start_method="fork"
        )
    (alone,) = [torch.load(tmp_path / "1" / "0")]
    for rank in range(3):
        for own, expected in zip(torch.load(tmp_path / "3" / f"{rank}"), alone, strict=True):
            assert own == pytest.approx(expected, abs=1e-6, nan_ok=True)

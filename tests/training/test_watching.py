import numpy as np
import pytest
import torch
from scipy.stats import pearsonr
from sklearn.metrics import roc_auc_score

from dnaseq.data.base_targets import IGNORED
from dnaseq.training.losses import Poisson
from dnaseq.training.watching import WATCHED, Watched


def watched(task: str, n_names: int, outputs, y, **more) -> dict[str, float]:
    """What is watched of records that come in two batches; records are in the last dimension but one of outputs."""
    scores = Watched(task, n_names, **more)
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
    assert WATCHED[task] == ("val/accuracy", "val/auroc")

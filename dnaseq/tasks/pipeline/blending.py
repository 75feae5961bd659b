"""Blending for experiment=auto: the best linear model joins the networks if that helps on the validation set."""

import numpy as np
import torch

from dnaseq.build import TRAINING, build
from dnaseq.bundle.predictor import Predictor
from dnaseq.data.dataset import LabelledSet
from dnaseq.evaluation.baselines.classification import NAMES
from dnaseq.evaluation.baselines.features import LONGEST_K, gapped_patterns
from dnaseq.evaluation.baselines.linear_model import LinearModel, best_linear_model, best_share
from dnaseq.evaluation.baselines.penalty import Found
from dnaseq.evaluation.metrics.names import baseline_title
from dnaseq.models.ensemble import Ensemble
from dnaseq.prediction_task import CLASSIFICATION
from dnaseq.tasks.pipeline.ensemble import ENSEMBLE
from dnaseq.tasks.pipeline.factories import make_examples

PLAIN = [tuple(range(k)) for k in range(1, LONGEST_K + 1)]  # 1- to 6-mers
PROFILE = "dnaseq.models.linear_profile.LinearProfile"


def blend_linear_model(
    net: torch.nn.Module,
    predictor: Predictor,
    data: LabelledSet,
    seed: int,
    penalties: dict[str, Found],
) -> tuple[torch.nn.Module, dict, str]:
    """Add the best linear model to a network. Return the network, the configuration that builds it, and a log message.

    `predictor` is that of the network alone; `penalties` are those of linear models that are known. Nothing changes
    where the linear model does not help, or where the encoding does not have its features.
    """
    architecture, n_symbols = predictor.spec.architecture, predictor.encoding.n_symbols
    if data.targets.prediction is not CLASSIFICATION or n_symbols % 4:
        return net, architecture, "There is no linear model for these labels or this encoding."
    stranded, n_classes = data.stranded, len(data.classes)
    train, val = data.rows("train"), data.rows("val")
    linear = best_linear_model(
        make_examples(data, train), n_classes, seed, data.group[train], stranded, penalties
    )
    if linear is None:
        return net, architecture, "There are too few training records for a linear model."
    of_linear = linear.probabilities(make_examples(data, val), stranded)
    if of_linear is None:
        return net, architecture, "The validation records have another length than those of the linear model."
    own = np.vstack([rows.probabilities for rows in predictor.predict_blocks(data.store.blocks(val))])
    share = best_share(data.y[val].astype(np.int64), own, of_linear)
    name = baseline_title(NAMES[linear.name])
    if not share:
        message = f"The best linear model, of {name}, does not help on the validation records."
        return net, architecture, message
    message = f"The best linear model, of {name}, has a share of {share:.1f} in the prediction, by the validation set."
    if share == 1:
        message = (
            f"Nothing beats the best linear model, of {name}, on the validation records, so it is used alone."
        )
    return *_join_networks(net, architecture, linear, share, n_symbols, stranded), message


def _join_networks(
    net: torch.nn.Module,
    architecture: dict,
    linear: LinearModel,
    share: float,
    n_symbols: int,
    stranded: bool,
) -> tuple[torch.nn.Module, dict]:
    nodes: list[dict] = [{**architecture, "_partial_": True}]
    parts: list[torch.nn.Module] = [net]
    if isinstance(net, Ensemble):
        nodes, parts = architecture["members"], list(net.members)
    if share == 1:
        nodes, parts = [], []
    weights = [(1 - share) / max(len(parts), 1)] * len(parts) + [share]
    joined: dict = {
        "_target_": ENSEMBLE,
        "members": [*nodes, _node(linear, stranded)],
        "average": "probabilities",
        "weights": weights,
    }
    whole = build(joined, TRAINING, n_symbols=n_symbols, n_classes=len(linear.biases))
    for part, own in zip(whole.members, parts, strict=False):
        part.load_state_dict(own.state_dict())
    classify = whole.members[-1].classify
    with torch.no_grad():
        classify.weight.copy_(torch.from_numpy(linear.weights))
        classify.bias.copy_(torch.from_numpy(linear.biases))
    return whole.eval(), joined


def _node(linear: LinearModel, stranded: bool) -> dict:
    """Return the configuration of the linear model as a network."""
    patterns = {"gapped": gapped_patterns(), "position": []}.get(linear.name, PLAIN)
    canonical = linear.name == "kmer_canonical" or (linear.name == "gapped" and not stranded)
    positions = None
    if "position" in linear.name:
        positions = (linear.weights.shape[1] - sum(4 ** len(places) for places in patterns)) // 4
    own = {"patterns": [list(places) for places in patterns], "canonical": canonical, "positions": positions}
    return {"_target_": PROFILE, "_partial_": True, **own}

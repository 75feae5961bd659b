"""Users' own parts, built for random records before any data are read."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from omegaconf import DictConfig, open_dict
from torch import Tensor, nn

from dnaseq.build import TRAINING, build
from dnaseq.bundle.spec import BundleSpec, Training
from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.data.strandedness import prediction_strands
from dnaseq.data.targets.classes import Classes, LabelSets
from dnaseq.data.targets.per_base import IGNORED, BaseLabels
from dnaseq.data.targets.regression import Numbers
from dnaseq.encode.alphabet import PAD
from dnaseq.encode.encoding import Encoding
from dnaseq.prediction_task import CLASSIFICATION, MULTILABEL, REGRESSION, PredictionTask
from dnaseq.tasks.config.validation import plain
from dnaseq.tasks.pipeline.factories import take_vectors
from dnaseq.tasks.pipeline.trainer_setup import build_metrics, loss_name, new_spec, take_facts
from dnaseq.training.monitor_metrics import MonitorMetrics

LENGTHS = (60, 41, 60, 33, 57, 24)  # bases of the records
SEED = 1000
TASKS = {reader.__name__: reader.prediction for reader in (Classes, LabelSets, Numbers, BaseLabels)}


@dataclass(frozen=True)
class Sample:
    """Parts of a training, and a batch of B random records with padding and N: (B, L) codes, (B,) lengths, targets."""

    encoding: Encoding
    net: nn.Module  # in evaluation mode
    loss: nn.Module
    augmentation: Any
    metrics: MonitorMetrics
    prediction: PredictionTask
    strands: str
    spec: BundleSpec
    codes: Tensor
    lengths: Tensor
    y: Tensor

    @property
    def n_names(self) -> int:
        return len(self.spec.classes)

    def outputs(self, codes: Tensor, lengths: Tensor | None) -> Tensor:
        """(B, L) codes, (B,) lengths or None -> outputs of the network."""
        return self.net(self.encoding(codes), self.encoding.lengths(lengths))


def build_sample(cfg: DictConfig) -> Sample:
    """Build the parts of a configuration. Raises ConfigError for what a constructor refuses."""
    own = cfg.copy()
    torch.manual_seed(SEED)
    take_vectors(own)
    prediction = TASKS.get(str(own.task._target_).rpartition(".")[2], CLASSIFICATION)
    n_names = len(own.data.get("classes") or ()) or 2
    encoding = build(own.encoding, TRAINING)
    longest = _fix_length(own, encoding.shortest)
    lengths = torch.tensor([max(longest * length // LENGTHS[0], encoding.shortest) for length in LENGTHS])
    random = torch.Generator().manual_seed(SEED)
    net = build(own.model, TRAINING, n_symbols=encoding.n_symbols, n_classes=n_names)
    loss_name(own.loss._target_, prediction)
    loss = build(own.loss, TRAINING, **take_facts(own.loss._target_, _facts(prediction, n_names)))
    y = _targets(prediction, lengths, n_names, random)
    spec = _spec(own, prediction, n_names, loss)
    return Sample(
        encoding=encoding,
        net=net.eval(),
        loss=loss,
        augmentation=build(own.augmentation, TRAINING),
        metrics=build_metrics(own, prediction, n_names, getattr(loss, "values", None)),
        prediction=prediction,
        strands=own.strands,
        spec=spec,
        codes=_codes(lengths, random),
        lengths=lengths,
        y=y,
    )


def _fix_length(cfg: DictConfig, shortest: int) -> int:
    """Return the bases of the longest record; a model that needs them and does not say how many gets them."""
    given = cfg.model.get("length")
    longest = given or max(LENGTHS[0], 2 * shortest)
    if "length" in cfg.model and given is None:
        with open_dict(cfg):
            cfg.model.length = longest
    return longest


def _codes(lengths: Tensor, random: torch.Generator) -> Tensor:
    codes = torch.randint(0, 4, (len(lengths), int(lengths.max())), generator=random, dtype=torch.uint8)
    codes[0, 5] = 4  # N
    codes[torch.arange(codes.shape[1]) >= lengths[:, None]] = PAD
    return codes


def _targets(prediction: PredictionTask, lengths: Tensor, n_names: int, random: torch.Generator) -> Tensor:
    """Draw targets as Targets.batch gives them."""
    n = len(lengths)
    if prediction is CLASSIFICATION:
        return torch.arange(n) % n_names
    if prediction is MULTILABEL or prediction is REGRESSION:
        drawn = torch.rand(n, n_names, generator=random)
        return drawn.round() if prediction is MULTILABEL else drawn
    drawn = torch.randint(0, n_names, (n, int(lengths.max())), generator=random)
    return torch.where(torch.arange(drawn.shape[1]) < lengths[:, None], drawn, IGNORED)


def _facts(prediction: PredictionTask, n_names: int) -> dict[str, object]:
    """Return facts about training records, as Targets.facts gives them."""
    if prediction is MULTILABEL:
        return {"label_counts": np.full(n_names, 3), "records": 6}
    if prediction is REGRESSION:
        return {"values": np.linspace(0.5, 2, 6 * n_names).reshape(6, n_names)}
    return {"class_counts": np.full(n_names, 3)}


def _spec(cfg: DictConfig, prediction: PredictionTask, n_names: int, loss: nn.Module) -> BundleSpec:
    about: dict[str, Any] = {"data": "random", "model": "model", "encoding": "encoding", "dealt": "0"}
    return new_spec(
        architecture=plain(cfg.model),
        encoding=plain(cfg.encoding),
        loss=loss,
        classes=[chr(ord("a") + i) for i in range(n_names)],
        task=prediction.names[n_names > 2] if prediction is CLASSIFICATION else prediction.names[0],
        strands=prediction_strands(cfg.strands),
        lengths=LengthPolicy(),
        training=Training(**about, n=len(LENGTHS), seed=1, files={}),
    )

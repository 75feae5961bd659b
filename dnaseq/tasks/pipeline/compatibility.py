"""Whether what is chosen for a training goes with what its records are labelled with."""

import torch
from omegaconf import DictConfig
from torch import nn

from dnaseq.build import TRAINING, build
from dnaseq.data.dataset import LabelledSet
from dnaseq.errors import ConfigError


def check_task(cfg: DictConfig, net: nn.Module, data: LabelledSet) -> None:
    """Raise ConfigError for a loss, a network or a setting of another task, InputError for a count below 0."""
    due = data.targets.prediction.is_per_base
    _check_loss(cfg, data)
    if due:
        _check_labelling(cfg)
    per_base = _answers_per_base(cfg, net)
    if per_base != due:
        how = "model=labeller_bilstm or labeller_cnn" if due else "another model"
        what = "a base" if per_base else "a record"
        needs = f"which is not what {data.targets.task} needs"
        raise ConfigError(f"the model has one answer {what}, {needs}. Use {how}")


def _check_loss(cfg: DictConfig, data: LabelledSet) -> None:
    losses = data.targets.prediction.losses
    chosen = losses.get(cfg.loss._target_.rpartition(".")[2])
    if chosen is None:
        known = " or ".join(f"loss={name}" for name in losses.values())
        raise ConfigError(f"the loss is none for {data.targets.task}. Use {known}")
    if chosen == "poisson":
        data.targets.check_counts()


def _check_labelling(cfg: DictConfig) -> None:
    """What would part the bases of a record from their labels."""
    if build(cfg.encoding, TRAINING).shortest > 1:
        raise ConfigError("labelling needs an encoding with a row for every base. Use encoding=onehot")
    if cfg.data.length_policy == "trim":
        fix = "Use data.length_policy=tile"
        raise ConfigError(f"data.length_policy=trim would leave bases without a label. {fix}")
    if cfg.augmentation.shift:
        fix = "Use augmentation.shift=0"
        raise ConfigError(f"augmentation.shift would move bases from under their labels. {fix}")
    if cfg.sampler != "none":
        raise ConfigError(f"sampler={cfg.sampler}: a record has labels of all kinds. Use sampler=none")


def _answers_per_base(cfg: DictConfig, net: nn.Module) -> bool:
    """Whether the network's answer for the shortest record is one for each base."""
    encoding = build(cfg.encoding, TRAINING)
    codes, lengths = torch.zeros(1, encoding.shortest, dtype=torch.uint8), torch.tensor([encoding.shortest])
    net.eval()
    with torch.inference_mode():
        answer = net(encoding(codes), encoding.lengths(lengths))
    net.train()
    return answer.ndim == 3

"""What the tasks build from a configuration before any work: the data and how they are read."""

import functools
from pathlib import Path

from omegaconf import DictConfig, OmegaConf

from dnaseq.build import TRAINING, build
from dnaseq.data.datamodule import SequenceDataModule
from dnaseq.data.labelled_set import labelled_set
from dnaseq.data.lengths import LengthPolicy
from dnaseq.io.reading import Reading

READING = ("dnaseq.io.",)


def reading_of(cfg: DictConfig) -> Reading:
    return build(cfg.reading, READING)


def datamodule_of(cfg: DictConfig, encoding, classes: list[str] | None = None) -> SequenceDataModule:
    """The DataModule of a training or evaluation; `classes` overrides those of the data's configuration."""
    deal = functools.partial(
        labelled_set,
        split=build(cfg.split, TRAINING),
        leaks=cfg.leaks,
        classes=classes or OmegaConf.to_container(cfg.data)["classes"],
        rename=OmegaConf.to_container(cfg.data.rename),
        stranded=cfg.data.stranded,
    )
    return SequenceDataModule(
        source=build(cfg.data.source, TRAINING),
        reading=reading_of(cfg),
        deal=deal,
        encoding=encoding,
        lengths=LengthPolicy(cfg.data.length_policy, cfg.data.length),
        batch_size=cfg.batch_size,
        seed=cfg.seed,
        num_workers=cfg.get("num_workers", 0),
        cache=Path(cfg.cache_dir).expanduser() if cfg.cache_dir else None,
    )

"""What the tasks build from a configuration before any work: the data and how they are read."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from omegaconf import DictConfig, OmegaConf

from dnaseq.build import TRAINING, build
from dnaseq.data.datamodule import SequenceDataModule
from dnaseq.data.dataset import LabelledSet, Plan
from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.data.strandedness import ONE
from dnaseq.data.targets.classes import Classes, Reader
from dnaseq.errors import ConfigError
from dnaseq.evaluation.baselines.fitting import MOST_RECORDS, Examples
from dnaseq.tasks.config.paths import one_path, reading_of
from dnaseq.tasks.pipeline.pretrained import take_vectors


def _renames(given: dict[object, object]) -> dict[str, str]:
    """Label -> class, as text. Raises ConfigError for a list, and for nothing."""
    for label, name in given.items():
        if not isinstance(name, str | int | float):
            raise ConfigError(f"data.rename.{label} must be the name of a class; got {name!r}")
    return {str(label): str(name) for label, name in given.items()}


def datamodule_of(
    cfg: DictConfig,
    encoding,
    classes: list[str] | None = None,
    lengths: LengthPolicy | None = None,
    targets: Reader | None = None,
) -> SequenceDataModule:
    """The DataModule of a training or evaluation; a bundle's classes, lengths and way to read labels override those
    of the configuration."""
    data = OmegaConf.to_container(cfg.data, resolve=True)
    lengths = lengths or LengthPolicy(data["length_policy"], data["length"])
    plan = Plan(
        split=build(cfg.split, TRAINING),
        lengths=lengths,
        leaks=cfg.leaks,
        classes=classes or data["classes"],
        rename=_renames(data["rename"]),
        stranded=data["stranded"],
        similarity=build(cfg.similarity, TRAINING),
        targets=targets or (build(cfg.task, TRAINING) if "task" in cfg else Classes),
    )
    return SequenceDataModule(
        source=build(cfg.data.source, TRAINING),
        reading=reading_of(cfg),
        plan=plan,
        encoding=encoding,
        batch_size=cfg.get("batch_size", 64),  # an audit makes no batches
        seed=cfg.seed,
        num_workers=cfg.get("num_workers", 0),
        strands=cfg.get("strands", ONE),  # an evaluation takes the bundle's
        sampler=cfg.get("sampler", "none"),
        shuffle=cfg.get("shuffle", "full"),
        device_resident=cfg.get("device_resident", False),
        augmentation=build(cfg.augmentation, TRAINING) if "augmentation" in cfg else None,
        cache=Path(one_path("cache_dir", cfg.cache_dir)).expanduser() if cfg.cache_dir else None,
    )


def training_data_of(
    cfg: DictConfig, encoding, known: SequenceDataModule | None = None
) -> SequenceDataModule:
    """The DataModule of a training, set up; with the records of `known`, another one of the same data.

    Raises ConfigError where no training file is given.
    """
    module = datamodule_of(cfg, encoding)
    if "train" not in module.source.files:
        raise ConfigError("data.train must be given: data.train=FILE")
    if known is not None:
        module.data, module.lengths = known.data, known.lengths
    module.setup()
    return module


def data_of(cfg: DictConfig) -> SequenceDataModule:
    """The DataModule that a configuration of a training describes, set up; take_vectors changes `cfg`."""
    take_vectors(cfg)  # which say the k that the encoding needs
    return training_data_of(cfg, build(cfg.encoding, TRAINING))


class Texts(Sequence):
    """A text for each of (n,) rows, made whenever it is asked for: letters of millions of records take gigabytes."""

    def __init__(self, text_of: Callable[[int], str], rows: np.ndarray):
        self.text_of, self.rows = text_of, rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: int) -> str:
        return self.text_of(int(self.rows[place]))


def examples_of(data: LabelledSet, rows: np.ndarray, places: np.ndarray | None = None) -> Examples:
    """Records as simple models take them: codes, classes, ids and, where given, their (n,) places in their files."""
    offsets = data.store.offsets
    starts = np.asarray(offsets[rows], dtype=np.int64)
    ids = Texts(data.store.id, rows)
    if len(rows) <= MOST_RECORDS + len(data.classes):  # each class of a sample is rounded
        ids = list(ids)
    places = None if places is None else places[rows]
    return Examples(data.store.codes, starts, offsets[rows + 1] - starts, data.y[rows], ids, places)


def files_of(data: LabelledSet) -> dict[str, list[dict[str, str]]]:
    """The files of every part: name, SHA-256, and whether the model was fitted or selected on records of it."""
    learned = data.parts_of(data.rows("train", "val"))
    return {
        part: [
            {"file": Path(path).name, "sha256": sha, "learned": part in learned}
            for path, sha in files.items()
        ]
        for part, files in data.files.items()
    }

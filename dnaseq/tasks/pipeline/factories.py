"""Factories of the data: what a configuration says of them becomes a DataModule, examples and lists of files."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, overload

import numpy as np
from omegaconf import DictConfig, OmegaConf, open_dict

from dnaseq.build import TRAINING, arguments_of, build
from dnaseq.data.datamodule import Loading, SequenceDataModule
from dnaseq.data.dataset import LabelledSet, Plan, Source
from dnaseq.data.records.hashing import file_sha256
from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.data.targets.classes import Classes, LabelSets, Reader
from dnaseq.encode.encoding import Encoding
from dnaseq.errors import ConfigError
from dnaseq.evaluation.baselines.fitting import MOST_RECORDS, Examples
from dnaseq.schemas import LabelledFile
from dnaseq.tasks.config.paths import one_path, reading_of
from dnaseq.tasks.config.validation import plain
from dnaseq.tasks.pipeline.initial_network import open_source
from dnaseq.tasks.runs.learned_records import compare_with_init
from dnaseq.training.pretrained import Pretrained, kmer_vectors

LOADING = [setting.name for setting in fields(Loading)]  # keys of the configuration


def take_vectors(cfg: DictConfig) -> Pretrained | None:
    """Read encoding.vectors and make `cfg` a configuration that no longer needs the file; None without that key.

    The file sets encoding.k and model.embed.d_out. encoding.vectors and encoding.freeze are deleted, for the encoding
    of a bundle must open no file, and `pretrained` is added: the file's name and SHA-256. Raises ConfigError for a
    value that does not fit the file, and InputError for a file that does not hold k-mer vectors.
    """
    if OmegaConf.is_missing(cfg.encoding, "vectors"):
        raise ConfigError("encoding.vectors must be given: encoding.vectors=FILE")
    if "vectors" not in cfg.encoding:
        return None
    path = str(Path(cfg.encoding.vectors).expanduser())
    found = kmer_vectors(path, cfg.encoding.k)
    size = found.vectors.shape[1]
    if cfg.model.embed.d_out not in (None, size):
        raise ConfigError(
            f"{path} has vectors of {size} numbers. Leave model.embed.d_out={cfg.model.embed.d_out} out"
        )
    with open_dict(cfg):
        cfg.encoding.k, cfg.model.embed.d_out = len(next(iter(found.rows))), size
        cfg.model.embed.freeze = cfg.model.embed.freeze  # its value, not a reference
        del cfg.encoding.vectors, cfg.encoding.freeze
        cfg.pretrained = {"file": Path(path).name, "sha256": file_sha256(path)}
    return found


def vectors_sha(cfg: DictConfig) -> str | None:
    """Return the SHA-256 of the file that take_vectors has read for this configuration."""
    return cfg.pretrained.sha256 if "pretrained" in cfg else None


def _renames(given: dict[object, object]) -> dict[str, str]:
    """Return label -> class, as text. Raises ConfigError for a list or null in place of a class."""
    for label, name in given.items():
        if not isinstance(name, str | int | float):
            raise ConfigError(f"data.rename.{label} must be the name of a class; got {name!r}")
    return {str(label): str(name) for label, name in given.items()}


def build_datamodule(
    cfg: DictConfig,
    encoding: Encoding,
    classes: list[str] | None = None,
    lengths: LengthPolicy | None = None,
    targets: Reader | None = None,
) -> SequenceDataModule:
    """Build the DataModule of a training or evaluation; a bundle's classes, lengths and targets override those of the
    configuration."""
    data = plain(cfg.data)
    reader = targets or (build(cfg.task, TRAINING) if "task" in cfg else Classes)
    lengths = lengths or LengthPolicy(data["length_policy"], data["length"])
    source = _build_source(cfg, reader)
    plan = Plan(
        split=build(cfg.split, TRAINING),
        lengths=lengths,
        leaks=cfg.leaks,
        classes=classes or data["classes"],
        rename=_renames(data["rename"]),
        stranded=data["stranded"],
        similarity=build(cfg.similarity, TRAINING),
        targets=reader,
        first_class=getattr(source, "negative", None),
    )
    return SequenceDataModule(
        source=source,
        reading=reading_of(cfg),
        plan=plan,
        encoding=encoding,
        loading=_loading(cfg),
        cache=Path(one_path("cache_dir", cfg.cache_dir)) if cfg.cache_dir else None,
    )


def _build_source(cfg: DictConfig, reader: Reader) -> Source:
    """Build the source of the records, which may need to know if a label is a set of labels."""
    more: dict[str, Any] = {}
    if "label_sets" in (arguments_of(cfg.data.source._target_) or ()):
        more["label_sets"] = getattr(reader, "func", reader) is LabelSets
    return build(cfg.data.source, TRAINING, **more)


def _loading(cfg: DictConfig) -> Loading:
    """Read how a task makes batches: an audit makes none, and an evaluation takes the strands of the bundle."""
    found = {key: cfg[key] for key in LOADING if key in cfg}
    if "augmentation" in found:
        found["augmentation"] = build(cfg.augmentation, TRAINING)
    return Loading(**found)


def training_data_of(
    cfg: DictConfig, encoding: Encoding, known: SequenceDataModule | None = None
) -> SequenceDataModule:
    """Build the DataModule of a training and set it up; with the records of `known`, another one of the same data.

    Raises ConfigError where no training file is given.
    """
    if known is None:
        module = build_datamodule(cfg, encoding)
        if "train" not in module.source.files:
            raise ConfigError("data.train must be given: data.train=FILE")
    else:
        module = SequenceDataModule(
            known.source, known.reading, known.plan, encoding, _loading(cfg), known.cache
        )
        module.data, module.lengths = known.data, known.lengths
    module.setup()
    if known is None and cfg.get("init") is not None:
        source = open_source(cfg)
        module.data = compare_with_init(module.data, source.folder, source.bundle.spec, cfg.leaks)
    return module


def load_data(cfg: DictConfig, known: SequenceDataModule | None = None) -> SequenceDataModule:
    """Build the DataModule of a training from its configuration and set it up; take_vectors changes `cfg`."""
    take_vectors(cfg)  # the encoding needs their k
    return training_data_of(cfg, build(cfg.encoding, TRAINING), known)


class Texts(Sequence[str]):
    """A text for each of (n,) rows, made on every access: the letters of millions of records take gigabytes."""

    def __init__(self, text_of: Callable[[int], str], rows: np.ndarray):
        self.text_of, self.rows = text_of, rows

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> "Texts": ...

    def __getitem__(self, place: int | slice) -> "str | Texts":
        if isinstance(place, slice):
            return Texts(self.text_of, self.rows[place])
        return self.text_of(int(self.rows[place]))


def make_examples(data: LabelledSet, rows: np.ndarray, places: np.ndarray | None = None) -> Examples:
    """Convert records for simple models: codes, classes, ids and, where given, their (n,) places in their files."""
    offsets = data.store.offsets
    starts = np.asarray(offsets[rows], dtype=np.int64)
    ids: Sequence[str] = Texts(data.store.own_id, rows)
    if len(rows) <= MOST_RECORDS + len(data.classes):  # each class of a sample is rounded
        ids = list(ids)
    places = None if places is None else places[rows]
    return Examples(data.store.codes, starts, offsets[rows + 1] - starts, data.y[rows], ids, places)


def list_files(data: LabelledSet) -> dict[str, list[LabelledFile]]:
    """List the files of every part."""
    learned = data.parts_of(data.rows("train", "val"))
    return {
        part: [LabelledFile(Path(path).name, sha, part in learned) for path, sha in files.items()]
        for part, files in data.files.items()
    }

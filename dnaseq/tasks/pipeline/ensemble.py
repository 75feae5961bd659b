"""The networks of one bundle: one, or the members of an ensemble, trained one after the other."""

import csv
import logging
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytorch_lightning as pl
import torch
from omegaconf import DictConfig, open_dict

from dnaseq.build import TRAINING, build
from dnaseq.data.datamodule import SequenceDataModule
from dnaseq.errors import ConfigError
from dnaseq.io.atomic import write_text
from dnaseq.schemas import InitialNetwork
from dnaseq.tasks.config.validation import plain
from dnaseq.tasks.pipeline.factories import take_vectors, training_data_of
from dnaseq.tasks.pipeline.initial_network import start_network
from dnaseq.tasks.pipeline.second_start import is_second, learnt_nothing, second_seed, set_aside
from dnaseq.tasks.pipeline.trainer_setup import build_lit_model, build_trainer
from dnaseq.training.lightning_module import LitModel
from dnaseq.training.pretrained import fill
from dnaseq.training.resumption import has_ended, newest_checkpoint, take_best
from dnaseq.training.trainer import fit

MEMBERS = "members"  # the folder of an ensemble's trainings, in the run folder
ENSEMBLE = "dnaseq.models.ensemble.Ensemble"
logger = logging.getLogger("dnaseq")


class Member(NamedTuple):
    """One training: its objects are built, nothing is written yet."""

    cfg: DictConfig
    folder: Path
    trainer: pl.Trainer
    lit: LitModel
    module: SequenceDataModule
    initial: InitialNetwork | None = None  # what it began with

    @property
    def n_weights(self) -> int:
        return sum(p.numel() for p in self.lit.net.parameters())


def prepare_member(cfg: DictConfig, folder: Path, module: SequenceDataModule | None = None) -> Member:
    """Build the training of a configuration, with the data of `module` where they are read already."""
    seed = second_seed(cfg.seed) if is_second(folder) else cfg.seed
    pl.seed_everything(seed, workers=True, verbose=False)
    cfg, trainer = cfg.copy(), build_trainer(cfg, folder)
    vectors = take_vectors(cfg)
    encoding = build(cfg.encoding, TRAINING)
    module = training_data_of(cfg, encoding, module)
    _fix_length(cfg, module)
    names = {"n_symbols": encoding.n_symbols, "n_classes": len(module.data.targets.names)}
    net = build(cfg.model, TRAINING, **names)
    if vectors is not None:
        fill(net, vectors, encoding.k)
    tuning, initial = start_network(cfg, net)
    return Member(cfg, folder, trainer, build_lit_model(cfg, net, module, tuning), module, initial)


def member_seeds(seed: int, count: int) -> list[int]:
    """Return the seeds of the members; ensembles of neighbouring seeds share none. One network has the seed itself."""
    if count == 1:
        return [seed]
    return np.random.SeedSequence(seed).generate_state(count).tolist()


def seed_members(cfg: DictConfig) -> list[DictConfig]:
    """Return the configurations of `cfg.ensemble` members, which differ in their seeds alone."""
    members = [cfg.copy() for _ in range(cfg.ensemble)]
    for number, (own, seed) in enumerate(zip(members, member_seeds(cfg.seed, cfg.ensemble), strict=True)):
        own.seed = seed
        if own.get("init") is not None:
            with open_dict(own):
                own.init_member = number
    return members


def member_folders(folder: Path, count: int) -> list[Path]:
    """Return the folder of each training, for its checkpoints and its history: of one, the run folder itself."""
    return [folder] if count == 1 else [folder / MEMBERS / f"{i + 1:02d}" for i in range(count)]


def train_members(first: Member, configurations: list[DictConfig], folder: Path) -> list[Member]:
    """Train every member that is not trained yet; `first` is the first of them."""
    members = []
    folders = member_folders(folder, len(configurations))
    for number, (cfg, place) in enumerate(zip(configurations, folders, strict=True)):
        member = prepare_member(cfg, place, first.module) if number else first
        if len(folders) > 1:
            logger.info("member %d of %d", number + 1, len(folders))
        train(member)
        if _starts_again(member):
            logger.info(
                "note: the network has learnt nothing, as its validation loss stayed that of the class frequencies. It "
                "is trained once more, from other weights"
            )
            set_aside(place)
            member = prepare_member(cfg, place, first.module)
            train(member)
        members.append(member)
    if len(folders) > 1:
        _join_histories(folder, folders)
    return members


def train(member: Member) -> None:
    """Fit or resume, and give the network the weights of its best epoch."""
    member.folder.mkdir(parents=True, exist_ok=True)
    last = newest_checkpoint(member.folder, member.lit.run)
    if not (last and has_ended(last.content, member.cfg.max_epochs, member.cfg.patience)):
        fit(member.trainer, member.lit, member.module, last and last.path)
    take_best(member.lit.net, member.folder, member.lit.run)


def _starts_again(member: Member) -> bool:
    """True if a training wants a second start: not from the weights of a bundle, nor with several processes."""
    if not member.cfg.get("second_start", False) or is_second(member.folder):
        return False
    if member.initial is not None or member.trainer.world_size > 1:
        return False
    return learnt_nothing(member.folder, member.lit, member.module)


def join_members(members: list[Member]) -> tuple[torch.nn.Module, dict]:
    """Return the network of all members on the CPU, in evaluation mode, and the configuration that builds it."""
    own = [plain(member.cfg.model) for member in members]
    if len(members) == 1:
        return members[0].lit.net, own[0]
    encoding, targets = members[0].module.encoding, members[0].module.data.targets
    # labels that do not exclude each other, and numbers, have no softmax to average
    average = "probabilities" if targets.prediction.has_exclusive_outputs else "outputs"
    parts = [{**one, "_partial_": True} for one in own]
    architecture = {"_target_": ENSEMBLE, "members": parts, "average": average}
    net = build(architecture, TRAINING, n_symbols=encoding.n_symbols, n_classes=len(targets.names))
    for part, member in zip(net.members, members, strict=True):
        part.load_state_dict(member.lit.net.state_dict())
    return net, architecture


def _fix_length(cfg: DictConfig, module: SequenceDataModule) -> None:
    """Give a model of positions without a length that of the longest record, and refuse longer records later.

    Raises ConfigError where its length is shorter than a record.
    """
    if "length" not in cfg.model:
        return
    rows = module.data.rows("train", "val", "test")
    longest = int(module.lengths.windows(np.asarray(module.data.store.lengths)[rows]).length.max())
    if cfg.model.length is None:
        cfg.model.length = longest
    if cfg.model.length < longest:
        what = f"model.length={cfg.model.length}, but a record has {longest} bases"
        raise ConfigError(f"{what}. Raise it, or use data.length_policy=trim")
    module.lengths = module.lengths.at_most(cfg.model.length)


def _join_histories(folder: Path, folders: list[Path]) -> None:
    """Write history.csv of an ensemble: those of its members, with a first column that counts them from 1."""
    lines: list[list[str]] = []
    for number, place in enumerate(folders):
        with (place / "history.csv").open(newline="") as handle:
            header, *rows = csv.reader(handle)
        lines += [["member", *header]] * (not number) + [[str(number + 1), *row] for row in rows]
    write_text(folder / "history.csv", "".join(f"{','.join(line)}\n" for line in lines))

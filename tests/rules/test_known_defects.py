"""Defects that programs of this field have shipped, each as a claim that fails where we have it: data, losses, code.

Those that show only in a finished training are in test_known_defects_of_runs.py.
"""

import json
import re
from dataclasses import replace
from itertools import chain, pairwise
from pathlib import Path

import dnaseq.conf
import hydra
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from omegaconf import OmegaConf
from specs import make_spec
from torch import nn
from torchmetrics.functional.classification import binary_auroc

from dnaseq.build import TRAINING, build
from dnaseq.bundle.bundle import SPEC, load_bundle, save_bundle
from dnaseq.bundle.spec import spec_hash
from dnaseq.data.datamodule import Loading, SequenceDataModule
from dnaseq.data.dataset import Plan
from dnaseq.data.records.batching import Batch
from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.data.sources.files import ClassFiles, Fasta
from dnaseq.data.splits.splits import Given
from dnaseq.encode.alphabet import PAD, to_codes, to_letters
from dnaseq.encode.onehot import OneHot
from dnaseq.encode.revcomp import reverse_complement
from dnaseq.errors import InputError, ModelFileError
from dnaseq.io.sequences.reading import Reading
from dnaseq.prediction_task import CLASSIFICATION
from dnaseq.training.lightning_module import LitModel
from dnaseq.training.monitor_metrics import MonitorMetrics

CONF = Path(dnaseq.conf.__file__).parent
SPLITS = sorted(path.stem for path in CONF.glob("split/*.yaml"))
LOSSES = sorted(path.stem for path in CONF.glob("loss/*.yaml"))
N, LENGTH = 90, 30
STRATEGY = settings(max_examples=8, suppress_health_check=list(HealthCheck))


def composed(*overrides: str):
    with hydra.initialize_config_module("dnaseq.conf", version_base="1.3"):
        return hydra.compose("train", overrides=list(overrides))


def module_of(source, split=None, lengths=None, batch_size=16, **more) -> SequenceDataModule:
    split = split or Given(val=0.2, test=0.2, seed=0)
    reading = Reading(bad_records=more.pop("bad_records", "fail"))
    plan = Plan(split, lengths or LengthPolicy(), **more)
    module = SequenceDataModule(source, reading, plan, OneHot(), Loading(batch_size))
    module.setup()
    return module


def letters_of(loader) -> list[str]:
    """The records of a loader, in its order, without their padding."""
    return [to_letters(codes[codes != PAD].numpy()) for batch in loader for codes in batch.x]


def letters_of_rows(module: SequenceDataModule, part: str) -> list[str]:
    blocks = module.data.store.blocks(module.data.rows(part))
    return [to_letters(b.codes[i:j]) for b in blocks for i, j in pairwise(b.offsets)]


@pytest.fixture(scope="module")
def records(random_sequence) -> dict[str, str]:
    """Header -> letters: nine chromosomes of both classes, no two records alike."""
    return {f"chr{i % 9}:{i} label={'ab'[i % 2]}": random_sequence(LENGTH, i) for i in range(N)}


@pytest.fixture(scope="module")
def fasta(records, tmp_path_factory) -> str:
    return written(tmp_path_factory.mktemp("known") / "all.fa", records)


def written(path: Path, records: dict[str, str]) -> str:
    path.write_text("".join(f">{header}\n{letters}\n" for header, letters in records.items()))
    return str(path)


def test_the_meaning_of_a_class_does_not_depend_on_the_order_of_files(tmp_path, records):
    """Classes were numbered as the file system lists their folders, so positives became negatives elsewhere."""
    own = {name: {h: s for h, s in records.items() if h.endswith(name)} for name in "ab"}
    paths = {name: written(tmp_path / f"{name}.fa", part) for name, part in own.items()}
    for order in ("ab", "ba"):
        for source in (ClassFiles({n: paths[n] for n in order}), Fasta([paths[n] for n in order])):
            data = module_of(source).data
            assert data.classes == ("a", "b")
            for row, name in enumerate(data.store.ids(np.arange(N))):
                assert data.classes[data.y[row]] == "ab"[int(name.split(":")[1]) % 2]


@pytest.mark.parametrize("name", SPLITS)
def test_what_the_loaders_give_are_the_parts_of_a_partition(fasta, records, name):
    """Row numbers were negated as if they were a mask, so that most of validation was training; elsewhere the parts
    were named by words and asked for as true and false, so that nothing was in any of them."""

    usual = build(composed(f"split={name}").split, TRAINING)

    @STRATEGY
    @given(seed=st.integers(0, 1000), val=st.floats(0.1, 0.4), fold=st.integers(0, 4))
    def holds(seed, val, fold):
        extra = {"fold": fold} if name == "kfold" else {}
        module = module_of(Fasta(fasta), replace(usual, seed=seed, val=val, **extra))
        seen = letters_of(module.train_dataloader()), letters_of(module.val_dataloader())
        parts = [*seen, letters_of_rows(module, "test")]
        assert all(parts[:2])
        assert bool(parts[2]) == (name != "untested")
        # every record once, in one part
        assert sorted(chain.from_iterable(parts)) == sorted(records.values())

    holds()


def test_a_fold_is_never_stopped_by_the_records_that_it_is_judged_on(fasta):
    """The fold that ended the training was the fold that was reported."""
    judged = []
    split = build(composed("split=kfold").split, TRAINING)
    for fold in range(split.folds):
        module = module_of(Fasta(fasta), replace(split, fold=fold))
        test = letters_of_rows(module, "test")
        assert not set(test) & set(letters_of(module.val_dataloader()))
        judged += test
    assert len(set(judged)) == len(judged) == N


def test_a_validation_file_that_is_the_test_file_is_refused(tmp_path, fasta, random_sequence):
    """Users were told to give one file for both, so the model was chosen by its judge."""
    new = {f"t{i} label={'ab'[i % 2]}": random_sequence(LENGTH, 1000 + i) for i in range(20)}
    test = written(tmp_path / "test.fa", new)
    renamed = written(tmp_path / "val.fa", {header.replace("t", "v", 1): s for header, s in new.items()})
    for val, message in ((test, "twice|already|again"), (renamed, "no record of the val file")):
        with pytest.raises(InputError, match=message):
            module_of(Fasta(fasta, val, test))


def test_a_record_that_is_said_to_be_dropped_is_in_no_batch(tmp_path, records, random_sequence):
    """Records were announced as dropped and trained on all the same."""
    new = {f"t{i} label={'ab'[i % 2]}": random_sequence(LENGTH, 1000 + i) for i in range(20)}
    copies = {f"copy_{header}": letters for header, letters in list(new.items())[:5]}
    odd = {"short label=a": "ACGT" * 5, "letter label=b": "ACGJ" * 8}
    train = written(tmp_path / "train.fa", records | copies | odd)
    source = Fasta(train, None, written(tmp_path / "test.fa", new))
    module = module_of(source, lengths=LengthPolicy("error", LENGTH), bad_records="keep")
    assert module.data.rejected["train"] == 2
    assert (module.data.split == "dropped").sum() == len(
        copies
    ) + 1  # of the two rejected one is in the store
    seen = letters_of(module.train_dataloader()) + letters_of(module.val_dataloader())
    assert sorted(seen) == sorted(records.values())


def test_validation_records_come_as_they_are_and_in_their_order(fasta):
    """Validation went through the random transforms of training, so its score was of other records every epoch."""
    module = module_of(Fasta(fasta))
    for _ in range(2):
        assert letters_of(module.val_dataloader()) == letters_of_rows(module, "val")
    assert letters_of(module.train_dataloader()) != letters_of_rows(module, "train")


def test_several_processes_double_no_validation_record(fasta, monkeypatch):
    """A sampler for several processes repeated records to even out their shares, and scores counted them twice."""
    module, seen = module_of(Fasta(fasta), batch_size=4), []
    for rank in range(3):
        for name, value in (("is_initialized", True), ("get_rank", rank), ("get_world_size", 3)):
            monkeypatch.setattr(torch.distributed, name, lambda value=value: value)
        seen += letters_of(batch for batch in module.val_dataloader() if batch.counted)
    assert sorted(seen) == sorted(letters_of_rows(module, "val"))


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_is_a_number_with_a_gradient(name):
    """A loss function ended without a return."""
    classes = {"class_counts": np.array([3, 3, 3])}, torch.tensor([0, 1, 2] * 3)
    labels = {"label_counts": np.array([3, 3, 3]), "records": 9}, torch.eye(3).repeat(3, 1)
    numbers = {"values": np.arange(27.0).reshape(9, 3)}, torch.arange(27.0).view(9, 3)
    facts, y = {"binary_cross_entropy": labels, "mse": numbers, "poisson": numbers}.get(name, classes)
    loss = build(composed(f"loss={name}").loss, TRAINING, **facts)
    logits = torch.randn(9, 3, requires_grad=True)
    losses, weights = loss(logits, y)
    (losses.sum() / weights.sum()).backward()
    assert losses.shape == weights.shape == (9,)
    assert torch.isfinite(losses).all()
    assert torch.isfinite(logits.grad).all()
    assert logits.grad.abs().sum(dim=1).min() > 0


class Table(nn.Module):
    """A network whose logits of record i are x[0, i]."""

    def forward(self, x, lengths):
        return x[0]


def watched(sizes: tuple[int, ...]) -> tuple[LitModel, dict, list[Batch]]:
    """A LightningModule with the usual loss, what it logs, and batches of random logits."""
    loss = build(composed().loss, TRAINING, class_counts=np.array([1, 1]))
    lit, logged = LitModel(Table(), loss, None, None, MonitorMetrics(CLASSIFICATION, 2), seed=1), {}
    lit.log = lambda name, value, **_: logged.update({name: value})
    lit.log_dict = logged.update
    generator = torch.Generator().manual_seed(0)
    batches = [
        Batch(
            torch.randn(1, n, 2, generator=generator) * 8 / n,  # of short batches the loss is another
            torch.ones(n, dtype=torch.long),
            torch.arange(n) % 2,
        )
        for n in sizes
    ]
    return lit, logged, batches


def test_the_loss_is_that_of_the_logits_and_no_softmax_comes_before_it():
    """The network ended in a sigmoid and so did the loss, so that nothing could be told with certainty."""
    lit, _, (batch,) = watched((16,))
    expected = nn.functional.cross_entropy(batch.x[0], batch.y)
    assert float(lit.training_step(batch, 0)) == pytest.approx(float(expected), rel=1e-6)


def test_the_loss_and_the_area_of_an_epoch_are_those_of_all_its_records():
    """Both were plain means over batches: a last batch of one record counted as much as a full one, and the mean of
    areas is no area."""
    lit, logged, batches = watched((16, 16, 2))
    for batch in batches:
        lit.training_step(batch, 0)
        lit.validation_step(batch, 0)
    lit.on_validation_epoch_end()
    logits, y = torch.cat([b.x[0] for b in batches]), torch.cat([b.y for b in batches])
    expected = float(nn.functional.cross_entropy(logits, y))
    assert float(logged["val/loss"]) == pytest.approx(expected, rel=1e-6)
    assert float(logged["train/loss"]) == pytest.approx(expected, rel=1e-6)
    area = binary_auroc(logits.softmax(-1)[:, 1], y)
    assert float(logged["val/auroc"]) == pytest.approx(float(area), rel=1e-6)


def test_the_reverse_complement_is_not_the_complement():
    """A function of that name gave the other strand from its wrong end."""
    codes = torch.from_numpy(np.stack([to_codes("AACGT"), to_codes("ACCGA")]))
    turned = reverse_complement(codes, torch.tensor([5, 4]))
    assert [to_letters(row.numpy()) for row in turned[:, :4]] == ["ACGT", "CGGT"]
    assert to_letters(turned[0].numpy()) == "ACGTT"


def test_no_configuration_calls_a_resolver_but_the_time():
    """A resolver that evaluates Python ran commands from a configuration file."""
    called = {
        (path.name, name)
        for path in CONF.rglob("*.yaml")
        for name in re.findall(r"\$\{\s*([\w.]+)\s*:", path.read_text())
    }
    assert {name for _, name in called} <= {"now"}
    assert not any(OmegaConf.has_resolver(name) for name in ("eval", "exec", "python", "py", "shell"))


@pytest.mark.parametrize(
    "node",
    [
        {"_target_": "pathlib.Path.touch", "self": "CANARY"},
        {"_target_": "os.system", "command": "touch CANARY"},
        {"_target_": "hydra.utils.get_method", "path": "os.system"},
        {"_target_": "dnaseq.models.head.Linear", "dropout": '${eval:\'open("CANARY", "w")\'}'},
    ],
)
def test_a_bundle_that_names_code_is_refused_and_none_of_it_runs(tmp_path, monkeypatch, node):
    """What a downloaded configuration named was called, whatever it was."""
    monkeypatch.chdir(tmp_path)
    OmegaConf.register_new_resolver("eval", lambda code: eval(code), replace=True)
    try:
        bundle = small_bundle(tmp_path / "bundle")
        assert load_bundle(bundle).spec.classes == ["a", "b"]
        spec = json.loads((bundle / SPEC).read_text())
        spec["architecture"]["head"] = node
        spec["sha256"]["spec"] = spec_hash(spec)
        (bundle / SPEC).write_text(json.dumps(spec))
        with pytest.raises(ModelFileError, match=r"not allowed here|is a reference"):
            load_bundle(bundle)
    finally:
        OmegaConf.clear_resolver("eval")
    assert not (tmp_path / "CANARY").exists()


def small_bundle(folder: Path) -> Path:
    cfg = composed("model=gru", "model.encoder.hidden=2")
    net = build(cfg.model, n_symbols=4, n_classes=2)
    spec = make_spec(
        architecture=OmegaConf.to_container(cfg.model, resolve=True),
        encoding=OmegaConf.to_container(cfg.encoding, resolve=True),
        classes=["a", "b"],
    )
    save_bundle(folder, spec, net)
    return folder

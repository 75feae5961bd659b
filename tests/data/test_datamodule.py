import pickle
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from dnaseq.data.augmentation import Augmentation
from dnaseq.data.datamodule import Loading, SequenceDataModule
from dnaseq.data.dataset import Plan
from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.data.sources.files import ClassFiles, Fasta
from dnaseq.data.splits import splits
from dnaseq.data.targets.per_base import BaseLabels
from dnaseq.encode.alphabet import PAD, to_codes, to_letters
from dnaseq.encode.kmer import Kmer
from dnaseq.encode.onehot import OneHot
from dnaseq.errors import ConfigError, InputError
from dnaseq.io.sequences.reading import Reading

SPLIT = splits.Given(val=0.2, test=0.2, seed=0)


def module_of(
    train, test=None, encoding=None, lengths=None, batch_size=8, num_workers=0, more=None, **deal
) -> SequenceDataModule:
    return SequenceDataModule(
        source=Fasta(train=str(train), test=str(test) if test else None),
        reading=Reading(),
        plan=Plan(SPLIT, lengths or LengthPolicy(), **deal),
        encoding=encoding or OneHot(),
        loading=Loading(batch_size, num_workers=num_workers, **more or {}),
    )


@pytest.fixture
def easy(easy_fasta):
    module = module_of(easy_fasta / "train.fa", easy_fasta / "test.fa")
    module.setup()
    return module


def test_an_encoded_batch_is_time_major(easy):
    batch = next(iter(easy.train_dataloader()))
    assert batch.x.dtype == torch.uint8
    assert batch.x.shape == (8, 40)
    assert easy.on_after_batch_transfer(batch, 0).x.shape == (40, 8, 4)


def test_kmer_batches_hold_ids_and_shorter_lengths(easy_fasta):
    module = module_of(easy_fasta / "train.fa", encoding=Kmer(3))
    module.setup()
    given = next(iter(module.train_dataloader()))._replace(lengths=torch.tensor([40, *[39] * 7]))
    batch = module.on_after_batch_transfer(given, 0)
    assert batch.x.shape == (38, 8)
    assert batch.lengths.tolist() == [38, *[37] * 7]


def test_a_batch_without_padding_has_no_lengths(tmp_path):
    rng = np.random.default_rng(0)
    records = ["".join(rng.choice(list("ACGT"), 20 if i % 4 < 3 else 30)) for i in range(40)]
    text = "".join(f">r{i} label={'ab'[i % 2]}\n{r}\n" for i, r in enumerate(records))
    (tmp_path / "a.fa").write_text(text)
    module = module_of(tmp_path / "a.fa", batch_size=2, lengths=LengthPolicy("pad"))
    module.setup()
    batches = list(module.train_dataloader())
    assert {batch.lengths is None for batch in batches} == {True, False}
    for batch in batches:
        real = (batch.x != PAD).sum(1)
        assert real.tolist() == ([batch.x.shape[1]] * 2 if batch.lengths is None else batch.lengths.tolist())


@pytest.mark.parametrize("workers", [0, 2])
def test_an_epoch_holds_every_training_record_once(easy_fasta, workers):
    module = module_of(easy_fasta / "train.fa", easy_fasta / "test.fa", num_workers=workers)
    module.setup()
    seen = [to_letters(codes.numpy()) for batch in module.train_dataloader() for codes in batch.x]
    store, rows = module.data.store, module.data.rows("train")
    expected = [to_letters(store.codes[store.offsets[r] : store.offsets[r + 1]]) for r in rows]
    assert sorted(seen) == sorted(expected)


def test_a_record_takes_few_bytes_beside_the_map_of_its_store(easy):
    """13 of every record, and of a training record 8 for its window and 4 for its place in the order of an epoch."""
    data, n = easy.data, len(easy.data.store)
    kept = [data.part, data.copies, data.group]
    kept += {id(column): column for column in (data.y, data.labels)}.values()
    assert sum(column.nbytes for column in kept) == 13 * n
    loader = easy.train_dataloader()
    windows = loader.dataset.windows
    assert sum(column.nbytes for column in windows if any(column.strides)) == 8 * len(loader.dataset)
    (order,) = loader.sampler.ordered(0, 1)
    assert order.nbytes == 4 * len(loader.dataset)


def test_labels_and_lengths_stay_with_their_sequences(tmp_path, random_sequence):
    own = {4 + i: "ACGT"[i % 4] + random_sequence(3 + i, i) for i in range(40)}  # by length, which all differ
    lines = [f">r{length} label={letters[0]}\n{letters}\n" for length, letters in own.items()]
    (tmp_path / "a.fa").write_text("".join(lines))
    module = module_of(tmp_path / "a.fa")
    module.setup()
    for batch in module.train_dataloader():
        for codes, length, y in zip(batch.x, batch.lengths, batch.y, strict=True):
            assert to_letters(codes[:length].numpy()) == own[int(length)]
            assert own[int(length)][0] == "ACGT"[y]
            assert (codes[length:] == 5).all()


def test_copies_of_test_records_are_dropped_from_training(tmp_path, easy_fasta):
    copied = (easy_fasta / "test.fa").read_text().replace(">r", ">copy")
    (tmp_path / "train.fa").write_text((easy_fasta / "train.fa").read_text() + copied)
    module = module_of(tmp_path / "train.fa", easy_fasta / "test.fa")
    module.setup()
    assert (module.data.split == "dropped").sum() == len(module.data.leaks) == 32
    assert (module.data.split == "test").sum() == 32


def test_kept_leaks_are_still_reported(tmp_path, easy_fasta):
    copied = (easy_fasta / "test.fa").read_text().replace(">r", ">copy")
    (tmp_path / "train.fa").write_text((easy_fasta / "train.fa").read_text() + copied)
    module = module_of(tmp_path / "train.fa", easy_fasta / "test.fa", leaks="keep")
    module.setup()
    assert len(module.data.leaks) == 32
    assert "dropped" not in module.data.split


def test_classes_follow_the_configuration_not_the_file(easy_fasta):
    module = module_of(easy_fasta / "train.fa", classes=["rich", "poor"])
    module.setup()
    assert module.data.classes == ("rich", "poor")
    assert module.data.y[0] == 1  # the first record is poor


def test_classes_are_sorted_by_default(easy):
    assert easy.data.classes == ("poor", "rich")


def test_labels_can_be_renamed(easy_fasta):
    module = module_of(easy_fasta / "train.fa", rename={"rich": "b", "poor": "c"})
    module.setup()
    assert module.data.classes == ("b", "c")


def test_a_label_outside_the_classes_is_named(easy_fasta):
    with pytest.raises(InputError, match="label 'poor' is not among the classes rich, other"):
        module_of(easy_fasta / "train.fa", classes=["rich", "other"]).setup()


def test_one_class_only_is_refused_with_its_count(tmp_path):
    (tmp_path / "a.fa").write_text(">a label=x\nACGT\n>b label=x\nACCC\n")
    with pytest.raises(InputError, match=r"only one class \(x 2\)"):
        module_of(tmp_path / "a.fa").setup()


def test_a_class_of_one_record_is_refused(tmp_path):
    (tmp_path / "a.fa").write_text(">a label=x\nACGT\n>b label=x\nACCC\n>c label=y\nAAAA\n")
    with pytest.raises(InputError, match=r"fewer than 2 records \(x 2, y 1\)"):
        module_of(tmp_path / "a.fa").setup()


def test_a_class_only_in_the_test_file_is_named(tmp_path, easy_fasta):
    (tmp_path / "test.fa").write_text(">t1 label=new\nACGT\n>t2 label=new\nACGG\n")
    with pytest.raises(InputError, match="class 'new' is in the test split but never in training"):
        module_of(easy_fasta / "train.fa", tmp_path / "test.fa").setup()


def test_a_record_of_another_length_is_refused_by_policy_error(tmp_path, easy_fasta):
    (tmp_path / "train.fa").write_text((easy_fasta / "train.fa").read_text() + ">odd label=rich\nACG\n")
    with pytest.raises(InputError, match=r"record 'odd': length 3, expected 40"):
        module_of(tmp_path / "train.fa", lengths=LengthPolicy("error")).setup()


def test_a_record_shorter_than_k_is_refused(tmp_path, easy_fasta):
    (tmp_path / "train.fa").write_text((easy_fasta / "train.fa").read_text() + ">odd label=rich\nACG\n")
    with pytest.raises(InputError, match=r"record 'odd': 3 bases, shorter than k = 4"):
        module_of(tmp_path / "train.fa", encoding=Kmer(4)).setup()


@pytest.mark.parametrize("encoding", [OneHot("error"), Kmer(2, ambiguous="error")])
def test_an_ambiguous_letter_can_be_refused(tmp_path, easy_fasta, encoding):
    (tmp_path / "train.fa").write_text((easy_fasta / "train.fa").read_text() + ">odd label=rich\nACGNR\n")
    with pytest.raises(InputError, match=r"record 'odd': ambiguous letter at position 4 \(2 in all\)"):
        module_of(tmp_path / "train.fa", encoding=encoding).setup()


def test_tiles_of_a_record_share_its_label(tmp_path, easy_fasta):
    module = module_of(easy_fasta / "train.fa", easy_fasta / "test.fa", lengths=LengthPolicy("tile", 20))
    module.setup()
    windows = [batch.x.shape for batch in module.train_dataloader()]
    assert sum(n for n, _ in windows) == 2 * len(module.data.rows("train"))
    assert {length for _, length in windows} == {20}


def test_a_batch_size_of_zero_is_refused(easy_fasta):
    with pytest.raises(ConfigError, match="batch_size must be at least 1; got 0"):
        module_of(easy_fasta / "train.fa", batch_size=0)


def test_another_process_maps_the_same_store(easy):
    again = pickle.loads(pickle.dumps(easy))
    assert isinstance(again.data.store.codes, np.memmap)
    assert again.data.store.codes.tolist() == easy.data.store.codes.tolist()


def test_unchanged_files_are_not_parsed_again(easy, easy_fasta, monkeypatch):
    def refuse(*_):
        raise AssertionError("parsed twice")

    monkeypatch.setattr("dnaseq.data.sources.files.read_blocks", refuse)
    again = module_of(easy_fasta / "train.fa", easy_fasta / "test.fa")
    again.setup()
    assert again.data.store.folder == easy.data.store.folder


def test_codes_survive_the_store(easy, easy_fasta):
    first = (easy_fasta / "train.fa").read_text().split("\n")[1]
    store = easy.data.store
    assert (store.codes[: store.offsets[1]] == to_codes(first)).all()


def test_records_that_the_model_cannot_hold_can_be_left_out(tmp_path, easy_fasta):
    (tmp_path / "train.fa").write_text((easy_fasta / "train.fa").read_text() + ">odd label=rich\nACG\n")
    module = module_of(tmp_path / "train.fa", easy_fasta / "test.fa", lengths=LengthPolicy("error", 40))
    module.reading = Reading(bad_records="keep")
    module.setup()
    assert module.data.rejected == {"train": 1, "val": 0, "test": 0}
    assert module.data.split[96] == "dropped"


def test_a_window_shorter_than_k_is_refused_before_anything_is_read(tmp_path):
    (tmp_path / "a.fa").write_text("not FASTA")
    module = module_of(tmp_path / "a.fa", encoding=Kmer(3), lengths=LengthPolicy("trim", 2))
    with pytest.raises(ConfigError, match=r"data.length=2 is less than encoding.k=3"):
        module.setup()


@pytest.mark.parametrize("part", ["val", "test"])
def test_a_given_file_without_usable_records_is_not_replaced_in_silence(tmp_path, easy_fasta, part):
    (tmp_path / "bad.fa").write_text(">x label=rich\nNNNN\n")
    source = Fasta(train=str(easy_fasta / "train.fa"), **{part: str(tmp_path / "bad.fa")})
    module = SequenceDataModule(source, Reading(bad_records="keep"), Plan(SPLIT, LengthPolicy()), OneHot())
    with pytest.raises(InputError, match=f"no record of the {part} file is left"):
        module.setup()


def test_swapped_class_files_are_another_store(tmp_path, random_sequence):
    """The same two files with their classes exchanged: not the labels of the run before."""
    for name, seed in (("a", 0), ("b", 100)):
        records = [f">{name}{i}\n{random_sequence(20, seed + i)}\n" for i in range(10)]
        (tmp_path / f"{name}.fa").write_text("".join(records))
    a, b = str(tmp_path / "a.fa"), str(tmp_path / "b.fa")
    labels = []
    for train in ({"pos": a, "neg": b}, {"neg": a, "pos": b}):
        module = SequenceDataModule(ClassFiles(train), Reading(), Plan(SPLIT, LengthPolicy()), OneHot())
        module.setup()
        labels.append(module.data.classes[module.data.y[0]])  # of the first record of a.fa
    assert labels == ["pos", "neg"]


def test_in_training_a_record_is_changed_anew_in_every_epoch_and_alike_in_two_runs(easy_fasta):
    more = {"augmentation": Augmentation(mutate=0.2), "strands": "augment"}
    runs = []
    for workers in (0, 2):
        module = module_of(easy_fasta / "train.fa", easy_fasta / "test.fa", num_workers=workers, more=more)
        module.setup()
        loader, epochs = module.train_dataloader(), []
        for epoch in (0, 1):
            loader.sampler.set_epoch(epoch)
            epochs.append([module.on_after_batch_transfer(batch, 0).x for batch in loader])
        runs.append(epochs)
    assert all(
        torch.equal(a, b) for one, two in zip(*runs, strict=True) for a, b in zip(one, two, strict=True)
    )
    plain = module_of(easy_fasta / "train.fa", easy_fasta / "test.fa")
    plain.setup()
    first = plain.on_after_batch_transfer(next(iter(plain.train_dataloader())), 0).x
    assert 0.3 < (runs[0][0][0] != first).any(-1).float().mean() < 0.7
    assert not torch.equal(runs[0][0][0], runs[0][1][0])


@pytest.mark.parametrize(
    ("strands", "in_training", "in_validation"), [("one", 8, 8), ("both", 8, 16), ("shared", 16, 16)]
)
def test_a_batch_holds_both_strands_where_the_model_sees_both(
    easy_fasta, strands, in_training, in_validation
):
    module = module_of(easy_fasta / "train.fa", easy_fasta / "test.fa", more={"strands": strands})
    module.setup()
    batch = next(iter(module.train_dataloader()))
    for training, records in ((True, in_training), (False, in_validation)):
        module.trainer = SimpleNamespace(training=training)
        encoded = module.on_after_batch_transfer(batch, 0)
        assert (encoded.x.shape[1], encoded.size) == (records, 8)
    if in_validation == 16:
        assert torch.equal(encoded.x[:, 8:], encoded.x[:, :8].flip(0, -1))


def test_the_other_strand_of_data_with_a_strand_is_refused(easy_fasta):
    with pytest.raises(ConfigError, match="strands=both, but the data have a strand"):
        module_of(easy_fasta / "train.fa", more={"strands": "both"}, stranded=True)
    with pytest.raises(ConfigError, match="strands must be one of one, augment, both, shared"):
        module_of(easy_fasta / "train.fa", more={"strands": "two"})


def test_a_balanced_sampler_draws_every_class_alike(tmp_path, random_sequence):
    lines = [
        f">r{i} label={'rare' if i % 8 == 0 else 'common'}\n{random_sequence(30, i)}\n" for i in range(160)
    ]
    (tmp_path / "few.fa").write_text("".join(lines))
    for sampler, shares in (("none", (0.8, 0.95)), ("balanced", (0.5, 0.5))):
        module = module_of(tmp_path / "few.fa", more={"sampler": sampler})
        module.setup()
        y = torch.cat([batch.y for batch in module.train_dataloader()])
        common = (y == module.data.classes.index("common")).float().mean().item()
        assert shares[0] - 0.01 <= common <= shares[1] + 0.01
        assert len(y) == len(module.data.rows("train"))
    with pytest.raises(ConfigError, match="sampler must be one of none, balanced"):
        module_of(tmp_path / "few.fa", more={"sampler": "some"})


def test_labels_of_bases_turn_with_their_bases(tmp_path, random_sequence):
    """Every base is labelled with what it is on the strand that was read: A and C as 1, G and T as 2."""
    lines = []
    for i in range(40):
        letters = random_sequence(20 + i % 3, i)
        lines.append(f">r{i} label={letters.translate(str.maketrans('ACGT', '1122'))}\n{letters}\n")
    (tmp_path / "bases.fa").write_text("".join(lines))
    module = module_of(tmp_path / "bases.fa", more={"strands": "augment"}, targets=BaseLabels)
    module.setup()
    seen = set()
    for batch in module.train_dataloader():
        encoded = module.on_after_batch_transfer(batch, 0)
        for x, y, n in zip(encoded.x.unbind(1), encoded.y, encoded.lengths.tolist(), strict=True):
            is_late = x[:n].argmax(-1) >= 2
            was_turned = bool((is_late != y[:n].bool()).all())
            assert was_turned or bool((is_late == y[:n].bool()).all())
            seen.add(was_turned)
    assert seen == {True, False}


@pytest.mark.parametrize("lengths", [LengthPolicy(), LengthPolicy("tile", 16)])
def test_codes_that_are_on_the_device_make_the_same_batches(tmp_path, random_sequence, lengths):
    records = [f">r{i} label={'ab'[i % 2]}\n{random_sequence(20 + i % 3 * 7, i)}\n" for i in range(40)]
    (tmp_path / "a.fa").write_text("".join(records))
    more = {"strands": "augment", "augmentation": Augmentation(mutate=0.2)}
    seen = []
    for resident in (False, True):
        module = module_of(tmp_path / "a.fa", lengths=lengths, more=more | {"device_resident": resident})
        module.setup()
        loaders = (module.train_dataloader(), module.val_dataloader())
        loaded = [batch for loader in loaders for batch in loader]
        assert all(isinstance(batch.x, torch.Tensor) is not resident for batch in loaded)
        seen.append([module.on_after_batch_transfer(batch, 0) for batch in loaded])
    for plain, there in zip(*seen, strict=True):
        assert torch.equal(plain.x, there.x)
        assert torch.equal(plain.y, there.y)
        assert (plain.lengths is None) == (there.lengths is None)
        assert plain.lengths is None or torch.equal(plain.lengths, there.lengths)


def test_an_epoch_in_blocks_holds_every_training_record_once(easy_fasta):
    module = module_of(easy_fasta / "train.fa", easy_fasta / "test.fa", more={"shuffle": "blocks"})
    module.setup()
    seen = sorted(to_letters(codes.numpy()) for batch in module.train_dataloader() for codes in batch.x)
    whole = module_of(easy_fasta / "train.fa", easy_fasta / "test.fa")
    whole.setup()
    assert seen == sorted(
        to_letters(codes.numpy()) for batch in whole.train_dataloader() for codes in batch.x
    )

"""Which of three files a training goes on with; that it ends with the same weights is in tests/tasks/test_resume.py."""

import logging

import pytest
import torch

from dnaseq.errors import DnaseqError, ModelFileError
from dnaseq.training.checkpoints import BEST, LAST, PREVIOUS, RUN, AtomicCheckpoints, read_checkpoint
from dnaseq.training.resumption import CHECKPOINTS, has_ended, newest_checkpoint, take_best

OTHERS = ("global_step", "loops", "optimizer_states", "lr_schedulers", "pytorch-lightning_version")


def content(epoch: int, best: float, run: str = "this") -> dict:
    callbacks = {
        "EarlyStopping{}": {"wait_count": 2},
        "last": {"monitor": None, "best_model_score": None},
        "best": {"monitor": "val/loss", "best_model_score": torch.tensor(best)},
    }
    whole = {"epoch": epoch, RUN: run, "callbacks": callbacks, **dict.fromkeys(OTHERS)}
    return whole | {"state_dict": {"net.weight": torch.full((1, 1), float(epoch)), "loss": torch.zeros(1)}}


@pytest.fixture
def folder(tmp_path):
    """folder(last=content(...), ...) -> a run folder with these checkpoints; b"..." is a damaged one."""

    def make(**files):
        names = {"last": LAST, "best": BEST, "previous": PREVIOUS}
        for name, what in files.items():
            path = tmp_path / CHECKPOINTS / names[name]
            AtomicCheckpoints().save_checkpoint(what if isinstance(what, dict) else content(0, 1.0), path)
            if not isinstance(what, dict):
                path.write_bytes(path.read_bytes()[:-1])
        for path in (tmp_path / CHECKPOINTS).glob("*.ckpt"):
            if path.stem not in files:
                path.unlink()
        return tmp_path

    return make


DAMAGED, FOREIGN = b"", content(1, 0.5, run="another")


@pytest.mark.parametrize(
    ("files", "epoch"),
    [
        ({}, None),
        ({"best": content(0, 0.9)}, None),  # stopped before the end of the first epoch was written
        ({"last": content(2, 0.5), "best": content(1, 0.5), "previous": content(1, 0.5)}, 2),
        ({"last": content(2, 0.5), "best": content(3, 0.4), "previous": content(1, 0.5)}, 2),
        ({"last": content(2, 0.5), "best": content(1, 0.5), "previous": DAMAGED}, 2),
        ({"last": content(2, 0.5), "best": content(1, 0.5)}, 2),
        ({"last": DAMAGED, "best": content(1, 0.5), "previous": content(1, 0.5)}, 1),
        ({"last": DAMAGED, "best": content(2, 0.4), "previous": content(1, 0.5)}, 1),
        ({"last": FOREIGN, "best": content(2, 0.4), "previous": content(1, 0.5)}, 1),
        ({"best": content(2, 0.4), "previous": content(1, 0.5)}, 1),
        ({"last": content(2, 0.4), "best": DAMAGED, "previous": content(1, 0.5)}, 1),
        ({"last": content(2, 0.4), "previous": content(1, 0.5)}, 1),
        ({"last": content(2, 0.4), "best": content(1, 0.5), "previous": content(1, 0.5)}, 1),
    ],
)
def test_a_training_goes_on_from_what_leads_to_the_same_weights(folder, caplog, files, epoch):
    caplog.set_level(logging.WARNING, "dnaseq")
    made = folder(**files)
    found = newest_checkpoint(made, "this")
    assert (found and found.content["epoch"]) == epoch
    is_older = epoch == 1
    assert is_older == ("previous.ckpt" in caplog.text)
    if epoch is not None:
        assert read_checkpoint(found.path)["epoch"] == epoch
        assert newest_checkpoint(made, "this").content["epoch"] == epoch  # after a stop right now as well


@pytest.mark.parametrize(
    ("files", "named"),
    [
        ({"last": DAMAGED, "best": content(1, 0.5)}, LAST),
        ({"last": DAMAGED, "best": content(1, 0.5), "previous": DAMAGED}, LAST),
        ({"last": FOREIGN, "best": content(1, 0.5)}, LAST),
        ({"last": DAMAGED, "best": DAMAGED, "previous": content(1, 0.5)}, LAST),
        ({"last": content(2, 0.5), "best": DAMAGED, "previous": content(1, 0.5)}, BEST),
        ({"last": content(2, 0.5), "best": FOREIGN, "previous": content(1, 0.5)}, BEST),
        ({"last": content(2, 0.5), "best": content(0, 0.9), "previous": content(1, 0.5)}, BEST),
        ({"last": content(2, 0.5), "best": content(0, 0.9), "previous": DAMAGED}, BEST),
        ({"last": content(0, 0.5), "best": DAMAGED}, BEST),
        ({"last": content(0, 0.5)}, BEST),
    ],
)
def test_where_nothing_leads_there_the_file_is_named(folder, files, named):
    made = folder(**files)
    with pytest.raises(ModelFileError, match=rf"{named}: .*to train from the start"):
        newest_checkpoint(made, "this")


def test_best_weights_are_those_of_the_best_epoch_of_this_training(folder):
    net = torch.nn.Linear(1, 1, bias=False)
    take_best(net, folder(last=content(2, 0.5), best=content(1, 0.5)), "this")
    assert net.weight.item() == 1
    for best in (DAMAGED, FOREIGN, content(3, 0.5), content(0, 0.9)):
        with pytest.raises(DnaseqError, match=r"best\.ckpt"):
            take_best(net, folder(last=content(2, 0.5), best=best), "this")
    with pytest.raises(DnaseqError, match=r"last\.ckpt"):
        take_best(net, folder(last=DAMAGED, best=content(1, 0.5)), "this")
    assert net.weight.item() == 1


def test_a_training_has_ended_after_its_epochs_or_its_patience():
    assert has_ended(content(2, 0.5), max_epochs=3, patience=9)
    assert has_ended(content(2, 0.5), max_epochs=9, patience=2)
    assert not has_ended(content(2, 0.5), max_epochs=9, patience=3)

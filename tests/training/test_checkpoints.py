import shutil
import zipfile
from random import Random

import pytest
import torch

from dnaseq.errors import FileAccessError, ModelFileError
from dnaseq.training.checkpoints import LAST, PREVIOUS, RUN, AtomicCheckpoints, read_checkpoint

KEYS = ("state_dict", "loops", "callbacks", "optimizer_states", "lr_schedulers", "pytorch-lightning_version")


def content(epoch: int, **more) -> dict:
    whole = {"epoch": epoch, "global_step": 3 * epoch, RUN: "this", **dict.fromkeys(KEYS)}
    return whole | {"state_dict": {"net.w": torch.arange(50.0) + epoch}} | more


@pytest.fixture
def saved(tmp_path):
    """saved(content(1)) -> last.ckpt."""

    def save(what):
        AtomicCheckpoints().save_checkpoint(what, tmp_path / LAST)
        return tmp_path / LAST

    return save


def test_what_was_saved_is_read(saved):
    read = AtomicCheckpoints().load_checkpoint(saved(content(1)))
    assert read["epoch"] == 1
    assert read["state_dict"]["net.w"].tolist() == (torch.arange(50.0) + 1).tolist()


def test_weights_alone_are_handed_from_one_process_to_another(saved):
    path = saved({"net.w": torch.ones(2)})
    assert AtomicCheckpoints().load_checkpoint(path)["net.w"].tolist() == [1, 1]
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelFileError, match="damaged"):
        AtomicCheckpoints().load_checkpoint(path)


def test_the_file_is_one_that_torch_and_zip_read(saved):
    path = saved(content(1))
    assert torch.load(path, weights_only=True)["epoch"] == 1
    assert zipfile.ZipFile(path).testzip() is None


def test_the_checkpoint_before_the_last_is_kept(saved, tmp_path):
    for epoch in range(3):
        saved(content(epoch))
    assert read_checkpoint(tmp_path / LAST)["epoch"] == 2
    assert read_checkpoint(tmp_path / PREVIOUS)["epoch"] == 1
    assert len(list(tmp_path.iterdir())) == 2


def test_no_flipped_bit_and_no_cut_is_read(saved):
    """All bytes at the end of the file, and samples of the others."""
    path = saved(content(1))
    whole = path.read_bytes()
    random = Random(1)
    places = [*range(len(whole) - 120, len(whole)), *(random.randrange(len(whole)) for _ in range(300))]
    flips = [whole[:at] + bytes([whole[at] ^ 1 << random.randrange(8)]) + whole[at + 1 :] for at in places]
    for damaged in (*flips, *(whole[:at] for at in places), whole + b"\0", whole + whole[-78:]):
        path.write_bytes(damaged)
        with pytest.raises(ModelFileError, match=r"last\.ckpt: damaged"):
            read_checkpoint(path)


@pytest.mark.parametrize("what", [[1, 2], {"net.w": torch.zeros(2)}, 3, None])
def test_what_is_no_checkpoint_is_refused(saved, what):
    with pytest.raises(ModelFileError, match="not a checkpoint"):
        read_checkpoint(saved(what))


@pytest.mark.parametrize("key", [*KEYS, "epoch", "global_step", RUN])
def test_a_checkpoint_without_one_of_its_keys_is_refused(saved, key):
    whole = content(1)
    del whole[key]
    with pytest.raises(ModelFileError, match=f"it has no {key}"):
        read_checkpoint(saved(whole))


class Payload:
    """Makes a file when a pickle of it is read."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return open, (str(self.mark), "w")


def test_a_pickle_is_not_run(saved, tmp_path):
    for what in (Payload(tmp_path / "mark"), content(1, optimizer_states=[Payload(tmp_path / "mark")])):
        with pytest.raises(ModelFileError, match="not a checkpoint"):
            read_checkpoint(saved(what))
    assert not (tmp_path / "mark").exists()


def test_a_checkpoint_of_torch_alone_is_refused(tmp_path):
    torch.save(content(1), tmp_path / LAST)
    with pytest.raises(ModelFileError, match="not written by this version"):
        read_checkpoint(tmp_path / LAST)
    (tmp_path / LAST).write_bytes(b"")
    with pytest.raises(ModelFileError, match="damaged"):
        read_checkpoint(tmp_path / LAST)


def test_a_missing_checkpoint_is_no_model_file(tmp_path):
    with pytest.raises(FileAccessError):
        read_checkpoint(tmp_path / LAST)


def test_a_failed_save_leaves_a_whole_checkpoint(saved, tmp_path, monkeypatch):
    path = saved(content(1))

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(FileAccessError):
        saved(content(2))
    assert read_checkpoint(path)["epoch"] == 1
    assert [p.name for p in tmp_path.iterdir()] == [LAST]


def test_a_copy_is_read(saved, tmp_path):
    shutil.copy(saved(content(1)), tmp_path / "copy.ckpt")
    assert read_checkpoint(tmp_path / "copy.ckpt")["epoch"] == 1

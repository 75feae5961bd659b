import pytest
import torch

from dnaseq.errors import InputError
from dnaseq.training.callbacks import History, best_value, callbacks


def test_the_best_score_is_remembered_in_a_folder_that_was_copied(tmp_path):
    _, _, then, _, _ = callbacks(tmp_path / "a", "val/loss", 3)
    best = str(tmp_path / "a" / "checkpoints" / "best.ckpt")
    then.best_model_score = then.kth_value = torch.tensor(0.25)
    then.best_model_path = then.kth_best_model_path = best
    then.best_k_models = {best: torch.tensor(0.25)}
    _, _, now, _, _ = callbacks(tmp_path / "b", "val/loss", 3)
    now.load_state_dict(then.state_dict())
    here = str(tmp_path / "b" / "checkpoints" / "best.ckpt")
    assert now.best_model_score == now.kth_value == 0.25
    assert now.best_k_models == {here: torch.tensor(0.25)}
    assert now.best_model_path == now.kth_best_model_path == here  # which alone is replaced by a better one


@pytest.mark.parametrize("text", ["", "x", "epoch,val/loss\n", "epoch,val/loss\n0,\n", "epoch,val/loss\n0\n"])
def test_a_history_that_no_training_wrote_is_named(tmp_path, text):
    (tmp_path / "history.csv").write_text(text)
    with pytest.raises(
        InputError, match=r"history\.csv: not the history of a training monitored by val/loss"
    ):
        best_value(tmp_path, "val/loss")


def test_epochs_of_a_checkpoint_that_counts_from_0_count_from_1(tmp_path):
    history = History(tmp_path / "history.csv")
    history.load_state_dict({"rows": [{"epoch": "0", "val/loss": "0.5"}, {"epoch": "1", "val/loss": "0.4"}]})
    assert [row["epoch"] for row in history.state_dict()["rows"]] == ["1", "2"]
    again = History(tmp_path / "history.csv")
    again.load_state_dict(history.state_dict())
    assert again.state_dict() == history.state_dict()

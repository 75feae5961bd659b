"""Defects that programs of this field have shipped and that show in a finished training or in its predictions."""

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.metrics import log_loss, roc_auc_score

from dnaseq.bundle.predictor import Predictor
from dnaseq.encode.alphabet import to_codes
from dnaseq.errors import InputError, ModelFileError
from dnaseq.io.results.rows import read_rows
from dnaseq.tasks.main import run_task

LENGTH = 40
SIZES = {"train": 90, "val": 22, "test": 37}  # no multiple of the batch size


@pytest.fixture(scope="module")
def letters(random_sequence) -> dict[str, dict[str, str]]:
    """Part -> id -> letters of records whose labels (the last letter of the id) are chance, so that the loss of
    training falls and that of validation soon rises."""
    return {
        part: {f"{part}_{i}_{'ab'[i % 2]}": random_sequence(LENGTH, 1000 * at + i) for i in range(n)}
        for at, (part, n) in enumerate(SIZES.items())
    }


@pytest.fixture(scope="module")
def run(letters, tmp_path_factory, quick_pictures, quick_baselines) -> Path:
    """The run folder of a training whose best epoch is not its last."""
    folder = tmp_path_factory.mktemp("known")
    for part, records in letters.items():
        text = "".join(f">{name} label={name[-1]}\n{sequence}\n" for name, sequence in records.items())
        (folder / f"{part}.fa").write_text(text)
    data = ["data=fasta", *(f"data.{part}={folder}/{part}.fa" for part in SIZES), "leaks=keep"]
    own = ["data.length_policy=error", f"data.length={LENGTH}", "calibration=none", "novelty=null"]
    quick = [
        "trainer=cpu",
        "recipe=none",
        "batch_size=16",
        "max_epochs=8",
        "model.encoder.hidden=8",
        "optimizer.lr=0.05",
        "model.head.dropout=0.3",
    ]
    assert run_task("train", ["model=gru", *data, *own, *quick, f"run_dir={folder / 'run'}"]) == 0
    return folder / "run"


@pytest.fixture(scope="module")
def predictor(run) -> Predictor:
    return Predictor.load(run / "bundle", device="cpu")


def history(run: Path) -> dict[str, list[float]]:
    with (run / "history.csv").open(newline="") as handle:
        rows = list(csv.DictReader(handle))
    return {name: [float(row[name]) for row in rows] for name in rows[0]}


def shares(answers) -> np.ndarray:
    return np.array([list(answer.probabilities.values()) for answer in answers])


def checkpoint(run: Path, name: str) -> dict:
    return torch.load(run / "checkpoints" / f"{name}.ckpt", weights_only=True)


def same_weights(net, saved: dict) -> bool:
    return all(torch.equal(saved["state_dict"][f"net.{name}"], t) for name, t in net.state_dict().items())


def test_the_best_weights_are_a_copy_and_not_those_of_the_last_epoch(run, predictor):
    """What was kept of the best epoch were references to weights that trained on, so the last ones came back."""
    best, last = checkpoint(run, "best"), checkpoint(run, "last")
    assert best["epoch"] < last["epoch"]
    assert same_weights(predictor.net, best)
    assert not same_weights(predictor.net, last)


def test_the_model_is_chosen_by_validation_and_not_by_training(run):
    """The epoch that was kept was the one with the best score on the training records."""
    curves = history(run)
    assert (
        checkpoint(run, "best")["epoch"] == np.argmin(curves["val/loss"]) != np.argmin(curves["train/loss"])
    )


@pytest.mark.parametrize("monitor", ["train/loss", "test/loss"])
def test_nothing_but_validation_can_choose_the_model(tmp_path, capsys, monitor):
    """The score that chose the model could be that of training or of test records."""
    assert run_task("train", ["data=fasta", f"monitor={monitor}", f"run_dir={tmp_path / 'a'}"]) == 2
    assert "monitor must be one of val/loss" in capsys.readouterr().err


def test_validation_is_its_own_file_once_whole_and_scored_as_predictions_are(run, predictor, letters):
    """Validation was replaced by the test records; or its score was a mean over batches, of a network in training
    mode, or of probabilities that went through another softmax."""
    best = checkpoint(run, "best")["epoch"]
    truth = [name[-1] == "b" for name in letters["val"]]
    probabilities = shares(predictor.predict(list(letters["val"].values())))
    curves = history(run)
    assert curves["val/loss"][best] == pytest.approx(log_loss(truth, probabilities), rel=1e-4)
    assert curves["val/auroc"][best] == pytest.approx(roc_auc_score(truth, probabilities[:, 1]), rel=1e-4)


def test_the_reported_scores_are_of_the_test_file_and_of_all_of_it_at_once(run, letters):
    """The area was a mean over batches; elsewhere the validation records were reported as test."""
    classes, rows = read_rows(run / "predictions.test.tsv")
    assert rows.ids == list(letters["test"])  # whole, once and in the order of the file
    assert rows.extra["truth"] == [name[-1] for name in rows.ids]
    scores = json.loads((run / "scores.json").read_text())
    area = roc_auc_score([name == classes[1] for name in rows.extra["truth"]], rows.probabilities[:, 1])
    assert scores["n"] == SIZES["test"]
    assert scores["metrics"]["auroc"]["value"] == pytest.approx(area, abs=1e-9)


def test_a_probability_is_one_softmax_of_the_logits(predictor, letters):
    """Probabilities went through a softmax twice, so that none was far from one half."""
    sequences = list(letters["test"].values())
    codes = torch.from_numpy(np.stack([to_codes(sequence) for sequence in sequences]))
    with torch.inference_mode():
        logits = predictor.net(predictor.encoding(codes), torch.full((len(codes),), LENGTH))
    expected = logits.double().softmax(-1)
    assert (expected.softmax(-1) - expected).abs().max() > 1e-3  # so that a second one would show
    np.testing.assert_allclose(shares(predictor.predict(sequences)), expected, atol=1e-5)


def test_answers_of_records_of_many_lengths_come_in_their_order(run, random_sequence):
    """Answers were put together in the order in which they were computed, or from one share of the records."""
    mixed = Predictor.load(run / "bundle", device="cpu", length_policy="pad", batch_size=16)
    sequences = [random_sequence(LENGTH - 7 * i % 31, i) for i in range(50)]
    together = mixed.predict(sequences)
    assert [answer.length for answer in together] == [len(sequence) for sequence in sequences]
    alone = [mixed.predict([sequence])[0] for sequence in sequences]
    np.testing.assert_allclose(shares(together), shares(alone), atol=1e-6)
    assert len({tuple(row) for row in shares(together).tolist()}) > 45  # so that an exchange would show


@pytest.mark.parametrize("length", [LENGTH - 1, LENGTH + 1])
def test_a_record_of_another_length_is_named_and_neither_padded_nor_cut(predictor, letters, length):
    """A longer input was cut and a shorter one filled with N, without a word."""
    good = next(iter(letters["test"].values()))
    odd = (good + good)[:length]
    with pytest.raises(InputError, match=rf"record '2': length {length}, expected {LENGTH}"):
        predictor.predict([good, odd])
    first, second = predictor.predict([good, odd], bad_records="keep")
    assert first.status == "ok"
    assert second.label == ""
    assert second.status == f"rejected:length {length}, expected {LENGTH}"


@pytest.mark.parametrize("batch_size", [16, 32, 64, 100])
def test_the_batch_size_is_the_number_of_records_that_the_network_is_given(run, random_sequence, batch_size):
    """Records were gathered into batches and then given to the network one by one."""
    predictor = Predictor.load(run / "bundle", device="cpu", batch_size=batch_size)
    sizes = []
    predictor.net.register_forward_pre_hook(lambda _, given: sizes.append(given[0].shape[1]))
    predictor.predict([random_sequence(LENGTH, i) for i in range(64)])
    assert sizes == [min(batch_size, 64)] * -(-64 // batch_size)


def test_a_record_that_fails_is_no_answer(run, tmp_path, letters, capsys):
    """A record that could not be read was written as a row like all others, and the program said all was well."""
    good = next(iter(letters["test"].values()))
    (tmp_path / "a.fa").write_text(f">good\n{good}\n>bad\n{good[:-1]}J\n")
    arguments = [f"bundle={run}/bundle", f"input={tmp_path}/a.fa", f"output={tmp_path}/out.tsv", "device=cpu"]
    assert run_task("predict", arguments) == 3
    assert not (tmp_path / "out.tsv").exists()
    assert run_task("predict", [*arguments, "bad_records=keep"]) == 7
    _, bad = (tmp_path / "out.tsv").read_text().splitlines()[1:]
    name, _, *answer, status = bad.split("\t")
    assert name == "bad"
    assert not any(answer)  # no label, no score, no probability
    assert status.startswith("rejected:letter 'J'")


def test_a_bundle_with_one_flipped_bit_is_refused(run, tmp_path):
    """Weights with a flipped bit were loaded and gave other answers."""
    copy = shutil.copytree(run / "bundle", tmp_path / "bundle") / "model.safetensors"
    damaged = bytearray(copy.read_bytes())
    damaged[-3] ^= 1
    copy.write_bytes(bytes(damaged))
    with pytest.raises(ModelFileError, match="SHA-256 of the weights differs"):
        Predictor.load(tmp_path / "bundle")


def test_a_run_writes_one_folder_and_nothing_beside_it(run):
    """Every process of a training made a folder of its own, and so did the library that composes the settings."""
    beside = {path.name for path in run.parent.iterdir()}
    assert beside == {"run", *(f"{part}.fa" for part in SIZES)}
    assert {path.name for path in (run / "checkpoints").glob("*.ckpt")} == {
        f"{kind}.ckpt" for kind in ("best", "last", "previous")
    }


def test_a_training_that_diverges_says_so_and_keeps_no_such_weights(run, tmp_path, capsys):
    """A training whose loss was no number ended as if it were done, and its last checkpoint was of NaN."""
    data = ["data=fasta", *(f"data.{part}={run.parent}/{part}.fa" for part in SIZES)]
    wild = [
        "recipe=none",
        "optimizer=sgd",
        "optimizer.lr=1e38",
        "trainer=cpu",
        "trainer.clip=null",
        "max_epochs=3",
    ]
    assert run_task("train", ["model=rnn", *data, *wild, f"run_dir={tmp_path / 'a'}"]) == 6
    assert "training diverged in epoch" in capsys.readouterr().err
    for path in (tmp_path / "a").glob("checkpoints/*.ckpt"):
        weights = torch.load(path, weights_only=True)["state_dict"].values()
        assert all(torch.isfinite(tensor).all() for tensor in weights)

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from started_processes import dnaseq, started

from dnaseq.bundle.predictor import Predictor
from dnaseq.evaluation.metrics.classification import METRICS, point_scores
from dnaseq.io.results.rows import read_rows

ROOT = Path(__file__).parents[3]
QUICK = ("recipe=none", "trainer=cpu", "batch_size=16", "max_epochs=3", "optimizer.lr=0.02")
SMALL = "model.encoder.hidden=8"


@pytest.fixture
def data(easy_fasta):
    return ("data=fasta", f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa")


def scores_of(folder: Path) -> dict:
    return json.loads((folder / "scores.json").read_text())


def test_a_run_folder_is_complete(trained):
    names = {str(p.relative_to(trained)) for p in trained.rglob("*") if p.is_file()}
    figures = {name for name in names if name.startswith("figures/")}
    assert {Path(name).suffix for name in figures} == {".png", ".svg", ".csv"}
    assert names - figures == {
        *("config.yaml", "history.csv", "split.tsv", "audit.json", "log.txt"),
        *(f"checkpoints/{name}" for name in ("last.ckpt", "previous.ckpt", "best.ckpt", "plan.json")),
        *(f"bundle/{name}" for name in ("model.safetensors", "records.bin", "spec.json", "README.md")),
        *("predictions.test.tsv", "strata.tsv", "scores.json", "report.html"),
    }


def test_what_can_be_learned_is_learned(trained):
    assert scores_of(trained)["metrics"]["auroc"]["value"] > 0.95


def test_scores_have_the_keys_of_the_contract(trained):
    scores = scores_of(trained)
    assert {
        "data",
        "split",
        "n",
        "classes",
        "seed",
        "metrics",
        "baselines",
        "threshold",
        "calibration",
    } < set(scores)
    assert {"leaks", "dropped", "fingerprints", "seconds"} < set(scores)
    assert set(scores["metrics"]) == set(METRICS)
    assert {"majority", "gc_length", "kmer_logistic", "gapped_kmer"} <= set(scores["baselines"])
    assert set(scores["metrics"]["mcc"]) == {"value", "low", "high"}


def test_reported_scores_are_those_of_the_saved_predictions(trained):
    classes, rows = read_rows(trained / "predictions.test.tsv")
    truth = np.array([classes.index(name) for name in rows.extra["truth"]])
    again = point_scores(truth, rows.probabilities, classes)
    assert again == pytest.approx({name: m["value"] for name, m in scores_of(trained)["metrics"].items()})


def test_history_has_one_row_an_epoch(trained):
    with (trained / "history.csv").open() as handle:
        rows = list(csv.DictReader(handle))
    assert [row["epoch"] for row in rows] == ["1", "2", "3"]
    assert all(float(row["val/auroc"]) <= 1 for row in rows)


def test_the_split_names_every_record_once(trained):
    with (trained / "split.tsv").open() as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    assert len({row["id"] for row in rows}) == len(rows) == 128
    assert [sum(row["split"] == part for row in rows) for part in ("train", "val", "test")] == [86, 10, 32]


def test_the_bundle_holds_the_best_weights_not_the_last(trained):
    best = torch.load(trained / "checkpoints" / "best.ckpt", weights_only=True)["state_dict"]
    net = Predictor.load(trained / "bundle").net
    assert all(torch.equal(best[f"net.{name}"], tensor) for name, tensor in net.state_dict().items())


def test_best_is_the_epoch_with_the_best_monitored_score(trained):
    with (trained / "history.csv").open() as handle:
        history = [float(row["val/loss"]) for row in csv.DictReader(handle)]
    best = torch.load(trained / "checkpoints" / "best.ckpt", weights_only=True)
    assert best["epoch"] == history.index(min(history))


def test_training_never_reads_a_test_label(run, trained, easy_fasta, tmp_path, without_pages):
    """With test labels swapped, the weights and the probabilities are the same."""
    swapped = (easy_fasta / "test.fa").read_text().replace("label=rich", "label=x").replace("poor", "rich")
    (tmp_path / "swapped.fa").write_text(swapped.replace("label=x", "label=poor"))
    data = ("data=fasta", f"data.train={easy_fasta}/train.fa", "data.test=swapped.fa")
    assert run("train", "model=gru", SMALL, *data, *QUICK, "run_dir=swapped")[0] == 0
    one, other = (
        read_rows(folder / "predictions.test.tsv")[1].probabilities
        for folder in (trained, tmp_path / "swapped")
    )
    assert (one == other).all()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    run, trained, data, tmp_path, without_pages
):
    for seed in (1, 2):
        assert run("train", "model=gru", SMALL, *data, *QUICK, f"seed={seed}", f"run_dir={seed}")[0] == 0
    folders = (trained, tmp_path / "1", tmp_path / "2")
    first, same, other = ((folder / "bundle" / "model.safetensors").read_bytes() for folder in folders)
    assert first == same
    assert first != other


def test_a_run_without_a_name_is_named_after_its_choices_and_latest_leads_to_it(run, data, tmp_path):
    code, out, err = run("train", "model=gru", SMALL, "encoding=kmer", *data, *QUICK, "max_epochs=1")
    assert code == 0
    latest = (tmp_path / "runs" / "latest").resolve()
    assert latest.parent == (tmp_path / "runs" / "fasta" / "gru-kmer").resolve()
    assert "kmer_logistic" in out
    assert "report" in out
    assert "gru-kmer" in err


def test_several_jobs_in_one_command(run, data, tmp_path, without_pages):
    code, _, _ = run("train", "-m", "model=rnn,gru", SMALL, *data, *QUICK, "max_epochs=1")
    assert code == 0
    runs = [p for p in (tmp_path / "runs" / "fasta").glob("*/*") if (p / "scores.json").exists()]
    assert sorted(p.parent.name for p in runs) == ["gru-onehot", "rnn-onehot"]


def test_a_failed_job_does_not_stop_the_others(run, data, tmp_path, without_pages):
    overrides = (SMALL, *data, *QUICK, "max_epochs=1")
    code, _, err = run("train", "-m", "recipe=none", "model.encoder.layers=0,1", "model=gru", *overrides)
    assert code == 7
    assert "layers must be" in err
    assert len(list((tmp_path / "runs" / "fasta").glob("*/*/scores.json"))) == 1


def test_a_model_written_by_hand_trains_to_the_same_answers(run, data, tmp_path, without_pages):
    answers = []
    for name in ("torch", "by_hand", "cells"):
        arguments = (f"model.encoder.backend={name}", f"run_dir={name}", "max_epochs=1")
        assert run("train", "model=lstm", SMALL, *data, *QUICK, *arguments)[0] == 0
        answers.append(read_rows(tmp_path / name / "predictions.test.tsv")[1].probabilities)
    np.testing.assert_allclose(answers[0], answers[1], atol=1e-5)
    np.testing.assert_allclose(answers[0], answers[2], atol=1e-5)


def test_the_leak_of_the_shipped_data_is_found_and_dropped(run, tmp_path, without_pages, monkeypatch):
    monkeypatch.setattr("dnaseq.tasks.pipeline.scorers.baselines", lambda *_: {})
    code, out, _ = run("train", "recipe=none", "model=cnn", "trainer=debug", "max_epochs=1", "run_dir=leak")
    assert code == 0
    scores = scores_of(tmp_path / "leak")
    assert scores["leaks"] == {"exact": 100, "reverse_complement": 0, "near": 8}
    assert scores["dropped"]["train"] == 108
    told = "leaks: 100 exact, 0 reverse complement, 8 near-duplicate; dropped 108 training records"
    assert told in out
    audit = json.loads((tmp_path / "leak" / "audit.json").read_text())
    exact = [pair for pair in audit["leaks"]["ids"] if pair[2] == "exact"]
    assert all("strong" in train and "strong" in test for train, test, *_ in exact)
    assert all(0.8 <= identity < 1 for *_, kind, identity in audit["leaks"]["ids"] if kind == "near")


def test_a_leak_can_be_made_an_error_before_anything_is_written(run, tmp_path):
    code, _, err = run("train", "leaks=fail", "run_dir=leak")
    assert code == 3
    assert "108 training records are copies or near-duplicates of test records" in err
    assert not (tmp_path / "leak").exists()


@pytest.fixture
def leaky(easy_fasta, tmp_path) -> tuple[str, ...]:
    """A training file of 60 records, of which 32 are copies of test records."""
    test = (easy_fasta / "test.fa").read_text()
    train = "".join((easy_fasta / "train.fa").read_text().splitlines(keepends=True)[:56])
    (tmp_path / "leaky.fa").write_text(train + test.replace(">", ">copy_"))
    return ("data=fasta", f"data.train={tmp_path}/leaky.fa", f"data.test={easy_fasta}/test.fa")


def test_a_split_that_leaves_out_most_of_training_stops_unless_it_was_asked_for(run, leaky, tmp_path):
    quick = ("model=gru", SMALL, *QUICK[:3], "max_epochs=1", *leaky)
    code, _, err = run("train", *quick, "run_dir=a")
    assert code == 3
    assert "leaks=drop" in err
    assert not (tmp_path / "a").exists()
    code, out, err = run("train", *quick, "leaks=drop", "run_dir=a")
    assert code == 0
    assert err.startswith("warning: 32 of 60 training records (53%) are copies or near-duplicates")
    told = "dropped 32 training records, 53% of the training part"
    assert told in out
    assert told in (tmp_path / "a/report.html").read_text()


def test_balanced_class_weights_and_a_schedule_can_be_chosen_and_nothing_is_written_beside_the_run_folder(
    run, data, tmp_path
):
    overrides = ("loss.class_weights=balanced", "schedule=cosine", "optimizer=sgd", "optimizer.lr=0.1")
    assert run("train", "model=gru", SMALL, *data, *QUICK[:4], *overrides, "run_dir=a")[0] == 0
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("name", ["wandb", "mlflow"])
def test_a_logger_whose_package_is_missing_says_how_to_install_it(run, data, tmp_path, monkeypatch, name):
    for path in ("wandb.wandb._WANDB_AVAILABLE", "mlflow.mlflow._MLFLOW_AVAILABLE"):
        monkeypatch.setattr(f"pytorch_lightning.loggers.{path.partition('.')[2]}", False)
    monkeypatch.setitem(sys.modules, name, None)
    code, _, err = run("train", "model=gru", *data, f"logger={name}", "run_dir=a")
    assert (code, err) == (2, f"dnaseq train: logger={name} needs: pip install 'dnaseq[{name}]'\n")
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("name", "written", "files"),
    [("wandb", "*/wandb/offline-run-*/*.wandb", 2), ("mlflow", "runs/mlflow.db", 1)],
)
@pytest.mark.filterwarnings("ignore")
def test_other_loggers_write_on_this_machine_alone(run, data, tmp_path, name, written, files):
    pytest.importorskip(name)
    quick = ("model=gru", SMALL, *data, *QUICK[:3], "max_epochs=1", "calibration=none", f"logger={name}")
    for folder in ("a", "b"):
        code, _, err = run("train", *quick, f"run_dir={folder}")
        assert code == 0, err
    assert len(list(tmp_path.glob(written))) == files
    assert {path.name for path in tmp_path.iterdir()} <= {"a", "b", "runs"}


def test_tensorboard_by_option(run, data, tmp_path):
    assert run("train", "model=gru", SMALL, *data, *QUICK, "logger=tensorboard", "run_dir=a")[0] == 0
    assert list((tmp_path / "a" / "tensorboard").glob("events*"))


def test_a_diverged_training_is_an_error_and_its_folder_says_that_it_is_incomplete(run, data, tmp_path):
    code, _, err = run(
        "train", "model=rnn", SMALL, *data, *QUICK, "optimizer.lr=1e30", "trainer.clip=null", "run_dir=a"
    )
    assert code == 6
    assert re.search(r"training diverged in epoch 1, step \d: .* \(records r", err)
    assert "resume with" not in err  # it would diverge again
    assert not list((tmp_path / "a" / "checkpoints").glob("*.ckpt"))
    assert (tmp_path / "a" / "INCOMPLETE").exists()


@pytest.mark.parametrize(
    "setting",
    [
        *("optimizer.lr=inf", "optimizer.lr=nan", "optimizer.lr=-1", "optimizer.weight_decay=inf"),
        *("optimizer=sgd optimizer.momentum=inf", "optimizer=sgd optimizer.momentum=nan", "trainer.clip=inf"),
        *("trainer.clip=nan", "loss=focal loss.gamma=nan", "schedule=plateau schedule.factor=nan"),
    ],
)
def test_a_setting_that_is_no_finite_number_is_refused_before_anything_is_written(
    run, data, tmp_path, setting
):
    code, _, err = run("train", "model=gru", SMALL, *data, *QUICK[:4], *setting.split(), "run_dir=a")
    assert code == 2
    key, value = setting.split()[-1].split("=")
    assert key.split(".")[-1].replace("lr", "learning rate") in err or key in err
    assert value in err
    assert "Traceback" not in err
    assert not (tmp_path / "a").exists()


def test_the_script_is_the_same_program(data, tmp_path):
    command = [sys.executable, str(ROOT / "scripts" / "train.py"), "--cfg", "job", "seed=7"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=os.environ)
    assert done.returncode == 0, done.stderr
    assert "seed: 7" in done.stdout


def test_records_that_cannot_be_used_are_left_out_and_said(run, easy_fasta, tmp_path):
    bad = ">bad label=rich\nACXT\n>none label=poor\nNNNN\n"
    (tmp_path / "train.fa").write_text((easy_fasta / "train.fa").read_text() + bad)
    arguments = ("data=fasta", "data.train=train.fa", "run_dir=a", "max_epochs=1")
    assert run("train", "model=gru", SMALL, *QUICK, *arguments)[0] == 3
    code, _, err = run("train", "model=gru", SMALL, *QUICK, *arguments, "bad_records=keep")
    assert code == 7
    assert "2 of train: records could not be used and were left out" in err
    assert scores_of(tmp_path / "a")["dropped"]["rejected"]["train"] == 2


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_stopped_training_says_so_by_its_exit_code(data, tmp_path, name, code):
    endless = ("max_epochs=1000000", "patience=1000000", "run_dir=run")
    train = dnaseq("train", "recipe=none", "model=gru", SMALL, "trainer=cpu", *data, *endless)
    with (tmp_path / "said").open("w+") as said:
        process = started(train, tmp_path, said, said)
        try:
            while not (tmp_path / "run" / "history.csv").exists() and process.is_alive():
                time.sleep(0.1)
            os.kill(process.pid, getattr(signal, name))
            process.join()
        finally:
            process.kill()
    err = (tmp_path / "said").read_text()
    assert process.exitcode == code, err
    assert "records: train" in err
    assert "resume with: dnaseq train resume=run\n" in err
    assert "Traceback" not in err
    assert (tmp_path / "run" / "INCOMPLETE").exists()


def test_a_split_by_chromosomes_takes_names_from_the_command_line(run, easy_fasta, tmp_path):
    lines = (easy_fasta / "train.fa").read_text().splitlines()
    named = [
        f">chr{i // 2 % 4}:{i}{line[line.index(' ') :]}" if line[0] == ">" else line
        for i, line in enumerate(lines)
    ]
    (tmp_path / "named.fa").write_text("\n".join(named) + "\n")
    split = ("split=chromosome", "split.test=[chr0]", "split.val=[chr1]")
    code, _, err = run(
        "train", "model=gru", SMALL, *QUICK, "data=fasta", "data.train=named.fa", *split, "run_dir=a"
    )
    assert code == 0, err
    with (tmp_path / "a/split.tsv").open() as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    assert {row["id"].partition(":")[0] for row in rows if row["split"] == "test"} == {"chr0"}
    assert {row["id"].partition(":")[0] for row in rows if row["split"] == "val"} == {"chr1"}


def test_without_a_test_set_there_is_a_bundle_and_no_scores(run, easy_fasta, tmp_path):
    data = ("data=fasta", f"data.train={easy_fasta}/train.fa", "split=untested")
    code, said, _ = run("train", "model=rnn", *data, *QUICK, SMALL, f"run_dir={tmp_path}/r")
    assert code == 0
    assert "no test set, so no scores" in said
    found = scores_of(tmp_path / "r")
    assert (found["n"], found["metrics"], found["split_by"]) == (0, {}, "untested")
    text = (tmp_path / "r" / "split.tsv").read_text()
    rows = list(csv.DictReader(text.splitlines(), delimiter="\t"))
    assert [sum(row["split"] == part for row in rows) for part in ("train", "val", "test")] == [86, 10, 0]
    assert "There was no test set" in (tmp_path / "r" / "report.html").read_text()
    assert Predictor.load(tmp_path / "r" / "bundle").spec.scores == {}
    code, _, said = run("train", f"resume={tmp_path}/r")
    assert (code, "nothing to resume" in said) == (0, True)


def test_a_split_without_a_test_set_refuses_one(run, data, tmp_path):
    code, _, said = run("train", *data, *QUICK, "split=untested", f"run_dir={tmp_path}/r")
    assert code == 2
    assert "split=untested has no test set. Leave data.test out" in said


def test_a_split_that_leaves_nothing_to_learn_from_is_an_error(run, tmp_path, random_sequence):
    """Sixty variants of one sequence: whatever judges is like whatever trains."""
    base = random_sequence(100, 1)
    records = [f">r{i} label={'ab'[i % 2]}\n{base[:i]}{'ACGT'[i % 4]}{base[i + 1 :]}\n" for i in range(60)]
    (tmp_path / "one.fa").write_text("".join(records))
    data = ("data=fasta", "data.train=one.fa", "split=random", "leaks=drop")
    code, _, err = run("train", "model=gru", *QUICK, *data, "run_dir=a")
    assert code == 3
    assert "all train records are copies or near-duplicates of test or validation records" in err
    assert not (tmp_path / "a").exists()

"""One's own parts in the commands: named on the command line, or nothing of them runs."""

import csv
import json
import pickle

import pytest
import yaml
from interruption import interrupted
from plugin_files import plugin_of, source_of, write_bundle, write_plugin
from plugin_lab import LAB, write_lab

from dnaseq import DnaClassifier
from dnaseq.bundle.predictor import Predictor
from dnaseq.plugins.named import job_plugins

QUICK = ("recipe=none", "trainer=cpu", "batch_size=16", "max_epochs=1")


@pytest.fixture
def lab(tmp_path):
    """A plug-in and a folder of configurations in the working folder."""
    return write_lab(tmp_path)


@pytest.fixture
def train(run, easy_fasta, lab, without_pages):
    data = ("data=fasta", f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa")
    return lambda *arguments: run("train", "--config-dir=own", "model=gated", *data, *QUICK, *arguments)


@pytest.fixture
def own(tmp_path):
    """A plug-in, a bundle that needs it, and a file to answer, in the working folder."""
    path = write_plugin(tmp_path)
    write_bundle(tmp_path / "bundle", plugin_of(path))
    (tmp_path / "a.fa").write_text(">r\nACGTAC\n>s\nGGGGCC\n")
    return path


def test_a_part_of_ones_own_trains_and_answers(train, run, lab):
    code, _, err = train("plugins=[./mylab.py]", "run_dir=run")
    assert code == 0, err
    spec = json.loads((lab / "run" / "bundle" / "spec.json").read_text())
    assert spec["plugins"][0]["sha256"] == plugin_of(lab / "mylab.py").known[0].source.sha256
    (lab / "a.fa").write_text(">r\nACGTACGTAC\n")
    given = ("bundle=run", "input=a.fa", "device=cpu")
    assert run("predict", *given, "output=a.tsv")[0] == 4
    code, _, err = run("predict", *given, "output=a.tsv", "plugins=./mylab.py")
    assert code == 0, err
    [one] = Predictor.load(lab / "run" / "bundle", plugins=["mylab.py"], device="cpu").predict(["ACGTACGTAC"])
    assert (lab / "a.tsv").read_text().splitlines()[1].split("\t")[2] == one.label


def test_one_of_each_kind_of_part_trains(train, lab):
    own = ("encoding=two_bits", "loss=hinge", "augmentation=no_change", "data=own_fasta")
    code, _, err = train("plugins=[./mylab.py]", "run_dir=run", *own)
    assert code == 0, err
    spec = json.loads((lab / "run" / "bundle" / "spec.json").read_text())
    assert spec["encoding"] == {"_target_": "plugin:mylab/TwoBits"}
    assert [one["name"] for one in spec["plugins"]] == ["mylab"]


def test_a_metric_of_ones_own_is_logged_and_says_which_epoch_is_best(train, lab):
    own = ("++metrics.share._target_=plugin:mylab/Share", "monitor=val/share", "max_epochs=2")
    code, _, err = train("plugins=[./mylab.py]", "run_dir=run", *own)
    assert code == 0, err
    rows = list(csv.DictReader((lab / "run" / "history.csv").read_text().splitlines()))
    assert [row["val/share"] for row in rows] == [row["val/accuracy"] for row in rows]
    assert list(rows[0])[-3:] == ["val/share", "lr", "seconds"]


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("monitor=val/share",), "monitor must be one of val/loss, val/accuracy, val/auroc"),
        (
            ("++metrics.wrong._target_=plugin:mylab/Wrong", "monitor=val/wrong"),
            "monitor=val/wrong: a metric that says which epoch is best must have higher_is_better = True",
        ),
        (("++metrics.x._target_=plugin:mylab/NoMetric",), "val/x: NoMetric must be a torchmetrics.Metric"),
        (("++metrics.auroc._target_=plugin:mylab/Share",), "metrics.auroc: choose another name"),
        (("++metrics.x._target_=plugin:os/system",), "plug-in os is not named"),
        (("++metrics.x._target_=torch.load",), "'torch.load' is not allowed here"),
    ],
)
def test_a_metric_that_cannot_be_one_is_refused(train, lab, more, message):
    code, _, err = train("plugins=[./mylab.py]", "run_dir=run", *more)
    assert code in (2, 4)
    assert message in err
    assert not (lab / "run").exists()


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("loss=hinge", "task=regression"), "a loss for regression must extend MeanSquared or Poisson"),
        (("loss=heavier", "task=multilabel"), "a loss for multilabel must extend BinaryCrossEntropy"),
    ],
)
def test_a_loss_of_another_task_is_refused(train, lab, more, message, easy_fasta):
    text = (
        (easy_fasta / "train.fa")
        .read_text()
        .replace("label=rich", "label=1")
        .replace("label=poor", "label=2")
    )
    (lab / "numbers.fa").write_text(text)
    files = ("data.train=numbers.fa", "data.test=null", "split=random")
    code, _, err = train("plugins=[./mylab.py]", "run_dir=run", *more, *files)
    assert (code, message in err) == (2, True), err


def test_a_run_resumes_where_its_plug_in_is_named_and_the_same(train, run, lab):
    with interrupted():
        assert train("plugins=[./mylab.py]", "run_dir=run")[0] == 130
    code, _, err = run("train", "resume=run")
    assert (code, "needs the plug-in mylab" in err) == (4, True), err
    (lab / "mylab.py").write_text(f"{LAB}\n# changed\n")
    code, _, err = run("train", "resume=run", "plugins=[./mylab.py]")
    assert (code, "plugins_changed=accept" in err) == (4, True), err
    code, _, err = run("train", "resume=run", "plugins=[./mylab.py]", "plugins_changed=accept")
    assert code == 0, err


def test_a_run_keeps_the_folders_of_the_search_path_for_a_resume(run, easy_fasta, lab, without_pages):
    data = ("data=fasta", f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa")
    given = ("plugins=[./mylab.py]", "model=gated", *data, *QUICK, "run_dir=run")
    with interrupted():
        assert run("train", "hydra.searchpath=[./own]", *given)[0] == 130
    code, _, err = run("train", "resume=run", "plugins=[./mylab.py]")
    assert code == 0, err


def test_the_cache_of_parsed_records_knows_the_plug_in_that_read_them(train, lab, capsys):
    own = ("plugins=[./mylab.py]", "data=own_fasta")
    assert train(*own, "run_dir=a")[0] == 0
    wrong = """
class OwnFasta(Fasta):
    def read(self, reading):
        for part, block in super().read(reading):
            yield part, block._replace(labels=["rich" for _ in block.labels])
"""
    (lab / "mylab.py").write_text(LAB + wrong)
    code, _, err = train(*own, "run_dir=b")
    assert (code, "poor" in err or "class" in err) == (3, True), err


def test_a_plug_in_is_named_before_anything_is_read(train, lab):
    code, _, err = train("run_dir=run", "data.train=absent.fa")
    assert (code, "plug-in mylab is not named, so it does not run" in err) == (2, True)
    assert not (lab / "run").exists()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("class GatedCnn", "class Other"), "no class or function of this plug-in. It has Other"),
        (("import nn", "import nnn"), "ImportError: cannot import name 'nnn'"),
        (("channels=8", "features=8"), "unknown key 'model.encoder.channels'. Did you mean"),
    ],
)
def test_errors_in_a_plug_in_come_before_any_data(train, lab, change, message):
    (lab / "mylab.py").write_text(LAB.replace(*change))
    code, _, err = train("plugins=[./mylab.py]", "run_dir=run", "data.test=null")
    assert (code, message in err) == (2, True), err
    assert not (lab / "run").exists()


def test_the_plug_ins_of_a_command_are_forgotten_after_it(train):
    train("plugins=[./mylab.py]", "data.train=absent.fa")
    assert job_plugins().known == ()


@pytest.mark.parametrize("task", ["predict", "explain"])
def test_commands_refuse_a_bundle_whose_plug_in_is_not_named(run, own, task, tmp_path):
    code, _, err = run(task, "bundle=bundle", "input=a.fa", "output=out", "device=cpu")
    assert (code, "needs the plug-in mylab" in err) == (4, True)
    assert not (tmp_path / "out").exists()


def test_predict_refuses_a_changed_plug_in_until_it_is_accepted(run, own, tmp_path):
    mark = tmp_path / "ran"
    own.write_text(source_of(mark))
    given = ("bundle=bundle", "input=a.fa", "output=a.tsv", "device=cpu", "plugins=[./mylab.py]")
    code, _, err = run("predict", *given)
    assert (code, "plugins_changed=accept" in err, mark.exists()) == (4, True, False)
    assert not (tmp_path / "a.tsv").exists()
    code, _, err = run("predict", *given, "plugins_changed=accept")
    assert (code, mark.exists()) == (0, True), err
    assert "warning: " in err


def test_processes_of_a_prediction_get_the_plug_in(run, own, quick_processes, tmp_path):
    given = ("bundle=bundle", "input=a.fa", "device=cpu", "plugins=[./mylab.py]")
    for workers in (0, 2):
        code, _, err = run("predict", *given, f"output={workers}.tsv", f"workers={workers}")
        assert code == 0, err
    assert (tmp_path / "0.tsv").read_text() == (tmp_path / "2.tsv").read_text()


@pytest.mark.slow
def test_workers_of_a_sweep_get_the_plug_in(run, easy_fasta, lab, quick_processes, without_pages):
    data = ("data=fasta", f"data.train={easy_fasta}/train.fa", f"data.test={easy_fasta}/test.fa")
    space = "++sweep.space={model.encoder.channels:{int:[2,8]}}"
    limits = ("sweep.trials=2", "sweep.workers=2", "sweep.seeds=1", space, "run_dir=found")
    given = ("--config-dir=own", "model=gated", "plugins=[./mylab.py]")
    code, out, err = run("sweep", *given, *data, *QUICK, *limits)
    assert code == 0, err
    assert "2 trials" in out
    assert run("sweep", "resume=found")[0] == 4
    assert run("sweep", "resume=found", "plugins=[./mylab.py]")[0] == 0


def test_processes_of_a_training_get_all_parts_of_the_plug_in(train, lab, quick_processes):
    own = ("encoding=two_bits", "loss=hinge", "augmentation=no_change", "data=own_fasta")
    own = (*own, "++metrics.share._target_=plugin:mylab/Share", "monitor=val/share")
    code, _, err = train("plugins=[./mylab.py]", "trainer=ddp_cpu", "trainer.devices=2", *own, "run_dir=run")
    assert code == 0, err
    (row,) = csv.DictReader((lab / "run" / "history.csv").read_text().splitlines())
    assert float(row["val/share"]) == pytest.approx(float(row["val/accuracy"]), abs=1e-6)


@pytest.mark.parametrize("text", ["plugins: [./mylab.py]", "plugins: ./mylab.py"])
def test_a_folder_of_configurations_cannot_name_plug_ins(train, lab, text):
    (lab / "own" / "experiment").mkdir()
    (lab / "own" / "experiment" / "x.yaml").write_text(f"# @package _global_\n{text}\n")
    code, _, err = train("experiment=x", "run_dir=run")
    assert (code, "a file cannot name plug-ins" in err) == (2, True)


def test_a_file_of_overrides_cannot_name_plug_ins(train, lab):
    (lab / "best.yaml").write_text(yaml.safe_dump({"overrides": ["plugins=[./mylab.py]"]}))
    code, _, err = train("@best.yaml")
    assert (
        code,
        "best.yaml: a file cannot name plug-ins. Write plugins=[./mylab.py] in the command" in err,
    ) == (2, True)


def test_the_estimator_of_python_takes_a_plug_in_by_its_config(lab, easy_fasta, monkeypatch):
    monkeypatch.chdir(lab)
    config = {
        "plugins": ["./mylab.py"],
        "model.pool._target_": "plugin:mylab/OwnMean",
        "model.encoder.hidden": 4,
    }
    net = DnaClassifier("gru", recipe="none", max_epochs=1, device="cpu", config=config)
    net.fit(easy_fasta / "train.fa", None)
    assert pickle.loads(pickle.dumps(net)).predict(["ACGTACGTAC"]) == net.predict(["ACGTACGTAC"])

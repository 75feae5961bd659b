"""What newcomers get wrong: each mistake gives one clear line and its exit code, and leaves nothing behind."""

import re

import pytest
import torch

from dnaseq.cli import main

FASTA = "".join(f">r{i} label={'ab'[i % 2]}\n{'ACGTTGCA' * 3}{'ACGT'[i % 4] * (i + 1)}\n" for i in range(40))
HTML = "<!DOCTYPE html>\n<html><body>404 Not Found</body></html>\n"
GENBANK = (
    "LOCUS       NC_005816               9609 bp    DNA     circular CON 06-FEB-2015\nDEFINITION  Yersinia.\n"
)
PROTEIN = ">p1 label=a\nMKVLAAGIVGLLLAQWERTYIPASDFGHKLE\n"


@pytest.fixture
def folder(tmp_path):
    files = {"good.fa": FASTA, "page.fa": HTML, "record.fa": GENBANK, "protein.fa": PROTEIN, "empty.fa": ""}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "unlabelled.fa").write_text(">r1\nACGT\n>r2\nGGCC\n")
    (tmp_path / "one_class.fa").write_text(FASTA.replace("label=b", "label=a"))
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").write_text("precious")
    (tmp_path / "reads.sam").write_text("@HD\tVN:1.6\nr1\t0\tchr1\t1\t60\t4M\t*\t0\t0\tACGT\tIIII\n")
    (tmp_path / "peaks.bed").write_text("chr1\t5\t205\n")
    (tmp_path / "mine.docx").write_bytes(b"PK\x03\x04[Content_Types].xml")
    (tmp_path / "nothing_in_it").mkdir()
    (tmp_path / "classes" / "pos").mkdir(parents=True)
    return tmp_path


@pytest.fixture
def easy(easy_fasta):
    """Data that can be trained on."""
    return f"data=fasta data.train={easy_fasta}/train.fa data.test={easy_fasta}/test.fa"


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        (
            "model=bilstmm",
            2,
            r"model=bilstmm: no such choice. Did you mean bilstm\? Choose from: attention, ",
        ),
        ("modle=gru", 2, r"unknown key 'modle'. Did you mean model\?"),
        (
            "model.encoder.hiden=3",
            2,
            r"unknown key 'model.encoder.hiden'. Did you mean model.encoder.hidden\?",
        ),
        (
            "{easy} model.encoder.hidden=-1",
            2,
            "hidden must be a whole number of at least 1; got -1",
        ),
        (
            "{easy} model=gru model.encoder.cell=lsm",
            2,
            "cell must be one of rnn_tanh, rnn_relu, lstm, gru; got 'lsm'",
        ),
        ("{easy} optimizer.lr=-1", 2, "Invalid learning rate: -1"),
        ("batch_size=0", 2, "batch_size must be a whole number from 1 to 1000000; got 0"),
        ("seed=${eval:1+1}", 2, "seed: references with a colon, .* are not read"),
        ("batch_size=many", 2, "batch_size must be a whole number from 1 to 1000000; got 'many'"),
        ("max_epochs=0", 2, "max_epochs must be a whole number from 1 "),
        ("leaks=ignore", 2, "leaks must be one of auto, drop, fail, keep; got 'ignore'"),
        ("monitor=test/auroc", 2, "monitor must be one of val/loss, val/accuracy, val/auroc"),
        ("data=fasta", 2, "no data are given. Give them with data.train=FILE"),
        ("data=class_files", 2, "data.train.pos=P.fa data.train.neg=N.fa"),
        ("data=class_files data.train.a=good.fa data.train.b=", 2, "data.train.b must be given"),
        ("data=class_files data.train.a=null data.train.b=good.fa", 5, "null: does not exist"),
        ("data=fasta data.train=good.fa data.rename.a=[b]", 2, "data.rename.a must be the name of a class"),
        ("data=fasta data.train=missing.fa", 5, "missing.fa: does not exist"),
        ("data=fasta data.train=page.fa", 3, "page.fa:1: .*looks like HTML"),
        ("data=fasta data.train=record.fa", 3, "record.fa:1: .*looks like GenBank"),
        ("data=fasta data.train=protein.fa", 3, "protein.fa:2: record 'p1': letter .* looks like protein"),
        ("data=fasta data.train=unlabelled.fa", 3, "unlabelled.fa:1: record 'r1': no label in the header"),
        ("data=fasta data.train=one_class.fa", 3, r"only one class \(a 40\)"),
        ("data=fasta data.train=empty.fa", 3, "empty.fa: no records"),
        (
            "data=fasta data.train=good.fa run_dir=taken",
            2,
            "taken exists. Choose another run_dir or overwrite=true",
        ),
        ("data=fasta data.train=good.fa run_dir=taken overwrite=true", 2, "taken is not a run folder"),
        (
            "data=fasta data.train=good.fa data.length=50 data.length_policy=cut",
            2,
            "length_policy must be one of",
        ),
        (
            "data=fasta data.train=good.fa encoding=kmer encoding.k=13",
            2,
            "encoding.k must be a whole number from 1 to 12; got 13",
        ),
        ("+foo=1", 2, "unknown key 'foo'"),
        ("++data.foo.bar=1", 2, "unknown key 'data.foo'"),
        ("+trainer.foo=1", 2, "unknown key 'trainer.foo'"),
        ("+optimizer.amsgrat=true", 2, "unknown key 'optimizer.amsgrat'. Did you mean optimizer.amsgrad"),
        ("~batch_size", 2, "batch_size must be given"),
        ("model=null", 2, "cannot be read"),
        ("~model", 2, "model must be given"),
        ("+model@foo=gru", 2, "unknown key 'foo'. --help lists the keys"),
        ("resume=[a]", 2, r"resume must be one path; got \['a'\]"),
        ("optimizer.lr=1e99999", 2, "optimizer.lr must be a finite number; got inf"),
        ("+optimizer.betas=[0.9,nan]", 2, r"optimizer.betas.1 must be a finite number"),
        ("data.source._target_=os.getcwd", 4, "'os.getcwd' is not allowed here"),
    ],
)
def test_a_mistake_in_training_gives_one_line(run, folder, easy, arguments, code, line):
    before = sorted(p.name for p in folder.rglob("*"))
    got, out, err = run("train", *arguments.replace("{easy}", easy).split())
    assert got == code, err
    assert out == ""
    message = [text for text in err.splitlines() if not text.startswith("note")]
    assert len(message) == 1, err
    assert message[0].startswith("dnaseq train: ")
    assert re.search(line, message[0]), message[0]
    assert sorted(p.name for p in folder.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "code", "line"),
    [
        ("input=good.fa", 2, "bundle must be given: bundle=..."),
        ("bundle=nothing input=good.fa", 5, "nothing: no such bundle folder"),
        ("bundle=. input=good.fa", 4, "not a bundle, it has no spec.json"),
        ("bundle={bundle}", 2, "input must be given: input=..."),
        ("bundle={bundle} input=missing.fa", 5, "missing.fa: does not exist"),
        ("bundle={bundle} input=page.fa output=out.tsv", 3, "looks like HTML"),
        ("bundle={bundle} input=good.fa output=out.xlsx", 2, "out.xlsx"),
        ("bundle={bundle} input=good.fa output=no/such/out.tsv", 5, "no/such"),
        ("bundle={bundle} input=good.fa bad_records=skip", 2, "bad_records must be"),
        (
            "bundle={bundle} input=good.fa device=tpu",
            2,
            "device must be one of auto, cpu, gpu, cuda; got 'tpu'",
        ),
        ("bundle={bundle} input=good.fa device=[cpu]", 2, "device must be one of auto, cpu, gpu, cuda"),
        ("bundle={bundle} input=good.fa output=[a.tsv]", 2, "output must be one path; got ['a.tsv']"),
        ("bundle={bundle} input=good.fa output=", 2, "output must be one path; got nothing"),
        ("bundle= input=good.fa", 2, "bundle must be one path; got nothing"),
        ("bundle=[a] input=good.fa", 2, "bundle must be one path; got ['a']"),
        (
            "bundle=http://a.b/c input=good.fa",
            2,
            "http://a.b/c: bundles are read from disk only. Download it",
        ),
        ("bundle=S3://b/c input=good.fa", 2, "bundles are read from disk only. Download it first"),
        ("bundle={bundle} input=", 2, "input must be a path or a list of paths; got nothing"),
        ("bundle={bundle} input=[]", 2, "input must be a path or a list of paths; got nothing"),
        ("bundle={bundle} input=[[a]]", 2, "input must be a path or a list of paths; got [['a']]"),
        (
            "bundle={bundle} input=good.fa workers=10000",
            2,
            "from 0 to 256 (each is a process that takes half",
        ),
        (
            "bundle={bundle} input=good.fa workers=-1",
            2,
            "workers must be a whole number of at least 0, or auto; got -1",
        ),
        (
            "bundle={bundle} input=good.fa workers=1.5",
            2,
            "workers must be a whole number of at least 0, or auto",
        ),
        ("bundle={bundle} input=good.fa engine.cpus=0", 2, "unknown key 'engine.cpus'"),
        (
            "bundle={bundle} input=good.fa engine=ray engine.cpus=0",
            2,
            "engine.cpus must be a whole number of at least 1",
        ),
        (
            "bundle={bundle} input=good.fa engine=ray workers=10000",
            2,
            "workers must be a whole number from 1",
        ),
        (
            "bundle={bundle} input=good.fa engine=ray engine.address=[a]",
            2,
            "engine.address must be HOST:PORT",
        ),
    ],
)
def test_a_mistake_in_prediction_gives_one_line(run, folder, trained, arguments, code, line):
    before = sorted(p.name for p in folder.rglob("*"))
    got, out, err = run("predict", *arguments.format(bundle=trained / "bundle").split())
    assert got == code, err
    assert out == ""
    assert len(err.splitlines()) == 1
    assert line in err
    assert sorted(p.name for p in folder.rglob("*")) == before


@pytest.mark.parametrize(
    ("task", "arguments", "line"),
    [
        ("evaluate", "bundle=", "bundle must be one path; got nothing"),
        ("evaluate", "bundle=[a]", "bundle must be one path; got ['a']"),
        ("evaluate", "bundle=https://a.b/c", "bundles are read from disk only. Download it first"),
        ("compare", "runs=", "runs must be a path or a list of paths; got nothing"),
        ("compare", "runs=[null,a]", "null is not a complete run"),
        ("compare", "runs=a", "name two different runs or more"),
        ("embed", "input= output=a.txt", "input must be a path or a list of paths; got nothing"),
        ("embed", "input=good.fa output=", "output must be one path; got nothing"),
        ("embed", "input=good.fa output=[a]", "output must be one path; got ['a']"),
        ("embed", "input=good.fa output=a.txt workers=10000", "workers must be at most 256"),
        ("audit", "{easy} run_dir=", "run_dir must be one path; got nothing"),
        ("audit", "{easy} run_dir=[a]", "run_dir must be one path; got ['a']"),
        ("audit", "cache_dir=[a]", "cache_dir must be one path; got ['a']"),
    ],
)
def test_a_place_that_is_none_gives_one_line(run, folder, easy, task, arguments, line):
    before = sorted(p.name for p in folder.rglob("*"))
    got, out, err = run(task, *arguments.replace("{easy}", easy).split())
    assert (got, out, err.count("\n")) == (2, "", 1), err
    assert line in err
    assert sorted(p.name for p in folder.rglob("*")) == before


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
@pytest.mark.parametrize("trainer", ["gpu", "ddp"])
def test_no_gpu_is_said_in_one_line(run, folder, trainer):
    code, _, err = run("train", "data=fasta", "data.train=good.fa", f"trainer={trainer}", "run_dir=r")
    assert code == 2
    assert "no GPU found. Use trainer=cpu" in err


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("trian", "'trian' is no command. Did you mean train?"),
        ("Predict", "'Predict' is no command. Did you mean predict?"),
        ("model=gru", "'model=gru' is no command. The command comes first: dnaseq train model=gru"),
        ("reads.fa", "'reads.fa' is no command. The commands are train, evaluate"),
    ],
)
def test_an_unknown_task_gets_the_one_that_was_meant(capsys, monkeypatch, word, told):
    monkeypatch.setattr("sys.argv", ["dnaseq", word])
    with pytest.raises(SystemExit) as raised:
        main()
    assert raised.value.code == 2
    err = capsys.readouterr().err
    assert err.startswith(f"dnaseq: {told}")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("modle=gru lrr=1", ["unknown key 'modle'. Did you mean model? Also: unknown key 'lrr'"]),
        (
            "batch_size=many max_epoch=3 data.classes=pos",
            ["unknown key 'max_epoch'", "batch_size must be a whole number", "data.classes must be a list"],
        ),
        ("model=resnet patience=x", ["model=resnet: no such choice", "patience must be a whole number"]),
        ("batch_size=0 optimizer.lr=nan", ["batch_size must be a whole number from 1", "optimizer.lr must be"]),
    ],
)  # fmt: skip
def test_all_mistakes_of_a_command_are_told_together(run, typed, told):
    code, out, err = run("train", *typed.split())
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert all(one in err for one in told), err


@pytest.mark.parametrize(
    ("typed", "code", "line"),
    [
        ("train good.fa page.fa", 2, "good.fa, page.fa stand alone. Write data=fasta data.train=good.fa"),
        ("train --data good.fa", 2, "--data: keys have no dashes. Write data=good.fa"),
        ("train bilstm", 2, "'bilstm' stands alone. Write model=bilstm"),
        ("predict -i good.fa", 2, "-i: keys have no dashes. Write input=good.fa"),
        ("predict input good.fa", 2, "input good.fa: write input=good.fa"),
        ("train data.train = good.fa", 2, "data.train = good.fa: leave out the blanks. Write data.train=good.fa"),
        ("predict bundle=good.fa input=taken", 5, "good.fa: is a file, and a bundle is a folder"),
        ("predict bundle={run} input={run}", 5, "is a bundle, not sequences. Write bundle="),
        ("predict bundle={run} input=goood.fa", 5, "goood.fa: does not exist. Did you mean good.fa?"),
        ("predict bundle={run} input=*.fq", 5, "*.fq: matches no file. Look at the pattern"),
        ("predict bundle={run} input=good.fa,page.fa", 5, "Several files are a list: [good.fa,page.fa]"),
        ("predict bundle={run} input='good.fa", 5, "'good.fa: does not exist. Did you mean good.fa?"),
        ("predict bundle={run} input=no/good.fa", 5, "no/good.fa: does not exist. There is no folder no"),
        ("predict bundle=~/nothing input=good.fa", 5, "/nothing: no such bundle folder. dnaseq train writes one"),
        ("train model=BiLSTM", 2, "model=BiLSTM: no such choice. Did you mean bilstm?"),
        ("train encoding=6mer", 2, "encoding=6mer: no such choice. Write encoding=kmer encoding.k=6"),
        ("train data=good.fa", 2, "data=good.fa: no such choice. Write data=fasta data.train=good.fa"),
        ("train data=my/t.csv", 2, "data=my/t.csv: no such choice. Write data=table data.train=my/t.csv"),
        ("train data=fasta data.train.pos=good.fa", 2, "read by data=class_files alone. Write data=class_files"),
        ("train train.pos=good.fa", 2, "unknown key 'train.pos'. Did you mean data.train.pos?"),
        ("train epochs=3", 2, "unknown key 'epochs'. Did you mean max_epochs=N?"),
        ("train gpus=2", 2, "unknown key 'gpus'. Did you mean trainer=gpu"),
        ("train lr=0.1", 2, "unknown key 'lr'. Did you mean optimizer.lr?"),
        ("train hidden=8", 2, "unknown key 'hidden'. Did you mean model.encoder.hidden?"),
        ("predict outdir=x bundle={run} input=good.fa", 2, "unknown key 'outdir'"),
        ("train device=cuda", 2, "unknown key 'device'. Did you mean trainer=gpu"),
        ("train early_stopping=5", 2, "unknown key 'early_stopping'. Did you mean patience=N?"),
        ("train --epochs 10", 2, "--epochs: keys have no dashes. Write max_epochs=10"),
        ("train --batch=32", 2, "--batch=32: keys have no dashes. Write batch_size=32"),
        ("train data=class_files data.train=taken", 2, "data.train must be names with values, such as data.train."),
        ("train data=planted data.train=good.fa", 2, "Your own files are read with data=fasta, data=table"),
        ("train data=fasta data.train=good.fa data.test=unlabelled.fa", 3, "without labels are for dnaseq predict"),
        ("train data=fasta data.train=good.fa data.val=unlabelled.fa", 3, "data.labels=FILE, or leave data.val out"),
        ("evaluate bundle={run} data=fasta data.test=unlabelled.fa", 3, "without labels are for dnaseq predict"),
        ("train data=fasta data.train=good.fa data.test=good.fa", 3, "the file is given twice. Name every"),
        ("predict bundle={run} data.test=good.fa", 2, "unknown key 'data.test'. Did you mean input=FILE?"),
        ("predict model={run} input=good.fa", 2, "this command takes a trained one. Write bundle=RUN"),
        ("predict bundle={run} input=good.fa split=random", 2, "split= is no setting of this command. --help shows"),
        ("predict {run} good.fa out.tsv", 2, "Write bundle={run} input=good.fa output=out.tsv"),
        ("predict bundle={run} input=reads.sam", 3, "looks like SAM. Turn it into FASTA: samtools fasta"),
        ("predict bundle={run} input=peaks.bed", 3, "looks like BED. It has places and no sequences"),
        ("predict bundle={run} input=mine.docx", 3, "mine.docx: is a document, not plain text. Save it as plain text"),
        ("predict bundle={run} input=nothing_in_it", 5, "nothing_in_it: this folder has no files. Give one that has"),
        ("predict bundle={run} input=classes", 5, "this folder has no files, only folders such as classes/pos"),
        ("train resume=taken", 5, "taken: not a run folder, it has no config.yaml"),
        ("train resume={run}/bundle", 5, "bundle: not a run folder, it has no config.yaml. Did you mean "),
        ("train resume=nothing", 5, "nothing: no such run folder"),
    ],
)  # fmt: skip
def test_a_newcomers_mistake_gives_one_line_that_leads_on(run, folder, trained, typed, code, line):
    task, *arguments = typed.replace("{run}", str(trained)).split()
    got, out, err = run(task, *arguments)
    assert (got, out, err.count("\n")) == (code, "", 1), err
    assert line.replace("{run}", str(trained)) in err


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
@pytest.mark.parametrize("device", ["cuda", "cuda:0", "gpu"])
def test_no_gpu_for_a_prediction_is_said_in_one_line(run, folder, trained, device):
    code, out, err = run("predict", f"bundle={trained}", "input=good.fa", f"device={device}")
    assert (code, out) == (2, "")
    assert err == "dnaseq predict: no GPU found. Use device=cpu (or device=auto, which takes what is there)\n"


def test_a_file_without_its_kind_of_data_is_told_of(run, folder):
    code, _, err = run("train", "data.train=good.fa", "monitor=val/pearson")
    assert code in (2, 3)
    assert "note: data.train= alone replaces a file of the data that come with dnaseq" in err
    assert "note:" not in run("train", "data=fasta", "data.train=good.fa", "batch_size=0")[2]


def test_the_bundle_of_a_run_folder_is_taken(run, folder, trained):
    assert run("predict", f"bundle={trained}", "input=good.fa", "output=p.tsv")[0] == 0

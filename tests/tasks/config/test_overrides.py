import pytest

from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.tasks.config.overrides import expand_arguments, prepare_arguments


def test_words_that_stand_alone_become_the_list_but_not_the_value_of_an_option():
    typed = ["--cfg", "job", "a", "seed=2", "job", "-p", "x", "-m"]
    options = ["--cfg", "job", "-p", "x", "-m"]
    assert prepare_arguments(typed, "compare", "runs") == [*options, "seed=2", 'runs=["a","job"]']


@pytest.mark.parametrize(
    ("task", "typed", "told"),
    [
        ("train", "a.fa", "a.fa stands alone. Write data=fasta data.train=a.fa"),
        ("train", "a.fa b.fa seed=1", "a.fa, b.fa stand alone. Write data=fasta data.train=a.fa data.test=b.fa"),
        ("train", "a.fa b.fa c.fa", "Write data=fasta data.train=[a.fa,b.fa,c.fa]"),
        ("audit", "a.csv", "a.csv stands alone. Write data=table data.train=a.csv"),
        ("predict", "b x.fa", "b, x.fa stand alone. Write bundle=b input=x.fa"),
        ("evaluate", "x.fa b", "x.fa, b stand alone. Write bundle=b data=fasta data.test=x.fa"),
        ("train", "bilstm", "'bilstm' stands alone. Write model=bilstm"),
        ("train", "kmer seed=3", "'kmer' stands alone. Write encoding=kmer"),
        ("train", "please", "'please' stands alone. Write KEY=VALUE"),
        ("predict", "--input=x.fa", "--input=x.fa: keys have no dashes. Write input=x.fa"),
        ("predict", "--input x.fa", "--input: keys have no dashes. Write input=x.fa"),
        ("predict", "-i x.fa -o y.tsv", "Write input=x.fa. Also: -o: keys have no dashes. Write output=y.tsv"),
        ("train", "--batch-size 16", "--batch-size: keys have no dashes. Write batch_size=16"),
        ("predict", "input x.fa", "input x.fa: write input=x.fa"),
        ("predict", "input = x.fa", "input = x.fa: leave out the blanks. Write input=x.fa"),
        ("predict", "input =x.fa", "input = x.fa: leave out the blanks. Write input=x.fa"),
        ("predict", "input= x.fa", "input= x.fa: leave out the blank. Write input=x.fa"),
        ("train", "model gru data.train a.fa", "model=gru. Also: data.train a.fa: write data.train=a.fa"),
    ],
)  # fmt: skip
def test_words_that_are_no_settings_get_what_was_meant(tmp_path, monkeypatch, task, typed, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "b").mkdir()
    with pytest.raises(ConfigError) as raised:
        prepare_arguments(typed.split(), task)
    assert told in str(raised.value)


@pytest.mark.parametrize(
    "typed", ["-i config", "--info", "-m model=gru,lstm", "~seed", "--config-dir x seed=1", "a= b=1"]
)
def test_options_and_settings_are_no_mistakes(typed):
    assert sorted(prepare_arguments(typed.split(), "train")) == sorted(typed.split())


def test_a_file_stands_for_the_overrides_in_it(tmp_path):
    (tmp_path / "best.yaml").write_text("# a note\noverrides:\n  - 'model=gru'\n  - 'data.train=it''s.fa'\n")
    given = ["-m", f"@{tmp_path}/best.yaml", "seed=1"]
    assert expand_arguments(given, "predict") == ["-m", "model=gru", "data.train=it's.fa", "seed=1"]


def test_names_in_a_file_of_overrides_are_any_text(tmp_path):
    (tmp_path / "best.yaml").write_text("overrides: ['data.rename.type I=one', 'data.train.5-UTR=a b.fa']\n")
    assert expand_arguments([f"@{tmp_path}/best.yaml"], "predict") == [
        "data.rename.type I=one",
        "data.train.5-UTR=a b.fa",
    ]


def test_a_file_without_a_recipe_is_of_a_time_when_there_was_none(tmp_path):
    (tmp_path / "best.yaml").write_text("overrides: ['model=gru']\n")
    assert expand_arguments([f"@{tmp_path}/best.yaml", "recipe=probe"], "train") == [
        "recipe=none",
        "model=gru",
        "recipe=probe",
    ]
    (tmp_path / "best.yaml").write_text("overrides: ['model=gru', 'recipe=probe']\n")
    assert expand_arguments([f"@{tmp_path}/best.yaml"], "train") == ["model=gru", "recipe=probe"]


@pytest.mark.parametrize("text", ["a: 1", "- a", "overrides: 3", "overrides: [1]", "a: ["])
def test_a_file_without_overrides_is_named(tmp_path, text):
    (tmp_path / "best.yaml").write_text(text)
    with pytest.raises(ConfigError, match=r"best\.yaml"):
        expand_arguments([f"@{tmp_path}/best.yaml"], "train")


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileAccessError, match=r"best\.yaml"):
        expand_arguments([f"@{tmp_path}/best.yaml"], "train")


@pytest.mark.parametrize(
    "one", ["hydra.run.dir=x", "+hydra.callbacks={}", "-m", "--config-dir=x", "@other.yaml", "~seed", "word"]
)
def test_a_file_holds_settings_of_a_task_alone(tmp_path, one):
    (tmp_path / "best.yaml").write_text(f"overrides: ['{one}']")
    with pytest.raises(ConfigError, match=r"is no KEY=VALUE of a task"):
        expand_arguments([f"@{tmp_path}/best.yaml"], "train")


@pytest.mark.parametrize("character", ["\0", "\n", "\r", "\x1b", "\x9b", "\u2028", "\udcff"])
def test_an_argument_is_text_of_one_line(character):
    with pytest.raises(ConfigError, match=r"run_dir: the character .* is not text of one line"):
        expand_arguments([f"run_dir=a{character}b"], "train")

import pytest
from hydra.errors import HydraException

from dnaseq.errors import ConfigError
from dnaseq.tasks.overrides import expanded, explained, prepared


@pytest.mark.parametrize(
    ("typed", "given"),
    [
        ("model=gru", "model=gru"),
        ("--help", "--help"),
        ("input=reads.fa.gz", "input=reads.fa.gz"),
        ("input=[a.fa,b.fa]", "input=[a.fa,b.fa]"),
        ("input=my reads (1).fa", "input='my reads (1).fa'"),
        ("input=it's.fa", "input='it\\'s.fa'"),
        ("run_dir=~/runs/é", "run_dir='~/runs/é'"),
        (r"data.label_pattern=\|(\w+)", r"data.label_pattern='\|(\w+)'"),
        (r"split.pattern=(chr\w+):", r"split.pattern='(chr\w+):'"),
        ("resume=my run", "resume='my run'"),
        ("data.rename={a:b}", "++data.rename={a:b}"),
        ("data.train.pos=p.fa", "++data.train.pos=p.fa"),
        ("data.train=all.fa", "data.train=all.fa"),
        ("data.rename.1=yes", "++data.rename.1=yes"),
    ],
)
def test_arguments_are_made_ready(typed, given):
    assert prepared([typed]) == [given]


def test_words_that_stand_alone_become_the_list_but_not_the_value_of_an_option():
    typed = ["--cfg", "job", "a", "seed=2", "job", "-p", "x", "-m"]
    assert prepared(typed, "runs") == ["-m", "--cfg", "job", "seed=2", "-p", "x", "runs=['a','job']"]


def test_a_misspelt_key_gets_the_nearest_one():
    error = HydraException("Could not override 'modle'.\nTo append to your config use +modle=lstm")
    assert explained(error, ["model", "seed"]) == "unknown key 'modle'. Did you mean model?"


def test_an_unknown_choice_lists_the_choices():
    options = "Available options in 'model':\n\tbilstm\n\tgru\nConfig search path:\n\tx"
    text = f"In 'train': Could not find 'model/bilstmm'\n\n{options}"
    assert explained(HydraException(text), []) == (
        "model=bilstmm: no such choice. Did you mean bilstm? Choose from: bilstm, gru"
    )


def test_any_other_error_is_cut_to_its_first_line():
    assert explained(HydraException("first\nsecond"), []) == "first"


def test_a_file_stands_for_the_overrides_in_it(tmp_path):
    (tmp_path / "best.yaml").write_text("# a note\noverrides:\n  - 'model=gru'\n  - 'data.train=it''s.fa'\n")
    given = ["-m", f"@{tmp_path}/best.yaml", "seed=1"]
    assert expanded(given) == ["-m", "model=gru", "data.train=it's.fa", "seed=1"]


@pytest.mark.parametrize("text", ["a: 1", "- a", "overrides: 3", "overrides: [1]", "a: [", None])
def test_a_file_without_overrides_is_named(tmp_path, text):
    if text is not None:
        (tmp_path / "best.yaml").write_text(text)
    with pytest.raises(ConfigError, match=r"best\.yaml"):
        expanded([f"@{tmp_path}/best.yaml"])

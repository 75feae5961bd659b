"""Names of files, columns, labels and classes are the text that was typed."""

import shlex

import hydra
import pytest
from omegaconf import OmegaConf

from dnaseq.tasks.config.composition import hydra_of
from dnaseq.tasks.config.typed_text import quote_texts

LABELS = (
    *("1.0", "01", "1e5", "1_000", "0x1f", "inf", "TRUE", "false", "yes", "null", "~", "a/b", "H3K4.me3"),
    *("type I", "5'UTR", 'a"b', "a\\b", "(x)", "a,b", "é", "#1", "@x", "$y", "-", "*", "a;b", "a{b", "a]"),
)


@pytest.fixture(scope="module")
def composed():
    """composed("data=fasta", "data.train=a.fa") -> the configuration of a training, as plain values."""
    with hydra_of("train"):
        yield lambda *typed: hydra.compose("train", overrides=list(typed), return_hydra_config=True)


@pytest.mark.parametrize("label", LABELS)
def test_a_label_that_is_renamed_and_its_class_are_text(composed, label):
    cfg = composed("data=fasta", f"data.rename.{label}=x", f"data.rename.y={label}")
    assert cfg.data.rename == {label: "x", "y": label}


@pytest.mark.parametrize("name", LABELS)
def test_names_of_files_and_columns_are_text(composed, name):
    table = composed("data=table", f"data.train={name}", f"data.sequence={name}").data
    assert table.sequence == name
    assert table.train == (name if name != "null" else None)
    classes = composed("data=class_files", f"data.train.{name}=p.fa", f"data.train.neg={name}").data.train
    assert classes == {name: "p.fa", "neg": name}


def test_classes_are_text(composed):
    plain = [label for label in LABELS if not set(label) & set(",{]")]
    assert composed(f"data.classes=[{', '.join(plain)}]").data.classes == plain


@pytest.mark.parametrize(
    ("typed", "key", "value"),
    [
        ("data.rename={type I: one, 01: a}", "rename", {"type I": "one", "01": "a"}),
        ("data.rename={'a:b': c, \"d,e\": 'f g', h/i.j: TRUE}", "rename", {"a:b": "c", "d,e": "f g", "h/i.j": "TRUE"}),
        ("data.rename={strong:enhancer}", "rename", {"strong": "enhancer"}),
        ("data.rename={}", "rename", {}),
        ("++data.rename={a: b}", "rename", {"a": "b"}),
        ("data.rename.'a.b'=c", "rename", {"a.b": "c"}),
        ("data.rename.a=b=c", "rename", {"a": "b=c"}),
        ("data.classes=['FALSE','x,y',\"it's\"]", "classes", ["FALSE", "x,y", "it's"]),
        ("data.classes=[]", "classes", []),
        ("data.classes=null", "classes", None),
        ("data.train={pos: [1.fa, '2.fa'], neg: n.fa}", "train", {"pos": ["1.fa", "2.fa"], "neg": "n.fa"}),
        ("++data.train.pos='p.fa'", "train", {"pos": "p.fa"}),
        ("data.train=[a.fa, null]", "train", ["a.fa", "null"]),
        ("data.train= a b.fa ", "train", "a b.fa"),
        ("data.train=it's.fa", "train", "it's.fa"),
        ("data.train='it\\'s.fa'", "train", "it's.fa"),
        ("data.train='null'", "train", "null"),
        ("data.train=", "train", ""),
        ("data.test=null", "test", None),
        ("data.train=a,b.fa", "train", "a,b.fa"),
        (r"data.label_pattern=[a-c]\|(\w+)", "label_pattern", r"[a-c]\|(\w+)"),
        (r"data.label_pattern='\|(\w+)'", "label_pattern", r"\|(\w+)"),
        ("data.label_pattern=[x]", "label_pattern", "[x]"),
        (" data.train =a.fa", "train", "a.fa"),
    ],
)  # fmt: skip
def test_forms_of_names(composed, typed, key, value):
    group = "class_files" if "pos" in typed else "fasta"
    assert composed(f"data={group}", typed).data[key] == value


def test_numbers_and_choices_are_none_of_these(composed):
    cfg = composed("split=chromosome", "split.val=0.2", "split.test=[1, X, 02]", "seed=7", "batch_size=8")
    assert (cfg.split.val, cfg.split.test, cfg.seed, cfg.batch_size) == (0.2, ["1", "X", "02"], 7, 8)


@pytest.mark.parametrize(
    "typed", [["data.rename.1.0=5'UTR", "data.rename.a b=c"], ["data.classes=[1e5,'a,b']"], ["data.train=it's [x].fa"]]
)  # fmt: skip
def test_a_command_that_was_kept_means_the_same_again(composed, typed):
    cfg = composed("data=fasta", *typed)
    assert list(cfg.hydra.overrides.task) == ["data=fasta", *typed]
    again = shlex.split(shlex.join(quote_texts(["data=fasta", *typed], several=False)))
    assert composed(*again).data == cfg.data


def test_a_configuration_is_read_again_as_it_was(composed):
    data = composed("data=fasta", *(f"data.rename.{label}={label}" for label in LABELS)).data
    assert OmegaConf.create(OmegaConf.to_yaml(data)).rename == dict(zip(LABELS, LABELS, strict=True))


def test_commas_part_the_values_of_several_jobs():
    typed = [
        "data.rename.a=x,'y,z'",
        "data.rename.b/c=1.0",
        "data.classes=[1,2],[2,1]",
        "data.test=choice(a,b)",
    ]
    assert quote_texts([*typed, "model=gru,lstm"], several=True) == [
        "data.classes=['1','2'],['2','1']",
        "data.test=choice(a,b)",
        "model=gru,lstm",
        """++data.rename='{"a": "x", "b/c": "1.0"}','{"a": "y,z", "b/c": "1.0"}'""",
    ]


@pytest.mark.parametrize(
    ("typed", "pattern"), [("null", None), (r"[Cc]hr(\d+)", r"[Cc]hr(\d+)"), ("(a,b)", "(a,b)")]
)
def test_a_pattern_of_chromosomes_is_one_text_or_none(composed, typed, pattern):
    assert composed("split=chromosome", f"split.pattern={typed}").split.pattern == pattern

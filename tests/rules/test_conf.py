"""Every choice in conf/ composes, builds and runs; every key is read by something."""

import re
from functools import cache
from pathlib import Path

import dnaseq.conf
import hydra
import pytest
import torch
from omegaconf import OmegaConf

from dnaseq.build import TRAINING, build
from dnaseq.cli import TASKS
from dnaseq.tasks.config import typed_text
from dnaseq.tasks.config.composition import compose_task, hydra_of
from dnaseq.tasks.config.meanings import WORDS, Meaning, allowed_values, allows, read_comments
from dnaseq.tasks.pipeline.factories import LOADING, take_vectors

CONF = Path(dnaseq.conf.__file__).parent
TEXTS = typed_text.NAMES | typed_text.WORDS | typed_text.PATTERNS | typed_text.SHARES


def names(group: str) -> list[str]:
    return sorted(path.stem for path in (CONF / group).glob("*.yaml"))


@cache
def composed(task: str, *overrides: str):
    """Hydra takes a tenth of a second, so once for all tests."""
    with hydra.initialize_config_module("dnaseq.conf", version_base="1.3"):
        return hydra.compose(task, overrides=list(overrides))


def test_the_names_users_type_are_there():
    assert set(names("model")) >= {
        *(
            "rnn",
            "lstm",
            "gru",
            "bilstm",
            "bigru",
            "attention",
            "dot_attention",
            "self_attention",
            "multihead",
        ),
        *("transformer", "cnn", "cnn_bilstm"),
    }
    assert set(names("trainer")) >= {"auto", "cpu", "gpu", "ddp", "ddp_cpu", "debug"}
    assert set(names("data")) >= {
        "enhancers",
        "enhancer_strength",
        "ecoli_coding",
        "planted",
        "fasta",
        "class_files",
        "table",
    }
    assert set(names("split")) >= {
        "given",
        "untested",
        "random",
        "stratified",
        "grouped",
        "kfold",
        "chromosome",
    }
    assert set(names("calibration")) >= {"temperature", "isotonic", "none"}
    assert set(names("threshold")) >= {"fixed", "max_mcc", "sensitivity", "cost"}


@pytest.mark.parametrize("encoding", names("encoding"))
@pytest.mark.parametrize("model", names("model"))
def test_every_model_runs_with_every_encoding(model, encoding, tmp_path):
    cfg = composed("train", f"model={model}", f"encoding={encoding}").copy()
    if encoding == "kmer_pretrained":
        (tmp_path / "v.txt").write_text("ACG 0.1 0.2\nCGT 0.3 0.4\n")
        cfg.encoding.vectors = f"{tmp_path}/v.txt"
        take_vectors(cfg)
    encode = build(cfg.encoding)
    net = build(cfg.model, n_symbols=encode.n_symbols, n_classes=3)
    codes, lengths = torch.randint(0, 4, (2, 60), dtype=torch.uint8), torch.tensor([60, 60])
    x = encode(codes)
    expected = (len(x), 2, 3) if model.startswith("labeller") else (2, 3)
    assert net(x, encode.lengths(lengths)).shape == expected


@pytest.mark.parametrize("task", TASKS)
def test_every_task_has_its_configuration(task):
    cfg = composed(task)
    assert cfg.get("run_dir") is None
    assert cfg.get("bad_records", "fail") == "fail"


@pytest.mark.parametrize("optimizer", names("optimizer"))
def test_every_optimizer_takes_parameters(optimizer):
    make = build(composed("train", f"optimizer={optimizer}").optimizer, TRAINING)
    assert make([torch.nn.Parameter(torch.zeros(1))]).param_groups[0]["lr"] > 0


@pytest.mark.parametrize("data", names("data"))
def test_every_data_set_has_the_common_keys(data):
    cfg = composed("train", f"data={data}").data
    assert {"classes", "rename", "length", "length_policy", "stranded", "source"} <= set(cfg)


FILES = sorted(CONF.rglob("*.yaml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_is_short_and_its_first_line_is_a_sentence_about_it(path):
    assert len(path.read_text().splitlines()) <= 35
    assert re.fullmatch(r".+[.:)\w]", read_comments(path).title)


def all_choices():
    """Every task with every choice of every group, those of many groups at a time."""
    for task in TASKS:
        with hydra_of(task):
            usual = compose_task(task, [])
            yield task, usual
            groups = (
                {group: names(group) for group in usual.groups}
                if task in ("train", "predict", "sweep")
                else {}
            )
            alone = [f"experiment={name}" for name in groups.pop("experiment", [])]  # sets other groups
            longest = max(map(len, groups.values()), default=0)
            together = [[f"{g}={n[i % len(n)]}" for g, n in groups.items()] for i in range(longest)]
            for choices in [*together, *([one] for one in alone)]:
                yield f"{task} {' '.join(choices)}", compose_task(task, choices)


def test_every_key_has_a_meaning_and_every_group_too():
    for command, composed in all_choices():
        meanings = composed.meanings
        for key, value in composed.keys.items():
            meaning = meanings.get(key, Meaning((), ""))
            assert meaning.text, f"{command}: {key} has no comment that says what it means"
            allowed = allowed_values(meaning, value)
            assert allowed, f"{command}: {key} does not say what it may be: [TEXT | null]"
            is_text = bool({"FILE", "FOLDER", "TEXT", "NAMES"} & set(allowed))
            assert not is_text or key in TEXTS, f"{command}: {key} is not taken as it is typed"
            is_set = value not in ("???", {}) and "${" not in str(value)
            assert not is_set or allows(allowed, value), f"{command}: {key}={value}"
        for group, text in composed.groups.items():
            assert text, f"{command}: group {group} has no comment in the list of defaults"


def test_what_is_allowed_is_written_in_known_words():
    for path in FILES:
        for key, meaning in read_comments(path).keys.items():
            for one in meaning.allowed:
                assert not one.isupper() or one in {*WORDS, "N"}, f"{path}: {key}: {one}"
                assert re.fullmatch(r"[\w/-]+|[\d.]+\.\.[\d.]*", one), f"{path}: {key}: {one}"


@pytest.mark.parametrize("task", TASKS)
def test_every_top_level_key_is_read_by_the_code(task):
    source = "".join(p.read_text() for p in Path(dnaseq.__file__).parent.rglob("tasks/**/*.py"))
    source += str(OmegaConf.to_container(composed(task), resolve=False))  # ${bad_records}
    for key in OmegaConf.to_container(composed(task)):
        in_text = any(text in source for text in (f"cfg.{key}", f"${{{key}}}", f'"{key}"'))
        assert in_text or key in LOADING, f"{task}: nothing reads {key}"


def test_a_misspelt_key_of_a_part_is_refused():
    cfg = composed("train", "+model.head.droput=0.5")
    with pytest.raises(Exception, match="droput"):
        build(cfg.model, n_symbols=4, n_classes=2)

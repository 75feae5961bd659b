"""Completion of command lines: the words, a real bash, and what is loaded for it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dnaseq.cli import main

PROGRAM = Path(sys.executable).parent / "dnaseq"


@pytest.fixture
def complete(monkeypatch, capsys, tmp_path):
    """The words that the last of the given ones may become."""
    (tmp_path / "reads").mkdir()
    (tmp_path / "reads.fa").touch()
    monkeypatch.chdir(tmp_path)

    def ask(*words: str) -> list[str]:
        monkeypatch.setattr(sys, "argv", ["dnaseq", "--complete", *words])
        with pytest.raises(SystemExit) as end:
            main()
        assert end.value.code == 0
        return [line.partition("\t")[0] for line in capsys.readouterr().out.splitlines()]

    return ask


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["pre"], ["predict"]),
        (["--inst"], ["--install-completion"]),
        (["--install-completion", "z"], ["zsh"]),
        (["train", "--mul"], ["--multirun"]),
        (["train", "enco"], ["encoding=", "encoding.ambiguous="]),
        (["train", "model=bi"], ["model=bigru", "model=bilstm"]),
        (["train", "-m", "model=rnn,lst"], ["model=rnn,lstm"]),
        (["train", "model=cnn", "model.encoder.f"], ["model.encoder.filters="]),
        (["train", "--help", "see"], ["seed"]),
        (["train", "leaks=d"], ["leaks=drop"]),
        (["train", "overwrite="], ["overwrite=true", "overwrite=false"]),
        (["predict", "input=rea"], ["input=reads.fa", "input=reads/"]),
        (["train", "data=class_files", "data.train.pos=reads."], ["data.train.pos=reads.fa"]),
        (["audit", "optim"], []),
        (["train", "modle=x", "strands=bo"], ["strands=both"]),
    ],
)
def test_words_are_completed(words, found, complete):
    assert sorted(complete(*words)) == sorted(found)


ASK = """
source "$HOME/.bashrc"
complete -p dnaseq
for line in 'dnaseq tr' 'dnaseq train model=bil' 'dnaseq predict input=rea'; do
    COMP_LINE="$line" COMP_POINT=${#line}
    _dnaseq
    echo "${COMPREPLY[*]}"
done
"""


def test_bash_completes_after_the_installation(tmp_path):
    (tmp_path / ".bashrc").write_text("# mine")
    (tmp_path / "reads.fa").touch()
    env = os.environ | {"HOME": str(tmp_path), "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"}
    env.pop("XDG_DATA_HOME", None)
    for _ in range(2):  # the second changes nothing
        done = subprocess.run(
            [PROGRAM, "--install-completion", "bash"], env=env, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    assert (tmp_path / ".bashrc").read_text().count("\n") == 2
    bash = ["bash", "--norc", "-c", ASK]
    asked = subprocess.run(bash, env=env, cwd=tmp_path, capture_output=True, text=True)
    assert asked.stdout.splitlines() == ["complete -F _dnaseq dnaseq", "train", "bilstm", "reads.fa"]


@pytest.mark.parametrize(
    ("shell", "start", "script"),
    [
        ("zsh", ".zshrc", ".local/share/dnaseq/completion.zsh"),
        ("fish", None, ".config/fish/completions/dnaseq.fish"),
    ],
)
def test_other_shells_get_their_scripts(shell, start, script, monkeypatch, tmp_path):
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "ZDOTDIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["dnaseq", "--install-completion", shell])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 0
    assert "--complete" in (tmp_path / script).read_text()
    assert start is None or str(tmp_path / script) in (tmp_path / start).read_text()
    if shutil.which(shell):
        subprocess.run([shell, "-n", tmp_path / script], check=True)


def test_a_home_that_cannot_be_written_is_one_line(monkeypatch, capsys, tmp_path):
    (tmp_path / ".local").touch()
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["dnaseq", "--install-completion", "bash"])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == 5
    assert capsys.readouterr().err.startswith("dnaseq: ")


def test_completion_loads_no_torch():
    program = "import sys; sys.argv[1:] = ['--complete', 'train', 'model=b']; from dnaseq.cli import main\n"
    program += "try: main()\nfinally: print({'torch', 'numpy', 'rich'} & set(sys.modules))"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.stdout.splitlines()[-1] == "set()", ended.stderr

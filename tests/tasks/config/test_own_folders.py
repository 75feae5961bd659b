"""Folders of configurations that a user names on the command line."""

import pytest

from dnaseq.errors import ConfigError
from dnaseq.tasks.config.own_folders import (
    options_of,
    parts_of_command,
    settings_of_command,
    take_folders,
)


@pytest.fixture
def here(tmp_path, monkeypatch):
    for name in ("a", "b c"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_folders_come_from_the_option_and_from_the_search_path(here):
    typed = ["seed=1", "hydra.searchpath=[./a,'b c']", f"hydra.searchpath=file://{here}/a"]
    assert take_folders("a", typed) == ([here / "a", here / "b c"], ["seed=1"])


def test_a_command_that_names_them_gives_them_back(here):
    folders = [str(here / "a"), str(here / "b c")]
    words = [*options_of(folders), "seed=1", "model=gru"]
    assert parts_of_command(words) == ([here / "a", here / "b c"], ["seed=1", "model=gru"])
    assert settings_of_command(words) == ["seed=1", "model=gru"]
    assert options_of([]) == []


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("[pkg://evil]", "pkg://evil is no folder. Only folders of this machine are read"),
        ("[file://evil://x]", "is no folder"),
        ("[./absent]", "hydra.searchpath ./absent: no such folder"),
        ("[]", "must be a list of folders"),
        ("[1]", "must be a list of folders"),
        ("{a: b}", "must be a list of folders"),
    ],
)
def test_what_is_no_folder_is_refused(here, typed, message):
    with pytest.raises(ConfigError) as error:
        take_folders(None, [f"hydra.searchpath={typed}"])
    assert message in str(error.value)


def test_a_choice_in_the_search_path_is_shown_and_kept_in_the_command(run, here):
    (here / "a" / "model").mkdir()
    (here / "a" / "model" / "mine.yaml").write_text("# My own.\ndefaults: [lstm]\n")
    code, out, err = run("train", "--cfg", "job", "hydra.searchpath=[./a]", "model=mine")
    assert (code, "cell: lstm" in out) == (0, True), err
    code, out, err = run("train", "--help", "hydra.searchpath=[./a]", "model")
    assert (code, "mine" in out) == (0, True), err
    code, _, err = run("train", "model=mine")
    assert (code, "model=mine: no such choice" in err) == (2, True)

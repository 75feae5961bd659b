"""Three processes that are started as srun would start them, without a network."""

import os
import sys
import time
from pathlib import Path

import pytest
from started_processes import finished
from started_processes import of_srun as variables_of_srun

from dnaseq.errors import ConfigError, InputError
from dnaseq.training import processes
from dnaseq.training.ranks import Place, check_place, read_srun, read_torchrun


def note(word):
    with Path(os.environ["SLURM_PROCID"]).open("a") as handle:
        handle.write(word + " ")


def refuse(word):
    note(word)
    if os.environ["SLURM_PROCID"] == "1":
        raise InputError("no such file here")


def hang():
    if os.environ["SLURM_PROCID"] == "0":
        raise OSError(28, "no space left")
    time.sleep(600)


def run():
    first = processes.first_process()
    first.together(note, "all")
    first.on_other_nodes(note, "node")
    try:
        first.together(refuse, "refuse")
    except InputError as error:
        note(str(error))
    first.together(note, "still")
    try:
        first.together(hang)
    except OSError as error:
        note(error.strerror)
    return 5


def program():
    processes.GRACE = 0.5
    sys.exit(processes.run_together(read_srun(), run))


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """What three processes, one on each node, said and what they ended with."""
    folder = tmp_path_factory.mktemp("three")
    ended = finished([program] * 3, variables_of_srun(3, 1), folder)
    return ended, [(folder / str(rank)).read_text().split() for rank in range(3)]


def test_a_call_is_answered_by_all_and_one_for_the_nodes_by_the_first_of_each_other_node(three):
    _, notes = three
    assert notes[0][:2] == ["all", "refuse"]
    assert notes[1][:3] == notes[2][:3] == ["all", "node", "refuse"]


def test_what_a_user_can_mend_elsewhere_is_raised_by_the_first_and_work_goes_on(three):
    _, notes = three
    assert notes[0][2:7] == ["no", "such", "file", "here", "still"]
    assert notes[1][3:] == notes[2][3:] == ["still"]


def test_a_first_process_that_fails_leaves_nobody_waiting(three):
    ended, notes = three
    assert notes[0][7:] == ["no", "space", "left"]
    assert [code for code, *_ in ended] == [5, 0, 0]
    assert ["" for _ in ended] == [out + err for _, out, err in ended]


def test_the_place_of_a_process_is_read_from_its_environment(monkeypatch):
    for name in ("TORCHELASTIC_RUN_ID", "SLURM_PROCID"):
        monkeypatch.delenv(name, raising=False)
    assert read_torchrun() is None
    assert read_srun() is None
    for name, value in variables_of_srun(8, 4)[5].items():
        monkeypatch.setenv(name, value)
    assert read_srun() == Place(5, 8, 1, 4, "srun")
    assert read_srun().nodes == 2
    ranks = {"RANK": "5", "WORLD_SIZE": "8", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "4"}
    for name, value in {"TORCHELASTIC_RUN_ID": "none", **ranks}.items():
        monkeypatch.setenv(name, value)
    assert read_torchrun() == Place(5, 8, 1, 4, "torchrun")


def test_nodes_with_different_numbers_of_processes_are_refused(monkeypatch):
    with pytest.raises(ConfigError, match="start as many on every node"):
        check_place(Place(0, 3, 0, 2, "torchrun"))
    monkeypatch.delenv("SLURM_NTASKS_PER_NODE", raising=False)
    with pytest.raises(ConfigError, match="needs --ntasks-per-node=N"):
        check_place(Place(0, 2, 0, 2, "srun"))

"""Blocks answered by other processes: the same rows in the same order, and nothing is left behind."""

import os
import signal
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from started_processes import started

from dnaseq.bundle.postprocess import SAME_WITHIN
from dnaseq.bundle.predictor import Predictor
from dnaseq.distributed.local import MUCH, LocalEngine, worker_count
from dnaseq.distributed.work import Questions, Work
from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.io.sequences.reading import Reading, read_blocks

GOLDEN = Path(__file__).parent.parent / "golden" / "bundle_v3"
OPTIONS = {"device": "cpu", "batch_size": 4}


def pieces():
    """The records of the golden bundle, three times, each time as one piece."""
    predictor = Predictor.load(GOLDEN / "bundle", **OPTIONS)
    for _ in range(3):
        yield from predictor.pieces(read_blocks(GOLDEN / "records.fa"))


def answered(workers, finish):
    """finish(rows) of every piece, by other processes."""
    predictor = Predictor.load(GOLDEN / "bundle", **OPTIONS)
    asked = Questions(str(GOLDEN / "bundle"), OPTIONS, predictor, [], partial(begin, finish))
    return LocalEngine(workers).answers(asked, pieces())


def begin(finish, predictor):
    return lambda piece: finish(predictor.predict_piece(piece))


def with_process(rows):
    return os.getpid(), rows.ids, rows.labels, rows.probabilities.tolist()


def die(rows):
    os.kill(os.getpid(), signal.SIGKILL)


def fail(rows):
    raise FileAccessError(f"no place for {rows.ids[0]}")


def stay(folder, rows):
    (folder / str(os.getpid())).touch()
    time.sleep(600)


def parent(folder: Path) -> None:
    list(answered(2, partial(stay, folder)))


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_answers_are_those_of_one_process_in_order(quick_processes):
    predictor = Predictor.load(GOLDEN / "bundle", **OPTIONS)
    here = [with_process(predictor.predict_piece(piece))[1:] for piece in pieces()]
    there = list(answered(2, with_process))
    assert [answer[1:3] for answer in there] == [answer[:2] for answer in here]
    for found, expected in zip(there, here, strict=True):
        np.testing.assert_allclose(found[3], expected[2], atol=SAME_WITHIN, rtol=0)
    assert os.getpid() not in {answer[0] for answer in there}


def test_an_error_in_a_process_arrives_as_itself(quick_processes):
    first = next(read_blocks(GOLDEN / "records.fa")).headers[0].decode().split()[0]
    with pytest.raises(FileAccessError, match=f"no place for {first}"):
        list(answered(1, fail))


def die_once(mark, rows):
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return rows.ids


def test_a_killed_process_is_replaced_and_no_row_is_lost(quick_processes, tmp_path):
    finish = partial(die_once, tmp_path / "killed")
    found = list(answered(2, finish))
    predictor = Predictor.load(GOLDEN / "bundle", **OPTIONS)
    assert found == [predictor.predict_piece(piece).ids for piece in pieces()]
    assert (tmp_path / "killed").exists()


def test_processes_that_are_killed_again_and_again_are_an_error_and_not_fewer_rows(quick_processes):
    with pytest.raises(FileAccessError, match=r"are killed, perhaps for lack of memory\. Try fewer workers"):
        list(answered(1, die))


def test_processes_do_not_outlive_a_killed_parent(tmp_path):
    (tmp_path / "at_work").mkdir()
    with (tmp_path / "said").open("w") as said:
        process = started(partial(parent, tmp_path / "at_work"), tmp_path, said, said)
    for _ in range(6000):
        children = [int(child.name) for child in (tmp_path / "at_work").iterdir()]
        if len(children) == 2:
            break
        time.sleep(0.1)
    process.kill()
    process.join()
    for _ in range(600):
        if not any(map(alive, children)):
            break
        time.sleep(0.1)
    assert len(children) == 2
    assert not any(map(alive, children))


def test_how_many_processes_answer(tmp_path):
    with (tmp_path / "large").open("wb") as file:
        file.truncate(MUCH)
    (tmp_path / "small").write_bytes(b">a\nACGT\n")
    assert worker_count("auto", "cpu", [str(tmp_path / "small"), "-"]) == 0
    assert worker_count("auto", "cpu", [str(tmp_path / "large")]) >= 1
    assert worker_count(3, "cpu", []) == 3
    for wrong in (-1, 1.5, 10_000, True, "many"):
        with pytest.raises(ConfigError, match="workers must be auto or a whole number from 0 to 256"):
            worker_count(wrong, "cpu", [])


@pytest.mark.parametrize(("workers", "threads"), [(0, 4), (1, 4), (2, 2), (4, 1), (9, 1)])
def test_what_is_kept_goes_with_as_many_threads_in_each_process(workers, threads, monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    predictor = Predictor.load(GOLDEN / "bundle", **OPTIONS)
    work = Work(str(GOLDEN), OPTIONS, predictor, [], [], Reading(), with_process, ())
    assert LocalEngine(workers).depends_on(work) == {"engine": "local", "device": "cpu", "threads": threads}

"""Records answered on a Ray cluster: the same rows in the same order, whatever dies, and no work done twice."""

import logging
import os
import signal
import sys
from functools import partial
from pathlib import Path

import pytest
import ray
from agreement import check_same_cells

from dnaseq.bundle.predictor import Predictor
from dnaseq.distributed.local import LocalEngine
from dnaseq.distributed.predictions import open_parts, predictions
from dnaseq.distributed.ray_engine import RayEngine
from dnaseq.distributed.ray_session import connected
from dnaseq.distributed.work import Answered, Questions, Work, versions_of
from dnaseq.errors import ConfigError, FileAccessError, InputError
from dnaseq.io.results.parts import Part
from dnaseq.io.sequences.reading import Reading

GOLDEN = Path(__file__).parent.parent / "golden" / "bundle_v3"
OPTIONS = {"device": "cpu", "batch_size": 256, "strands": None, "length_policy": None}


ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])  # workers cannot import a test


def answered(rows):
    lines = [
        f"{name}\t{label}\t{p:.9f}\n"
        for name, label, p in zip(rows.ids, rows.labels, rows.scores, strict=True)
    ]
    n = len(rows.ids)
    return Answered("".join(lines).encode(), n, n, 0, {})


@pytest.fixture(scope="module", autouse=True)
def cluster():
    with connected(None, 2):
        yield


@pytest.fixture(scope="module")
def reads(tmp_path_factory):
    """2,000 records of the golden bundle's length, in two files."""
    folder = tmp_path_factory.mktemp("reads")
    text = (GOLDEN / "records.fa").read_text().split(">")[1:]
    records = [f">{i}.{text[i % len(text)]}" for i in range(2000)]
    (folder / "a.fa").write_text("".join(records[:1500]))
    (folder / "b.fa").write_text("".join(records[1500:]))
    return [str(folder / "a.fa"), str(folder / "b.fa")]


@pytest.fixture
def work(reads):
    def of(finish=answered, sources=reads, **more):
        predictor = Predictor.load(GOLDEN / "bundle", **OPTIONS)
        made = Work(
            str(GOLDEN / "bundle"),
            OPTIONS,
            predictor,
            sources,
            versions_of(sources),
            Reading(),
            finish,
            (),
        )
        return made._replace(**more)

    return of


@pytest.fixture
def answers(tmp_path):
    def of(engine, work):
        with open_parts(engine, work, f"{tmp_path}/out.tsv", overwrite=False) as parts:
            yield from predictions(engine, work, parts)

    return of


@pytest.fixture
def engine():
    engine = RayEngine(workers=1, address=None, cpus=1, shard=1)
    engine.size = 30_000  # bytes, so that there are several shards of a small file
    return engine


@pytest.fixture
def answered_items(engine):
    """The answers of two workers to some items, by a function of an item alone."""

    def of(answer, items):
        engine.workers = 2
        bundle = str(GOLDEN / "bundle")
        predictor = Predictor.load(bundle, **OPTIONS)
        return engine.answers(Questions(bundle, OPTIONS, predictor, [], lambda _: answer), items)

    return of


def text_of(found):
    return b"".join(answer.formed for answer in found)


def check_same_rows(found, expected):
    """As far as is promised of engines, which cut batches at other places."""
    rows, due = ([line.split(b"\t") for line in text_of(some).splitlines()] for some in (found, expected))
    for column, cells in zip(zip(*rows, strict=True), zip(*due, strict=True), strict=True):
        check_same_cells(list(column), list(cells))


def once(folder, finish, rows):
    """finish(rows), but the first process of all that comes here is killed."""
    try:
        os.close(os.open(f"{folder}/killed", os.O_CREAT | os.O_EXCL))
        os.kill(os.getpid(), signal.SIGKILL)
    except FileExistsError:
        return finish(rows)


def interrupted(parts):
    parts.add(Part(0, 0, False, []))
    raise KeyboardInterrupt


def touch(folder, _):
    (folder / f"done-{os.getpid()}").touch()


def fail(error):
    raise error


def test_a_worker_that_dies_is_replaced_and_no_row_is_lost_or_doubled(answers, engine, work, tmp_path):
    engine.workers = 2
    found = list(answers(engine, work(finish=partial(once, str(tmp_path), answered))))
    assert (tmp_path / "killed").exists()
    check_same_rows(found, answers(LocalEngine(0), work()))


@pytest.mark.slow
def test_records_that_kill_every_worker_are_an_error(answers, engine, work):
    with pytest.raises(FileAccessError, match=r"workers died .* over the same records"):
        list(answers(engine, work(finish=lambda rows: os.kill(os.getpid(), signal.SIGKILL))))


def test_the_same_work_goes_on_where_it_was_stopped(answers, engine, work, tmp_path, caplog):
    stopped = answers(engine, work())
    first = [next(stopped).formed for _ in range(3)]
    stopped.close()
    (tmp_path / "out.tsv.dnaseq-part" / "0-0").write_text("damaged")
    with caplog.at_level(logging.INFO, "dnaseq"):
        found = list(answers(engine, work()))
    assert "resuming with the parts in" in caplog.text
    check_same_rows(found, answers(LocalEngine(0), work()))
    assert text_of(found).startswith(b"".join(first))
    assert not (tmp_path / "out.tsv.dnaseq-part").exists()


def test_other_records_do_not_go_on_with_these(answers, engine, work, reads, tmp_path):
    others = open_parts(engine, work(sources=reads[::-1]), f"{tmp_path}/out.tsv", overwrite=False)
    with pytest.raises(KeyboardInterrupt), others as parts:
        interrupted(parts)
    with pytest.raises(ConfigError, match="was begun with input="):
        next(answers(engine, work()))


def test_the_first_bad_record_of_the_files_is_the_error(answers, engine, work, reads, tmp_path):
    text = Path(reads[0]).read_text()
    (tmp_path / "bad.fa").write_text(text + ">bad\nAC!T\n" + text + ">worse\nAC?T\n")
    sources = [str(tmp_path / "bad.fa")]
    with pytest.raises(InputError) as here:
        list(answers(LocalEngine(0), work(sources=sources)))
    with pytest.raises(InputError) as there:
        list(answers(engine, work(sources=sources)))
    assert str(there.value) == str(here.value)
    assert "record 'bad'" in str(here.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.fa"]


def test_rows_are_those_of_this_machine_in_order_and_so_are_warnings(
    answers, engine, work, reads, tmp_path, caplog
):
    (tmp_path / "cut.fa").write_text(Path(reads[0]).read_text().rstrip("\n"))
    (tmp_path / "empty.fa").write_text("")
    those = work(sources=[str(tmp_path / "empty.fa"), str(tmp_path / "cut.fa")])
    found = list(answers(engine, those))
    assert caplog.text.count("no newline at the end, the file may be truncated") == 1
    check_same_rows(found, answers(LocalEngine(0), those))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut.fa", "empty.fa"]


def test_items_are_answered_in_order_by_workers_that_may_die(answered_items, tmp_path):
    square = partial(once, str(tmp_path), lambda n: n * n)
    assert list(answered_items(square, range(30))) == [n * n for n in range(30)]
    assert (tmp_path / "killed").exists()


def test_items_are_made_as_they_are_needed(answered_items):
    made = []
    coming = answered_items(str, (made.append(n) or n for n in range(1000)))
    assert next(coming) == "0"
    assert len(made) < 10
    coming.close()


def test_what_an_answer_raises_arrives_as_itself(answered_items):
    with pytest.raises(InputError, match=r"x\.fa:3: record 'r': bad"):
        list(answered_items(lambda _: fail(InputError("bad", file="x.fa", line=3, record="r")), range(3)))


def test_a_function_is_called_in_every_worker_and_again_where_one_dies(engine, tmp_path):
    engine.workers = 2
    done = partial(touch, tmp_path)
    engine.run_together(partial(once, str(tmp_path), done, None), on_gpus=False)
    assert (tmp_path / "killed").exists()
    assert len(list(tmp_path.glob("done-*"))) == 2


def test_what_a_function_raises_arrives_as_itself(engine, tmp_path):
    with pytest.raises(InputError, match=r"x\.fa:3: record 'r': bad"):
        engine.run_together(partial(fail, InputError("bad", file="x.fa", line=3, record="r")), on_gpus=False)


def test_standard_input_is_refused(answers, engine, work):
    with pytest.raises(ConfigError, match="not standard input"):
        list(answers(engine, work(sources=["-"])))


@pytest.mark.parametrize(("name", "value"), [("workers", 0), ("cpus", 0.5), ("shard", -1)])
def test_numbers_out_of_range_are_refused(name, value):
    with pytest.raises(ConfigError, match=f"{name} must be a whole number"):
        RayEngine(**{"workers": "auto", "address": None, "cpus": 1, "shard": 64} | {name: value})


def test_a_cluster_that_is_not_there_is_an_error_of_access(answers, engine, work):
    ray.shutdown()
    engine.address = "127.0.0.1:1"
    with pytest.raises(FileAccessError, match=r"no Ray cluster at 127.0.0.1:1"):
        list(answers(engine, work()))

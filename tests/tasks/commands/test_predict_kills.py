"""A prediction that is killed, at whatever point, loses nothing: the same command ends with the same bytes."""

import json
import os
import random
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

import hydra
import pytest
import ray
from omegaconf import OmegaConf
from started_processes import SERVER

from dnaseq.bundle import predictor
from dnaseq.distributed.ray_session import connected
from dnaseq.errors import DnaseqError
from dnaseq.tasks.commands import predict

GOLDEN = Path(__file__).parents[2] / "golden" / "bundle_v3"
PIECE = 30  # records
POINTS = "points.json"  # how many points at which it may be killed a command went through
# What changes files: at each of them a process may end before, after, or in the middle of what it writes.
CALLS = ((os, "replace"), (os, "fsync"), (os, "unlink"), (os, "rmdir"), (Path, "write_bytes"))


def attempt(folder: str, settings: dict, at: int | None) -> None:
    """Predict, but end at the point of this number as a killed process does."""
    os.chdir(folder)
    predictor.RECORDS_AT_ONCE = PIECE
    passed = 0

    def point() -> None:
        nonlocal passed
        if passed == at:
            os.kill(os.getpid(), signal.SIGKILL)
        passed += 1

    def watched(function):
        def call(*arguments, **more):
            point()
            if function.__name__ == "write_bytes":
                if passed == at:
                    path, content = arguments
                    function(path, content[: len(content) // 2])
                point()
            result = function(*arguments, **more)
            point()
            return result

        return call

    for place, name in CALLS:
        setattr(place, name, watched(getattr(place, name)))
    try:
        predict.run(OmegaConf.create(settings), {})
    except DnaseqError as error:
        sys.exit(error.exit_code)
    with open(POINTS, "w") as file:
        json.dump(passed, file)


def run(folder: Path, settings: dict, at: int | None = None) -> int:
    process = SERVER.Process(target=attempt, args=(str(folder), settings, at))
    process.start()
    process.join()
    return process.exitcode


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture(scope="module")
def reads(tmp_path_factory):
    text = (GOLDEN / "records.fa").read_text().split(">")[1:]
    path = tmp_path_factory.mktemp("reads") / "reads.fa"
    path.write_text("".join(f">{i}.{text[i % len(text)]}" for i in range(4 * PIECE + 7)))
    return path


@pytest.fixture
def settings(reads):
    def of(*more: str) -> dict:
        given = (f"bundle={GOLDEN}/bundle", f"input={reads}", "device=cpu", *more)
        with hydra.initialize_config_module("dnaseq.conf", version_base="1.3"):
            return OmegaConf.to_container(hydra.compose("predict", overrides=list(given)), resolve=True)

    return of


def check_kills(folder: Path, settings: dict, kills: int | None, seed: int = 1) -> None:
    """Kill a prediction at so many points drawn at random, or at every one, and let it go on each time."""
    output = settings["output"]
    assert run(folder, settings) == 0
    assert files(folder) == {output, POINTS}
    whole = (folder / output).read_bytes()
    points = json.loads((folder / POINTS).read_text())
    for at in random.Random(seed).sample(range(points), kills or points):
        for name in files(folder):
            (folder / name).unlink()
        assert run(folder, settings, at) in (-signal.SIGKILL, 0), at  # Ray has points of its own, which vary
        assert files(folder) <= {output, f"{output}.dnaseq-part"}, at
        complete = (folder / output).exists()
        assert not complete or (folder / output).read_bytes() == whole, at
        # a complete table is refused as any other that is there, unless it is known that this prediction wrote it
        assert run(folder, settings) in ((0, 2) if complete else (0,)), at
        assert files(folder) - {POINTS} == {output}, at
        assert (folder / output).read_bytes() == whole, at


def test_a_killed_prediction_goes_on_and_ends_with_the_same_bytes(settings, tmp_path):
    check_kills(tmp_path, settings("output=out.tsv"), kills=4)


@pytest.mark.slow
@pytest.mark.parametrize("output", ["out.tsv", "out.jsonl", "out.parquet", "out.tsv.gz"])
def test_at_whatever_point_it_is_killed(settings, tmp_path, output):
    check_kills(tmp_path, settings(f"output={output}"), kills=None)


@pytest.fixture(scope="module")
def of_ray(tmp_path_factory):
    """The keys of a prediction of five shards by a Ray that outlives every driver."""
    text = (GOLDEN / "records.fa").read_text().split(">")[1:]
    long = "x" * 10_000  # of a header: a shard is a megabyte
    path = tmp_path_factory.mktemp("reads") / "long.fa"
    path.write_text("".join(f">{i} {long} {text[i % len(text)]}" for i in range(450)))
    with connected(None, 2):
        address = ray.get_runtime_context().gcs_address
        yield f"input={path}", "engine=ray", f"engine.address={address}", "engine.shard=1", "workers=1"


@pytest.mark.slow
def test_a_driver_of_ray_that_is_killed(settings, of_ray, tmp_path):
    check_kills(tmp_path, settings("output=out.tsv", *of_ray), kills=25)


def kill_workers(ended: threading.Event, dice: random.Random, killed: list[int]) -> None:
    """Kill a worker of Ray that answers records, at most four, each some time after it is there."""
    while not ended.wait(0.1) and len(killed) < 4:
        for place in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if int(place.name) not in killed and b"Answerer" in (place / "cmdline").read_bytes():
                    time.sleep(dice.uniform(0, 2))
                    os.kill(int(place.name), signal.SIGKILL)
                    killed.append(int(place.name))


@pytest.mark.slow
def test_workers_of_ray_that_are_killed(settings, of_ray, tmp_path):
    chosen, killed, ended = settings("output=out.tsv", *of_ray), [], threading.Event()
    assert run(tmp_path, chosen) == 0
    whole = (tmp_path / "out.tsv").read_bytes()
    (tmp_path / "out.tsv").unlink()
    killer = threading.Thread(target=kill_workers, args=(ended, random.Random(1), killed))
    killer.start()
    code = run(tmp_path, chosen)
    ended.set()
    killer.join()
    assert (code, bool(killed)) == (0, True)
    assert (tmp_path / "out.tsv").read_bytes() == whole
    assert files(tmp_path) == {"out.tsv", POINTS}

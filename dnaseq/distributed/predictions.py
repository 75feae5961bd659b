"""Predictions of all records by an engine, each once and in order; finished parts are kept beside the table."""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import torch
from msgspec import to_builtins

import dnaseq
from dnaseq.bundle.predictor import Predictor
from dnaseq.distributed.work import Answered, Engine, Questions, Work, versions_of
from dnaseq.errors import InputError
from dnaseq.io.address import STDIN
from dnaseq.io.atomic import is_device
from dnaseq.io.results.parts import Part, Parts, parts_beside
from dnaseq.io.sequences.reading import check_total

STDOUT = "-"
RESUMING = "resuming with the parts in %s"
NOT_OF_ROWS = ("device", "plugins", "plugins_changed")  # options of Predictor
logger = logging.getLogger("dnaseq")


def open_parts(
    engine: Engine, work: Work, output: str, overwrite: bool, others: Sequence[Path] = ()
) -> AbstractContextManager[Parts | None]:
    """Open the parts of a prediction beside its output, from which the same command resumes; see parts_beside.

    None where they cannot be kept: for an input that cannot be read again, or an output that is no file.
    """
    plan = describe_plan(engine, work)
    return parts_if_possible(output, work.sources, work.versions, plan, overwrite, others)


def parts_if_possible(
    output: str,
    sources: Sequence[str],
    versions: list[list],
    plan: dict[str, object],
    overwrite: bool,
    others: Sequence[Path] = (),
) -> AbstractContextManager[Parts | None]:
    """Do the same for any work on these files, where `plan` is all that it depends on, and `others` are outputs that
    belong to the first."""
    again = STDIN not in sources and all(version for _, *version in versions)
    if output == STDOUT or is_device(output) or not again:
        return nullcontext()
    return parts_beside(output, plan, overwrite, others)


def describe_plan(engine: Engine, work: Work) -> dict[str, object]:
    """Collect all settings that the bytes of rows depend on.

    The size of a batch and the threads of each process are among them, since they change the rounding of kernels.
    The number of processes is not, as long as each has as many threads.
    """
    reading = {
        f"reading.{key}": value for key, value in vars(work.reading).items() if key != "expect_records"
    }
    return {
        "input": work.versions,
        **describe_answers(work.predictor, work.options),
        **engine.depends_on(work),
        **reading,
        "columns": list(work.columns),
    }


def describe_answers(predictor: Predictor, options: dict) -> dict[str, object]:
    """Collect what the answers of a predictor with these options depend on, whatever the input."""
    return {
        "bundle": to_builtins(predictor.spec.sha256),
        **{key: value for key, value in options.items() if key not in NOT_OF_ROWS},
        **_plugins_of(predictor, options),
        "versions": {"dnaseq": dnaseq.__version__, "torch": torch.__version__},
    }


def _plugins_of(predictor: Predictor, options: dict) -> dict[str, object]:
    """Return the sources of the plug-ins that answer, where the bundle needs any."""
    if not (needed := predictor.spec.plugins):
        return {}
    sources = options["plugins"].sources(one.name for one in needed)
    return {"plugins": to_builtins(sources)}


def predictions(engine: Engine, work: Work, parts: Parts | None) -> Iterator[Answered]:
    """Yield the predictions for all records, in order.

    Finished parts are not predicted again, but their records may be read again, to find the next ones: that takes a
    small part of the time. With every engine, rows come in the order of the records, each once, or it is an error.
    Raises InputError where there were no records, not as many as expected, or a file has changed.
    """
    shards = engine.shards(work)
    there = [parts.find(i) if parts else (set(), False) for i in range(len(shards))]
    if parts and any(numbers for numbers, _ in there):
        logger.info(RESUMING, parts.folder)
    records = 0
    with closing(engine.parts(work, shards, there)) as coming:
        for answer in _in_order(len(shards), parts, coming):
            records += answer.records
            yield answer
    check_total(records, work.sources, work.reading)
    check_unchanged(work.versions)


def _in_order(shards: int, parts: Parts | None, coming: Iterator[Part]) -> Iterator[Answered]:
    """Yield the predictions of all shards: those of the finished parts, and the new ones, which are kept."""
    for shard in range(shards):
        number, last = 0, False
        while not last:
            part = parts.get(shard, number) if parts else None
            if part:
                yield from map(_from_json, part.content)
            else:
                part = next(coming, None)
                if part is None or (part.shard, part.number) != (shard, number):
                    raise RuntimeError(f"part {number} of shard {shard} is due, and {part} comes")
                if parts:
                    parts.add(part._replace(content=[_as_json(answer) for answer in part.content]))
                yield from part.content
            number, last = number + 1, part.last


def answer_pairs(
    engine: Engine,
    questions: Questions,
    kind: Callable[..., Any],
    parts: Parts | None,
    shard: int,
    pairs: Iterable[tuple[Any, Any]],
) -> Iterator[tuple[Any, Any]]:
    """Take pairs of anything and an item, and yield the first with the answer to the item, in order. Answers are named
    tuples of arrays, `kind`. Those that a stopped run has kept in `parts`, as a shard, are taken from there, and new
    ones are kept."""
    pairs, number, waiting = iter(pairs), 0, deque[Any]()
    while parts and (part := parts.get(shard, number)) and (pair := next(pairs, None)):
        if shard == number == 0:
            logger.info(RESUMING, parts.folder)
        yield pair[0], kind(*map(np.array, part.content))
        number += 1

    if (pair := next(pairs, None)) is None:
        return  # an engine may start processes

    def items() -> Iterator[Any]:
        for mine, item in chain([pair], pairs):
            waiting.append(mine)
            yield item

    for answer in engine.answers(questions, items()):
        if parts:
            parts.add(Part(shard, number, False, [column.tolist() for column in answer]))
        yield waiting.popleft(), answer
        number += 1


def _as_json(answer: Answered) -> dict:
    formed = answer.formed.decode() if isinstance(answer.formed, bytes) else answer.formed
    return answer._asdict() | {"formed": formed, "id_hashes": answer.id_hashes.hex()}


def _from_json(answer: dict) -> Answered:
    formed, hashes = answer["formed"], bytes.fromhex(answer["id_hashes"])
    formed = formed.encode() if isinstance(formed, str) else formed
    return Answered(**answer | {"formed": formed, "id_hashes": hashes})


def check_unchanged(versions: list[list]) -> None:
    """Raise InputError for a file that has changed since its version was taken."""
    for before, after in zip(versions, versions_of([name for name, *_ in versions]), strict=True):
        if before != after:
            raise InputError(
                "file changed while it was read", file=before[0], fix="Wait until it is complete"
            )

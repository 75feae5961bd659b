"""The files of an explanation: their names, and the typed record of faithfulness.json."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from msgspec import Struct

from dnaseq.io.results.motifs import ABLATION, INSERTION, MATCHES, PROFILES, SEQLETS, SUMMARY
from dnaseq.schemas import Estimate

ARRAYS, TABLE, RECORDS, FAITHFULNESS = (
    "attributions.npz",
    "attributions.tsv",
    "records.tsv",
    "faithfulness.json",
)
OF_MOTIFS = (SEQLETS, PROFILES, MATCHES, SUMMARY, ABLATION, INSERTION)
PAGE = ("report.html", "figures")
FOLDER = "explanation"  # of a run
FILES = (ARRAYS, TABLE, RECORDS, FAITHFULNESS, *OF_MOTIFS, *PAGE)


class Curve(Struct, frozen=True):
    """A mean over records with its 95 % interval, at each share of the bases."""

    shares: list[float]
    mean: list[float]
    low: list[float]
    high: list[float]


class MethodCurves(Struct, frozen=True):
    """The curves of one method, and how faithful it is by them; `method` "random" is a random order."""

    method: str
    title: str
    faithfulness: Estimate
    deletion: Curve
    insertion: Curve


RANDOM = "random"  # the order that every method is compared with


def beats_chance(methods: list[MethodCurves], method: str) -> bool | None:
    """Tell if a method is more faithful than a random order, beyond both intervals; None where the bases make no
    difference."""
    by_name = {one.method: one.faithfulness.known for one in methods}
    own, chance = by_name[method], by_name[RANDOM]
    return None if own is None or chance is None else own[1] > chance[2]


class Check(Struct, frozen=True):
    """A number about an explanation, and a sentence on what it means."""

    value: float | None
    low: float | None
    high: float | None
    meaning: str


class Faithfulness(Struct, frozen=True, kw_only=True):
    """How faithful the attributions of some records are, measured on `sample` of them.

    Methods stand in the order of their faithfulness, the random order last. `completeness` is null of methods that
    promise no sum, `agreement` of a model with one method, which is with method `agreement_with`.
    """

    target: str
    position: int | None = None
    of_number: bool = False  # the target is a predicted number, whose output stands for a logit
    method: str
    title: str
    chosen_by: str  # "measurement" or "user"
    baseline: str
    records: int
    sample: int
    methods: list[MethodCurves]
    meaning_of_faithfulness: str
    meaning_of_deletion: str
    meaning_of_insertion: str
    completeness: Check | None = None
    agreement: Check | None = None
    agreement_with: str = ""
    random_network: Check | None = None
    cautions: list[str] = []


def array_rows(path: Path, name: str, at_once: int = 256) -> Iterator[np.ndarray]:
    """Yield some rows at a time of an array in an .npz file, so that memory does not grow with the records. Raises
    KeyError without such an array, and ValueError, EOFError or BadZipFile where the file is damaged."""
    with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as entry:
        np.lib.format.read_magic(entry)
        shape, _, kind = np.lib.format.read_array_header_1_0(entry)
        size = kind.itemsize * int(np.prod(shape[1:]))
        for first in range(0, shape[0], at_once):
            rows = min(at_once, shape[0] - first)
            yield np.frombuffer(entry.read(rows * size), kind).reshape(rows, *shape[1:])

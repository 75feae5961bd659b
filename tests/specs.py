"""The spec of a bundle, and the scores of a run, for tests: two classes, nothing decided."""

from dnaseq.bundle.spec import BundleSpec
from dnaseq.evaluation.comparison.results import Scores
from dnaseq.schemas import convert

ENTRIES = {
    "dnaseq_version": "0",
    "architecture": {"_target_": "dnaseq.models.classifier.SequenceClassifier"},
    "encoding": {"_target_": "dnaseq.encode.onehot.OneHot"},
    "classes": ["neg", "pos"],
    "task": "binary",
    "lengths": {"policy": "pad", "length": None},
    "training": {
        **{"data": "d", "model": "cnn", "encoding": "onehot", "split": "given"},
        **{"n": 12, "seed": 3, "dealt": "0", "files": {}},
    },
}


def make_spec(**changes) -> BundleSpec:
    """Return the spec of ENTRIES with some changed. Raises ValueError where they do not fit."""
    return convert(ENTRIES | changes, BundleSpec)


def make_scores(**entries) -> Scores:
    """Return the scores of a run of two classes, with these entries."""
    least = {"data": "d", "model": "m", "n": 400, "classes": ["no", "yes"], "metrics": {}}
    return convert(least | entries, Scores)

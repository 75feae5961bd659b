"""The spec of a bundle for tests: two classes, nothing decided."""

from dnaseq.bundle.spec import BundleSpec
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

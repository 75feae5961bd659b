"""A trained model as one folder: model.safetensors, spec.json and a model card. No pickle and no code.

spec.json holds everything that a prediction depends on, and the SHA-256 of the weights and of itself, so that
a damaged or mixed-up bundle is refused.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from safetensors.torch import save as tensor_bytes
from torch import nn

from dnaseq.build import build
from dnaseq.bundle.card import model_card
from dnaseq.bundle.checks import DEFAULT_DECISIONS
from dnaseq.bundle.network import build_network, check_fit, empty_network, read_tensors
from dnaseq.bundle.spec import FORMAT_VERSION, check_spec, read_file, read_spec, spec_hash
from dnaseq.data.records.lengths import LengthPolicy
from dnaseq.data.validation import check_windows
from dnaseq.encode.encoding import Encoding
from dnaseq.errors import ConfigError, DnaseqError, ModelFileError
from dnaseq.io.atomic import atomic_file, write_json, write_text

WEIGHTS, SPEC, CARD = "model.safetensors", "spec.json", "README.md"
# Errors of constructors for values that nobody foresaw: whatever the error, the description is at fault.
_UNBUILDABLE = (
    DnaseqError, ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError,
    ValueError,
)  # fmt: skip


class Bundle(NamedTuple):
    """A verified bundle: its spec, the network with its weights (on the CPU, in evaluation mode), the encoding
    and the length policy."""

    spec: dict
    net: nn.Module
    encoding: Encoding
    lengths: LengthPolicy


def make_bundle(spec: dict, net: nn.Module) -> Bundle:
    """Return the bundle that load_bundle would read after save_bundle, without a file; arguments as in save_bundle."""
    spec, _ = _seal({"scores": None} | spec, net)
    return Bundle(spec, net.eval(), build(spec["encoding"]), LengthPolicy(**spec["lengths"]))


def save_bundle(folder: Path, spec: dict, net: nn.Module) -> None:
    """Write the bundle of a network. `spec` has every entry but format_version and sha256; without those of a
    decision, nothing is decided (DEFAULT_DECISIONS).

    Raises ValueError for a spec that load_bundle would refuse.
    """
    spec, weights = _seal(spec, net)
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_file(folder / WEIGHTS, overwrite=True) as handle:
        handle.write(weights)
    write_text(folder / CARD, model_card(spec))
    write_json(folder / SPEC, spec)


def _seal(spec: dict, net: nn.Module) -> tuple[dict, bytes]:
    """Return the spec with its checksums, checked, and the weights as bytes."""
    weights = tensor_bytes({name: t.detach().cpu().contiguous() for name, t in net.state_dict().items()})
    spec = {"format_version": FORMAT_VERSION, **DEFAULT_DECISIONS, **spec}
    spec["sha256"] = {"weights": hashlib.sha256(weights).hexdigest(), "spec": spec_hash(spec)}
    check_spec(spec)
    return spec, weights


def load_bundle(folder: str | Path) -> Bundle:
    """Read and verify a bundle. Runs no code from it.

    Raises ModelFileError when a file is damaged, of another format version, does not fit the other, or names
    anything but dnaseq's own parts; FileAccessError when there is nothing to read, ConfigError for an address.
    """
    if re.match(r"^[a-z][a-z0-9+.-]+://", str(folder), re.IGNORECASE):
        raise ConfigError(f"{folder}: bundles are read from disk only. Download it first")
    folder = Path(folder)
    spec = read_spec(folder / SPEC)
    weights = read_file(folder / WEIGHTS)
    if hashlib.sha256(weights).hexdigest() != spec["sha256"]["weights"]:
        what = "SHA-256 of the weights differs from spec.json. Copy it again"
        raise ModelFileError(f"{folder / WEIGHTS}: {what}")
    tensors = read_tensors(weights, folder / WEIGHTS)
    with _refusal(folder / SPEC):
        encoding = build(spec["encoding"])
        lengths = LengthPolicy(**spec["lengths"])
        check_windows(lengths, encoding)
        empty = empty_network(spec, encoding, tensors)
    check_fit(tensors, empty.state_dict(), folder / WEIGHTS)
    with _refusal(folder / SPEC):
        return Bundle(spec, build_network(spec, encoding, tensors), encoding, lengths)


@contextmanager
def _refusal(path: Path) -> Iterator[None]:
    """Turn errors of construction into ModelFileError naming the description."""
    try:
        yield
    except _UNBUILDABLE as error:
        what = str(error).strip() or type(error).__name__
        raise ModelFileError(f"{path}: {what.splitlines()[0]}") from error

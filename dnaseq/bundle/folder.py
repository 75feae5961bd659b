"""A trained model as one folder: model.safetensors, spec.json and a model card. No pickle and no code.

spec.json holds everything that a prediction depends on, and the SHA-256 of the weights and of itself, so that
a damaged or mixed-up bundle is refused.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save as tensor_bytes
from torch import nn

from dnaseq.build import build
from dnaseq.bundle.card import model_card
from dnaseq.data.lengths import LengthPolicy
from dnaseq.errors import DnaseqError, FileAccessError, ModelFileError
from dnaseq.io.atomic import atomic_file, write_json, write_text

FORMAT_VERSION = 1
WEIGHTS, SPEC, CARD = "model.safetensors", "spec.json", "README.md"
KEYS = {
    "format_version", "dnaseq_version", "architecture", "encoding", "classes", "task", "lengths", "threshold",
    "calibration", "training", "scores", "sha256",
}  # fmt: skip
LARGEST_SPEC = 10_000_000  # bytes


class Bundle(NamedTuple):
    """A verified bundle: its spec, the network with its weights (on the CPU, in evaluation mode), the encoding
    and the length policy."""

    spec: dict
    net: nn.Module
    encoding: object
    lengths: LengthPolicy


def save_bundle(folder: Path, spec: dict, net: nn.Module) -> None:
    """Write the bundle of a network. `spec` has every key of KEYS but format_version and sha256."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = tensor_bytes({name: t.detach().cpu().contiguous() for name, t in net.state_dict().items()})
    spec = {"format_version": FORMAT_VERSION, **spec}
    spec["sha256"] = {"weights": hashlib.sha256(weights).hexdigest(), "spec": _spec_hash(spec)}
    if set(spec) != KEYS:
        raise ValueError(f"spec keys differ from the format: {sorted(set(spec) ^ KEYS)}")
    with atomic_file(folder / WEIGHTS, overwrite=True) as handle:
        handle.write(weights)
    write_text(folder / CARD, model_card(spec))
    write_json(folder / SPEC, spec)


def load_bundle(folder: str | Path) -> Bundle:
    """Read and verify a bundle. Runs no code from it.

    Raises ModelFileError when a file is damaged, of another format version, does not fit the other, or names
    anything but dnaseq's own parts; FileAccessError when there is nothing to read.
    """
    if re.match(r"^[a-z][a-z0-9+.-]+://", str(folder)):
        raise FileAccessError(f"{folder}: bundles are read from disk only. Download it first")
    folder = Path(folder)
    spec = _read_spec(folder / SPEC)
    weights = _read(folder / WEIGHTS)
    if hashlib.sha256(weights).hexdigest() != spec["sha256"]["weights"]:
        raise ModelFileError(
            f"{folder / WEIGHTS}: SHA-256 of the weights differs from spec.json. Copy it again"
        )
    try:
        encoding = build(spec["encoding"])
        net = build(spec["architecture"], n_symbols=encoding.n_symbols, n_classes=len(spec["classes"]))
        lengths = LengthPolicy(**spec["lengths"])
    except (DnaseqError, TypeError, AttributeError) as error:
        raise ModelFileError(f"{folder / SPEC}: {error}") from error
    _fill(net, weights, folder / WEIGHTS)
    return Bundle(spec, net.eval(), encoding, lengths)


def _read_spec(path: Path) -> dict:
    text = _read(path)
    if len(text) > LARGEST_SPEC:
        raise ModelFileError(f"{path}: {len(text)} bytes is no model description")
    try:
        spec = json.loads(text)
    except ValueError as error:
        raise ModelFileError(
            f"{path}: not JSON, so this is no dnaseq bundle or a damaged one ({error})"
        ) from error
    version = spec.get("format_version") if isinstance(spec, dict) else None
    if version != FORMAT_VERSION:
        what = f"format version {version}, this dnaseq reads {FORMAT_VERSION}"
        raise ModelFileError(f"{path}: {what}. Upgrade dnaseq if the bundle is newer")
    if set(spec) != KEYS:
        raise ModelFileError(f"{path}: missing or unknown entries: {', '.join(sorted(set(spec) ^ KEYS))}")
    if spec["sha256"].get("spec") != _spec_hash(spec):
        raise ModelFileError(f"{path}: was changed after it was written (SHA-256 differs). Copy it again")
    return spec


def _spec_hash(spec: dict) -> str:
    rest = {key: value for key, value in spec.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, allow_nan=False).encode()).hexdigest()


def _read(path: Path) -> bytes:
    if not path.parent.is_dir():
        raise FileAccessError(f"{path.parent}: no such bundle folder")
    if not path.is_file():
        raise ModelFileError(f"{path.parent}: not a bundle, it has no {path.name}")
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be read ({error.strerror})") from error


def _fill(net: nn.Module, weights: bytes, path: Path) -> None:
    try:
        tensors = load_tensors(weights)
    except SafetensorError as error:
        raise ModelFileError(f"{path}: incomplete or not safetensors ({error})") from error
    expected = net.state_dict()
    if set(tensors) != set(expected):
        odd = sorted(set(tensors) ^ set(expected))
        raise ModelFileError(
            f"{path}: weights do not fit the architecture: {odd[0]} ({len(odd)} such tensors)"
        )
    for name, tensor in tensors.items():
        if tensor.shape != expected[name].shape or tensor.dtype != expected[name].dtype:
            raise ModelFileError(
                f"{path}: {name} is {tuple(tensor.shape)}, expected {tuple(expected[name].shape)}"
            )
        if tensor.is_floating_point() and not torch.isfinite(tensor).all():
            raise ModelFileError(f"{path}: {name} holds values that are not numbers")
    net.load_state_dict(tensors)

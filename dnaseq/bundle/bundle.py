"""A trained model as one folder: model.safetensors, spec.json, a model card, and records.bin with digests of the
records that it has learnt. No pickle and no code.

spec.json holds everything that a prediction depends on, and the SHA-256 of the weights and of itself, so that
a damaged or mixed-up bundle is refused.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from msgspec import to_builtins
from msgspec.structs import replace
from safetensors.torch import save as tensor_bytes
from torch import nn

from dnaseq.build import build
from dnaseq.bundle.card import model_card
from dnaseq.bundle.learned_records import RECORDS, pack_digests
from dnaseq.bundle.network import build_network, check_fit, empty_network, read_tensors
from dnaseq.bundle.spec import BundleSpec, Hashes, read_file, read_spec, spec_hash
from dnaseq.data.validation import check_windows
from dnaseq.encode.encoding import Encoding
from dnaseq.errors import ConfigError, DnaseqError, ModelFileError
from dnaseq.io.atomic import atomic_file, write_json, write_text
from dnaseq.plugins.agreement import REFUSE, check_plugins
from dnaseq.plugins.named import NO_PLUGINS, Plugins
from dnaseq.schemas import convert

WEIGHTS, SPEC, CARD = "model.safetensors", "spec.json", "README.md"
# Errors of constructors for values that nobody foresaw: whatever the error, the description is at fault.
_UNBUILDABLE = (
    DnaseqError, ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError,
    ValueError,
)  # fmt: skip


class Bundle(NamedTuple):
    """A verified bundle: its spec, the network with its weights (on the CPU, in evaluation mode) and the encoding."""

    spec: BundleSpec
    net: nn.Module
    encoding: Encoding


def make_bundle(spec: BundleSpec, net: nn.Module, plugins: Plugins = NO_PLUGINS) -> Bundle:
    """Return the bundle that load_bundle would read after save_bundle, without a file."""
    spec, _ = _seal(spec, net)
    return Bundle(spec, net.eval(), build(spec.encoding, plugins=plugins))


def save_bundle(folder: Path, spec: BundleSpec, net: nn.Module, learned: np.ndarray | None = None) -> None:
    """Write the bundle of a network; its hashes are computed. `learned` are (n,) uint64 digests of records.

    Raises ValueError for a spec that load_bundle refuses.
    """
    packed = None if learned is None else pack_digests(learned)
    if packed:
        spec = replace(spec, training=replace(spec.training, records=packed.about))
    spec, weights = _seal(spec, net)
    folder.mkdir(parents=True, exist_ok=True)
    if packed:
        with atomic_file(folder / RECORDS, overwrite=True) as handle:
            handle.write(packed.content)
    with atomic_file(folder / WEIGHTS, overwrite=True) as handle:
        handle.write(weights)
    write_text(folder / CARD, model_card(spec))
    write_json(folder / SPEC, to_builtins(spec))


def _seal(spec: BundleSpec, net: nn.Module) -> tuple[BundleSpec, bytes]:
    """Return the spec with its checksums, checked, and the weights as bytes."""
    weights = tensor_bytes({name: t.detach().cpu().contiguous() for name, t in net.state_dict().items()})
    hashes = Hashes(hashlib.sha256(weights).hexdigest(), spec_hash(to_builtins(spec)))
    return convert(to_builtins(replace(spec, sha256=hashes)), BundleSpec), weights


def load_bundle(folder: str | Path, plugins: Plugins = NO_PLUGINS, plugins_changed: str = REFUSE) -> Bundle:
    """Read and verify a bundle. Runs no code from it; of `plugins`, those that it needs, if their sources have the
    SHA-256 in it, or with plugins_changed="accept" any.

    Raises ModelFileError when a file is damaged, of another format version, does not fit the other, or names
    anything but dnaseq's own parts and the plug-ins; FileAccessError when there is nothing to read, ConfigError for an
    address.
    """
    if re.match(r"^[a-z][a-z0-9+.-]+://", str(folder), re.IGNORECASE):
        raise ConfigError(f"{folder}: bundles are read from disk only. Download it first")
    folder = Path(folder)
    spec = read_spec(folder / SPEC)
    check_plugins(spec.plugins or [], plugins, plugins_changed, str(folder))
    weights = read_file(folder / WEIGHTS)
    if hashlib.sha256(weights).hexdigest() != spec.sha256.weights:
        what = "SHA-256 of the weights differs from spec.json. Copy it again"
        raise ModelFileError(f"{folder / WEIGHTS}: {what}")
    tensors = read_tensors(weights, folder / WEIGHTS)
    with _refusal(folder / SPEC):
        encoding = build(spec.encoding, plugins=plugins)
        check_windows(spec.lengths, encoding)
        empty = empty_network(spec, encoding, tensors, plugins)
    check_fit(tensors, empty.state_dict(), folder / WEIGHTS)
    with _refusal(folder / SPEC), torch.random.fork_rng(devices=[]):  # weights are drawn, and replaced
        return Bundle(spec, build_network(spec, encoding, tensors, plugins), encoding)


@contextmanager
def _refusal(path: Path) -> Iterator[None]:
    """Turn errors of construction into ModelFileError naming the description."""
    try:
        yield
    except _UNBUILDABLE as error:
        what = str(error).strip() or type(error).__name__
        raise ModelFileError(f"{path}: {what.splitlines()[0]}") from error

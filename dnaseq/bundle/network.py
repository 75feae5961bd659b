"""The network that a spec describes, built so that a false description costs neither memory nor time."""

from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from dnaseq.build import build
from dnaseq.bundle.spec import BundleSpec
from dnaseq.encode.encoding import Encoding
from dnaseq.errors import ModelFileError
from dnaseq.plugins.named import NO_PLUGINS, Plugins


def read_tensors(weights: bytes, path: Path) -> dict[str, Tensor]:
    """Name -> tensor, on the CPU. Raises ModelFileError, naming `path`, for anything but whole safetensors."""
    try:
        return load(weights)
    except (SafetensorError, ValueError, KeyError) as error:
        raise ModelFileError(
            f"{path}: incomplete, or not a file of weights ({error}). Copy it again"
        ) from error


def check_fit(tensors: dict[str, Tensor], expected: dict[str, Tensor], path: Path) -> None:
    """Raise ModelFileError for the first difference in name, shape or type, and for NaN and infinity.

    `expected` may be without memory: its values are not read.
    """
    if odd := sorted(set(tensors) ^ set(expected)):
        what = f"weights do not fit the architecture: {odd[0]} ({len(odd)} such tensors)"
        raise ModelFileError(f"{path}: {what}")
    for name in sorted(tensors):  # they come in any order
        got, due = tensors[name], expected[name]
        if got.shape != due.shape:
            raise ModelFileError(f"{path}: {name} is {tuple(got.shape)}, expected {tuple(due.shape)}")
        if got.dtype != due.dtype:
            raise ModelFileError(f"{path}: {name} is {_type(got)}, expected {_type(due)}")
        if got.is_floating_point() and not torch.isfinite(got).all():
            raise ModelFileError(f"{path}: {name} holds values that are not numbers")


def _type(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


PARTS_WITHOUT_WEIGHTS = 20  # such as the classifier itself and its pool
ALWAYS_ALLOWED = 1000  # whole numbers up to here: sizes that no tensor has, such as that of a max-pool


def empty_network(
    spec: BundleSpec, encoding: Encoding, tensors: dict[str, Tensor], plugins: Plugins = NO_PLUGINS
) -> nn.Module:
    """Build the network without memory for its weights: its state_dict has names, shapes and types.

    Every width is a dimension of some tensor and every layer has one, so `tensors` bound the numbers in the
    description. Raises ValueError for a larger one, TypeError for a description of anything but a network.
    """
    sizes = (size for tensor in tensors.values() for size in tensor.shape)
    limit = max(ALWAYS_ALLOWED, len(tensors), *sizes)
    if (largest := _largest(spec.architecture)) > limit:
        raise ValueError(f"architecture: {largest} fits no tensor of the weights (none is over {limit})")
    if (parts := _parts(spec.architecture)) > 2 * len(tensors) + PARTS_WITHOUT_WEIGHTS:
        raise ValueError(f"architecture: {parts} parts are too many for {len(tensors)} tensors")
    with torch.device("meta"), _WithoutValues():
        return _build(spec, encoding, plugins)


class _WithoutValues(TorchFunctionMode):
    """Leaves weights without memory as they are: to draw numbers for them would load torch's compiler, a second."""

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__module__", "") == "torch.nn.init":
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)


def build_network(
    spec: BundleSpec, encoding: Encoding, tensors: dict[str, Tensor], plugins: Plugins = NO_PLUGINS
) -> nn.Module:
    """Build the network with these weights, in evaluation mode, and run it once on one record.

    Raises ValueError where its output is not one number a class, for the record or, in labelling, for each base.
    """
    # anew: a network without memory has lost the tensors that are not in its state_dict
    net = _build(spec, encoding, plugins)
    net.load_state_dict(tensors)
    net.eval()
    lengths = torch.tensor([encoding.shortest])
    codes = torch.zeros(1, encoding.shortest, dtype=torch.uint8)
    with torch.inference_mode():
        logits = net(encoding(codes), encoding.lengths(lengths))
    per_base = (encoding.shortest,) if spec.prediction.is_per_base else ()
    if logits.shape != (due := (*per_base, 1, len(spec.classes))):
        raise ValueError(f"the network gives {tuple(logits.shape)}, expected {due}")
    return net


def _build(spec: BundleSpec, encoding: Encoding, plugins: Plugins) -> nn.Module:
    net = build(spec.architecture, plugins=plugins, n_symbols=encoding.n_symbols, n_classes=len(spec.classes))
    if not isinstance(net, nn.Module):
        raise TypeError(f"architecture: {type(net).__name__} is no network")
    return net


def _parts(node: object) -> int:
    """Count the objects that a tree of dicts and lists describes."""
    if isinstance(node, dict | list):
        inner = node.values() if isinstance(node, dict) else node
        return sum(map(_parts, inner)) + (isinstance(node, dict) and "_target_" in node)
    return 0


def _largest(node: object) -> int:
    """The largest whole number in a tree of dicts and lists, but for `length`, of which a head uses only a share."""
    if isinstance(node, dict):
        return max((_largest(value) for key, value in node.items() if key != "length"), default=0)
    if isinstance(node, list):
        return max(map(_largest, node), default=0)
    return node if type(node) is int else 0

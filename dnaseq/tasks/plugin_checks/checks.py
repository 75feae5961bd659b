"""Checks of users' own parts on random records: what training and prediction rely on."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from pickle import PicklingError, dumps
from tempfile import TemporaryDirectory
from typing import NamedTuple

import torch
from torch import Tensor

from dnaseq.bundle.bundle import load_bundle, save_bundle
from dnaseq.data.strandedness import BOTH, prediction_strands, with_other_strand
from dnaseq.encode.alphabet import PAD
from dnaseq.encode.revcomp import reverse_complement
from dnaseq.errors import DnaseqError
from dnaseq.models.encoded import reverse_each
from dnaseq.models.ensemble import mean_of_strands
from dnaseq.plugins.named import job_plugins
from dnaseq.tasks.plugin_checks.sample import Sample

SAME = 1e-4  # of outputs that differ by rounding alone
# What a wrong part may raise.
OF_PARTS = (
    *(ArithmeticError, AssertionError, AttributeError, DnaseqError, ImportError, LookupError, OSError),
    *(PicklingError, RuntimeError, TypeError, ValueError),
)


class Check(NamedTuple):
    """A check: what it is about, what holds where there is no problem, and if training is possible with a problem."""

    name: str
    claim: str
    find: Callable[[Sample], str | None]
    is_fatal: bool = False


class Outcome(NamedTuple):
    """The outcome of a check: no problem is a part that is right."""

    check: Check
    problem: str | None


def run_checks(sample: Sample) -> Iterator[Outcome]:
    """Yield the outcome of each check. An error in a part is a problem of it."""
    for number, check in enumerate(CHECKS):
        if check.name == "strands" and prediction_strands(sample.strands) != BOTH:
            continue
        torch.manual_seed(number)  # what a part draws by itself is not what it drew when it was built
        try:
            problem = check.find(sample)
        except OF_PARTS as error:
            problem = f"{type(error).__name__}: {' '.join(str(error).split())}"
        finally:
            sample.net.eval()
        yield Outcome(check, problem)


def _encoding(sample: Sample) -> str | None:
    codes, lengths, own = sample.codes, sample.lengths, sample.encoding
    kept = codes.clone()
    x, positions = own(codes), own.lengths(lengths)
    if not torch.equal(codes, kept):
        return "it changes the codes that it is given"
    if own.lengths(None) is not None:
        return "lengths(None) must be None: no record has padding"
    if x.ndim not in (2, 3) or x.shape[1] != len(codes):
        return f"it gives shape {tuple(x.shape)} for {len(codes)} records, not (L, B, n_symbols) or (L, B)"
    if x.ndim == 3 and (x.shape[2] != own.n_symbols or x.dtype != torch.float32):
        return (
            f"it gives {x.shape[2]} numbers of {x.dtype} a position, not n_symbols={own.n_symbols} of float32"
        )
    if x.ndim == 2 and (x.dtype.is_floating_point or not 0 <= int(x.min()) <= int(x.max()) < own.n_symbols):
        return f"its ids must be whole numbers from 0 to n_symbols - 1 = {own.n_symbols - 1}"
    if positions is None or positions.shape != lengths.shape or not int(positions.min()) >= 1:
        return "lengths(lengths) must be a number of positions, at least 1, for each record"
    if int(positions.max()) != len(x):
        return f"lengths(lengths) says that the longest record has {int(positions.max())} positions, not {len(x)}"
    return None


def _outputs(sample: Sample) -> str | None:
    outputs = _answers(sample)
    due: tuple[int, ...] = (len(sample.codes), sample.n_names)
    due = (sample.codes.shape[1], *due) if sample.prediction.is_per_base else due
    if outputs.shape != due:
        return f"the network gives shape {tuple(outputs.shape)}, not {due}"
    return None if torch.isfinite(_real(sample, outputs)).all() else "an output is no finite number"


def _repeat(sample: Sample) -> str | None:
    same = torch.equal(_real(sample, _answers(sample)), _real(sample, _answers(sample)))
    return None if same else "in evaluation the same records have other outputs the second time"


def _padding(sample: Sample) -> str | None:
    together = _answers(sample)
    worst = 0.0
    for i, length in enumerate(sample.lengths.tolist()):
        with torch.inference_mode():
            alone = sample.outputs(sample.codes[i : i + 1, :length], None)
        beside = together[..., i, :]  # (C,), or (L, C) with padding at the end
        beside = beside[: len(alone)] if alone.ndim == 3 else beside
        worst = max(worst, _distance(alone[..., 0, :], beside))
    if worst <= SAME:
        return None
    return (
        f"beside a longer record the outputs of a record change by {worst:.2g}: mask what stands at padding"
    )


def _batch(sample: Sample) -> str | None:
    order = torch.arange(len(sample.codes) - 1, -1, -1)
    with torch.inference_mode():
        turned = sample.outputs(sample.codes[order], sample.lengths[order])
        some = sample.outputs(sample.codes[:2], sample.lengths[:2])
    together = _answers(sample)
    worst = max(
        _distance(_real(sample, turned[..., order, :]), _real(sample, together)),
        _distance(_real(sample, some, 2), _real(sample, together[..., :2, :], 2)),
    )
    return None if worst <= SAME else f"beside other records the outputs of a record change by {worst:.2g}"


def _strands(sample: Sample) -> str | None:
    other = reverse_complement(sample.codes, sample.lengths)
    given, turned = (_mean(sample, codes) for codes in (sample.codes, other))
    if given.ndim == 3:
        turned = reverse_each(turned, sample.encoding.lengths(sample.lengths))
    worst = _distance(_real(sample, turned), _real(sample, given))
    return None if worst <= SAME else f"on the other strand the outputs of a record change by {worst:.2g}"


def _loss(sample: Sample) -> str | None:
    outputs = _answers(sample).clone()
    losses, weights = sample.loss(outputs, sample.y)
    n = len(sample.codes)
    if losses.shape != (n,) or weights.shape != (n,):
        return (
            f"it gives shapes {tuple(losses.shape)} and {tuple(weights.shape)}, not ({n},) losses and weights"
        )
    if not torch.isfinite(losses).all() or not (weights >= 0).all() or not weights.sum() > 0:
        return "losses must be finite numbers, and weights of at least 0"
    some, _ = sample.loss(outputs[..., :2, :], sample.y[:2])
    worst = _distance(some, losses[:2])
    return None if worst <= SAME else f"beside other records the loss of a record changes by {worst:.2g}"


def _gradient(sample: Sample) -> str | None:
    net, loss = deepcopy(sample.net).train(), sample.loss
    outputs = net(sample.encoding(sample.codes), sample.encoding.lengths(sample.lengths))
    loss(outputs, sample.y)[0].sum().backward()
    without = [name for name, one in net.named_parameters() if one.requires_grad and one.grad is None]
    if without:
        return f"no gradient reaches {without[0]} ({len(without)} such weights)"
    strange = [
        name for name, one in net.named_parameters() if one.grad is not None and not one.grad.isfinite().all()
    ]
    return f"the gradient of {strange[0]} is no finite number" if strange else None


def _augmentation(sample: Sample) -> str | None:
    codes, lengths = sample.codes, sample.lengths
    kept = codes.clone()
    first, second = (sample.augmentation(codes, lengths, torch.Generator().manual_seed(1)) for _ in range(2))
    if not torch.equal(codes, kept):
        return "it changes the codes that it is given: return others"
    if first.shape != codes.shape or first.dtype != codes.dtype:
        return f"it gives {tuple(first.shape)} of {first.dtype}, not {tuple(codes.shape)} of {codes.dtype}"
    if not torch.equal(first == PAD, codes == PAD) or int(first.max()) > 15:
        return "it must leave padding where it is, and give codes from 0 to 15"
    return None if torch.equal(first, second) else "it draws chance not from the generator that it is given"


def _metrics(sample: Sample) -> str | None:
    outputs, metrics = _answers(sample), sample.metrics
    for part in (slice(0, 3), slice(3, None)):
        metrics.update(outputs[..., part, :].clone(), sample.y[part])
    for name, value in metrics.compute().items():
        if value.ndim or not torch.isfinite(value):
            return f"{name} is {value}, not one finite number"
    metrics.reset()
    return None


def _reload(sample: Sample) -> str | None:
    with TemporaryDirectory() as folder:
        save_bundle(Path(folder), sample.spec, sample.net)
        again = load_bundle(folder, job_plugins())
    with torch.inference_mode():
        x, lengths = again.encoding(sample.codes), again.encoding.lengths(sample.lengths)
        same = torch.equal(_real(sample, again.net(x, lengths)), _real(sample, _answers(sample)))
    return None if same else "after it is written and read, the network gives other outputs"


def _processes(sample: Sample) -> str | None:
    for part in (sample.net, sample.encoding, sample.loss, sample.augmentation, sample.metrics):
        dumps(part)
    return None


def _answers(sample: Sample) -> Tensor:
    with torch.inference_mode():
        return sample.outputs(sample.codes, sample.lengths)


def _mean(sample: Sample, codes: Tensor) -> Tensor:
    both, lengths = with_other_strand(codes, sample.lengths)
    with torch.inference_mode():
        return mean_of_strands(sample.outputs(both, lengths), sample.encoding.lengths(lengths))


def _real(sample: Sample, outputs: Tensor, n: int | None = None) -> Tensor:
    """Leave out the outputs at padding, which nothing reads: (L, B, C) -> (m, C); (B, C) as it is."""
    if outputs.ndim != 3:
        return outputs
    return outputs[torch.arange(len(outputs))[:, None] < sample.lengths[:n]]


def _distance(found: Tensor, due: Tensor) -> float:
    """Return the largest difference, of large numbers as a share; infinity for other shapes and what is no number."""
    if found.shape != due.shape:
        return float("inf")
    distance = ((found - due).abs() / due.abs().clamp(min=1)).max()
    return float(distance) if torch.isfinite(distance) else float("inf")


CHECKS = (
    Check("encoding", "codes become numbers or ids of the shape it names", _encoding, True),
    Check("outputs", "every record has one finite output a class", _outputs, True),
    Check("repeat", "the same records have the same outputs again", _repeat),
    Check("padding", "a record has the same outputs alone and beside longer ones", _padding),
    Check("batch", "a record has the same outputs beside any others", _batch),
    Check("strands", "a record and its reverse complement have the same outputs", _strands),
    Check("loss", "every record has a loss and a weight, whatever is beside it", _loss, True),
    Check("gradient", "training reaches every weight", _gradient),
    Check("augmentation", "records keep their length, and chance comes from the seed", _augmentation, True),
    Check("metrics", "metrics of an epoch are finite numbers", _metrics, True),
    Check("reload", "a bundle that is written and read gives the same bits", _reload, True),
    Check("processes", "the parts can be sent to other processes", _processes),
)  # fmt: skip

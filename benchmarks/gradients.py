"""How much of a gradient comes back through 200 steps: why a network that answers from its last state learns so little.

    python benchmarks/gradients.py [--figure gradients.png]

The gradient of the logits with respect to the input at each position, for random records and new networks of 64 cells:
its norm, divided by that at the last position for the last state, by the mean over all positions for the maximum.
Prints a table in Markdown; with --figure it draws all positions as well.
"""

import argparse
from pathlib import Path

import torch
from matplotlib.figure import Figure
from torch import nn

from dnaseq.models.encoded import Encoded
from dnaseq.models.encoders.recurrent import Recurrent
from dnaseq.models.pool import Last, Max

LENGTH, RECORDS, SHOWN = 200, 256, (1, 50, 100, 150, 180, 200)
CELLS = {"rnn": "rnn_tanh", "lstm": "lstm", "gru": "gru"}


def gradients(cell: str, pool: type[nn.Module], keep: float = 0.0, as_torch: bool = False) -> torch.Tensor:
    """(L,) norms, means over records; `as_torch` with the weights that torch starts with."""
    torch.manual_seed(1)
    encoder, head = Recurrent(4, cell, 64, keep=keep), nn.Linear(64, 2)
    if as_torch:
        encoder.rnn.reset_parameters()
    x = nn.functional.one_hot(torch.randint(4, (LENGTH, RECORDS)), 4).float().requires_grad_()
    encoded: Encoded = encoder(x, None)
    (gradient,) = torch.autograd.grad(head(pool(64)(encoded))[:, 1].sum(), x)
    return gradient.norm(dim=-1).mean(-1)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--figure", type=Path, help="a PNG of all positions")
    figure_path = parser.parse_args().figure
    curves = {}
    for name, cell in CELLS.items():
        curves[f"{name}, last state, weights as torch draws them"] = _to_end(
            gradients(cell, Last, as_torch=True)
        )
        curves[f"{name}, last state"] = _to_end(gradients(cell, Last))
        if name != "rnn":
            curves[f"{name}, last state, keep=1"] = _to_end(gradients(cell, Last, keep=1.0))
        of_max = gradients(cell, Max)
        curves[f"{name}, maximum"] = of_max / of_max.mean()
    print(f"| network | {' | '.join(f'position {p}' for p in SHOWN)} |")
    print(f"| --- |{' --- |' * len(SHOWN)}")
    for name, curve in curves.items():
        print(f"| {name} | {' | '.join(f'{curve[p - 1]:.2g}' for p in SHOWN)} |")
    if figure_path:
        _draw(curves, figure_path)


def _to_end(curve: torch.Tensor) -> torch.Tensor:
    return curve / curve[-1]


def _draw(curves: dict[str, torch.Tensor], path: Path) -> None:
    figure = Figure(figsize=(8, 4.5), layout="constrained")
    axes = figure.subplots()
    for name, curve in curves.items():
        axes.semilogy(range(1, LENGTH + 1), curve.clamp(min=1e-20), label=name, linewidth=1)
    axes.set(xlabel="position of the base", ylabel="gradient, relative", ylim=(1e-12, 10))
    axes.legend(fontsize="x-small")
    figure.savefig(path, dpi=120)


if __name__ == "__main__":
    main()

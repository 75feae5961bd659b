"""A laboratory's own parts, one of each kind, for tests: a plug-in and a folder of configurations."""

LAB = '''
import torch
import torch.nn.functional as F
from torch import nn
from torchmetrics import Metric
from dnaseq.data.sources.files import Fasta
from dnaseq.models.encoded import Encoded, last_real
from dnaseq.models.pool import Mean
from dnaseq.training.losses import CrossEntropy


class GatedCnn(nn.Module):
    """A gated convolution."""

    def __init__(self, d_in, channels=8):
        super().__init__()
        self.conv, self.d_out = nn.Conv1d(d_in, 2 * channels, 7, padding="same"), channels

    def forward(self, x, lengths):
        h = F.glu(self.conv(x.permute(1, 2, 0)), 1).permute(2, 0, 1)
        return Encoded(h, last_real(h, lengths), lengths)


class OwnMean(Mean):
    pass


class TwoBits:
    """Two numbers a base."""

    n_symbols, shortest, ambiguous = 2, 1, "expected"

    def __call__(self, codes):
        codes = codes.t()
        known = (codes < 4).float()
        return torch.stack([codes % 2 * known, codes // 2 * known], 2)

    def lengths(self, lengths):
        return lengths


class Hinge(nn.Module):
    def forward(self, logits, y):
        losses = F.multi_margin_loss(logits, y, reduction="none")
        return losses, torch.ones_like(losses)


class Heavier(CrossEntropy):
    def forward(self, logits, y):
        losses, weights = super().forward(logits, y)
        return 2 * losses, weights


class NoChange:
    def __call__(self, codes, lengths, random):
        return codes


class OwnFasta(Fasta):
    pass


class Share(Metric):
    """The share of records that are called right."""

    higher_is_better = True

    def __init__(self, n_names, only=None):
        super().__init__()
        self.n_names = n_names
        self.add_state("right", torch.tensor(0.0), dist_reduce_fx="sum")
        self.add_state("all", torch.tensor(0.0), dist_reduce_fx="sum")

    def update(self, predictions, truth):
        assert predictions.shape[1] == self.n_names
        self.right += (predictions.argmax(1) == truth).sum()
        self.all += len(truth)

    def compute(self):
        return self.right / self.all


class Numbers(Share):
    """The mean of the predictions."""

    def update(self, predictions, truth):
        self.right += predictions.mean() * len(truth)
        self.all += len(truth)


class Wrong(Share):
    higher_is_better = False


class NoMetric:
    pass
'''
CONFIGURATIONS = {
    "model/gated.yaml": """
# A gated convolution.
defaults: [/part/classifier@_here_, /pool/mean@pool, /part/linear@head, _self_]
encoder: {_target_: "plugin:mylab/GatedCnn", _partial_: true, channels: 8}
pool: {_target_: "plugin:mylab/OwnMean"}
""",
    "encoding/two_bits.yaml": """# @package _global_
# Two numbers a base.
encoding: {_target_: "plugin:mylab/TwoBits"}
model: {embed: {_target_: dnaseq.models.embed.Dense, _partial_: true, d_out: null}}
""",
    "loss/hinge.yaml": "# A hinge.\n_target_: plugin:mylab/Hinge\n",
    "loss/heavier.yaml": "# Cross-entropy, twice.\n_target_: plugin:mylab/Heavier\n",
    "augmentation/no_change.yaml": "# None.\n_target_: plugin:mylab/NoChange\n",
    "data/own_fasta.yaml": "# FASTA.\ndefaults: [fasta, _self_]\nsource: {_target_: plugin:mylab/OwnFasta}\n",
}


def write_lab(folder):
    """Write mylab.py and own/ into a folder."""
    (folder / "mylab.py").write_text(LAB)
    for name, text in CONFIGURATIONS.items():
        path = folder / "own" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder

"""Run by peers.py in the environment of another package: waits for a line, does the work it names, prints its seconds.

    python peer.py tangermeme|grelu FASTA BATCH FILTERS WIDTH

`batches` reads the FASTA file and makes one-hot batches of all records, `table` also answers them with a network of one
convolution, a maximum over positions and a linear layer, and writes a row a record. What is imported and built before
the first line is not timed.
"""

import sys
import time
from collections.abc import Iterator

import torch
from Bio.SeqIO.FastaIO import SimpleFastaParser
from torch import Tensor, nn


class Tangermeme:
    """One-hot of every record by one_hot_encode, all of them in memory as bytes, then predict()."""

    def __init__(self, net: nn.Module, batch: int):
        from tangermeme.predict import predict
        from tangermeme.utils import one_hot_encode

        self.net, self.batch, self.predict, self.encode = net, batch, predict, one_hot_encode

    def batches(self, sequences: list[str]) -> Iterator[Tensor]:
        for part in torch.stack([self.encode(sequence) for sequence in sequences]).split(self.batch):
            yield part.float()

    def outputs(self, sequences: list[str]) -> Tensor:
        x = torch.stack([self.encode(sequence) for sequence in sequences])
        return self.predict(self.net, x, batch_size=self.batch, device="cpu")


class Grelu:
    """SeqDataset and the DataLoader and Trainer of LightningModel, no further processes."""

    def __init__(self, net: nn.Module, batch: int):
        from grelu.data.dataset import SeqDataset
        from grelu.lightning import LightningModel

        self.batch, self.dataset = batch, SeqDataset
        parameters = {"model_type": "ConvModel", "n_tasks": 1, "n_conv": 1, "stem_channels": 4}
        self.model = LightningModel(parameters, train_params={"task": "regression", "loss": "mse"})
        self.model.model = nn.Sequential(net, nn.Unflatten(1, (2, 1)))

    def batches(self, sequences: list[str]) -> Iterator[Tensor]:
        data = self.dataset(sequences)
        yield from self.model.make_predict_loader(data, batch_size=self.batch, num_workers=0)

    def outputs(self, sequences: list[str]) -> Tensor:
        data = self.dataset(sequences)
        answers = self.model.predict_on_dataset(data, devices="cpu", batch_size=self.batch, num_workers=0)
        return torch.as_tensor(answers)[:, :, 0]


def main() -> None:
    name, fasta, batch, filters, width = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
    convolution = nn.Conv1d(4, filters, width, padding="same")
    net = nn.Sequential(convolution, nn.ReLU(), nn.AdaptiveMaxPool1d(1), nn.Flatten(), nn.Linear(filters, 2))
    peer = {"tangermeme": Tangermeme, "grelu": Grelu}[name](net.eval(), batch)
    print("ready", flush=True)
    for line in sys.stdin:
        began = time.perf_counter()
        with open(fasta) as handle:
            ids, sequences = zip(*SimpleFastaParser(handle), strict=True)
        if line.strip() == "batches":
            n = sum(len(batch) for batch in peer.batches(list(sequences)))
        else:
            n = _write(ids, peer.outputs(list(sequences)), f"{fasta}.{name}.tsv")
        seconds = time.perf_counter() - began
        assert n == len(ids), (n, len(ids))
        print(f"seconds {seconds}", flush=True)


def _write(ids: tuple[str, ...], outputs: Tensor, path: str) -> int:
    shares = outputs.softmax(dim=1).tolist()
    with open(path, "w") as handle:
        handle.writelines(f"{name}\t{a:.7g}\t{b:.7g}\n" for name, (a, b) in zip(ids, shares, strict=True))
    return len(shares)


if __name__ == "__main__":
    main()

"""`dnaseq predict`, FASTA to TSV, against the model alone on tensors that are in memory.

    python benchmarks/speed/prediction.py FOLDER [--models bilstm cnn] [--records 20000] [--device cpu]

The model alone runs over the same batches, one-hot before the clock starts, and brings its outputs to the CPU. What
the program needs to start and to load the bundle is not timed.
"""

import subprocess
import sys
from pathlib import Path

import made
import torch
from timing import interleaved, machine, options_of_models, table

from dnaseq.bundle.predictor import Predictor
from dnaseq.io.reading import read_blocks
from dnaseq.io.rows import open_rows
from dnaseq.training.allocator import keep_freed_memory


def main() -> None:
    arguments = options_of_models(__doc__).parse_args()
    keep_freed_memory()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    path = made.fasta(arguments.folder / f"one-{arguments.records}.fa", arguments.records)
    print(machine())
    for model in arguments.models:
        device = "cuda" if arguments.device == "gpu" else "cpu"
        options = {"device": arguments.device, "batch_size": arguments.batch}
        predictor = Predictor.load(_bundle(arguments.folder, model), **options)
        batches = _one_hot(path, predictor, device)
        output = str(arguments.folder / "out.tsv")

        def predict(predictor=predictor, output=output) -> None:
            with open_rows(output, predictor.answers.columns, overwrite=True) as rows:
                for answered in predictor.predict_blocks(read_blocks(str(path))):
                    rows.write(answered)

        def alone(predictor=predictor, batches=batches) -> None:
            with torch.inference_mode():
                for x in batches:
                    predictor.net(x, None).cpu()

        found = interleaved({"dnaseq predict": predict, "model alone": alone}, arguments.rounds)
        print(
            "\n"
            + table(f"{model}, batches of {arguments.batch}, {device}", found, arguments.records, "records")
        )


def _one_hot(path: Path, predictor: Predictor, device: str) -> list[torch.Tensor]:
    codes = torch.cat([torch.tensor(b.codes).view(len(b.headers), -1) for b in read_blocks(str(path))])
    return [predictor.encoding(part.to(device)) for part in codes.split(predictor.batch_size)]


def _bundle(folder: Path, model: str) -> Path:
    """That of a training of two batches."""
    run = folder / f"run-{model}"
    data = made.fasta(folder / "one-2000.fa", 2000)
    command = [sys.executable, "-m", "dnaseq", "train", "data=fasta", f"data.train={data}", f"model={model}"]
    command += ["trainer=debug", "split=random", f"run_dir={run}", "overwrite=true"]
    subprocess.run(command, check=True, capture_output=True)
    return run / "bundle"


if __name__ == "__main__":
    main()

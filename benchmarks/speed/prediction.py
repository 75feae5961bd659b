"""`dnaseq predict`, FASTA to TSV, against the model alone on tensors that are in memory.

    python benchmarks/speed/prediction.py FOLDER [--models bilstm cnn] [--records 20000] [--device cpu]

The model alone runs over the same batches, one-hot before the clock starts, and brings its outputs to the CPU. What
the program needs to start and to load the bundle is not timed, but the start of more processes is.
"""

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import made
import torch
from timing import interleaved, machine, options_of_models, table

from dnaseq.bundle.predictor import Predictor
from dnaseq.distributed.local import LocalEngine
from dnaseq.distributed.predictions import predictions
from dnaseq.distributed.work import Answered, Work, versions_of
from dnaseq.io.results.rows import Rows, open_rows
from dnaseq.io.sequences.reading import Reading, read_blocks
from dnaseq.training.allocator import keep_freed_memory


def main() -> None:
    parser = options_of_models(__doc__)
    parser.add_argument("--workers", type=int, default=2, help="processes of the second way")
    arguments = parser.parse_args()
    keep_freed_memory()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    path = made.fasta(arguments.folder / f"one-{arguments.records}.fa", arguments.records)
    print(machine())
    for model in arguments.models:
        device = "cuda" if arguments.device == "gpu" else "cpu"
        options = {"device": arguments.device, "batch_size": arguments.batch}
        bundle = bundle_of(arguments.folder, model)
        predictor = Predictor.load(bundle, **options)
        batches = _one_hot(path, predictor, device)
        sources = [str(path)]
        versions = versions_of(sources)
        work = Work(
            str(bundle), options, predictor, sources, versions, Reading(), partial(_formed, Rows._asdict), ()
        )

        def alone(predictor=predictor, batches=batches) -> None:
            with torch.inference_mode():
                for x in batches:
                    predictor.net(x, None).cpu()

        both = (0, arguments.workers)
        contenders = {f"dnaseq predict workers={n}": partial(predict, LocalEngine(n), work) for n in both}
        contenders["model alone"] = alone
        title = f"{model}, batches of {arguments.batch}, {device}"
        found = interleaved(contenders, arguments.rounds)
        print("\n" + table(title, found, arguments.records, "records"))


def predict(engine: LocalEngine, work: Work) -> None:
    """FASTA to TSV."""
    columns = work.predictor.postprocessor.columns
    with open_rows(f"{work.sources[0]}.tsv", columns, overwrite=True) as rows:
        for answer in predictions(engine, work._replace(finish=partial(_formed, rows.form)), None):
            rows.append(answer.formed)


def _formed(form: Callable[[Rows], bytes | dict], rows: Rows) -> Answered:
    return Answered(form(rows), len(rows.ids), len(rows.ids), 0, {})


def _one_hot(path: Path, predictor: Predictor, device: str) -> list[torch.Tensor]:
    codes = torch.cat([torch.tensor(b.codes).view(len(b.headers), -1) for b in read_blocks(str(path))])
    return [predictor.encoding(part.to(device)) for part in codes.split(predictor.batch_size)]


def bundle_of(folder: Path, model: str, *overrides: str) -> Path:
    """That of a training of two batches."""
    run = folder / f"run-{model}"
    data = made.fasta(folder / "one-2000.fa", 2000)
    command = [sys.executable, "-m", "dnaseq", "train", "data=fasta", f"data.train={data}", f"model={model}"]
    command += ["trainer=debug", "split=random", f"run_dir={run}", "overwrite=true", *overrides]
    subprocess.run(command, check=True, capture_output=True)
    return run / "bundle"


if __name__ == "__main__":
    main()

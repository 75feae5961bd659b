"""How far the probabilities of `dnaseq predict` differ between batch sizes, threads and kinds of processor.

    python benchmarks/agreement.py INPUT BUNDLE [BUNDLE ...]

Each way of asking is a process of its own; PyTorch and oneDNN are told to use the kernels of older processors. Prints
for each bundle the largest difference from the first way.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from dnaseq.io.results.rows import read_rows

ONE = {"OMP_NUM_THREADS": "1"}
WAYS = {  # variables, and keys of dnaseq predict
    "batch_size=256": (ONE, ()),
    "batch_size=64": (ONE, ("batch_size=64",)),
    "batch_size=1": (ONE, ("batch_size=1",)),
    "two threads": ({"OMP_NUM_THREADS": "2"}, ()),
    "workers=2": (ONE, ("workers=2",)),
    "ATEN default": (ONE | {"ATEN_CPU_CAPABILITY": "default"}, ()),
    "ATEN avx2": (ONE | {"ATEN_CPU_CAPABILITY": "avx2"}, ()),
    "oneDNN AVX2": (ONE | {"ONEDNN_MAX_CPU_ISA": "AVX2"}, ()),
    "oneDNN SSE41": (ONE | {"ONEDNN_MAX_CPU_ISA": "SSE41"}, ()),
}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("input", help="FASTA file")
    parser.add_argument("bundles", nargs="+", type=Path)
    arguments = parser.parse_args()
    print("| bundle | " + " | ".join(list(WAYS)[1:]) + " |\n" + "| --- " * len(WAYS) + "|")
    for bundle in arguments.bundles:
        expected, *found = (probabilities(arguments.input, bundle, *way) for way in WAYS.values())
        apart = [f"{np.abs(one - expected).max():.0e}" for one in found]
        print(f"| {bundle.parent.name} | " + " | ".join(apart) + " |", flush=True)


def probabilities(source: str, bundle: Path, variables: dict[str, str], keys: tuple[str, ...]) -> np.ndarray:
    """(n, C) as the table has them."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "dnaseq",
            "predict",
            f"bundle={bundle}",
            f"input={source}",
            "device=cpu",
        ]
        table = Path(folder, "rows.tsv")
        subprocess.run(
            [*command, *keys, f"output={table}"], env=os.environ | variables, check=True, capture_output=True
        )
        return read_rows(table)[1].probabilities


if __name__ == "__main__":
    main()

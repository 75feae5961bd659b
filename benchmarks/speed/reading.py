"""FASTA to codes against other readers.

    python benchmarks/speed/reading.py FOLDER [--megabytes 400] [--rounds 5]

FOLDER gets the input, random records of 200 bases. Needs `pip install dnaio pyfastx needletail` beside dnaseq. dnaseq
gives codes, headers and every check (letters, empty ids and sequences, lengths); it cuts a header out of the text
only when it is asked for, so both are measured. The others give strings, and those that say "+ codes" turn each into
an array by a table of 256 entries.
"""

import argparse

import dnaio
import made
import needletail
import numpy as np
import pyfastx
from Bio import SeqIO
from Bio.SeqIO.FastaIO import SimpleFastaParser
from isal import igzip
from timing import interleaved, machine, options, table

from dnaseq.encode.alphabet import CODE_OF_BYTE
from dnaseq.io.compress import chunks
from dnaseq.io.sequences.reading import read_blocks
from dnaseq.training.allocator import keep_freed_memory

BYTES = 217  # of a record, about


def main() -> None:
    arguments = _parsed()
    keep_freed_memory()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    n = int(arguments.megabytes * 1e6 / BYTES)
    print(machine("dnaio", "pyfastx", "needletail", "biopython", "isal"))
    for title, name, columns in (("one line", "one", None), ("60 columns", "60", 60)):
        path = made.fasta(arguments.folder / f"{name}-{n}.fa", n, columns=columns)
        found = interleaved(_readers(str(path), n), arguments.rounds)
        print("\n" + table(f"plain, {title}", found, n, "records"))
    path = made.fasta(arguments.folder / f"one-{n}.fa.gz", n)
    found = interleaved(_readers(str(path), n, compressed=True), arguments.rounds)
    print("\n" + table("gzip, one line", found, n, "records"))


def _readers(path: str, n: int, compressed: bool = False) -> dict:
    """What reads all of the file; each checks that it saw as many records as there are."""

    def ours(ids: bool) -> None:
        assert sum(len(list(b.headers) if ids else b.headers) for b in read_blocks(path)) == n

    def counted(records) -> None:
        assert sum(1 for _ in records) == n

    def coded(sequences) -> None:
        counted(CODE_OF_BYTE[np.frombuffer(one.encode(), dtype=np.uint8)] for one in sequences)

    readers = {
        "dnaseq": lambda: ours(ids=True),
        "dnaseq, headers left in the text": lambda: ours(ids=False),
        "pyfastx": lambda: counted(pyfastx.Fastx(path)),
        "dnaio": lambda: counted(dnaio.open(path)),
        "dnaio + codes": lambda: coded(record.sequence for record in dnaio.open(path)),
        "needletail": lambda: counted(needletail.parse_fastx_file(path)),
    }
    if compressed:
        return readers | {"isal, decompression alone": lambda: _inflated(path)}
    return readers | {
        "SimpleFastaParser": lambda: counted(SimpleFastaParser(open(path))),
        "SimpleFastaParser + codes": lambda: coded(text for _, text in SimpleFastaParser(open(path))),
        "SeqIO.parse": lambda: counted(SeqIO.parse(path, "fasta")),
        "bytes alone": lambda: sum(map(len, chunks(path))),
    }


def _inflated(path: str) -> int:
    with igzip.open(path) as handle:
        return sum(map(len, iter(lambda: handle.read(1 << 20), b"")))


def _parsed() -> argparse.Namespace:
    parser = options(__doc__)
    parser.add_argument("--megabytes", type=float, default=400)
    return parser.parse_args()


if __name__ == "__main__":
    main()

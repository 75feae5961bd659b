"""Digests of records that are kept in files."""

import numpy as np

from dnaseq.data.dataset import parse_source
from dnaseq.data.records.hashing import record_digests
from dnaseq.data.sources.files import Fasta
from dnaseq.io.sequences.reading import Reading

RECORDS = {
    "a": "ACGTTN",
    "b": "NAACGT",
    "c": "ACGT",
    "d": "ACGTTA",
    "e": "ACGTTN",
}  # b is the other strand of a


def digests(tmp_path, records=RECORDS) -> tuple[np.ndarray, np.ndarray]:
    file = tmp_path / "some.fa"
    file.write_text("".join(f">{name} label=x\n{letters}\n" for name, letters in records.items()))
    store, _ = parse_source(Fasta(str(file)), Reading())
    return record_digests(store, np.arange(len(store)))


def test_they_are_the_same_in_every_version(tmp_path):
    forward, _ = digests(tmp_path, {"a": "ACGT"})
    assert forward.tolist() == [11009417550903347706]


def test_copies_and_the_other_strand_are_found(tmp_path):
    forward, backward = digests(tmp_path)
    assert forward[0] == forward[4] == backward[1]
    assert backward[0] == forward[1]
    assert forward[2] == backward[2]  # a palindrome
    assert len(set(forward.tolist())) == 4

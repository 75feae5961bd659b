"""The files of the motifs."""

import json

import numpy as np
from made_attributions import made

from dnaseq.interpret.motifs.discovery import find_motifs
from dnaseq.interpret.motifs.profiles import Profile, read_profiles
from dnaseq.interpret.motifs.results import write_motifs
from dnaseq.io.results.motifs import MotifsFile
from dnaseq.schemas import convert

KNOWN = [
    Profile("P1", "JUN", np.eye(4)[[3, 2, 0, 1, 3, 1, 0, 3]] * 20),
    Profile("P2", "X", np.full((9, 4), 5.0)),
]


def write(folder, values, codes, **classes):
    ids = [f"r{i}" for i in range(len(codes))]
    return write_motifs(folder, ids, find_motifs(values, codes, np.random.default_rng(0), **classes), KNOWN)


def test_the_files_tell_the_same(tmp_path):
    values, codes = made(["TGACTCAT"], n=80)
    found = write(tmp_path, values, codes)
    (motif,) = found.motifs
    assert motif.consensus in ("TGACTCAT", "ATGAGTCA")
    assert motif.best_match.name == "JUN"
    assert found.words == f"One motif in 80 records, for the class: motif_1 {motif.consensus} (JUN)."
    rows = [line.split("\t") for line in (tmp_path / "seqlets.tsv").read_text().splitlines()]
    assert rows[0] == ["id", "start", "end", "strand", "motif", "score"]
    assert sum(row[4] == "motif_1" for row in rows) == motif.sites
    matches = [line.split("\t") for line in (tmp_path / "matches.tsv").read_text().splitlines()]
    assert matches[1][:3] == ["motif_1", "P1", "JUN"]
    (read,) = read_profiles(str(tmp_path / "motifs.meme"))
    np.testing.assert_allclose(read.counts, motif.counts, atol=1e-3)
    assert convert(json.loads((tmp_path / "motifs.json").read_text()), MotifsFile) == found


def test_nothing_found_gives_files_without_rows(tmp_path):
    values, codes = made([], n=60)
    found = write(tmp_path, values, codes)
    assert not found.motifs
    assert found.words == "No motif: no word of the 60 records carries attributions beyond chance."
    assert len((tmp_path / "matches.tsv").read_text().splitlines()) == 1
    assert "MOTIF" not in (tmp_path / "motifs.meme").read_text()


def test_few_records_are_told(tmp_path):
    values, codes = made([], n=5)
    assert "5 records are too few" in write(tmp_path, values, codes).words

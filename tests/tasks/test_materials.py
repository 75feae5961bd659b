from types import SimpleNamespace

import numpy as np

from dnaseq.encode.alphabet import to_codes
from dnaseq.evaluation.fitting import taken
from dnaseq.tasks import materials
from dnaseq.tasks.materials import examples_of

SEQUENCES = ["ACGT", "GG", "TTNA", "C"]


def labelled():
    store = SimpleNamespace(
        codes=np.concatenate([to_codes(s) for s in SEQUENCES]),
        offsets=np.cumsum([0, *map(len, SEQUENCES)]),
        id="abcd".__getitem__,
    )
    return SimpleNamespace(store=store, y=np.array([0, 1, 0, 1]), classes=("n", "y"))


def test_letters_beyond_a_sample_are_made_when_they_are_asked_for(monkeypatch):
    rows = np.array([3, 0, 2])
    at_once = examples_of(labelled(), rows)
    assert at_once.sequences == ["C", "ACGT", "TTNA"]
    monkeypatch.setattr(materials, "MOST_RECORDS", 0)
    asked = examples_of(labelled(), rows)
    assert not isinstance(asked.sequences, list)
    assert [list(asked.sequences), list(asked.ids)] == [at_once.sequences, ["d", "a", "c"]]
    some = taken(asked, np.array([2, 0]))
    assert (some.sequences, some.labels.tolist(), some.ids) == (["TTNA", "C"], [0, 1], ["c", "d"])

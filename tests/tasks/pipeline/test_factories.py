from types import SimpleNamespace

import numpy as np
from lettered import letters

from dnaseq.encode.alphabet import to_codes
from dnaseq.evaluation.baselines.fitting import select_rows
from dnaseq.tasks.pipeline import factories
from dnaseq.tasks.pipeline.factories import make_examples

SEQUENCES = ["ACGT", "GG", "TTNA", "C"]


def labelled():
    store = SimpleNamespace(
        codes=np.concatenate([to_codes(s) for s in SEQUENCES]),
        offsets=np.cumsum([0, *map(len, SEQUENCES)]),
        own_id="abcd".__getitem__,
    )
    return SimpleNamespace(store=store, y=np.array([0, 1, 0, 1]), classes=("n", "y"))


def test_ids_beyond_a_sample_are_made_when_they_are_asked_for(monkeypatch):
    rows = np.array([3, 0, 2])
    at_once = make_examples(labelled(), rows)
    assert letters(at_once) == ["C", "ACGT", "TTNA"]
    assert at_once.ids == ["d", "a", "c"]
    monkeypatch.setattr(factories, "MOST_RECORDS", 0)
    asked = make_examples(labelled(), rows)
    assert not isinstance(asked.ids, list)
    assert list(asked.ids) == at_once.ids
    assert list(asked.ids[1:]) == at_once.ids[1:]
    some = select_rows(asked, np.array([2, 0]))
    assert (letters(some), some.labels.tolist(), some.ids) == (["TTNA", "C"], [0, 1], ["c", "d"])

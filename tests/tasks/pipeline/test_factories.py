import shutil
from types import SimpleNamespace

import hydra
import numpy as np
from lettered import letters

from dnaseq.encode.alphabet import to_codes
from dnaseq.encode.kmer import Kmer
from dnaseq.encode.onehot import OneHot
from dnaseq.evaluation.baselines.fitting import select_rows
from dnaseq.tasks.pipeline import factories
from dnaseq.tasks.pipeline.factories import make_examples, training_data_of

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


def test_another_training_on_the_same_data_makes_no_planted_records_again(tmp_path):
    data = ["data=planted", "planted.n=20", "planted.length=50", f"cache_dir={tmp_path}", "batch_size=4"]
    with hydra.initialize_config_module("dnaseq.conf", version_base="1.3"):
        first, other = (hydra.compose("train", overrides=[*data, one]) for one in ("seed=1", "seed=2"))
    known = training_data_of(first, OneHot())
    shutil.rmtree(tmp_path / "planted")
    module = training_data_of(other, Kmer(3), known)
    assert not (tmp_path / "planted").exists()
    assert module.data is known.data
    assert (module.encoding.k, module.loading.seed, module.loading.batch_size) == (3, 2, 4)

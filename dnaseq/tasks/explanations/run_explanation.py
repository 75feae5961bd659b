"""The small explanation of a training: some of its test records, in a folder that its report shows."""

import logging
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from dnaseq.bundle.predictor import Predictor
from dnaseq.data.dataset import LabelledSet
from dnaseq.interpret.faithfulness.selection import AUTO
from dnaseq.interpret.logit import Logit
from dnaseq.interpret.methods.explanation import MethodSettings
from dnaseq.interpret.motifs.profiles import read_profiles
from dnaseq.io.atomic_folder import atomic_folder
from dnaseq.io.results.explanation import FILES, FOLDER
from dnaseq.tasks.explanations.explanation import Wanted, explain_records, write_explanation
from dnaseq.tasks.explanations.motifs import MotifSettings, write_explained_motifs

NO_EXPLANATION = "none"
# Test records that are explained, and their bases, for each of which a method may predict its record anew: with these,
# no more than a few percent of the work of a training.
RECORDS, BASES = 100, 20_000
MEASURED = 8  # of them, on which methods are measured
# Left out where there are gradients: three predictions for every base, and one, which is as many for long records.
COSTLY, COSTLY_IF_LONG = ("ism",), ("ism", "occlusion")
LONG = 500  # bases
PROFILES = "jaspar"
logger = logging.getLogger("dnaseq")


def explain_run(folder: Path, predictor: Predictor, data: LabelledSet, seed: int) -> None:
    """Explain test records of a training into a folder in its own, where the model has one answer a record.

    It explains the second of two classes, or the first class, label or target of more.
    """
    if predictor.prediction.is_per_base:
        return
    lengths = data.store.lengths
    rows = choose_rows(lengths, data.rows("test"), seed)
    if not len(rows):
        logger.info("note: no test record is explained, as all are longer than %d bases", BASES)
        return
    target = predictor.classes[1 if len(predictor.classes) == 2 else 0]
    logit = Logit(predictor, target)
    settings = MethodSettings(seed=seed)
    costly = COSTLY_IF_LONG if lengths[rows].max() > LONG else COSTLY
    wanted = Wanted(AUTO, settings, sample=MEASURED, without=costly if logit.differentiable else ())
    with (
        atomic_folder(folder / FOLDER, FILES, overwrite=True) as place,
        TemporaryDirectory(dir=place) as work,
    ):
        explained = explain_records(logit, data.store.blocks(rows), "keep", wanted, Path(work))
        write_explanation(place, explained)
        labels = data.targets.texts(rows)
        motifs = MotifSettings(read_profiles(PROFILES), None)
        write_explained_motifs(
            place, logit, explained.attributions, labels, explained.faithfulness.method, motifs, settings
        )


def choose_rows(lengths: np.ndarray, rows: np.ndarray, seed: int) -> np.ndarray:
    """Draw at most RECORDS of some rows, of at most BASES bases together, and return them in order; `lengths` are those
    of all records."""
    rows = np.random.default_rng(seed).permutation(rows[lengths[rows] <= BASES])[:RECORDS]
    return np.sort(rows[np.cumsum(lengths[rows]) <= BASES])

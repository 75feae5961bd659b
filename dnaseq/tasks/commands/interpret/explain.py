"""dnaseq explain: why a model gives its scores, base by base, and how faithful the answer is."""

import logging
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from omegaconf import DictConfig

from dnaseq.bundle.predictor import Predictor
from dnaseq.errors import ConfigError
from dnaseq.interpret.logit import Logit
from dnaseq.interpret.methods.explanation import MethodSettings
from dnaseq.io.atomic_folder import atomic_folder, check_folder
from dnaseq.io.results.explanation import FILES
from dnaseq.io.sequences.reading import read_blocks
from dnaseq.plugins.named import job_plugins
from dnaseq.report.page import write_report
from dnaseq.tasks.config.paths import bundle_of, input_of, output_of, reading_of, with_columns
from dnaseq.tasks.explanations.explanation import Wanted, explain_records, write_explanation
from dnaseq.tasks.explanations.motifs import motif_settings, write_explained_motifs
from dnaseq.tasks.runs.jobs import Outcome

OPTIONS = ("device", "batch_size", "strands", "length_policy", "plugins_changed")  # arguments of Predictor
logger = logging.getLogger("dnaseq")


def run(cfg: DictConfig, choices: dict[str, str]) -> Outcome:
    """Explain; the output folder gets its name when all of its files are complete.

    The outcome says how many records could not be used, where they are left out.
    """
    sources, output = input_of(cfg), output_of(cfg)
    _refuse_stdout(output)
    check_folder(output, FILES, cfg.overwrite)
    settings = MethodSettings(cfg.baseline, seed=cfg.seed)
    wanted = Wanted(cfg.method, settings, cfg.records)
    motifs = motif_settings(cfg, reading_of(cfg), np.random.default_rng(cfg.seed))
    predictor = Predictor.load(bundle_of(cfg), job_plugins(), **{name: cfg[name] for name in OPTIONS})
    target = None if cfg.target is None else str(cfg.target)
    logit = Logit(predictor, target, cfg.position)
    reading = with_columns(reading_of(cfg), predictor.columns, cfg.data)
    with atomic_folder(output, FILES, cfg.overwrite) as folder, TemporaryDirectory(dir=folder) as work:
        explained = explain_records(logit, read_blocks(sources, reading), cfg.bad_records, wanted, Path(work))
        write_explanation(folder, explained)
        if motifs:
            about = (explained.attributions, explained.labels, explained.faithfulness.method)
            write_explained_motifs(folder, logit, *about, motifs, settings)
        write_report(folder)
    n, rejected = len(explained.attributions.ids), explained.rejected
    logger.info("explained %s in %s records: %s", logit.target, f"{n:,}", output)
    return Outcome(left_out=f"{rejected} records could not be used and were left out" if rejected else "")


def _refuse_stdout(output: str) -> None:
    if output == "-":
        raise ConfigError("output=-: an explanation is a folder. Write output=FOLDER")

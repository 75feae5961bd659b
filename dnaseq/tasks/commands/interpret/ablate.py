"""dnaseq ablate: what the score of records loses when the sites of motifs are scrambled."""

import logging
from pathlib import Path

import numpy as np
from omegaconf import DictConfig

from dnaseq.bundle.bundle import load_bundle
from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.interpret.experiments.ablation import MEANING, Ablation, ablate, summarise
from dnaseq.interpret.experiments.sites import check_ids, listed_sites, profile_sites, read_sites
from dnaseq.interpret.motifs.profiles import check_source, read_profiles
from dnaseq.interpret.motifs.results import SEQLETS
from dnaseq.io.atomic import write_json
from dnaseq.io.progress import show_progress
from dnaseq.plugins.named import job_plugins
from dnaseq.report.charts.experiments import ablation_chart
from dnaseq.schemas import AblatedMotif, AblationSummary, Estimate
from dnaseq.tasks.config.paths import bundle_of, input_of, one_path
from dnaseq.tasks.explanations.experiments import (
    PICTURE,
    Records,
    build_logit,
    cells,
    outputs_of,
    write_columns,
    write_picture,
)
from dnaseq.tasks.runs.jobs import Outcome

SUMMARY = ".json"
PLACES = ("explain", "sites", "motifs")  # keys that say where the sites are
MOST_LOGGED = 10  # motifs
logger = logging.getLogger("dnaseq")


def run(cfg: DictConfig, choices: dict[str, str]) -> Outcome:
    """Scramble and score; the files get their names when they are complete.

    Raises ConfigError unless one source of sites is given, and InputError for sites that do not fit the records. The
    outcome says how many records could not be used.
    """
    given = [key for key in PLACES if cfg[key] is not None]
    if len(given) != 1:
        what = "name the sites by one of explain=FOLDER, sites=FILE and motifs=FILE"
        raise ConfigError(f"{what}; got {', '.join(given) or 'none'}")
    sources = input_of(cfg)
    outputs = outputs_of(cfg, (".tsv",), (SUMMARY, PICTURE), sources)
    source = _source(given[0], one_path(given[0], cfg[given[0]]))
    logit = build_logit(cfg, load_bundle(bundle_of(cfg), job_plugins(), cfg.plugins_changed))
    rng = np.random.default_rng(cfg.seed)
    reading = Records(cfg, logit.predictor, sources)
    listed = [] if given == ["motifs"] else read_sites(source)
    profiles = [] if listed else read_profiles(source)
    records = list(check_ids(reading))
    sites = listed_sites(records, listed, source) if listed else profile_sites(records, profiles)
    with show_progress("scrambling", "records", len(sites)) as step:
        pairs = ((record.id, record.codes) for record in records)
        rows = list(ablate(logit.of_codes, pairs, sites, cfg.scrambles, rng, step.advance))
    motifs = sorted(summarise(rows, rng), key=lambda one: -(one.difference.value or 0))
    summary = AblationSummary(logit.target, cfg.scrambles, cfg.seed, MEANING, motifs)
    write_columns(outputs.main, _columns(rows), outputs.overwrite)
    write_json(outputs.beside(SUMMARY), summary)
    write_picture(outputs, ablation_chart(logit.target, motifs))
    _log_motifs(logit.target, motifs)
    return reading.outcome


def _source(key: str, path: str) -> str:
    """Return the file of the sites or profiles: of a folder of `explain` its table of seqlets."""
    if key == "motifs":
        check_source(path)
    if key != "explain":
        return path
    file = Path(path) / SEQLETS
    if not file.is_file():
        raise FileAccessError(f"explain={path}: has no {SEQLETS}. Give the folder that dnaseq explain wrote")
    return str(file)


def _columns(rows: list[Ablation]) -> dict[str, list]:
    return {
        "id": [row.id for row in rows],
        "motif": [row.motif for row in rows],
        "sites": [row.sites for row in rows],
        "logit": [row.score for row in rows],
        "loss": [row.loss for row in rows],
        "control_loss": cells(np.array([row.control_loss for row in rows])),
    }


def _log_motifs(target: str, motifs: list[AblatedMotif]) -> None:
    for one in motifs[:MOST_LOGGED]:
        change, control, p = _shown(one.change), _shown(one.control_change), one.p_adjusted
        test = "" if p is None else f", p {'< 0.001' if p < 0.001 else f'= {p:.2g}'}"
        what = "%s in %d records: the logit of %s changes by %s, by control stretches %s%s; it loses %s"
        logger.info(what, one.motif, one.records, target, change, control, test, _shown(one.loss))


def _shown(estimate: Estimate) -> str:
    known = estimate.known
    if known:
        return f"{known[0]:.2f} [{known[1]:.2f}, {known[2]:.2f}]"
    return "nothing known" if estimate.value is None else f"{estimate.value:.2f}"

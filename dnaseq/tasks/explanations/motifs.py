"""The motifs of an explanation: settings, what is searched, and what they are compared with."""

import logging
from pathlib import Path
from typing import NamedTuple

import numpy as np
from omegaconf import DictConfig

from dnaseq.bundle.spec import BundleSpec
from dnaseq.encode.alphabet import PAD
from dnaseq.interpret.attributions import Attributions
from dnaseq.interpret.experiments.ablation import MEANING as SCRAMBLED
from dnaseq.interpret.experiments.ablation import ablate, summarise
from dnaseq.interpret.experiments.insertion import MEANING as INSERTED
from dnaseq.interpret.experiments.insertion import FoundSites, insert_at_sites
from dnaseq.interpret.experiments.sequences import shuffled_backgrounds
from dnaseq.interpret.logit import Logit
from dnaseq.interpret.methods.choices import TITLES, UNSIGNED, explain, methods_of
from dnaseq.interpret.methods.explanation import MethodSettings
from dnaseq.interpret.motifs.discovery import Findings, choose_searched, distinct_records, find_motifs
from dnaseq.interpret.motifs.profiles import Profile, check_source, read_profiles
from dnaseq.interpret.motifs.results import write_motifs
from dnaseq.io.address import expand
from dnaseq.io.atomic import write_json
from dnaseq.io.progress import show_progress
from dnaseq.io.results.motifs import ABLATION, INSERTION
from dnaseq.io.sequences.reading import Reading, read_blocks
from dnaseq.schemas import AblationSummary, InsertionSummary
from dnaseq.tasks.config.paths import one_path, paths

NO_MOTIFS = "none"
SIGNED = ("gradient_input", "occlusion")  # methods for motifs, where that of the explanation has no sign
AT_ONCE = 64  # records that are explained in one go
ABLATED, SCRAMBLES = 100, 5  # records whose motifs are scrambled, and how often
BACKGROUNDS = 100  # into which motifs are put
CHANCE = {"auroc": 0.5, "pearson": 0.0}  # metric of a bundle -> its value without any knowledge
SEPARATOR = ";"  # of labels in a header

logger = logging.getLogger("dnaseq")


class MotifSettings(NamedTuple):
    """Profiles that motifs are compared with, and records of another class."""

    profiles: list[Profile]
    negatives: np.ndarray | None  # (m, L) codes of records of another class


def motif_settings(cfg: DictConfig, reading: Reading, rng: np.random.Generator) -> MotifSettings | None:
    """Read the profiles and the records of another class that a user names; None where no motifs are wanted."""
    source = one_path("motifs", cfg.motifs)
    if source == NO_MOTIFS:
        return None
    check_source(source)
    profiles = read_profiles(source)
    negatives = (
        None
        if cfg.background is None
        else _read_codes(expand(paths("background", cfg.background)), reading, rng)
    )
    return MotifSettings(profiles, negatives)


def write_explained_motifs(
    folder: Path,
    logit: Logit,
    attributions: Attributions,
    labels: list[str],
    method: str,
    wanted: MotifSettings,
    settings: MethodSettings,
) -> None:
    """Find the motifs of explained records, and write their files.

    Where the bundle was no better than chance on its own test records, none is sought. `labels` are those of the
    headers: where both the target and others are among them, they say which records are of the class.
    """
    rng = np.random.default_rng(settings.seed)
    n, length = attributions.codes.shape
    rows = choose_searched(n, length, rng)
    rows = rows[distinct_records(np.asarray(attributions.codes[rows]))]
    codes = np.asarray(attributions.codes[rows])
    ids = [attributions.ids[row] for row in rows]
    why_not = _without_skill(logit.predictor.spec, logit.target)
    if why_not:
        findings = Findings([], [], np.full(4, 0.25))
    else:
        values = _signed(logit, attributions, rows, method, settings)
        with show_progress("finding motifs"):
            positive = _of_class([labels[row] for row in rows], logit.target)
            findings = find_motifs(values, codes, rng, positive, wanted.negatives)
    with show_progress("naming motifs"):
        found = write_motifs(folder, ids, findings, wanted.profiles, why_not)
    logger.info("%s", found.words)
    if findings.motifs:
        about = (logit, codes, attributions.lengths[rows], findings, settings.seed)
        write_json(folder / ABLATION, _ablated(*about))
        write_json(folder / INSERTION, _inserted(*about))


def _ablated(
    logit: Logit, codes: np.ndarray, lengths: np.ndarray, findings: Findings, seed: int
) -> AblationSummary:
    """Scramble the sites of each motif in some of the (n, L) records, as `dnaseq ablate` does."""
    rng = np.random.default_rng(seed)
    sites: dict[str, dict[str, list[tuple[int, int]]]] = {}
    for motif in findings.motifs:
        for site in motif.sites:
            sites.setdefault(str(site.record), {}).setdefault(motif.name, []).append((site.start, site.end))
    chosen = sorted(rng.permutation(sorted(map(int, sites)))[:ABLATED].tolist())
    records = ((str(row), codes[row, : lengths[row]]) for row in chosen)
    with show_progress("scrambling motifs", "records", len(chosen)) as step:
        ablated = list(ablate(logit.of_codes, records, sites, SCRAMBLES, rng, step.advance))
    order = {motif.name: number for number, motif in enumerate(findings.motifs)}
    motifs = sorted(summarise(ablated, rng), key=lambda one: order[one.motif])
    return AblationSummary(logit.target, SCRAMBLES, seed, SCRAMBLED, motifs)


def _inserted(
    logit: Logit, codes: np.ndarray, lengths: np.ndarray, findings: Findings, seed: int
) -> InsertionSummary:
    """Put each motif into shuffles of the (n, L) records, where its sites were, as `dnaseq insert` does."""
    rng = np.random.default_rng(seed)
    records = (row[:length] for row, length in zip(codes, lengths.tolist(), strict=True))
    backgrounds = shuffled_backgrounds(records, BACKGROUNDS, rng)
    motifs = {
        motif.name: FoundSites(
            motif.counts.argmax(axis=1).astype(np.uint8),
            np.array([site.start for site in motif.sites]),
            np.array([site.strand for site in motif.sites]),
        )
        for motif in findings.motifs
    }
    with show_progress("inserting motifs", "sequences", BACKGROUNDS * (2 * len(motifs) + 1)) as step:
        inserted = insert_at_sites(logit.of_codes, backgrounds, motifs, rng, step.advance)
    return InsertionSummary(logit.target, seed, INSERTED, inserted)


def _read_codes(sources: list[str], reading: Reading, rng: np.random.Generator) -> np.ndarray:
    """(m, L) codes of the records of files, padded; of many records some, by chance."""
    records = [
        block.codes[start:end]
        for block in read_blocks(sources, reading)
        for start, end in zip(block.offsets[:-1].tolist(), block.offsets[1:].tolist(), strict=True)
    ]
    longest = max(map(len, records), default=0)
    chosen = choose_searched(len(records), longest, rng)
    codes = np.full((len(chosen), longest), PAD, dtype=np.uint8)
    for row, number in enumerate(chosen):
        codes[row, : len(records[number])] = records[number]
    return codes


def _without_skill(spec: BundleSpec, target: str) -> str:
    """Say that the bundle knows no more than chance, by the interval of its own test score; "" where it does, or has
    no scores."""
    for metric, chance in CHANCE.items():
        for name in (f"{metric}/{target}", metric):
            score = (spec.scores or {}).get(name)
            if score is None or score.low is None or score.value is None:
                continue
            if score.low > chance:
                return ""
            what = f"{name} {score.value:.2f} on its test records, {chance:g} is chance"
            return f"Motifs were not sought: the model has learnt nothing that its test could show ({what})."
    return ""


def _of_class(labels: list[str], target: str) -> np.ndarray | None:
    """(n,) bool: records with the target among their labels; None where a record has no label, or all are alike."""
    named = [label.split(SEPARATOR) for label in labels]
    positive = np.array([target in names for names in named], dtype=bool)
    return positive if all(labels) and 0 < positive.sum() < len(positive) else None


def _signed(
    logit: Logit, attributions: Attributions, rows: np.ndarray, method: str, settings: MethodSettings
) -> np.ndarray:
    """(m, L) attributions of rows; those of another method, where `method` does not tell for from against."""
    if method not in UNSIGNED:
        return np.asarray(attributions.values[rows])
    other = next(name for name in SIGNED if name in methods_of(logit))
    logger.info("motifs are sought by %s: method=%s gives no signs", TITLES[other], method)
    values = np.zeros((len(rows), attributions.codes.shape[1]), dtype=np.float32)
    with show_progress("explaining for motifs", "records", len(rows)) as step:
        for first in range(0, len(rows), AT_ONCE):
            some = rows[first : first + AT_ONCE]
            lengths = attributions.lengths[some]
            codes = np.asarray(attributions.codes[some, : lengths.max()])
            values[first : first + AT_ONCE, : codes.shape[1]] = explain(
                logit, codes, lengths, other, settings
            ).values
            step.advance(len(some))
    return values

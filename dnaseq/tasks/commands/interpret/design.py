"""dnaseq design: records that are changed for a higher score of a class, within limits."""

import copy
import logging
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from omegaconf import DictConfig

from dnaseq.bundle.bundle import load_bundle
from dnaseq.bundle.inference.novelty_features import record_composition
from dnaseq.encode.alphabet import BASES, to_letters
from dnaseq.errors import ConfigError, InputError
from dnaseq.interpret.experiments.constraints import Constraints
from dnaseq.interpret.experiments.design import Design, design
from dnaseq.interpret.experiments.sequences import Record, motif_codes
from dnaseq.interpret.logit import Logit
from dnaseq.io.address import expand
from dnaseq.io.atomic import atomic_file
from dnaseq.io.enzymes import sites_of_enzyme
from dnaseq.io.progress import show_progress
from dnaseq.io.sequences.plain import sequence_blocks
from dnaseq.io.sequences.reading import Reading
from dnaseq.models.ensemble import Ensemble
from dnaseq.plugins.named import job_plugins
from dnaseq.tasks.config.paths import bundle_of, paths
from dnaseq.tasks.explanations.experiments import (
    Records,
    build_logit,
    cells,
    outputs_of,
    read_range,
    write_columns,
)
from dnaseq.tasks.runs.jobs import Outcome

TABLE = ".tsv"
AUTO, NONE = "auto", "none"
logger = logging.getLogger("dnaseq")


class Judged(NamedTuple):
    """A number to be raised, and another model's opinion of it."""

    search: Logit  # what the search raises
    whole: Logit  # of the bundle: what is written
    judge: Logit | None
    about: str  # a sentence on the judge


class Steps(NamedTuple):
    """The sequence of a design before its first edit and after each, in the columns of the table."""

    logits: np.ndarray  # (edits + 1,)
    probabilities: np.ndarray  # (edits + 1,)
    judge_logits: np.ndarray  # (edits + 1,) NaN without a judge
    distances: np.ndarray  # (edits + 1,) from the training records; NaN where the bundle does not know
    novel: list[str]  # yes, no, or "" where the bundle does not know


def run(cfg: DictConfig, choices: dict[str, str]) -> Outcome:
    """Design; the files get their names when they are complete.

    Raises InputError for a record that breaks a limit before it is changed, and ConfigError for limits and judges that
    do not fit. The outcome says how many records could not be used.
    """
    sources = expand(paths("start", cfg.start))
    outputs = outputs_of(cfg, (".fa", ".fasta"), (TABLE,), sources)
    limits = _limits(cfg)
    judged = _judged(cfg)
    records = Records(cfg, judged.whole.predictor, sources)
    starts = list(_within_limits(records, limits, keep=cfg.bad_records == "keep"))
    logger.info("%s", judged.about)
    found: list[tuple[Record, Design, Steps]] = []
    with show_progress("designing", "candidates") as step:
        for record in starts:
            one = design(judged.search.of_codes, record.codes, cfg.edits, limits, cfg.beam, step.advance)
            found.append((record, one, _steps(one, judged)))
    with atomic_file(outputs.main, "w", outputs.overwrite) as handle:
        handle.writelines(_fasta(*one, judged.whole.target) for one in found)
    write_columns(outputs.beside(TABLE), _columns(found), outputs.overwrite)
    _log_designs(found, judged)
    return records.outcome


def _limits(cfg: DictConfig) -> Constraints:
    """Read the limits. Raises ConfigError for what is none."""
    protected = [read_range("protect", one, int, "20:60") for one in _list(cfg.protect)]
    forbidden = [
        motif_codes("forbid", site) for one in _list(cfg.forbid) for site in sites_of_enzyme(one) or [one]
    ]
    gc = (0.0, 1.0) if cfg.gc is None else tuple(read_range("gc", cfg.gc, float, "0.4:0.6"))
    if gc[1] > 1:
        raise ConfigError(f"gc must be two shares from 0 to 1, as gc=0.4:0.6; got {cfg.gc}")
    return Constraints(tuple((low, high) for low, high in protected), tuple(forbidden), (gc[0], gc[1]))


def _list(value: object) -> list[str]:
    if value is None:
        return []
    return (
        [str(one) for one in value]
        if not isinstance(value, str) and hasattr(value, "__iter__")
        else [str(value)]
    )


def _within_limits(records: Records, limits: Constraints, keep: bool) -> Iterator[Record]:
    """Pass on the records that keep to the limits before they are changed; with `keep` the others are counted as
    rejected. Raises InputError for the first of them without, and where there is no record."""
    for record in records:
        fault = _fault(record, limits)
        if fault and not keep:
            fix = "Change the record or the limit, or leave such records out with bad_records=keep"
            raise InputError(fault, file=record.file, line=record.line, record=record.id, fix=fix)
        if fault:
            records.reject()
        else:
            yield record
    if records.rejected and not records.used:
        raise InputError("every record is unusable or breaks a limit before it is changed")


def _fault(record: Record, limits: Constraints) -> str | None:
    """Describe the first limit that a record breaks, or that does not fit it."""
    for low, high in limits.protected:
        if high > len(record.codes):
            return f"protect={low}:{high} ends after its {len(record.codes)} bases"
    return limits.fault(record.codes)


def _judged(cfg: DictConfig) -> Judged:
    """Load the bundle, and find a judge: another bundle, or the last member of an ensemble.

    Raises ConfigError for a judge that is the same model, or that does not have the target.
    """
    bundle = load_bundle(bundle_of(cfg), job_plugins(), cfg.plugins_changed)
    whole = build_logit(cfg, bundle)
    net = whole.predictor.net
    if cfg.judge not in (AUTO, NONE):
        other = load_bundle(bundle_of(cfg, "judge"), job_plugins(), cfg.plugins_changed)
        if other.spec.sha256.weights == bundle.spec.sha256.weights:
            raise ConfigError(
                f"judge={cfg.judge} is the same model as the bundle, so it is no independent judge"
            )
        try:
            judge = build_logit(cfg, other)
        except ConfigError as error:
            raise ConfigError(f"judge={cfg.judge}: {error}") from error
        return Judged(
            whole, whole, judge, f"the judge is the bundle {cfg.judge}, which the search does not see"
        )
    if cfg.judge == AUTO and isinstance(net, Ensemble) and len(net.members) > 1:
        last = len(net.members) - 1
        search, judge = _of_members(whole, net, range(last)), _of_members(whole, net, [last])
        about = f"the judge is member {last + 1} of the ensemble; the search sees the {last} before it"
        return Judged(search, whole, judge, about)
    about = "there is no independent judge of the designs. Name another model: judge=BUNDLE"
    return Judged(whole, whole, None, about)


def _of_members(logit: Logit, net: Ensemble, chosen: Sequence[int]) -> Logit:
    predictor = copy.copy(logit.predictor)
    predictor.net = net.part(chosen).to(predictor.device)
    return Logit(predictor, logit.target, logit.position)


def _steps(one: Design, judged: Judged) -> Steps:
    """Score the start and the sequence after each edit."""
    codes = np.tile(one.start, (len(one.edits) + 1, 1))
    for i, edit in enumerate(one.edits, start=1):
        codes[i:, edit.position] = edit.new
    scores = judged.whole.scores(codes)
    unknown = np.full(len(codes), np.nan)
    judge_logits = judged.judge.of_codes(codes) if judged.judge else unknown
    predictor = judged.whole.predictor
    if predictor.novelty is None:
        return Steps(scores.logits, scores.probabilities, judge_logits, unknown, [""] * len(codes))
    blocks = sequence_blocks([to_letters(row) for row in codes], Reading())
    each = [record_composition(block, np.arange(len(block.headers)), predictor.lengths) for block in blocks]
    features = np.concatenate(each)
    novel = ["yes" if one else "no" for one in predictor.novelty.is_novel(features)]
    distances = predictor.novelty.distances(features)
    return Steps(scores.logits, scores.probabilities, judge_logits, distances, novel)


def _fasta(record: Record, one: Design, steps: Steps, target: str) -> str:
    """Format the design of a record; its header has the scores."""
    facts = {
        "target": target,
        "edits": len(one.edits),
        "logit": f"{steps.logits[-1]:.4f}",
        "probability": f"{steps.probabilities[-1]:.6g}",
        "judge_logit": f"{steps.judge_logits[-1]:.4f}" if np.isfinite(steps.judge_logits[-1]) else "none",
        "novel": steps.novel[-1] or "unknown",
    }
    words = " ".join(f"{name}={value}" for name, value in facts.items())
    return f">{record.id} {words}\n{to_letters(one.codes)}\n"


def _columns(found: list[tuple[Record, Design, Steps]]) -> dict[str, list]:
    """Return the columns of the table: for each design a row for its start, and one for each edit."""
    edits = [edit for _, one, _ in found for edit in (None, *one.edits)]
    steps = [steps for _, _, steps in found]

    def join(name: str) -> list[float | None]:
        return [cell for one in steps for cell in cells(getattr(one, name))]

    return {
        "id": [record.id for record, one, _ in found for _ in range(len(one.edits) + 1)],
        "step": [step for _, one, _ in found for step in range(len(one.edits) + 1)],
        "position": [edit.position if edit else None for edit in edits],
        "old": [BASES[edit.old] if edit else "" for edit in edits],
        "new": [BASES[edit.new] if edit else "" for edit in edits],
        "logit": join("logits"),
        "probability": join("probabilities"),
        "judge_logit": join("judge_logits"),
        "novelty_distance": join("distances"),
        "novel": [one for each in steps for one in each.novel],
    }


def _log_designs(found: list[tuple[Record, Design, Steps]], judged: Judged) -> None:
    n = len(found)
    ends = np.array([steps.logits[[0, -1]] for _, _, steps in found])
    what = "%d designs: the logit of %s rises from %.2f to %.2f (means)"
    logger.info(what, n, judged.whole.target, *ends.mean(axis=0))
    if judged.judge:
        seen = np.array([steps.judge_logits[[0, -1]] for _, _, steps in found])
        risen = int((seen[:, 1] > seen[:, 0]).sum())
        logger.info(
            "the judge goes from %.2f to %.2f, and up in %d of %d designs", *seen.mean(axis=0), risen, n
        )
    if judged.whole.predictor.novelty is None:
        logger.info("the bundle does not know its training records, so no design has a distance from them")
        return
    novel = sum(steps.novel[-1] == "yes" for _, _, steps in found)
    logger.info("%d of %d designs are unlike the training records (novel=yes)", novel, n)

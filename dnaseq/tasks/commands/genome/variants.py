"""dnaseq variants: what each variant does to the logit of a class, a row for every ALT, in order."""

import logging
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from omegaconf import DictConfig

from dnaseq.bundle.predictor import Predictor
from dnaseq.distributed.predictions import check_unchanged
from dnaseq.errors import ConfigError, first_names
from dnaseq.genome.variants.answers import REJECTED, answer_all, survey
from dnaseq.genome.variants.null import Null, Samples, draw_null
from dnaseq.genome.variants.output import Columns, check_output, open_answers
from dnaseq.genome.variants.reference import FAIL, Mismatches, Reference
from dnaseq.genome.variants.saturation import EverySubstitution, FirstSequences
from dnaseq.genome.variants.scoring import Means, Scorer, mean_effects
from dnaseq.genome.variants.windows import Placements
from dnaseq.interpret.experiments.sequences import window_length
from dnaseq.io.address import STDIN
from dnaseq.io.atomic import atomic_file
from dnaseq.io.compress import chunks, shown, stem_and_suffix
from dnaseq.io.genome.genome import Genome
from dnaseq.io.genome.names import chrom_map
from dnaseq.io.os_errors import access
from dnaseq.io.progress import show_progress
from dnaseq.io.results.parts import check_free
from dnaseq.io.variants.table import VariantTable
from dnaseq.io.variants.vcf import Vcf
from dnaseq.report.charts.chart import draw_chart
from dnaseq.report.charts.genome import MOST_BASES, MOST_SEQUENCES, saturation_chart
from dnaseq.tasks.commands.genome.window_scores import Files, WindowScores
from dnaseq.tasks.config.paths import one_path, output_of
from dnaseq.tasks.runs.jobs import Outcome

OPTIONS = ("device", "batch_size", "strands", "window", "plugins_changed")  # arguments of Predictor
MOST_REASONS = 3  # that are logged
logger = logging.getLogger("dnaseq")


class Given(NamedTuple):
    """The files that a user names."""

    genome: str
    of_sequences: bool
    variants: str | None  # None: every substitution of the sequences
    output: str


def run(cfg: DictConfig, choices: dict[str, str]) -> Outcome:
    """Score the variants; the output gets its name when it is complete.

    Raises InputError for records that contradict the genome, with mismatch=fail. The outcome says how many variants
    have a status instead of a score.
    """
    given = _given(cfg)
    check_output(given.output, given.of_sequences, cfg.overwrite)
    picture = _picture(cfg, given.output)
    sized = [given.variants] if given.variants else []
    scores = WindowScores.of(cfg, OPTIONS, sized, mean_effects, Means)
    place = "sequences" if given.of_sequences else "genome"
    files = Files(cfg, {"input": given.variants, place: given.genome})
    genome = Genome.open(given.genome, chrom_map(cfg.chrom_map))
    reference = Reference(genome, cfg.mismatch)
    placements = _placements(cfg, scores.predictor, given.of_sequences)
    first = FirstSequences(genome, MOST_SEQUENCES, MOST_BASES) if picture else None
    statuses: Counter[str] = Counter()
    plan, others = _plan(cfg, placements), [picture] if picture else []
    with (
        _opened(given, genome) as variants,
        scores.parts(cfg, given.output, files, plan, others) as parts,
    ):
        with show_progress("comparing with the genome", "records") as step:
            found = survey(variants, reference, Samples(cfg.null_changes, cfg.seed), step.advance)
        _tell_mismatches(found.mismatches, shown(given.variants or given.genome))
        null = _null(found.samples, Scorer(scores.kept_in(parts, 0), genome, placements), cfg.seed)
        columns = Columns(scores.target, given.of_sequences, _windows_in_words(placements))
        vcf = variants if isinstance(variants, Vcf) else None
        output = str(parts.table) if parts else given.output
        scorer = Scorer(scores.kept_in(parts, 1), genome, placements)
        with (
            open_answers(output, columns, vcf, scores.target, cfg.overwrite) as append,
            show_progress("scoring", "records", found.mismatches.records) as step,
        ):
            for variant, answers in answer_all(variants, reference, scorer, null):
                append(variant, answers)
                statuses.update(one.status for one in answers)
                if first:
                    first.add(variant, answers)
                step.advance(1)
            check_unchanged(files.versions)
        if picture and first:
            with atomic_file(parts.place(picture) if parts else picture, "wb", cfg.overwrite) as handle:
                handle.write(draw_chart(saturation_chart(scores.target, first.all)).png)
    return _outcome(statuses)


def _given(cfg: DictConfig) -> Given:
    """Return the files. Raises ConfigError unless there is one place that sequences come from."""
    if (cfg.genome is None) == (cfg.sequences is None):
        what = "give either genome=FILE, or sequences=FILE with a table of their variants"
        raise ConfigError(f"{what}; got {'none' if cfg.genome is None else 'both'}")
    if cfg.saturation and (cfg.sequences is None or cfg.input is not None):
        what = "saturation=true is about every substitution of sequences=FILE"
        raise ConfigError(f"{what}. Give these, and neither input= nor genome=")
    if cfg.input is None and not cfg.saturation:
        raise ConfigError("input must be given: input=FILE with the variants")
    of_sequences = cfg.genome is None
    key = "sequences" if of_sequences else "genome"
    genome = one_path(key, cfg[key])
    variants, output = None if cfg.saturation else one_path("input", cfg.input), output_of(cfg)
    for name in (genome, variants or STDIN):
        if output != STDIN and name != STDIN and Path(name).resolve() == Path(output).resolve():
            raise ConfigError(f"output={output} is also an input")
    if genome == STDIN:
        raise ConfigError(f"{key}=-: a genome is read from a file. Give its path")
    return Given(genome, of_sequences, variants, output)


def _plan(cfg: DictConfig, placements: Placements) -> dict[str, object]:
    """Collect what the scored windows depend on, beside files."""
    names = ("mismatch", "null_changes", "chrom_map", "seed")
    return {
        "window": placements.window,
        "placements": placements.count,
        **{name: cfg[name] for name in names},
    }


def _placements(cfg: DictConfig, predictor: Predictor, of_sequences: bool) -> Placements:
    """Return where variants lie in windows. Raises ConfigError for a genome and a bundle that knows no length."""
    spec = predictor.spec
    window = (cfg.window or spec.lengths.length) if of_sequences else window_length(cfg.window, spec)
    ambiguous, shortest = predictor.encoding.ambiguous != "error", predictor.encoding.shortest
    return Placements(window, cfg.placements, ambiguous, of_sequences, shortest, predictor.lengths)


def _picture(cfg: DictConfig, output: str) -> Path | None:
    """Return the place of the heat map, if there is one to draw. Raises ConfigError where a file is there."""
    if not cfg.saturation or output == STDIN:
        return None
    path = Path(stem_and_suffix(output)[0]).with_suffix(".png")
    check_free(path, output, cfg.overwrite)
    return path


@contextmanager
def _opened(given: Given, genome: Genome) -> Iterator[Vcf | VariantTable | EverySubstitution]:
    """Yield the variants, which can be gone through twice: what comes from a pipe is copied into a scratch file."""
    if given.variants is None:
        yield EverySubstitution(genome)
        return
    kind, name = VariantTable if given.of_sequences else Vcf, shown(given.variants)
    if given.variants != STDIN and not Path(given.variants).is_fifo():
        yield kind(given.variants, name)
        return
    with access("scratch file"), tempfile.NamedTemporaryFile(prefix="dnaseq-variants-") as scratch:
        for chunk in chunks(given.variants):
            scratch.write(chunk)
        scratch.flush()
        yield kind(scratch.name, name)


def _tell_mismatches(found: Mismatches, name: str) -> None:
    """Log the records that contradict the genome. Raises InputError for them with mismatch=fail."""
    if not found.records:
        logger.warning("note: there are no variants in the input")
    if not found.count:
        return
    error = found.error(name)
    if found.reference.mismatch == FAIL:
        raise error
    logger.warning("note: %s", error.what)


def _null(samples: Samples, scorer: Scorer, seed: int) -> Null:
    with show_progress("scoring random changes"):
        reach = (scorer.placements.window or 0) // 2 or max(
            map(scorer.genome.length, scorer.genome.names), default=0
        )
        return draw_null(samples, scorer, reach, seed)


def _windows_in_words(placements: Placements) -> str:
    if placements.window is None:
        return "of the whole sequence"
    windows = f"mean of {placements.count} windows of {placements.window} bases"
    return f"{windows}; of the whole sequence where it is no longer" if placements.within else windows


def _outcome(statuses: Counter[str]) -> Outcome:
    """Log what became of the variants, and return what has no score."""
    total = statuses.total()
    rejected = {status: n for status, n in statuses.items() if status.startswith(REJECTED)}
    noted = total - sum(rejected.values()) - statuses["ok"]
    logger.info(
        "variants: %d, scored %d, %d of them with a note", total, total - sum(rejected.values()), noted
    )
    if not rejected:
        return Outcome()
    commonest = sorted(rejected.items(), key=lambda one: (-one[1], one[0]))
    reasons = first_names(
        [f"{n} {status.removeprefix('rejected:')}" for status, n in commonest], MOST_REASONS
    )
    return Outcome(
        left_out=f"{sum(rejected.values())} of {total} variants have no score ({reasons}); see the status"
    )

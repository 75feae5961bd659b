"""dnaseq insert: the effect of a motif in backgrounds, by place or by distance from a second one."""

import logging

import numpy as np
from omegaconf import DictConfig

from dnaseq.bundle.bundle import load_bundle
from dnaseq.errors import ConfigError
from dnaseq.evaluation.intervals.means import Means
from dnaseq.interpret.experiments.insertion import (
    PairEffects,
    PlaceEffects,
    arrangements,
    draw_letters,
    pair_effects,
    place_effects,
)
from dnaseq.interpret.experiments.sequences import (
    Sequences,
    motif_codes,
    random_backgrounds,
    shuffled_backgrounds,
)
from dnaseq.interpret.logit import Logit
from dnaseq.io.progress import show_progress
from dnaseq.plugins.named import job_plugins
from dnaseq.report.charts.experiments import pair_chart, place_chart
from dnaseq.tasks.config.paths import bundle_of, input_of
from dnaseq.tasks.explanations.experiments import (
    PICTURE,
    STDOUT,
    Outputs,
    Records,
    build_logit,
    cells,
    outputs_of,
    read_range,
    write_columns,
    write_picture,
)
from dnaseq.tasks.runs.jobs import Outcome

SPACING = "0:30"  # of two motifs, where none is given
logger = logging.getLogger("dnaseq")


def run(cfg: DictConfig, choices: dict[str, str]) -> Outcome:
    """Measure the effects; the table gets its name when it is complete.

    Raises ConfigError for motifs that have no room in the backgrounds. The outcome says how many records could not be
    used.
    """
    sources = input_of(cfg) if cfg.input is not None else []
    outputs = outputs_of(cfg, (".tsv", STDOUT), (PICTURE,), sources)
    motif = motif_codes("motif", cfg.motif)
    second = None if cfg.second is None else motif_codes("second", cfg.second)
    if second is None and cfg.spacing is not None:
        raise ConfigError(f"spacing={cfg.spacing} is that of two motifs. Give the other one: second=AGATAAGG")
    distances = _distances(cfg.spacing or SPACING)
    logit = build_logit(cfg, load_bundle(bundle_of(cfg), job_plugins(), cfg.plugins_changed))
    rng = np.random.default_rng(cfg.seed)
    records = Records(cfg, logit.predictor, sources)
    if sources:
        backgrounds = shuffled_backgrounds((one.codes for one in records), cfg.backgrounds, rng)
    else:
        backgrounds = random_backgrounds(logit.predictor.spec, cfg.backgrounds, rng)
    if second is None:
        _insert_one(cfg, outputs, logit, backgrounds, motif, rng)
    else:
        _insert_two(cfg, outputs, logit, backgrounds, (motif, second), distances, rng)
    return records.outcome


def _distances(spacing: object) -> list[int]:
    low, high, *step = read_range("spacing", spacing, int, "10:60:5")
    if step == [0]:
        raise ConfigError(f"spacing={spacing}: the step must be at least 1")
    return list(range(low, high + 1, *step))


def _insert_one(
    cfg: DictConfig,
    outputs: Outputs,
    logit: Logit,
    backgrounds: Sequences,
    motif: np.ndarray,
    rng: np.random.Generator,
) -> None:
    last = int(backgrounds.lengths.max()) - len(motif)
    if last < (cfg.place or 0):
        what = f"a motif of {len(motif)} bases" + (f" from base {cfg.place} on" if cfg.place else "")
        raise ConfigError(
            f"{what} has no room in backgrounds of {last + len(motif)} bases. Use a shorter one"
        )
    if cfg.place is not None:
        starts = [cfg.place]
    else:
        starts = np.unique(np.linspace(0, last, cfg.places).round().astype(int)).tolist()
    letters = draw_letters(motif, len(backgrounds.lengths), rng)
    with show_progress("inserting", "sequences") as step:
        found = place_effects(logit.of_codes, backgrounds, letters, starts, rng, step.advance)
    columns: dict[str, list] = {
        "motif": [letters.name] * len(found.starts),
        "strand": found.strands,
        "start": found.starts,
        "backgrounds": found.counts,
        **_columns("effect", found.effects),
    }
    write_columns(outputs.main, columns, outputs.overwrite)
    at = [i for i, start in enumerate(found.starts) if start is not None]
    strands, places = [found.strands[i] for i in at], [found.starts[i] or 0 for i in at]
    ends = Means(*(column[at] for column in found.effects))
    if len(starts) > 1:
        write_picture(outputs, place_chart(letters.name, logit.target, strands, places, ends))
    _log_places(letters.name, logit.target, found)


def _log_places(motif: str, target: str, found: PlaceEffects) -> None:
    """Log the mean over all places of each strand, and its places of the highest and the lowest effect."""
    for i, (strand, start) in enumerate(zip(found.strands, found.starts, strict=True)):
        if start is not None:
            continue
        at = [j for j, other in enumerate(found.strands) if other == strand and j != i]
        known = [j for j in at if np.isfinite(found.effects.value[j])]
        ends = (
            [pick(known, key=lambda j: found.effects.value[j]) for pick in (max, min)]
            if len(known) > 1
            else []
        )
        places = "".join(f"; from base {found.starts[j]} on {_shown(found.effects, j)}" for j in ends)
        what = "%s on the %s strand adds %s to the logit of %s, mean over places%s"
        logger.info(what, motif, strand, _shown(found.effects, i), target, places)


def _insert_two(
    cfg: DictConfig,
    outputs: Outputs,
    logit: Logit,
    backgrounds: Sequences,
    motifs: tuple[np.ndarray, np.ndarray],
    distances: list[int],
    rng: np.random.Generator,
) -> None:
    first, second = (draw_letters(motif, len(backgrounds.lengths), rng) for motif in motifs)
    plan = arrangements(first, second, distances, logit.predictor.sees_both_strands)
    with show_progress("inserting", "sequences") as step:
        found = pair_effects(logit.of_codes, backgrounds, plan, cfg.place, rng, step.advance)
    columns: dict[str, list] = {
        "left": found.left,
        "right": found.right,
        "distance": found.distances,
        "backgrounds": found.counts,
        **_columns("effect", found.effects),
        **_columns("alone", found.alone),
        **_columns("extra", found.extra),
    }
    write_columns(outputs.main, columns, outputs.overwrite)
    names = [f"{left} {right}" for left, right in zip(found.left, found.right, strict=True)]
    if len(distances) > 1:
        write_picture(outputs, pair_chart(logit.target, names, found.distances, found.effects, found.extra))
    _log_pairs(logit.target, names, found)


def _log_pairs(target: str, names: list[str], found: PairEffects) -> None:
    known = np.flatnonzero(np.isfinite(found.effects.value))
    for means, what in ((found.effects, "add"), (found.extra, "add to the sum of each alone")):
        for word, pick in (("most", np.argmax), ("least", np.argmin)):
            i = int(known[pick(means.value[known])])
            place = f"{names[i]}, {found.distances[i]} bases apart"
            logger.info("%s: %s, %s %s (logit of %s)", word, place, what, _shown(means, i), target)


def _columns(name: str, means: Means) -> dict[str, list]:
    """Return the columns of a mean and of the ends of its interval."""
    return {name: cells(means.value), f"{name}_low": cells(means.low), f"{name}_high": cells(means.high)}


def _shown(means: Means, i: int) -> str:
    return f"{means.value[i]:.2f} [{means.low[i]:.2f}, {means.high[i]:.2f}]"

"""Recipes of recipe=probe: settings of a training, chosen by linear models on the training records alone.

The network stays the one that was named. Its pool, the strands that it reads and the settings of its training follow
from the linear model that describes the training records best: counts of k-mers, on the given strand or on either, or
the base at each position.
"""

import logging
import math
import shlex
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from hydra import compose
from hydra.errors import HydraException
from omegaconf import DictConfig, OmegaConf, open_dict
from scipy.stats import entropy

from dnaseq.data.datamodule import SequenceDataModule
from dnaseq.errors import ConfigError
from dnaseq.evaluation.baselines.arrangement import Arrangement, find_arrangement
from dnaseq.evaluation.baselines.classification import NAMES, cross_validated
from dnaseq.evaluation.baselines.penalty import Found
from dnaseq.evaluation.comparison.searches import Recipe
from dnaseq.io.progress import show_progress
from dnaseq.io.results.run_files import read_record
from dnaseq.prediction_task import CLASSIFICATION
from dnaseq.tasks.config.error_messages import explain
from dnaseq.tasks.config.own_folders import settings_of_command
from dnaseq.tasks.pipeline.factories import load_data, make_examples

PROBE, NONE = "probe", "none"
FILE = "recipe.json"
# Keys that a recipe may set, beside the pool.
KEYS = (
    "strands",
    "augmentation",
    "averaging",
    "optimizer",
    "schedule",
    "batch_size",
    "max_epochs",
    "patience",
    "second_start",
)
OF_BUNDLE = ("pool", "strands")  # of these, what a trained network decides that a training begins with
PLAIN_POOLS = ("Last", "Mean", "Max")  # pools of models that are not named after their pool
ATTENTION = {
    "AdditiveAttention": "attention",
    "DotAttention": "dot",
}  # pools that can learn where to look, by class
# A recurrent network needs thousands of steps, and small batches cost it no more time on a CPU.
STEPS, FEWEST_EPOCHS, MOST_EPOCHS = 4500, 10, 100
BATCHES = ((5_000, 16), (20_000, 32), (80_000, 64), (math.inf, 256))  # most records, batch size
LEARNING_RATE = 0.002
GATED_LEARNING_RATE = 0.006  # for an LSTM or GRU alone, with a maximum over positions
logger = logging.getLogger("dnaseq")


def with_pool(cfg: DictConfig) -> DictConfig:
    """Put the pool that `pool=` names into the model. Raises ConfigError for a model without one."""
    if cfg.get("pool") is None:
        return cfg
    if "pool" not in cfg.model:
        raise ConfigError("pool: this model predicts every position, so it has no pool. Leave it out")
    own = cfg.copy()
    with open_dict(own):
        own.model.pool = own.pool
        if has_positions(own.model) and "length" not in own.model:
            own.model.length = own.data.length
    return own


def is_probed(cfg: DictConfig, choices: dict[str, str], typed: list[str]) -> bool:
    """Tell if a training looks for its recipe; one by an experiment does not, unless recipe=probe was typed."""
    recipe = cfg.get("recipe", NONE)
    if recipe not in (PROBE, NONE):
        raise ConfigError(f"recipe must be {PROBE} or {NONE}; got {recipe!r}")
    is_typed = any(key_of(one) == "recipe" for one in typed)
    return recipe == PROBE and (is_typed or not choices.get("experiment"))


def find_recipe(cfg: DictConfig, typed: list[str], module: SequenceDataModule) -> Recipe | None:
    """Choose the recipe for the data of a module; None, and a log message, where labels have no linear models.

    `typed` are the user's own overrides, which stay.
    """
    began = time.monotonic()
    if (probes := probe(module, cfg.seed)) is None:
        task = module.data.targets.task
        logger.info("recipe: there is none for %s, so the settings are those of conf/", task)
        return None
    arrangement = probes.arrangement
    wanted = _settings(arrangement, len(module.data.rows("train")), cfg.model)
    if cfg.get("init") is not None:
        wanted = [one for one in wanted if key_of(one).partition(".")[0] not in OF_BUNDLE]
    settings = [one for one in wanted if not any(_are_of_one_key(one, own) for own in typed)]
    kept = [own for own in typed if any(_are_of_one_key(one, own) for one in wanted)]
    seconds = round(time.monotonic() - began, 2)
    found = arrangement.in_words()
    what = " ".join(settings) or "nothing, as all is set"
    logger.info("recipe: %s (found in %.1f s), so it sets %s", found, seconds, what)
    return Recipe(found, probes.log_loss, settings, kept, seconds)


class Probes(NamedTuple):
    """Linear models of the training records in cross-validation, and the arrangement of sites that follows."""

    penalties: dict[str, Found]  # by feature set
    log_loss: dict[str, float | None]  # by name; None where there are too few records
    arrangement: Arrangement


def probe(module: SequenceDataModule, seed: int) -> Probes | None:
    """Cross-validate linear models on the training records; None for labels without such models."""
    data, rows = module.data, module.data.rows("train")
    if data.targets.prediction is not CLASSIFICATION:
        return None
    with show_progress("cross-validating linear models"):
        examples = make_examples(data, rows)
        found = cross_validated(examples, len(data.classes), seed, data.group[rows], data.stranded)
    log_loss = {
        NAMES[name]: None if math.isnan(one.log_loss) else one.log_loss for name, one in found.items()
    }
    chance = float(entropy(data.class_counts("train")))  # log loss of the class frequencies
    return Probes(found, log_loss, find_arrangement(log_loss, chance))


def with_settings(
    cfg: DictConfig, choices: dict[str, str], typed: list[str], settings: list[str]
) -> tuple[DictConfig, dict[str, str]]:
    """Add the settings of a recipe to a configuration and its choices; typed overrides come after them."""
    try:
        found = compose("train", overrides=[*settings, *typed], return_hydra_config=True)
    except (HydraException, ConfigError) as error:
        raise ConfigError(f"recipe: {explain(error)}") from error
    own = cfg.copy()
    for key in (*KEYS, "pool"):
        if cfg.get("init") is None or key not in OF_BUNDLE:
            own[key] = found[key]
    chosen = found.hydra.runtime.choices
    return with_pool(own), choices | {group: chosen[group] for group in (*KEYS, "pool") if group in choices}


def for_sweep(
    cfg: DictConfig, choices: dict[str, str], typed: list[str], storage: Path, searched: Iterable[str]
) -> tuple[Recipe | None, list[str], SequenceDataModule | None]:
    """Choose the recipe of all trainings of a sweep. Return it with their overrides, which are the typed ones and those
    of the recipe that are not searched, and with the data where they were read for it. A storage that has a recipe
    keeps it."""
    recipe, module = None, None
    if (storage / FILE).exists():
        recipe = read_record(storage / FILE, Recipe)
    elif is_probed(cfg, choices, typed):
        module = load_data(cfg.copy())
        recipe = find_recipe(cfg, typed, module)
    if recipe is None:
        return None, typed, module
    own = [one for one in recipe.settings if not any(_are_of_one_key(one, key) for key in searched)]
    return recipe, [*own, *(one for one in typed if key_of(one) != "recipe"), "recipe=none"], module


def settings_in(command: str) -> list[str]:
    """Return the overrides in a command of dnaseq."""
    return settings_of_command(shlex.split(command)[2:])


def _settings(arrangement: Arrangement, n: int, model: DictConfig) -> list[str]:
    """List the overrides of a recipe for n training records."""
    batch_size = next(size for most, size in BATCHES if n <= most)
    epochs = min(max(math.ceil(STEPS * batch_size / n), FEWEST_EPOCHS), MOST_EPOCHS)
    return [
        *_pool_settings(arrangement, model),
        f"strands={'shared' if arrangement.either_strand else 'one'}",
        f"augmentation={'mutate' if arrangement.aligned else 'shift_mutate'}",
        "averaging=ema",
        "schedule=cosine",
        f"optimizer.lr={GATED_LEARNING_RATE if _is_gated(model) and not arrangement.aligned else LEARNING_RATE}",
        f"batch_size={batch_size}",
        f"max_epochs={epochs}",
        f"patience={epochs}",  # the schedule must not be cut short
        "second_start=true",
    ]


def _pool_settings(arrangement: Arrangement, model: DictConfig) -> list[str]:
    """Choose the pool; a model that is named after its pool keeps it, and at most learns where to look."""
    pool = _pool_of(model)
    if pool in ATTENTION and arrangement.aligned:
        return [f"pool={ATTENTION[pool]}", "pool.by_position=true"]
    if pool not in PLAIN_POOLS:
        return []
    if not arrangement.aligned:
        return ["pool=max"]
    return ["pool=max_flatten" if arrangement.anywhere else "pool=flatten"]


def has_positions(model: DictConfig) -> bool:
    """Tell if a model has weights for every position."""
    pool = OmegaConf.to_yaml(model.get("pool") or {})
    return "Flatten" in pool or "by_position: true" in pool


def _is_gated(model: DictConfig) -> bool:
    """Tell if a model reads its input with an LSTM or a GRU and nothing else."""
    return (model.get("encoder") or {}).get("cell") in ("lstm", "gru")


def _pool_of(model: DictConfig) -> str | None:
    """Return the class of the pool of a model, None for one without."""
    return str(model.pool._target_).rsplit(".", 1)[-1] if "pool" in model else None


def _are_of_one_key(setting: str, typed: str) -> bool:
    """Tell if a typed override replaces a setting: the same key, its group, or the pool in the model."""
    mine, theirs = key_of(setting), key_of(typed)
    in_model = mine.partition(".")[0] == "pool" and theirs.startswith("model.pool.")
    return mine == theirs or mine.startswith(f"{theirs}.") or in_model


def key_of(override: str) -> str:
    """Return the key of an override."""
    return override.lstrip("+~").partition("=")[0]

"""dnaseq compare: the differences between runs on the same test records, with intervals and tests."""

from pathlib import Path

from omegaconf import DictConfig

from dnaseq.errors import ConfigError
from dnaseq.tasks.config.paths import paths
from dnaseq.tasks.runs.comparison import print_comparison, write_comparison
from dnaseq.tasks.runs.jobs import Outcome
from dnaseq.tasks.runs.manifest import command_line
from dnaseq.tasks.runs.run_folder import chosen_folder


def run(cfg: DictConfig, choices: dict[str, str]) -> Outcome:
    """Compare the runs that are named, print the table and write comparison.json and report.html.

    Raises ConfigError for fewer than two.
    """
    folders = [Path(folder) for folder in paths("runs", cfg.runs)]
    if len({path.resolve() for path in folders}) < max(len(folders), 2):
        raise ConfigError("name two different runs or more: dnaseq compare RUN RUN ...")
    settings = (tuple(cfg.metrics), cfg.seed, cfg.resamples)
    with chosen_folder(cfg.run_dir, "compare", overwrite=cfg.overwrite) as folder:
        print_comparison(folder, write_comparison(folder, folders, "comparison", command_line(), *settings))
    return Outcome()

"""dnaseq compare: which of several runs is better, on the same records, and how sure that is."""

from pathlib import Path

from omegaconf import DictConfig

from dnaseq.errors import ConfigError
from dnaseq.tasks.config.paths import paths
from dnaseq.tasks.runs.comparison import say, write_comparison
from dnaseq.tasks.runs.manifest import command_line
from dnaseq.tasks.runs.run_folder import chosen_folder


def run(cfg: DictConfig, choices: dict[str, str]) -> None:
    """Compare the runs that are named, print the table and write comparison.json and report.html.

    Raises ConfigError where they are not two or more.
    """
    folders = [Path(folder) for folder in paths("runs", cfg.runs)]
    if len({path.resolve() for path in folders}) < max(len(folders), 2):
        raise ConfigError("name two different runs or more: dnaseq compare RUN RUN ...")
    settings = {"metrics": tuple(cfg.metrics), "seed": cfg.seed, "resamples": cfg.resamples}
    with chosen_folder(cfg.run_dir, "compare", overwrite=cfg.overwrite) as folder:
        say(folder, write_comparison(folder, folders, "comparison", command_line(), **settings))

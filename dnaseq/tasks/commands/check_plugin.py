"""dnaseq check-plugin: users' own parts, checked on random records, a line a check."""

from omegaconf import DictConfig

from dnaseq.build import TRAINING, build
from dnaseq.errors import RejectedError, visible
from dnaseq.plugins.named import names_in
from dnaseq.tasks.config.paths import reading_of
from dnaseq.tasks.config.validation import plain
from dnaseq.tasks.pipeline.recipe import with_pool
from dnaseq.tasks.plugin_checks.checks import OF_PARTS, run_checks
from dnaseq.tasks.plugin_checks.sample import build_sample
from dnaseq.tasks.plugin_checks.source import check_source
from dnaseq.tasks.runs.jobs import Outcome

SOURCE = "source"


def run(cfg: DictConfig, choices: dict[str, str]) -> Outcome:
    """Check the parts that the configuration names. Raises RejectedError at the end where checks have failed."""
    failed = []
    for check, problem in run_checks(build_sample(with_pool(cfg))):
        _print(check.name, check.claim, problem)
        failed += [check.name] if problem else []
    if names_in(plain(cfg)["data"]):
        try:
            problem = check_source(build(cfg.data.source, TRAINING), reading_of(cfg))
        except OF_PARTS as error:
            problem = f"{type(error).__name__}: {' '.join(str(error).split())}"
        _print(SOURCE, "every record has a sequence and a label", problem)
        failed += [SOURCE] if problem else []
    if failed:
        count = "1 check" if len(failed) == 1 else f"{len(failed)} checks"
        raise RejectedError(f"{count} failed: {', '.join(failed)}")
    return Outcome()


def _print(name: str, claim: str, problem: str | None) -> None:
    print(visible(f"{'FAILED' if problem else 'ok':<8}{name:<14}{problem or claim}"), flush=True)

"""Results of a sweep: trials.tsv, best.yaml, the comparison of its final runs, sweep.json and the report."""

import os
from collections import Counter
from pathlib import Path

from msgspec.structs import replace

from dnaseq.errors import visible
from dnaseq.evaluation.comparison.results import Comparison, FailedRun, Scores
from dnaseq.evaluation.comparison.searches import BestTrial, RunRow, Sweep, TrialResult
from dnaseq.io.atomic import write_json, write_text
from dnaseq.io.results.run_files import read_record
from dnaseq.report.page import write_report
from dnaseq.report.text.comparison import comparison_table, seeds_table
from dnaseq.tasks.pipeline.recipe import settings_in
from dnaseq.tasks.runs.comparison import write_comparison
from dnaseq.tasks.runs.manifest import versions
from dnaseq.tasks.runs.multirun import run_row
from dnaseq.tasks.runs.run_folder import MARK, finished
from dnaseq.tasks.search.final_runs import Final, best_name, failure, finals_of, find_best
from dnaseq.tasks.search.plan import SweepPlan, command_with, trial_overrides
from dnaseq.tasks.search.study import Study
from dnaseq.tasks.search.trial import write_trials

RESULT, BEST, COMPARISON = "sweep.json", "best.yaml", "comparison"


def is_done(plan: SweepPlan) -> bool:
    """Check that the folder has the result of this sweep within these limits."""
    there = (plan.folder / RESULT).exists() and not (plan.folder / MARK).exists()
    return there and result_of(plan.folder).limits == _limits(plan)


def result_of(folder: Path) -> Sweep:
    """Read sweep.json."""
    return read_record(folder / RESULT, Sweep)


def write_result(plan: SweepPlan, kind: str, data: str, command: str) -> None:
    """Write all results of a sweep whose trials and runs have ended, and remove the folder's mark."""
    study = Study(plan.storage, plan.rules, "")
    records = write_trials(plan, study)
    best = find_best(records, plan.monitor)
    finals = finals_of(plan, best) if best else []
    rows, rules = [_final(plan, final) for final in finals], plan.rules
    result = Sweep(
        data=data,
        model=kind,
        monitor=plan.monitor,
        direction=rules.direction,
        seed=rules.seed,
        max_epochs=rules.max_epochs,
        pruner=rules.pruner,
        limits=_limits(plan),
        space=list(rules.space),
        counts=dict(Counter(record.state for record in records)),
        trials=records,
        importance=study.importance(),
        best=_best(plan, best) if best else None,
        finals=rows,
        failed=_failed(records, rows),
        command=command,
        versions=versions(),
        comparison=_compare(plan, finals, command),
    )
    if result.best:
        write_text(plan.folder / BEST, _best_file(result.best, plan.monitor))
    write_json(plan.folder / RESULT, result)
    write_report(plan.folder)
    finished(plan.folder)


def print_result(folder: Path, result: Sweep) -> None:
    """Print the result on one screen."""
    counts = ", ".join(f"{count} {state}" for state, count in result.counts.items())
    print(f"sweep of {result.model} on {result.data}: {len(result.trials)} trials ({counts})")
    if best := result.best:
        print(f"\nbest        trial {best.number}: {result.monitor} {best.value:.4g} on validation records")
        print(f"            {' '.join(best.overrides)}")
        if best.name == "default":
            print("            these are the default settings: no trial was better")
        print()
        comparison = folder / COMPARISON / "comparison.json"
        compared = result.comparison
        table = (
            comparison_table(read_record(comparison, Comparison)) if compared else seeds_table(result.finals)
        )
        print(visible(table, keep="\n"))
    print()
    for name in ("report.html", "trials.tsv", BEST):
        if (folder / name).exists():
            print(f"{Path(name).stem:<12}{folder / name}")


def _limits(plan: SweepPlan) -> dict:
    minutes = None if plan.seconds == float("inf") else plan.seconds / 60
    return {"trials": plan.trials, "minutes": minutes, "seeds": plan.seeds}


def _best(plan: SweepPlan, best: TrialResult) -> BestTrial:
    own = trial_overrides(best.params)
    return BestTrial(
        number=best.number,
        name=best_name(plan, best),
        value=best.value,
        params=best.params,
        overrides=own,
        command=command_with(plan, own),
    )


def _best_file(best: BestTrial, monitor: str) -> str:
    """Write the text for `dnaseq train @best.yaml`: all overrides of the best configuration."""
    lines = [
        f"# The best of the trials ({best.name}): {monitor} {best.value:.6g}. dnaseq train @{BEST} uses it:"
    ]
    lines += [f"# {best.command}", "overrides:"]
    return "\n".join([*lines, *[f"  - {_quoted(one)}" for one in settings_in(best.command)]]) + "\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _final(plan: SweepPlan, final: Final) -> RunRow:
    reason, place = failure(final), os.path.relpath(final.folder, plan.folder)
    if reason is not None:
        return RunRow(final.name, final.seed, reason, folder=place)
    return replace(run_row(final.name, final.seed, final.folder), folder=place)


def _failed(records: list[TrialResult], finals: list[RunRow]) -> str:
    """Return a message about failures; empty where there are none."""
    trials = sum(record.state == "failed" for record in records)
    runs = sum(final.failed is not None for final in finals)
    counts = [(trials, len(records), "trials"), (runs, len(finals), "runs")]
    if not finals:
        return f"no trial could be trained to a score ({trials} failed)"
    failed = " and ".join(f"{count} of {total} {what}" for count, total, what in counts if count)
    return failed and f"{failed} failed"


def _compare(plan: SweepPlan, finals: list[Final], command: str) -> str | None:
    """Write the paired tests of the runs on the test set; return their folder, or None where there are none."""
    done = [final for final in finals if failure(final) is None]
    failed = [FailedRun(f.name, f.seed, reason) for f in finals if (reason := failure(f))]
    if not done or read_record(done[0].folder / "scores.json", Scores).task:
        return None  # only classification is compared
    folders, names = [final.folder for final in done], [final.name for final in done]
    write_comparison(plan.folder / COMPARISON, folders, "comparison", command, names=names, failed=failed)
    return COMPARISON

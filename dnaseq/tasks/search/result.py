"""Results of a sweep: trials.tsv, best.yaml, the comparison of its final runs, sweep.json and the report."""

import os
from collections import Counter
from pathlib import Path
from typing import Any

from dnaseq.errors import visible
from dnaseq.io.atomic import write_json, write_text
from dnaseq.io.results.run_files import read_object
from dnaseq.report.page import write_report
from dnaseq.report.text.comparison import comparison_table, seeds_table
from dnaseq.tasks.pipeline.recipe import settings_in
from dnaseq.tasks.runs.comparison import write_comparison
from dnaseq.tasks.runs.manifest import versions
from dnaseq.tasks.runs.multirun import run_row
from dnaseq.tasks.runs.run_folder import MARK, finished
from dnaseq.tasks.search.final_runs import Final, best_name, best_of, failure, finals_of
from dnaseq.tasks.search.plan import SweepPlan, command_with, trial_overrides
from dnaseq.tasks.search.study import Record, Study
from dnaseq.tasks.search.trial import write_trials

RESULT, BEST, COMPARISON = "sweep.json", "best.yaml", "comparison"


def is_done(plan: SweepPlan) -> bool:
    """Check that the folder has the result of this sweep within these limits."""
    there = (plan.folder / RESULT).exists() and not (plan.folder / MARK).exists()
    return there and read_object(plan.folder / RESULT)["limits"] == _limits(plan)


def result_of(folder: Path) -> dict:
    """Read sweep.json."""
    return read_object(folder / RESULT)


def write_result(plan: SweepPlan, kind: str, data: str, command: str) -> None:
    """Write all results of a sweep whose trials and runs have ended, and remove the folder's mark."""
    study = Study(plan.storage, plan.rules, "")
    records = write_trials(plan, study)
    best = best_of(records, plan.monitor)
    finals = finals_of(plan, best) if best else []
    rules = plan.rules
    result: dict[str, Any] = {
        "data": data,
        "model": kind,
        "monitor": plan.monitor,
        "direction": rules.direction,
    }
    result |= {"seed": rules.seed, "max_epochs": rules.max_epochs, "pruner": rules.pruner}
    result |= {"limits": _limits(plan), "space": [d._asdict() for d in rules.space]}
    result |= {"counts": dict(Counter(record.state for record in records))}
    result |= {"trials": [record._asdict() for record in records], "importance": study.importance()}
    result |= {"best": best and _best(plan, best), "finals": [_final(plan, final) for final in finals]}
    result |= {"failed": _failed(records, result["finals"]), "command": command, "versions": versions()}
    if best:
        write_text(plan.folder / BEST, _best_file(result["best"], plan.monitor))
    result["comparison"] = _compare(plan, finals, command)
    write_json(plan.folder / RESULT, result)
    write_report(plan.folder)
    finished(plan.folder)


def print_result(folder: Path, result: dict) -> None:
    """Print the result on one screen."""
    counts = ", ".join(f"{count} {state}" for state, count in result["counts"].items())
    print(f"sweep of {result['model']} on {result['data']}: {len(result['trials'])} trials ({counts})")
    if best := result["best"]:
        print(
            f"\nbest        trial {best['number']}: {result['monitor']} {best['value']:.4g} on validation records"
        )
        print(f"            {' '.join(best['overrides'])}")
        if best["name"] == "default":
            print("            these are the default settings: no trial was better")
        print()
        comparison = folder / COMPARISON / "comparison.json"
        compared = result["comparison"]
        table = comparison_table(read_object(comparison)) if compared else seeds_table(result["finals"])
        print(visible(table, keep="\n"))
    print()
    for name in ("report.html", "trials.tsv", BEST):
        if (folder / name).exists():
            print(f"{Path(name).stem:<12}{folder / name}")


def _limits(plan: SweepPlan) -> dict:
    minutes = None if plan.seconds == float("inf") else plan.seconds / 60
    return {"trials": plan.trials, "minutes": minutes, "seeds": plan.seeds}


def _best(plan: SweepPlan, best: Record) -> dict:
    own = trial_overrides(best.params)
    found = {"number": best.number, "name": best_name(plan, best), "value": best.value, "params": best.params}
    return found | {"overrides": own, "command": command_with(plan, own)}


def _best_file(best: dict, monitor: str) -> str:
    """Write the text for `dnaseq train @best.yaml`: all overrides of the best configuration."""
    lines = [
        f"# The best of the trials ({best['name']}): {monitor} {best['value']:.6g}. dnaseq train @{BEST} uses it:"
    ]
    lines += [f"# {best['command']}", "overrides:"]
    return "\n".join([*lines, *[f"  - {_quoted(one)}" for one in settings_in(best["command"])]]) + "\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _final(plan: SweepPlan, final: Final) -> dict:
    reason = failure(final)
    place = {"folder": os.path.relpath(final.folder, plan.folder)}
    if reason is not None:
        return {"name": final.name, "seed": final.seed, "failed": reason} | place
    return run_row(final.name, final.seed, final.folder) | place


def _failed(records: list[Record], finals: list[dict]) -> str:
    """Return a message about failures; empty where there are none."""
    trials = sum(record.state == "failed" for record in records)
    runs = sum(final["failed"] is not None for final in finals)
    counts = [(trials, len(records), "trials"), (runs, len(finals), "runs")]
    if not finals:
        return f"no trial could be trained to a score ({trials} failed)"
    failed = " and ".join(f"{count} of {total} {what}" for count, total, what in counts if count)
    return failed and f"{failed} failed"


def _compare(plan: SweepPlan, finals: list[Final], command: str) -> str | None:
    """Write the paired tests of the runs on the test set; return their folder, or None where there are none."""
    done = [final for final in finals if failure(final) is None]
    failed = [{"name": f.name, "seed": f.seed, "reason": failure(f)} for f in finals if failure(f)]
    if not done or "task" in read_object(done[0].folder / "scores.json"):
        return None  # only classification is compared
    folders, names = [final.folder for final in done], [final.name for final in done]
    write_comparison(plan.folder / COMPARISON, folders, "comparison", command, names=names, failed=failed)
    return COMPARISON

"""What a sweep leaves: trials.tsv, best.yaml, the comparison of its last runs, sweep.json and the report."""

import os
from collections import Counter
from pathlib import Path

from dnaseq.errors import visible
from dnaseq.io.atomic import write_json, write_text
from dnaseq.io.results.run_files import read_object
from dnaseq.report.page import write_report
from dnaseq.report.text.comparison import comparison_table, seeds_table
from dnaseq.tasks.pipeline.recipe import typed_of
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
    """Whether the folder holds the result of this sweep within these limits."""
    there = (plan.folder / RESULT).exists() and not (plan.folder / MARK).exists()
    return there and read_object(plan.folder / RESULT)["limits"] == _limits(plan)


def result_of(folder: Path) -> dict:
    """What is in sweep.json."""
    return read_object(folder / RESULT)


def write_result(plan: SweepPlan, kind: str, data: str, command: str) -> None:
    """Write all of it, of a sweep whose trials and runs have ended, and take the folder's mark away."""
    study = Study(plan.storage, plan.rules, "")
    records = write_trials(plan, study)
    best = best_of(records, plan.monitor)
    finals = finals_of(plan, best) if best else []
    rules = plan.rules
    result = {"data": data, "model": kind, "monitor": plan.monitor, "direction": rules.direction}
    result |= {"seed": rules.seed, "max_epochs": rules.max_epochs, "pruner": rules.pruner}
    result |= {"limits": _limits(plan), "space": [d._asdict() for d in rules.space]}
    result |= {"counts": dict(Counter(record.state for record in records))}
    result |= {"trials": [record._asdict() for record in records], "importance": study.importance()}
    result |= {"best": best and _best(plan, best), "finals": [_final(plan, final) for final in finals]}
    result |= {"failed": _failed(records, result["finals"]), "command": command, "versions": versions()}
    if best:
        write_text(plan.folder / BEST, _best_file(result["best"], plan.monitor))
    result["comparison"] = _compared(plan, finals, command)
    write_json(plan.folder / RESULT, result)
    write_report(plan.folder)
    finished(plan.folder)


def say(folder: Path, result: dict) -> None:
    """One screen, on stdout."""
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
    told = {"number": best.number, "name": best_name(plan, best), "value": best.value, "params": best.params}
    return told | {"overrides": own, "command": command_with(plan, own)}


def _best_file(best: dict, monitor: str) -> str:
    """What `dnaseq train @best.yaml` takes: all overrides of the best configuration."""
    lines = [
        f"# The best of the trials ({best['name']}): {monitor} {best['value']:.6g}. dnaseq train @{BEST} uses it:"
    ]
    lines += [f"# {best['command']}", "overrides:"]
    return "\n".join([*lines, *[f"  - {_quoted(one)}" for one in typed_of(best["command"])]]) + "\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _final(plan: SweepPlan, final: Final) -> dict:
    reason = failure(final)
    told = {"folder": os.path.relpath(final.folder, plan.folder)}
    if reason is not None:
        return {"name": final.name, "seed": final.seed, "failed": reason} | told
    return run_row(final.name, final.seed, final.folder) | told


def _failed(records: list[Record], finals: list[dict]) -> str:
    """What failed, in words; empty where nothing did."""
    trials = sum(record.state == "failed" for record in records)
    runs = sum(final["failed"] is not None for final in finals)
    told = [f"{trials} of {len(records)} trials"] * bool(trials) + [f"{runs} of {len(finals)} runs"] * bool(
        runs
    )
    if not finals:
        return f"no trial could be trained to a score ({trials} failed)"
    return f"{' and '.join(told)} failed" if told else ""


def _compared(plan: SweepPlan, finals: list[Final], command: str) -> str | None:
    """Where the paired tests of the runs on test records are; None where there are none."""
    done = [final for final in finals if failure(final) is None]
    failed = [{"name": f.name, "seed": f.seed, "reason": failure(f)} for f in finals if failure(f)]
    if not done or "task" in read_object(done[0].folder / "scores.json"):
        return None  # only answers of classes are compared
    folders, names = [final.folder for final in done], [final.name for final in done]
    write_comparison(plan.folder / COMPARISON, folders, "comparison", command, names=names, failed=failed)
    return COMPARISON

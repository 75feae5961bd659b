"""The origin of a result: command, versions, files with their hashes, seconds, settings."""

from msgspec import to_builtins

from dnaseq.report.html.markup import Markup, element, table
from dnaseq.report.html.tables import fact_list, folded, folded_text, missing, shown
from dnaseq.report.inputs.run_files import RunFiles

SHORT_HASH = 12  # hexadecimal digits: two files of one folder do not share them


def how_it_was_made(run: RunFiles) -> list[Markup]:
    """Show the origin found in sweep.json, scores.json, comparison.json or audit.json, and config.yaml."""
    facts = to_builtins(run.sweep or run.scores or run.comparison or run.audit or {})
    parts = [element("pre", facts["command"], class_="command")] if facts.get("command") else []
    if facts.get("seed") is not None:
        parts.append(element("p", f"Seed: {shown(facts['seed'])}."))
    if facts.get("fingerprints"):
        parts += _files(facts["fingerprints"])
    for key, title in (("versions", "Versions"), ("seconds", "Seconds")):
        if facts.get(key):
            parts.append(fact_list(facts[key], title))
    if run.config is None and not run.comparison:  # its settings are those of the runs
        parts.append(missing("config.yaml", "the settings are not known"))
    elif run.config is not None:
        parts.append(folded_text("config.yaml: all settings", run.config))
    return [*parts, element("p", f"Run folder: {run.folder.name}", class_="lead")]


def _files(fingerprints: dict[str, list[dict]]) -> list[Markup]:
    """List the files of each part with short hashes, and folded in full."""
    files = [(part, f) for part, of_part in fingerprints.items() for f in of_part]
    rows = [
        [part, f["file"], element("td", element("code", f["sha256"][:SHORT_HASH])), _learned(f)]
        for part, f in files
    ]
    full = "\n".join(f"{f['sha256']}  {f['file']}" for _, f in files)
    header = ["part", "file", "SHA-256", "learnt from"]
    return [table(header, rows, "Files", "words"), folded("SHA-256 in full", element("pre", full))]


def _learned(file: dict) -> str:
    learned = file.get("learned")
    return "-" if learned is None else "yes" if learned else "no"

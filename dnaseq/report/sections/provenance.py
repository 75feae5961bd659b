"""The origin of a result: command, versions, files with their hashes, seconds, settings."""

from msgspec import UNSET

from dnaseq.report.html.markup import Markup, element, table
from dnaseq.report.html.tables import fact_list, folded, folded_text, missing
from dnaseq.report.inputs.run_files import RunFiles
from dnaseq.schemas import LabelledFile

SHORT_HASH = 12  # hexadecimal digits: two files of one folder do not share them


def how_it_was_made(run: RunFiles) -> list[Markup]:
    """Show the origin found in sweep.json, scores.json, comparison.json or audit.json, and config.yaml."""
    origin = run.sweep or run.scores or run.comparison or run.audit
    keys = ("command", "seed", "fingerprints", "versions", "seconds")
    command, seed, files, versions, seconds = (getattr(origin, key, UNSET) for key in keys)
    parts = [element("pre", command, class_="command")] if command else []
    if isinstance(seed, int):
        parts.append(element("p", f"Seed: {seed}."))
    parts += _files(files) if files else []
    parts += [fact_list(versions, "Versions")] if versions else []
    parts += [fact_list(seconds, "Seconds")] if seconds else []
    if run.config is None and not run.comparison:  # its settings are those of the runs
        parts.append(missing("config.yaml", "the settings are not known"))
    elif run.config is not None:
        parts.append(folded_text("config.yaml: all settings", run.config))
    return [*parts, element("p", f"Run folder: {run.folder.name}", class_="lead")]


def _files(fingerprints: dict[str, list[LabelledFile]]) -> list[Markup]:
    """List the files of each part with short hashes, and folded in full."""
    files = [(part, f) for part, of_part in fingerprints.items() for f in of_part]
    rows = [
        [part, f.file, element("td", element("code", f.sha256[:SHORT_HASH])), "yes" if f.learned else "no"]
        for part, f in files
    ]
    full = "\n".join(f"{f.sha256}  {f.file}" for _, f in files)
    header = ["part", "file", "SHA-256", "learnt from"]
    return [table(header, rows, "Files", "words"), folded("SHA-256 in full", element("pre", full))]

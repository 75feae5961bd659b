"""The origin of a result: command, network at the start, versions, files with their hashes, seconds, settings."""

import shlex

from msgspec import UNSET

from dnaseq.evaluation.comparison.results import Scores
from dnaseq.report.html.markup import Markup, element, table
from dnaseq.report.html.tables import fact_list, folded, folded_text, missing, sentence
from dnaseq.report.inputs.run_files import RunFiles
from dnaseq.schemas import InitialNetwork, LabelledFile, SharedRecords

SHORT_HASH = 12  # hexadecimal digits: two files of one folder do not share them


def how_it_was_made(run: RunFiles) -> list[Markup]:
    """Show the origin found in sweep.json, scores.json, comparison.json or audit.json, and config.yaml."""
    origin = run.sweep or run.scores or run.comparison or run.audit
    keys = ("command", "seed", "fingerprints", "versions", "seconds")
    command, seed, files, versions, seconds = (getattr(origin, key, UNSET) for key in keys)
    parts = [element("pre", command, class_="command")] if command else []
    if isinstance(seed, int):
        parts.append(element("p", f"Seed: {seed}."))
    parts += _describe_start(run.scores) if run.scores and not run.sweep else []
    parts += _files(files) if files else []
    parts += [fact_list(versions, "Versions")] if versions else []
    parts += [fact_list(seconds, "Seconds")] if seconds else []
    if run.config is None and not run.comparison:  # its settings are those of the runs
        parts.append(missing("config.yaml", "the settings are not known"))
    elif run.config is not None:
        parts.append(folded_text("config.yaml: all settings", run.config))
    return [*parts, element("p", f"Run folder: {run.folder.name}", class_="lead")]


def _describe_start(scores: Scores) -> list[Markup]:
    """Describe the network of another bundle that a training began with, and how to see what it brought."""
    initial = scores.init
    if not isinstance(initial, InitialNetwork):
        return []
    network = (
        f"the network of {initial.bundle} ({initial.model}-{initial.encoding}, {initial.n} records of {initial.data}; "
        f"SHA-256 of its weights {initial.sha256})"
    )
    if not initial.weights:
        return [sentence(f"This is {network}, trained from random weights, to compare with.")]
    share = initial.parameters / max(initial.of_parameters, 1)
    taken = f"{initial.tensors} of {initial.of_tensors} tensors were taken, {share:.1%} of the weights"
    parts = f"new: {', '.join(initial.new) or 'nothing'}; freeze={initial.freeze}, rate_decay={initial.rate_decay:g}"
    leaks = (
        f" {_in_words(initial.shared)}" if initial.shared else " It does not say which records it had learnt."
    )
    return [
        sentence(f"The training began with {network}: {taken}; {parts}.{leaks}"),
        sentence(
            "What that brought is not known from this run alone. The same network from random weights, on the same "
            "records, is trained by the command below; then compare both: dnaseq compare RUN RUN."
        ),
        element("pre", _without_weights(scores.command or "dnaseq train"), class_="command"),
    ]


def _in_words(shared: SharedRecords) -> str:
    n = shared.exact + shared.reverse_complement
    if not n:
        return "It had learnt none of the test records."
    return (
        f"It had learnt {n} of the test records ({shared.reverse_complement} on the other strand), of which "
        f"{shared.left_out} were left out."
    )


def _without_weights(command: str) -> str:
    """Return the command of the same training from random weights, in a folder of its own."""
    words = [word for word in shlex.split(command) if not word.startswith(("run_dir=", "overwrite="))]
    return shlex.join([*words, "init_weights=false"])


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

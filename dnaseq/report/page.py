"""The report of a run: one HTML file that needs no other file, no script and no network."""

from pathlib import Path

from dnaseq.errors import FileAccessError
from dnaseq.report.markup import Markup, element, joined
from dnaseq.report.run_files import RunFiles, read_run
from dnaseq.report.sections import SECTIONS
from dnaseq.report.stylesheet import CSS


def write_report(run_dir: Path) -> Path:
    """Write report.html into a run folder, from the files in it alone, and return its path.

    A file that is missing leaves its section with a sentence that says so. Raises FileAccessError if the folder
    is missing or cannot be written to, InputError if a file in it is damaged.
    """
    run_dir = Path(run_dir)
    text = page(read_run(run_dir))
    path, unfinished = run_dir / "report.html", run_dir / ".report.html.unfinished"
    try:
        unfinished.write_text(text, encoding="utf-8", errors="replace")
        unfinished.replace(path)
    except OSError as error:
        raise FileAccessError(f"{path}: cannot be written: {error.strerror}") from error
    return path


def page(run: RunFiles) -> str:
    """The whole page."""
    scores = run.scores or {}
    title = f"{scores.get('model', 'Classifier')} on {scores.get('data', run.folder.name)}"
    head = element(
        "head",
        Markup('<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'),
        element("title", title),
        element("style", Markup(CSS)),
    )
    sections = [
        element("section", element("h2", name), contents(run), id=name.lower().replace(" ", "-"))
        for name, contents in SECTIONS.items()
    ]
    lead = element("p", "Report of a training run of dnaseq", class_="lead")
    body = element("body", element("main", element("h1", title), lead, joined(sections)))
    return "<!doctype html>\n" + element("html", head, body, lang="en") + "\n"

"""The report of a run: one HTML file that needs no other file, no script and no network."""

from pathlib import Path

from dnaseq.io.atomic import write_text
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
    path = run_dir / "report.html"
    write_text(
        path, text.encode("utf-8", "replace").decode()
    )  # JSON may spell half a character, which no file holds
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
    lead = element("p", "Report of a run of dnaseq", class_="lead")
    body = element("body", element("main", element("h1", title), lead, joined(sections)))
    return "<!doctype html>\n" + element("html", head, body, lang="en") + "\n"

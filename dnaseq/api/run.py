"""A finished training: its folder, and what is in it."""

from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from dnaseq.bundle.predictor import Predictor
from dnaseq.errors import FileAccessError
from dnaseq.evaluation.comparison.results import Scores
from dnaseq.io.results.run_files import read_record

HEIGHT = 640  # pixels of a report in a notebook


@dataclass(frozen=True, eq=False)
class Run:
    """A run folder. In a notebook it shows its report.

    `summary` is what the command prints. A folder without a name of the user is deleted with this object.
    """

    folder: Path
    summary: str = field(default="", repr=False)
    owner: object = field(default=None, repr=False)  # deletes the folder

    @cached_property
    def scores(self) -> Scores:
        """The contents of scores.json; without a test set `n` is 0 and there are no metrics."""
        return read_record(self.folder / "scores.json", Scores)

    @property
    def report(self) -> Path:
        return self.folder / "report.html"

    @property
    def bundle(self) -> Path:
        """The folder of the trained model. Raises FileAccessError for a cross-validation, which has one a fold."""
        folder = self.folder / "bundle"
        if not folder.is_dir():
            raise FileAccessError(
                f"{self.folder}: has no bundle of its own. A cross-validation makes one with split.final=true"
            )
        return folder

    def predictor(self, **options: Any) -> Predictor:
        """Load the bundle; options are those of Predictor."""
        return Predictor.load(self.bundle, **options)

    def __str__(self) -> str:
        return self.summary or repr(self)

    def _repr_html_(self) -> str:
        return framed_page(self.report)


def framed_page(report: Path) -> str:
    """Put a page that needs no other file into a frame, for a notebook; a sentence where it is missing."""
    if not report.is_file():
        return f"<p>{escape(str(report))} is not there.</p>"
    page = escape(report.read_text(encoding="utf-8"), quote=True)
    style = "width:100%;border:1px solid #ccc"
    return f'<iframe srcdoc="{page}" style="{style}" height="{HEIGHT}" title="{report.parent.name}"></iframe>'

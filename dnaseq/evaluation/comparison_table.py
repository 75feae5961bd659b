"""A comparison as one screen of plain text."""

from textwrap import wrap

from dnaseq.evaluation.comparison_words import metric_words
from dnaseq.evaluation.summary import interval_text

CELL_WIDTH, LONGEST_NAME, WIDTH = 21, 36, 100


def comparison_table(comparison: dict) -> str:
    """A row a model: the scores, means over its seeds, with 95 % intervals over records, and below them the standard
    deviation over seeds where there are several. Then what is shown, in sentences."""
    models = comparison["models"]
    metrics = list(models[0]["metrics"])
    width = min(max(len(model["name"]) for model in models), LONGEST_NAME)
    lines = [_line("", [metric_words(metric) for metric in metrics], width)]
    for model in models:
        scores = [model["metrics"][metric] for metric in metrics]
        lines.append(_line(_short(model["name"]), [interval_text(score) for score in scores], width))
        if any(score["sd_seeds"] is not None for score in scores):
            n = len(scores[0]["seeds"])
            cells = ["" if s["sd_seeds"] is None else f"sd {s['sd_seeds']:.3f}" for s in scores]
            lines.append(_line(f"  {n} seeds", cells, width))
    return "\n".join([*lines, "", *[line for text in comparison["words"] for line in _item(text)]])


def _line(name: str, cells: list[str], width: int) -> str:
    return (f"{name:<{width}}" + "".join(f"{'  ' + cell:<{CELL_WIDTH + 1}}" for cell in cells)).rstrip()


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 3] + "..."


def _item(text: str) -> list[str]:
    return wrap(f"- {text}", WIDTH, subsequent_indent="  ", break_on_hyphens=False)

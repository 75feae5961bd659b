"""What a run has shown, in words and numbers, beside the simple models."""

from dnaseq.evaluation.summary import COLUMNS, interval_text
from dnaseq.report.markup import Markup, element, table

IN_WORDS = {
    "majority": "class frequencies",
    "gc_length": "GC content and length",
    "kmer_logistic": "1- to 5-mer counts",
}


def headline_table(scores: dict) -> Markup:
    """Accuracy, AUROC, AUPRC and MCC of the model and of each baseline, with 95 % intervals."""
    rows = {"this model": scores.get("metrics", {})}
    rows |= {IN_WORDS.get(name, name): metrics for name, metrics in scores.get("baselines", {}).items()}
    body = [[name, *[score_cell(metrics.get(m)) for m in COLUMNS]] for name, metrics in rows.items()]
    return table(["", *COLUMNS.values()], body, "95 % intervals in brackets", "headline")


def score_cell(score: dict | None) -> Markup:
    """The value with its interval below it."""
    value, _, interval = spaced(score).partition(" ")
    return element("td", value, element("small", interval) if interval else "")


def spaced(score: dict | None) -> str:
    """interval_text with room to break the line."""
    return interval_text(score).replace(",", ", ")


def verdict(scores: dict) -> str:
    """One sentence: whether the model's interval overlaps that of the best baseline, by AUROC or else accuracy."""
    for metric in ("auroc", "accuracy"):
        model = _known(scores.get("metrics", {}), metric)
        rivals = {name: _known(m, metric) for name, m in scores.get("baselines", {}).items()}
        rivals = {name: score for name, score in rivals.items() if score}
        if model and rivals:
            best = max(rivals, key=lambda name: rivals[name]["value"])
            return _sentence(COLUMNS[metric], model, IN_WORDS.get(best, best), rivals[best])
    return "There is no baseline to compare the model with."


def _known(metrics: dict, metric: str) -> dict | None:
    score = metrics.get(metric) or {}
    return score if all(score.get(key) is not None for key in ("value", "low", "high")) else None


def _sentence(metric: str, model: dict, name: str, rival: dict) -> str:
    numbers = f"{spaced(model)} against {spaced(rival)}"
    if model["low"] <= rival["high"] and rival["low"] <= model["high"]:
        return (
            f"The {metric} intervals of the model and of the best baseline, {name}, overlap: {numbers}; by themselves "
            "they do not show which is better (a paired comparison on the same records is sharper)."
        )
    side = "above" if model["low"] > rival["high"] else "below"
    return f"The model's {metric} is {side} that of the best baseline, {name}: {numbers}; the intervals do not overlap."


def all_scores(scores: dict) -> Markup:
    """Every score of the model; with more than two classes, those of single classes in a second table."""
    metrics = scores.get("metrics", {})
    plain = {name: score for name, score in metrics.items() if "/" not in name}
    single = {name: score for name, score in metrics.items() if "/" in name}
    body = [[name, score_cell(score)] for name, score in plain.items()]
    parts = [table(["score", "value"], body, "All scores (95 % intervals)")]
    if single:
        kinds = list(dict.fromkeys(name.partition("/")[0] for name in single))
        classes = list(dict.fromkeys(name.partition("/")[2] for name in single))
        body = [[c, *[score_cell(single.get(f"{kind}/{c}")) for kind in kinds]] for c in classes]
        parts.append(table(["class", *kinds], body, "Each class against the rest"))
    return element("details", element("summary", "All scores"), *parts)

"""The model card: what a bundle is, in words, for whoever finds the folder."""

from dnaseq.bundle.decision_words import decision_in_words
from dnaseq.bundle.markdown import code, plain
from dnaseq.data.strandedness import BOTH

OF_CLASSES = ("accuracy", "auroc", "auprc", "mcc")
SHOWN = {
    "multilabel": ("auroc", "auprc", "f1", "subset_accuracy"),
    "regression": ("pearson", "spearman", "r2", "rmse", "mae"),
    "labelling": ("accuracy", "mcc", "f1", "auroc"),
}
TITLES = {
    "multilabel": "DNA sequence labels",
    "regression": "Numbers from DNA sequences",
    "labelling": "Labels of the bases of DNA sequences",
}


def model_card(spec: dict) -> str:
    """README.md of a bundle, from its spec."""
    training, lengths = spec["training"], spec["lengths"]
    scores = spec["scores"] or {}
    rows = [
        f"| {name} | {_interval(scores[name])} |"
        for name in SHOWN.get(spec["task"], OF_CLASSES)
        if scores.get(name)
    ]
    table = (
        ["| metric | test value, 95 % interval |", "| --- | --- |", *rows] if rows else ["Not evaluated yet."]
    )
    length = f"{lengths['length']} bases" if lengths["length"] else "any length"
    return "\n".join(
        [
            f"# {TITLES.get(spec['task'], 'DNA sequence classifier')}: {', '.join(map(plain, spec['classes']))}",
            "",
            f"Made by dnaseq {spec['dnaseq_version']}: model {code(training['model'])}, encoding",
            f"{code(training['encoding'])}, trained on {code(training['data'])} ({training['n']} records, seed",
            f"{training['seed']}). Expects {length} (policy {code(lengths['policy'])}).",
            *_how_it_answers(spec),
            "",
            *table,
            "",
            "## Use",
            "",
            "    dnaseq predict bundle=THIS_FOLDER input=sequences.fa output=predictions.tsv",
            "",
            "    from dnaseq.bundle.predictor import Predictor",
            '    Predictor.load("THIS_FOLDER").predict(["ACGT..."])',
            "",
            *decision_in_words(spec),
            "",
            "The scores hold for sequences like those it was trained on; they say nothing about other species,",
            "assays or ways of choosing negatives.",
            "",
        ]
    )


def _how_it_answers(spec: dict) -> list[str]:
    """Of several networks, and of both strands, where it is so."""
    told = []
    if members := spec["architecture"].get("members"):
        told.append(f"An answer is the mean of {len(members)} networks that were trained alike.")
    if spec["strands"] == BOTH:
        told.append("A sequence and its reverse complement have the same answer: both are seen.")
    return told


def _interval(score: dict) -> str:
    if score["value"] is None:
        return "undefined"
    if score["low"] is None or score["high"] is None:
        return f"{score['value']:.3f}, interval undefined"
    return f"{score['value']:.3f} [{score['low']:.3f}, {score['high']:.3f}]"

"""The model card: a description of a bundle in words, for whoever finds the folder."""

import re
from html import escape

from msgspec import UNSET

from dnaseq.bundle.spec import BundleSpec
from dnaseq.data.strandedness import BOTH
from dnaseq.errors import visible
from dnaseq.evaluation.decisions.abstention import Abstention
from dnaseq.evaluation.decisions.calibration import Calibration, Scaling
from dnaseq.evaluation.decisions.novelty import NoveltyReference
from dnaseq.evaluation.decisions.thresholds import Decision
from dnaseq.prediction_task import CLASSIFICATION
from dnaseq.schemas import Estimate, InitialNetwork, LogLink

FINAL = "final"  # in place of a split: the model was trained on all records, after a cross-validation
_MARKS = re.compile(r"[\\`*\[\]|~#$:]|(?<!\w)_|_(?!\w)|(?<=www)\.")


def plain(name: str) -> str:
    """The name in a sentence: no link, no emphasis, no HTML."""
    return _MARKS.sub(r"\\\g<0>", escape(visible(name), quote=False))


def code(name: str) -> str:
    """The name in type of fixed width, between more backticks than it holds."""
    shown = visible(name)
    longest = max(map(len, re.findall("`+", shown)), default=0)
    fence, space = "`" * (longest + 1), " " if longest else ""
    return f"{fence}{space}{shown}{space}{fence}"


def decision_in_words(spec: BundleSpec) -> list[str]:
    """Sentences of the model card, one or two a line, on its decisions."""
    of_classes = spec.prediction is CLASSIFICATION
    lines = [_calibration(spec.calibration), *_rule(spec)] if of_classes else [_describe_prediction(spec)]
    if spec.abstention:
        lines += ["", *_abstention(spec.abstention, has_threshold=len(spec.classes) == 2)]
    if spec.novelty:
        lines += ["", *_novelty(spec.novelty)]
    return lines


def _describe_prediction(spec: BundleSpec) -> str:
    """Describe the predictions of a task without classes."""
    prediction = spec.prediction
    if prediction.has_link:
        unit = "expected counts" if isinstance(spec.link, LogLink) else "in the units of the training records"
        return f"The numbers are {unit}."
    if prediction.is_per_base:
        return "The label of a base is the likeliest."
    return f"A label is there from a probability of {spec.threshold:g} on; probabilities are not calibrated."


def _calibration(calibration: Calibration | None) -> str:
    if calibration is None:
        return "Probabilities are as the network gives them, not calibrated."
    way = "isotonic regression"
    if isinstance(calibration, Scaling):
        way = f"temperature scaling (T = {calibration.temperature:.3g})"
    return f"Probabilities are calibrated by {way}, fitted on {calibration.n} validation records."


def _rule(spec: BundleSpec) -> list[str]:
    if len(spec.classes) > 2:
        return ["The predicted class is the likeliest."]
    last = f"The last class, {code(spec.classes[-1])}, is the positive one"
    return [
        f"{last}; it is predicted from a probability of {spec.threshold:g} on",
        _reason(spec.decision),
    ]


def _reason(decision: Decision) -> str:
    reached = "unknown" if decision.reached is UNSET else f"{decision.reached:.3g}"
    reasons = {
        "fixed": "(a threshold that was given).",
        "max_mcc": f"(the threshold of greatest MCC on the validation records, {reached}).",
        "sensitivity": "(the highest threshold that finds the share of positive validation records asked for;"
        f" it finds {reached}).",
        "cost": f"(the threshold of least mean cost on the validation records, {reached}).",
    }
    return reasons[decision.rule]


def _abstention(rule: Abstention, has_threshold: bool) -> list[str]:
    asked = f"an error rate of at most {100 * rule.at_most:g} % among the records with a label"
    if not rule.reached:
        return [
            f"It was asked for {asked} and does not reach that on the {rule.n}",
            f"validation records at any confidence, so every record has a label ({100 * rule.error_rate:.1f} %"
            " errors there).",
        ]
    return [
        f"A record is left without a label below a confidence of {rule.confidence:.4g}, for {asked}.",
        f"It labels {100 * rule.coverage:.1f} % of the {rule.n} validation records,"
        f" {100 * rule.error_rate:.1f} % of them wrongly. Confidence is the",
        "probability of the label"
        + (", with the odds divided by those of the threshold." if has_threshold else "."),
    ]


def _novelty(novelty: NoveltyReference) -> list[str]:
    return [
        "A record counts as unlike the training records where its 3-mer composition and length lie further from",
        f"theirs than those of all but {100 * novelty.rate:g} % of {novelty.n} validation records do"
        " (Mahalanobis distance).",
    ]


def model_card(spec: BundleSpec) -> str:
    """README.md of a bundle, from its spec."""
    training, lengths, prediction = spec.training, spec.lengths, spec.prediction
    scores = spec.scores or {}
    rows = [f"| {name} | {_interval(scores[name])} |" for name in prediction.card if name in scores]
    tested = "mean over folds" if training.split == FINAL else "test value"
    table = (
        [f"| metric | {tested}, 95 % interval |", "| --- | --- |", *rows] if rows else ["Not evaluated yet."]
    )
    if training.split == FINAL:
        table += [
            "",
            "The folds are those of a cross-validation. This model was trained after it, on all records.",
        ]
    length = f"{lengths.length} bases" if lengths.length else "any length"
    return "\n".join(
        [
            f"# {prediction.card_title}: {', '.join(map(plain, spec.classes))}",
            "",
            f"Made by dnaseq {spec.dnaseq_version}: model {code(training.model)}, encoding",
            f"{code(training.encoding)}, trained on {code(training.data)} ({training.n} records, seed",
            f"{training.seed}). Expects {length} (policy {code(lengths.policy)}).",
            *_describe_model(spec),
            "",
            *table,
            "",
            "## Use",
            "",
            *_describe_use(spec),
            "",
            *decision_in_words(spec),
            "",
            "The scores hold for sequences like those it was trained on; they say nothing about other species,",
            "assays or ways of choosing negatives.",
            "",
        ]
    )


def _describe_use(spec: BundleSpec) -> list[str]:
    """Show the command and the Python of a prediction, with the plug-ins that must be named."""
    names = [one.name for one in spec.plugins or []]
    typed = f" plugins=[{','.join(names)}]" if names else ""
    given = f", plugins={names}".replace("'", '"') if names else ""
    needs = [
        f"It has parts of plug-ins, which are not in this folder: {', '.join(map(str, spec.plugins or []))}.",
        "Name each as an installed package, or as a file with its path (./NAME.py). It then runs as a program does.",
        "",
    ]
    return [
        *(needs if names else []),
        f"    dnaseq predict bundle=THIS_FOLDER{typed} input=sequences.fa output=predictions.tsv",
        "",
        "    from dnaseq.bundle.predictor import Predictor",
        f'    Predictor.load("THIS_FOLDER"{given}).predict(["ACGT..."])',
    ]


def _describe_model(spec: BundleSpec) -> list[str]:
    """Describe the start of a fine-tuned network, an ensemble, and both strands, where the bundle has them."""
    lines = _describe_start(spec.training.init) if isinstance(spec.training.init, InitialNetwork) else []
    if members := spec.architecture.get("members"):
        lines.append(f"A prediction is the mean of {len(members)} networks that were trained alike.")
    if spec.strands == BOTH:
        lines.append("A sequence and its reverse complement have the same prediction: the model reads both.")
    return lines


def _describe_start(initial: InitialNetwork) -> list[str]:
    if not initial.weights:
        return []
    return [
        f"The training began with the weights of a network that had learnt {code(initial.data)} ({initial.n} records;",
        f"SHA-256 of its weights: {initial.sha256}).",
    ]


def _interval(score: Estimate) -> str:
    if score.value is None:
        return "undefined"
    if score.low is None or score.high is None:
        return f"{score.value:.3f}, interval undefined"
    return f"{score.value:.3f} [{score.low:.3f}, {score.high:.3f}]"

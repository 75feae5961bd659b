"""Sentences on how probabilities become predictions: calibration, threshold, abstention, novelty."""

RULES = {"max_mcc": "greatest MCC", "cost": "least cost"}


def decisions_in_words(scores: dict) -> str:
    """Describe the calibration, decision rule, abstention and novelty in scores.json."""
    parts = [_calibration(scores.get("calibration")), _threshold(scores)]
    parts += [_abstention(scores["selective"])] if scores.get("selective") else []
    if scores.get("novel") is not None:
        parts.append(f"Novel, unlike the training records: {scores['novel']} of {scores['n']} test records.")
    return " ".join(part for part in parts if part)


def _calibration(calibration: dict | None) -> str:
    if not calibration:
        return "Probabilities are as the network gave them, not calibrated."
    kind = {"temperature": "temperature scaling", "isotonic": "isotonic regression"}.get(
        calibration["kind"], calibration["kind"]
    )
    temperature = calibration.get("temperature")
    factor = f" (temperature {temperature:.3g})" if temperature is not None else ""
    n = f" on {calibration['n']} validation records" if calibration.get("n") is not None else ""
    return f"Probabilities are calibrated by {kind}{factor}, fitted{n}."


def _threshold(scores: dict) -> str:
    if len(scores["classes"]) != 2:
        return "A record is assigned to the class with the greatest probability."
    rule = (scores.get("decision") or {}).get("rule", "fixed")
    chosen = "fixed" if rule == "fixed" else f"rule: {RULES.get(rule, rule)}, on validation records"
    threshold = scores.get("threshold", 0.5)
    return f"A record is assigned to the class {scores['classes'][1]} from a probability of {threshold:.3g} ({chosen})."


def _abstention(selective: dict) -> str:
    answered, coverage = selective["n_answered"], selective["coverage"]
    share = f"With a label, at enough confidence: {answered} test records ({100 * coverage:.1f} %)"
    if selective.get("error_rate") is None:
        return f"{share}."
    return f"{share}, of which {100 * selective['error_rate']:.1f} % are wrong."

"""What the scores of the shortcuts mean for a model that is to be trained on the same records."""

from dnaseq.evaluation.summary import interval_text
from dnaseq.evaluation.verdict import NOTE, OK, WARNING, Verdict

REAL_AUROC = 0.6  # lower end of the interval: above this a shortcut is no chance and worth more than a little
WIDE_INTERVAL = 0.04  # half the interval of an accuracy; models are often compared by less

_KMERS = ("3-mers", "4-mers", "5-mers", "6-mers")
_UNSEEN = {
    "record_order": (
        "the place of a record in its file",
        "records are sorted, which no model sees, but parts must not be cut off such a file",
    ),
    "id_text": (
        "the text of the ids",
        "ids tell the class, which no model sees, but records must not be chosen or dealt by them",
    ),
}
_SEQUENCE = ("length", "gc", "gc_and_length", "1-mers", "2-mers", *_KMERS, "position")


def shortcut_verdicts(shortcuts: dict, lengths_differ: bool) -> list[Verdict]:
    """A verdict on each family of shortcuts: {name: {metric: {"value", "low", "high"}}}, as shortcuts() gives them.

    Length, GC content and base composition are warned of, as what is to be learnt is rarely there; words and places
    may be what is to be learnt, so they are only a mark to beat; order and ids are not seen by any model.
    """
    if not shortcuts:
        return []
    if shortcuts["majority"]["auroc"]["value"] is None:
        return [Verdict("shortcuts", NOTE, "no AUROC is known, as a class has no test record")]
    told = [_plain(shortcuts, "gc", "GC content alone")]
    if lengths_differ:
        told.insert(0, _plain(shortcuts, "length", "length alone"))
        told.append(_plain(shortcuts, "gc_and_length", "GC content and length together"))
    told.append(_composition(shortcuts))
    best = _best(shortcuts, _KMERS)
    told.append(_mark(shortcuts, best, "kmers", f"counts of {best}"))
    told.append(_mark(shortcuts, "position", "position", "the base at each position"))
    told += [_unseen(shortcuts, name, *words) for name, words in _UNSEEN.items() if name in shortcuts]
    return [*told, _test_size(shortcuts)]


def _plain(shortcuts: dict, name: str, what: str) -> Verdict:
    if not _is_real(shortcuts, name):
        return Verdict(f"shortcut_{name}", OK, f"{what} reaches {_auroc(shortcuts, name)}")
    return Verdict(
        f"shortcut_{name}", WARNING, f"{what} reaches {_auroc(shortcuts, name)}: a model must beat that"
    )


def _composition(shortcuts: dict) -> Verdict:
    """A warning only where it tells more than GC content, which has a verdict of its own."""
    best = _best(shortcuts, ("1-mers", "2-mers"))
    words = f"counts of {best} reach {_auroc(shortcuts, best)}"
    if not _is_real(shortcuts, best):
        return Verdict("shortcut_composition", OK, words)
    beyond = shortcuts[best]["auroc"]["low"] > shortcuts["gc"]["auroc"]["high"]
    words += ", more than GC content: a model must beat that" if beyond else ", no more than GC content"
    return Verdict("shortcut_composition", WARNING if beyond else NOTE, words)


def _mark(shortcuts: dict, name: str, check: str, what: str) -> Verdict:
    words = f"{what} {'reach' if check == 'kmers' else 'reaches'} {_auroc(shortcuts, name)}"
    if not _is_real(shortcuts, name):
        return Verdict(f"shortcut_{check}", OK, words)
    return Verdict(f"shortcut_{check}", NOTE, f"{words}: what a network must beat to be worth its cost")


def _unseen(shortcuts: dict, name: str, what: str, meaning: str) -> Verdict:
    words = f"{what} reaches {_auroc(shortcuts, name)}"
    if not _is_real(shortcuts, name):
        return Verdict(name, OK, words)
    return Verdict(name, NOTE, f"{words}: {meaning}")


def _test_size(shortcuts: dict) -> Verdict:
    interval = shortcuts[_best(shortcuts, _SEQUENCE)]["accuracy"]
    if interval["low"] is None:
        words = "the test records are one record or one group: how well a score is known cannot be told"
        return Verdict("test_size", NOTE, words)
    half = (interval["high"] - interval["low"]) / 2
    words = f"with these test records an accuracy is known to within {100 * half:.1f} points"
    if half <= WIDE_INTERVAL:
        return Verdict("test_size", OK, words)
    return Verdict("test_size", NOTE, f"{words}: too few to tell models apart that differ by less")


def _is_real(shortcuts: dict, name: str) -> bool:
    low = shortcuts[name]["auroc"]["low"]
    return low is not None and low >= REAL_AUROC


def _best(shortcuts: dict, names: tuple[str, ...]) -> str:
    return max(names, key=lambda name: shortcuts[name]["auroc"]["value"])


def _auroc(shortcuts: dict, name: str) -> str:
    return f"an AUROC of {interval_text(shortcuts[name]['auroc']).replace(',', ', ')}"

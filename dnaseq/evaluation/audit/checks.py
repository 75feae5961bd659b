"""Checks of the tables of an audit. Each gives ok, a note or a warning, in one sentence.

A warning says that scores on these data can mislead; a note is worth knowing when they are read.
"""

from collections.abc import Iterator

from dnaseq.audit_record import (
    Audit,
    ClassComposition,
    Groups,
    Leaks,
    LengthRange,
    Relatives,
    Repeated,
    Shortcuts,
    Spread,
    Verdict,
)
from dnaseq.evaluation.audit.negatives import negatives_verdicts
from dnaseq.evaluation.comparison.phrasing import interval_text
from dnaseq.schemas import present

OK, NOTE, WARNING = "ok", "note", "warning"


def grade(value: float, note: float, warning: float) -> str:
    """Return OK up to `note`, WARNING from `warning` on, NOTE between."""
    return WARNING if value >= warning else NOTE if value > note else OK


REAL_AUROC = 0.6  # lower end of the interval: above this a shortcut is no chance and worth more than a little
WIDE_INTERVAL = 0.04  # half the interval of an accuracy; models are often compared by less

_KMERS = ("3-mers", "4-mers", "5-mers", "6-mers")
_FILE_ARTEFACTS = {
    "record_order": (
        "the place of a record in its file",
        "records are sorted, which no model sees, but splits must not be cut off such a file",
    ),
    "id_text": (
        "the text of the ids",
        "ids tell the class, which no model sees, but records must not be chosen or split by them",
    ),
}
_SEQUENCE = ("length", "gc", "gc_and_length", "1-mers", "2-mers", *_KMERS, "position")


def shortcut_verdicts(shortcuts: Shortcuts, lengths_differ: bool) -> list[Verdict]:
    """A verdict on each family of shortcuts: name -> metric -> score, as shortcuts() gives them.

    Length, GC content and base composition give a warning, as they are rarely what a model should learn. K-mers and
    positions may be just that, so they give a note: a score to beat. No model sees the order of the records or ids.
    """
    if not shortcuts:
        return []
    if shortcuts["majority"]["auroc"].value is None:
        return [Verdict("shortcuts", NOTE, "no AUROC is known, as a class has no test record")]
    found = [_plain(shortcuts, "gc", "GC content alone")]
    if lengths_differ:
        found.insert(0, _plain(shortcuts, "length", "length alone"))
        found.append(_plain(shortcuts, "gc_and_length", "GC content and length together"))
    found.append(_composition(shortcuts))
    best = _best(shortcuts, _KMERS)
    cost = "what a network must beat to be worth its cost"
    found.append(_noted(shortcuts, best, "shortcut_kmers", f"counts of {best} reach", cost))
    each = "the base at each position reaches"
    found.append(_noted(shortcuts, "position", "shortcut_position", each, cost))
    for name, (what, meaning) in _FILE_ARTEFACTS.items():
        if name in shortcuts:
            found.append(_noted(shortcuts, name, name, f"{what} reaches", meaning))
    return [*found, _test_size(shortcuts)]


def _plain(shortcuts: Shortcuts, name: str, what: str) -> Verdict:
    words = f"{what} reaches {_auroc(shortcuts, name)}"
    if not _is_real(shortcuts, name):
        return Verdict(f"shortcut_{name}", OK, words)
    return Verdict(f"shortcut_{name}", WARNING, f"{words}: a model must beat that")


def _composition(shortcuts: Shortcuts) -> Verdict:
    """Warn only where composition tells more than GC content, which has a verdict of its own."""
    best = _best(shortcuts, ("1-mers", "2-mers"))
    words = f"counts of {best} reach {_auroc(shortcuts, best)}"
    if not _is_real(shortcuts, best):
        return Verdict("shortcut_composition", OK, words)
    own, gc = (shortcuts[name]["auroc"].known for name in (best, "gc"))
    beyond = own is not None and gc is not None and own[1] > gc[2]
    words += ", more than GC content: a model must beat that" if beyond else ", no more than GC content"
    return Verdict("shortcut_composition", WARNING if beyond else NOTE, words)


def _noted(shortcuts: Shortcuts, name: str, check: str, reaches: str, meaning: str) -> Verdict:
    words = f"{reaches} {_auroc(shortcuts, name)}"
    if not _is_real(shortcuts, name):
        return Verdict(check, OK, words)
    return Verdict(check, NOTE, f"{words}: {meaning}")


def _test_size(shortcuts: Shortcuts) -> Verdict:
    known = shortcuts[_best(shortcuts, _SEQUENCE)]["accuracy"].known
    if known is None:
        words = "the test records are one record or one group: how well a score is known cannot be told"
        return Verdict("test_size", NOTE, words)
    half = (known[2] - known[1]) / 2
    words = f"with these test records an accuracy is known to within {100 * half:.1f} points"
    if half <= WIDE_INTERVAL:
        return Verdict("test_size", OK, words)
    return Verdict("test_size", NOTE, f"{words}: too few to tell models apart that differ by less")


def _is_real(shortcuts: Shortcuts, name: str) -> bool:
    low = shortcuts[name]["auroc"].low
    return low is not None and low >= REAL_AUROC


def _best(shortcuts: Shortcuts, names: tuple[str, ...]) -> str:
    return max(names, key=lambda name: shortcuts[name]["auroc"].value or 0)


def _auroc(shortcuts: Shortcuts, name: str) -> str:
    return f"an AUROC of {interval_text(shortcuts[name]['auroc']).replace(',', ', ')}"


# Always naming the commonest of two classes is right for 0.6 of the records at 1.5 : 1 and for 0.91 at 10 : 1.
NOTE_IMBALANCE, WARN_IMBALANCE = 1.5, 10.0
WARN_REJECTED = 0.01  # of all records: more are no accident
WARN_AMBIGUOUS = 0.01  # of the letters of a class
# In 200 bases GC content varies by about 0.1 (one standard deviation): 0.05 between classes is an AUROC of 0.64.
NOTE_GC, WARN_GC = 0.02, 0.05
NOTE_LENGTH, WARN_LENGTH = 0.02, 0.10  # between the median lengths of two classes, of the longer one
WARN_REPEATED = 0.05  # of the records of a part, which count twice in its scores
WARN_GROUPED = 0.05  # of all records: one in twenty of a random test part could have a relative in training
# A shift between splits is reported where chance does not make it and where it is not tiny (Cohen 1988: 0.2 is small).
SHIFT_ERRORS, SHIFT_EFFECT = 3.0, 0.2
SHIFT_SHARE = 0.05  # between the shares of a class in two parts

PART_NAMES = {"train": "training", "val": "validation", "test": "test"}


Composition = dict[str, dict[str, ClassComposition]]  # split -> class


def verdicts(audit: Audit) -> list[Verdict]:
    """Check an audit that has all but its verdicts; without a training or a test set its shortcuts are empty."""
    composition = present(audit.composition)
    found = [_names(present(audit.similar_names)), _imbalance(audit), _rejected(audit)]
    found += [_ambiguous(audit, composition), _lengths(audit.lengths, composition), _gc(audit.gc)]
    found += [_repeated(present(audit.repeated)), _conflicts(audit), *_leaks(audit.leaks)]
    n_used = sum(sum(of_class.values()) for of_class in audit.records.values())
    found += [_groups(present(audit.groups), n_used), *_shifts(audit, composition)]
    shortcuts = present(audit.shortcuts)
    found += negatives_verdicts(audit.negatives or None)
    return [*found, *shortcut_verdicts(shortcuts, lengths_differ=audit.lengths.min < audit.lengths.max)]


def _names(similar: list[list[str]]) -> Verdict:
    if not similar:
        return Verdict("class_names", OK, "no two names of classes look alike")
    listed = "; ".join(", ".join(names) for names in similar)
    what = "names of classes differ only in case, number format or invisible characters"
    return Verdict("class_names", WARNING, f"{what} ({listed}): data.rename makes them one class")


def _imbalance(audit: Audit) -> Verdict:
    counts = {name: sum(of_class[name] for of_class in audit.records.values()) for name in audit.classes}
    listed = ", ".join(f"{name} {count:,}" for name, count in counts.items())
    share = max(counts.values()) / max(sum(counts.values()), 1)
    ratio = audit.imbalance
    if not isinstance(ratio, float):
        return Verdict("class_balance", WARNING, f"a class has no record ({listed})")
    words = f"the largest class has {ratio:.3g} times the records of the smallest ({listed})"
    verdict = grade(ratio, NOTE_IMBALANCE, WARN_IMBALANCE)
    if verdict != OK:
        words += f": always naming it is right for {share:.0%} of the records, so accuracy says little"
    return Verdict("class_balance", verdict, words)


def _rejected(audit: Audit) -> Verdict:
    count, total = sum(audit.rejected.values()), present(audit.records_read)
    if not count:
        return Verdict("rejected_records", OK, "every record can be used")
    reasons = ", ".join(f"{reason}: {n:,}" for reason, n in present(audit.rejected_reasons).items())
    words = f"{count:,} of {total:,} records cannot be used" + (f" ({reasons})" if reasons else "")
    return Verdict("rejected_records", grade(count / total, 0, WARN_REJECTED), words)


def _ambiguous(audit: Audit, composition: Composition) -> Verdict:
    if not audit.ambiguous_letters:
        return Verdict("ambiguous_letters", OK, "every letter is A, C, G or T")
    shares = {name: _ambiguous_share(composition, name) for name in audit.classes}
    listed = ", ".join(f"{name} {share:.2%}" for name, share in shares.items())
    words = f"{audit.ambiguous_letters:,} letters are not one base, by class: {listed}"
    return Verdict("ambiguous_letters", grade(max(shares.values()), 0, WARN_AMBIGUOUS), words)


def _ambiguous_share(composition: Composition, name: str) -> float:
    letters = [of_class[name].letters for of_class in composition.values()]
    known = sum(count for part in letters for letter, count in part.items() if letter in "ACGT")
    total = sum(count for part in letters for count in part.values())
    return 1 - known / total if total else 0.0


def _lengths(lengths: LengthRange, composition: Composition) -> Verdict:
    low, high = lengths.min, lengths.max
    if low == high:
        return Verdict("lengths", OK, f"every record has {low:,} bases")
    of_class = composition.get("train") or next(iter(composition.values()))
    found = ((name, facts.lengths.median) for name, facts in of_class.items())
    medians = {name: median for name, median in found if median is not None}
    listed = ", ".join(f"{name} {median:,.0f}" for name, median in medians.items())
    words = f"records have {low:,} to {high:,} bases; medians by class: {listed}"
    apart = 1 - min(medians.values()) / max(medians.values())
    return Verdict("lengths", grade(apart, NOTE_LENGTH, WARN_LENGTH), words)


def _gc(gc: dict[str, float]) -> Verdict:
    listed = ", ".join(f"{name} {share:.3f}" for name, share in gc.items())
    apart = max(gc.values()) - min(gc.values())
    words = f"GC content by class: {listed}, {apart:.3f} apart"
    return Verdict("gc_content", grade(apart, NOTE_GC, WARN_GC), words)


def _repeated(repeated: dict[str, Repeated]) -> Verdict:
    found = {part: facts for part, facts in repeated.items() if facts.copies}
    if not found:
        return Verdict("repeated_records", OK, "no record repeats another one of its split")
    listed = ", ".join(
        f"{facts.copies:,} of {facts.records:,} {PART_NAMES[part]} records" for part, facts in found.items()
    )
    share = max(facts.copies / facts.records for facts in found.values())
    words = f"some records are copies of another one of the same split: {listed}"
    return Verdict("repeated_records", grade(share, 0, WARN_REPEATED), words)


def _conflicts(audit: Audit) -> Verdict:
    sequences, records = audit.sequences_with_two_labels, present(audit.records_with_two_labels)
    if not records:
        return Verdict("conflicting_labels", OK, "no sequence has two labels")
    within = present(audit.two_labels_within)["train"]
    words = (
        f"{sequences:,} sequences have more than one label, {within:,} of them in training alone ({records:,} "
        "records, listed in conflicts.tsv): no model can be right about all of them"
    )
    return Verdict("conflicting_labels", WARNING, words)


def _leaks(leaks: Leaks) -> Iterator[Verdict]:
    """Check for test and validation records that also stand in training, or test records in validation."""
    of_split = present(leaks.held_out)
    for check, found, held_out, part, verdict in (
        ("leaks_test", of_split["test"], "test", "training", WARNING),
        ("leaks_val", of_split["val"], "validation", "training", NOTE),
        ("leaks_selection", present(leaks.selection), "test", "validation", NOTE),
    ):
        if found.records:
            records = f"{found.records:,} {held_out} records"
            yield _leak(check, verdict, found, records, part, leaks)


def _leak(check: str, verdict: str, found: Relatives, records: str, part: str, leaks: Leaks) -> Verdict:
    kinds = {
        "exact copies": found.exact,
        "reverse complements": found.reverse_complement,
        "near-duplicates": found.near,
    }
    count = sum(kinds.values())
    if not count:
        looked_for = "a copy" if leaks.near is None else "a copy or a near-duplicate"
        return Verdict(check, OK, f"none of {records} has {looked_for} in {part}")
    listed = ", ".join(f"{n:,} {name}" for name, n in kinds.items() if n)
    done = "these stay in" if leaks.handling == "keep" else "these are left out"
    words = f"{count:,} of {records} have relatives in {part} ({listed}); {done} (leaks={leaks.handling})"
    return Verdict(check, verdict, words)


def _groups(found: Groups, total: int) -> Verdict:
    inside = found.records_in_groups
    if not inside:
        return Verdict("similarity_groups", OK, "no two records are similar")
    words = (
        f"{total:,} records form {found.number:,} groups of similar ones; {inside:,} ({inside / total:.0%}) are not "
        f"alone, the largest group has {found.largest:,}"
    )
    if found.straddling:
        words += f"; {found.straddling:,} groups are in more than one split"
    if inside < WARN_GROUPED * total:
        return Verdict("similarity_groups", NOTE, words)
    if found.straddling:
        return Verdict("similarity_groups", WARNING, f"{words}: a random split leaks, split=grouped does not")
    return Verdict(
        "similarity_groups", NOTE, f"{words}; a random split would leak, this one keeps groups together"
    )


def _shifts(audit: Audit, composition: Composition) -> Iterator[Verdict]:
    """Compare the test and validation sets with training in GC content, length and shares of the classes."""
    for held_out in ("test", "val"):
        if not {"train", held_out} <= composition.keys():
            continue
        found = [*_shifted_facts(composition, held_out), *_shifted_classes(audit, held_out)]
        words = f"the {PART_NAMES[held_out]} set " + (
            f"differs from training: {'; '.join(found)}" if found else "is like the training set"
        )
        yield Verdict(f"shift_{held_out}", NOTE if found else OK, f"{words}{'' if found else _FACTS}")


_FACTS = " in GC content, length and shares of the classes"


def _shifted_facts(composition: Composition, held_out: str) -> Iterator[str]:
    for fact, name, digits in (("gc", "GC content", ".3f"), ("lengths", "length", ",.1f")):
        (n, mean, sd), (m, other, other_sd) = (
            _pooled([(of_class.records, getattr(of_class, fact)) for of_class in composition[part].values()])
            for part in ("train", held_out)
        )
        spread = ((n * sd**2 + m * other_sd**2) / (n + m)) ** 0.5
        errors = SHIFT_ERRORS * (1 / n + 1 / m) ** 0.5
        if abs(mean - other) > max(errors, SHIFT_EFFECT) * spread:
            yield f"mean {name} {other:{digits}} against {mean:{digits}}"


def _shifted_classes(audit: Audit, held_out: str) -> Iterator[str]:
    of_train, of_held_out = audit.records["train"], audit.records[held_out]
    n, m = sum(of_train.values()), sum(of_held_out.values())
    for name in audit.classes:
        share, other = of_train[name] / n, of_held_out[name] / m
        both = (share * n + other * m) / (n + m)
        error = (both * (1 - both) * (1 / n + 1 / m)) ** 0.5
        if abs(share - other) > max(SHIFT_ERRORS * error, SHIFT_SHARE):
            yield f"{other:.0%} of its records are {name} against {share:.0%}"
            return  # of two classes the other one says the same


def _pooled(classes: list[tuple[int, Spread]]) -> tuple[int, float, float]:
    """Records, mean and standard deviation of a split, from those of its classes."""
    known = [(n, own.mean, own.sd) for n, own in classes if own.mean is not None and own.sd is not None]
    total = sum(n for n, *_ in known)
    mean = sum(n * own for n, own, _ in known) / total
    square = sum(n * (sd**2 + own**2) for n, own, sd in known) / total
    return total, mean, max(square - mean**2, 0) ** 0.5

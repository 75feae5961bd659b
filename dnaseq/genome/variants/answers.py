"""The answers to a table of variants: one for every ALT of every record, in order."""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from dnaseq.genome.variants.changes import Change
from dnaseq.genome.variants.null import Null, Samples
from dnaseq.genome.variants.reference import Alternative, Mismatches, Reference
from dnaseq.genome.variants.scoring import Effect, Scorer
from dnaseq.io.variants.vcf import Variant

OK, REJECTED = "ok", "rejected"
SWAPPED = "swapped"


class Answer(NamedTuple):
    """The answer for an ALT; numbers are None where it is rejected. `ref` and `alt` are probabilities of the class with
    either allele, or values."""

    allele: str
    ref: float | None
    alt: float | None
    delta_logit: float | None
    delta_p: float | None
    null_percentile: float | None
    placements_sd: float | None
    status: str

    @property
    def is_rejected(self) -> bool:
        return not self.status.startswith(OK)


class Survey(NamedTuple):
    """Facts on a table that are known before its variants are scored."""

    mismatches: Mismatches
    samples: Samples


def survey(
    variants: Iterable[Variant], reference: Reference, samples: Samples, advance: Callable[[int], None]
) -> Survey:
    """Go through a table once: compare every REF with the genome, and draw changes of each kind."""
    mismatches = Mismatches(reference)
    for variant in variants:
        fault = reference.fault(variant)
        mismatches.look_at(variant, fault)
        for one in reference.alternatives(variant, fault) if samples.most else ():
            if one.change is not None:
                samples.add(one.change)
        advance(1)
    return Survey(mismatches, samples)


def answer_all(
    variants: Iterable[Variant], reference: Reference, scorer: Scorer, null: Null
) -> Iterator[tuple[Variant, list[Answer]]]:
    """Yield every record with the answers to its alternatives, in order and in bounded memory."""
    items = ((variant, reference.alternatives(variant, reference.fault(variant))) for variant in variants)
    wanted = (((variant, every), [one.change or one.reason for one in every]) for variant, every in items)
    for (variant, every), effects in scorer.stream(wanted):
        pairs = zip(every, effects, strict=True)
        yield variant, [_answer(one, effect, null) for one, effect in pairs]


def _answer(one: Alternative, effect: Effect | str, null: Null) -> Answer:
    if isinstance(effect, str):
        return Answer(one.alt, None, None, None, None, None, None, f"{REJECTED}:{effect}")
    notes = effect.notes
    if one.swapped:
        effect, notes = effect.turned(), (SWAPPED, *notes)
    percentile = _percentile(one.change, effect, null)
    status = f"{OK}:{'; '.join(notes)}" if notes else OK
    delta_p = effect.alt - effect.ref
    return Answer(one.alt, effect.ref, effect.alt, effect.delta_logit, delta_p, percentile, effect.sd, status)


def _percentile(change: Change | None, effect: Effect, null: Null) -> float | None:
    return None if change is None else null.percentile(change, effect.delta_logit)

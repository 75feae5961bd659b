"""One verdict of an audit."""

from typing import NamedTuple

OK, NOTE, WARNING = "ok", "note", "warning"


class Verdict(NamedTuple):
    """What a check found."""

    check: str
    verdict: str  # OK, NOTE or WARNING
    words: str  # one sentence with its numbers, without a full stop


def graded(value: float, note: float, warning: float) -> str:
    """OK up to `note`, WARNING from `warning` on."""
    return WARNING if value >= warning else NOTE if value > note else OK

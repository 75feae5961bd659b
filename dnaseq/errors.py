"""Errors of the user, each kind with the exit code of the program.

The user can fix a DnaseqError, and it prints as one line; any other exception is a bug and keeps its traceback.
"""

from collections.abc import Callable, Sequence

INTERRUPTED = 130  # exit code of a program that Ctrl-C ended
TERMINATED = 143  # exit code of a program that SIGTERM ended
LONGEST_MESSAGE = 300  # characters; a header of a megabyte must not fill the terminal


class DnaseqError(Exception):
    """Base of every error that a user can fix."""

    exit_code = 2


class ConfigError(DnaseqError):
    """A setting that is unknown, out of range or impossible together with another."""

    exit_code = 2


class InputError(DnaseqError):
    """Input data that cannot be used. Reads `FILE:LINE: record 'ID': WHAT. FIX`; lines count from 1."""

    exit_code = 3

    def __init__(
        self,
        what: str,
        *,
        file: object = None,
        line: int | None = None,
        record: str | None = None,
        fix: str = "",
    ):
        self.what, self.file, self.line, self.record, self.fix = what, file, line, record, fix
        place = f"{file}:{line}: " if line else f"{file}: " if file else ""
        name = f"record '{shortened(record)}': " if record else ""
        super().__init__(f"{place}{name}{what}" + (f". {fix}" if fix else ""))

    def __reduce__(self) -> tuple[Callable[..., "InputError"], tuple]:
        return _rebuild, (type(self), self.what, self.file, self.line, self.record, self.fix)


class ArgumentError(InputError, ValueError):
    """A value given from Python that cannot be used. A ValueError too, which scikit-learn expects."""


class ModelFileError(DnaseqError):
    """A bundle or checkpoint that is damaged, of another version, or not to be trusted."""

    exit_code = 4


class FileAccessError(DnaseqError):
    """A file that cannot be read or written: missing, no permission, disk full."""

    exit_code = 5


class DivergedError(DnaseqError):
    """Training whose loss is no longer a finite number."""

    exit_code = 6


class RejectedError(DnaseqError):
    """The work is finished and its files are written, but some records or trials failed."""

    exit_code = 7


def one_line(text: str) -> str:
    """Return the text as one printable line: control characters escaped, shortened in the middle when very long."""
    line = visible(text.strip())
    if len(line) <= LONGEST_MESSAGE:
        return line
    half = LONGEST_MESSAGE // 2 - 3
    return f"{line[:half]} ... {line[-half:]}"


def visible(text: str, keep: str = "") -> str:
    """Escape every character that cannot be seen, or that turns the others round, as \\u202e; those of `keep` stay."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in keep else c.encode("unicode_escape").decode() for c in text)


def first_names(names: Sequence, most: int) -> str:
    """Return the first `most` names for a message, and dots for the others."""
    return ", ".join(str(name) for name in names[:most]) + (", ..." if len(names) > most else "")


def shortened(name: str) -> str:
    """Return the name, or its beginning."""
    return name if len(name) <= 80 else name[:77] + "..."


def _rebuild(
    kind: type[InputError], what: str, file: object, line: int | None, record: str | None, fix: str
) -> InputError:
    return kind(what, file=file, line=line, record=record, fix=fix)

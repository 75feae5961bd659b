"""Profiles of binding sites: the counts of the bases at each position, read from MEME, JASPAR and TRANSFAC text."""

import re
from collections.abc import Iterator
from importlib.resources import files as package_files
from typing import NamedTuple

import numpy as np

from dnaseq.encode.alphabet import BASES
from dnaseq.errors import ConfigError, InputError, visible
from dnaseq.io.compress import chunks, shown
from dnaseq.io.text import lines, text_chunks

GROUPS = ("vertebrates", "plants", "insects", "fungi", "nematodes", "urochordates")
SHIPPED = {
    "jaspar": GROUPS[:1],
    **{f"jaspar_{group}": (group,) for group in GROUPS},
    "jaspar_all": GROUPS,
}
USUAL_SITES = 20  # of a profile in MEME format that does not say how many it was made of
WIDEST = 100  # positions; JASPAR has 33 at most
ROUNDING = 0.05  # by which the shares of a position may miss 1

_KINDS = {"MEME version": "MEME", ">": "JASPAR", "VV ": "TRANSFAC", "ID": "TRANSFAC", "AC": "TRANSFAC"}
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_NUMBERS = re.compile(rf"\s*{_NUMBER}(?:\s+{_NUMBER})*\s*")
_JASPAR_ROW = re.compile(r"\s*([ACGTacgt])?[\s|:]*\[?([^\]\[]*)\]?\s*")


class Profile(NamedTuple):
    """A profile of sites, along one of their strands."""

    id: str
    name: str
    counts: np.ndarray  # (w, 4) float64 sites with A, C, G, T at each position


class _Line(NamedTuple):
    number: int  # counted from 1
    text: str


def read_profiles(source: str) -> list[Profile]:
    """Read the profiles of a text file, plain or compressed, or those of JASPAR CORE by a name of SHIPPED.

    The format is known by the first line: MEME (`MEME version 4`), JASPAR (`>ID NAME` and four rows) or TRANSFAC.
    Raises InputError, with the line, for another format, for a profile that is damaged or cut, and where there is
    none; FileAccessError for a file that cannot be read.
    """
    if source in SHIPPED:
        folder = package_files("dnaseq.shipped").joinpath("jaspar")
        files = [str(folder.joinpath(f"{group}.txt.gz")) for group in SHIPPED[source]]
        return [profile for file in files for profile in _read_file(file)]
    return _read_file(source)


def check_source(source: str) -> None:
    """Raise ConfigError for a name that looks like that of a shipped set but is none."""
    if source.startswith("jaspar") and source not in SHIPPED and not re.search(r"[./\\]", source):
        raise ConfigError(f"motifs must be a file, none or one of {', '.join(SHIPPED)}; got {source!r}")


def meme_text(profiles: list[Profile], background: np.ndarray) -> str:
    """Format profiles as MEME text, with the (4,) shares of the bases in the records; E-values are not known, so 0."""
    shares = " ".join(f"{base} {share:.4f}" for base, share in zip(BASES, background, strict=True))
    text = f"MEME version 4\n\nALPHABET= {BASES}\n\nstrands: + -\n\nBackground letter frequencies\n{shares}\n"
    for one in profiles:
        sites = one.counts.sum(axis=1)
        head = f"alength= {len(BASES)} w= {len(one.counts)} nsites= {sites.max():.10g} E= 0"
        rows = [" " + " ".join(f"{x:.6f}" for x in row) for row in one.counts / sites[:, None]]
        text += "\n".join([f"\nMOTIF {one.id} {one.name}", f"letter-probability matrix: {head}", *rows, ""])
    return text


def _read_file(path: str) -> list[Profile]:
    raw = lines(text_chunks(chunks(path), shown(path)))
    numbered = [_Line(i, line.decode("utf-8", "replace")) for i, line in enumerate(raw, start=1)]
    filled = [line for line in numbered if line.text.strip()]
    if not filled:
        raise InputError("holds no profile: it is empty", file=shown(path))
    kind = next((kind for start, kind in _KINDS.items() if filled[0].text.startswith(start)), None)
    if kind is None:
        what = f"{visible(filled[0].text[:40])!r} begins no file of profiles"
        fix = "Give MEME text (MEME version 4), JASPAR text (>ID NAME) or TRANSFAC text (AC, ID, P0)"
        raise InputError(what, file=shown(path), line=filled[0].number, fix=fix)
    reader = {"MEME": _meme, "JASPAR": _jaspar, "TRANSFAC": _transfac}[kind]
    found = list(reader(filled, shown(path)))
    if not found:
        raise InputError(f"holds no profile, though it begins as {kind} text", file=shown(path))
    return found


def _meme(filled: list[_Line], file: str) -> Iterator[Profile]:
    name = None
    rest = iter(filled)
    for line in rest:
        words = line.text.split()
        if line.text.startswith("ALPHABET") and re.sub(r"^ALPHABET\s*=?", "", line.text).strip() not in (
            BASES,
            "",
        ):
            if not line.text.startswith('ALPHABET "DNA"'):
                raise InputError("the alphabet is not that of DNA, ACGT", file=file, line=line.number)
        elif words[0] == "MOTIF":
            if len(words) < 2:
                raise InputError("a motif without a name", file=file, line=line.number)
            name = words[1:3]
        elif line.text.startswith("letter-probability matrix"):
            if name is None:
                raise InputError("a matrix without a line MOTIF before it", file=file, line=line.number)
            width, sites = _setting(line, "w", file), _setting(line, "nsites", file)
            if width is not None and not 1 <= width <= WIDEST:
                raise InputError(f"w={width:g} is no width of a profile", file=file, line=line.number)
            shares = _meme_rows(rest, line, int(width) if width else None, file)
            yield Profile(name[0], name[-1], shares * (sites or USUAL_SITES))
            name = None


def _setting(line: _Line, name: str, file: str) -> float | None:
    found = re.search(rf"\b{name}\s*=\s*(\S+)", line.text)
    if not found:
        return None
    if not _NUMBERS.fullmatch(found[1]):
        raise InputError(f"{name}= {visible(found[1])} is no number", file=file, line=line.number)
    return float(found[1])


def _meme_rows(rest: Iterator[_Line], head: _Line, width: int | None, file: str) -> np.ndarray:
    """(w, 4) shares. Without a width in the head, the rows end at the first line that has not four numbers."""
    rows: list[list[float]] = []
    last = head
    for last in rest:
        numbers = _numbers(last.text)
        if len(numbers) != len(BASES):
            if width is None and rows:
                break
            what = f"row {len(rows) + 1} of a matrix must be four numbers; got {visible(last.text.strip()[:40])!r}"
            raise InputError(what, file=file, line=last.number)
        if min(numbers) < 0 or abs(sum(numbers) - 1) > ROUNDING:
            what = f"the shares of a position must be 0 or more and sum to 1; these sum to {sum(numbers):g}"
            raise InputError(what, file=file, line=last.number)
        rows.append(numbers)
        if len(rows) == width:
            break
    if not rows or (width is not None and len(rows) < width):
        what = f"a matrix of {width or 'no'} rows ends after {len(rows)}"
        raise InputError(what, file=file, line=last.number, fix="The file may be truncated")
    shares = np.array(rows)
    return shares / shares.sum(axis=1, keepdims=True)


def _jaspar(filled: list[_Line], file: str) -> Iterator[Profile]:
    starts = [i for i, line in enumerate(filled) if line.text.startswith(">")]
    for start, end in zip(starts, [*starts[1:], len(filled)], strict=True):
        head, rows = filled[start], filled[start + 1 : end]
        words = head.text[1:].split()
        if not words:
            raise InputError("a profile without an id", file=file, line=head.number)
        if len(rows) != len(BASES):
            what = f"a profile has four rows, A, C, G and T; this one has {len(rows)}"
            raise InputError(what, file=file, line=head.number, record=words[0])
        counts = [_jaspar_row(line, base, words[0], file) for line, base in zip(rows, BASES, strict=True)]
        for line, row in zip(rows, counts, strict=True):
            if len(row) != len(counts[0]):
                what = f"a row of {len(row)} numbers, where the row of A has {len(counts[0])}"
                raise InputError(what, file=file, line=line.number, record=words[0])
        yield _checked(words[0], words[-1], np.array(counts).T, head, file)


def _jaspar_row(line: _Line, base: str, name: str, file: str) -> list[float]:
    found = _JASPAR_ROW.fullmatch(line.text)
    if not found or (found[1] or base).upper() != base or not (numbers := _numbers(found[2])):
        what = f"the row of {base} must be its counts, as {base} [ 3 0 12 ]; got {visible(line.text.strip()[:40])!r}"
        raise InputError(what, file=file, line=line.number, record=name)
    return numbers


def _transfac(filled: list[_Line], file: str) -> Iterator[Profile]:
    fields: dict[str, str] = {}
    rows: list[list[float]] = []
    head = filled[0]
    for line in filled:
        key, _, value = line.text.partition(" ")
        if key in ("AC", "ID", "NA"):
            fields[key] = value.strip()
        elif key in ("P0", "PO"):
            head, rows = line, []
            if value.upper().split()[: len(BASES)] != list(BASES):
                raise InputError("the columns must be A C G T", file=file, line=line.number)
        elif key.isdigit():
            numbers = _numbers(" ".join(value.split()[: len(BASES)]))
            if len(numbers) != len(BASES):
                raise InputError("a position must have four counts", file=file, line=line.number)
            rows.append(numbers)
        elif key == "//" and rows:
            yield _transfac_profile(fields, rows, head, file)
            fields, rows = {}, []
    if rows:
        raise InputError(
            "a profile without // at its end", file=file, line=head.number, fix="The file may be truncated"
        )


def _transfac_profile(fields: dict[str, str], rows: list[list[float]], head: _Line, file: str) -> Profile:
    names = [fields[key] for key in ("AC", "NA", "ID") if fields.get(key)]
    if not names:
        raise InputError("a profile without AC and ID", file=file, line=head.number)
    return _checked(names[0], names[min(1, len(names) - 1)], np.array(rows), head, file)


def _checked(name: str, title: str, counts: np.ndarray, head: _Line, file: str) -> Profile:
    """Build a profile. Raises InputError for negative counts, empty positions and a width that no site has."""
    what = ""
    if len(counts) > WIDEST:
        what = f"a profile of {len(counts)} positions; the widest has {WIDEST}"
    elif (counts < 0).any():
        what = "a count below 0"
    elif not (counts.sum(axis=1) > 0).all():
        what = f"position {int(np.argmin(counts.sum(axis=1) > 0)) + 1} has no counts"
    if what:
        raise InputError(what, file=file, line=head.number, record=name)
    return Profile(name, title, counts.astype(np.float64))


def _numbers(text: str) -> list[float]:
    """Split a row of finite numbers; none where it has anything else."""
    if not _NUMBERS.fullmatch(text):
        return []
    numbers = [float(word) for word in text.split()]
    return numbers if np.isfinite(numbers).all() else []

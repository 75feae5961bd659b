"""Prediction rows as text: one string for all rows of a batch."""

import json
import re
from collections.abc import Iterable, Sequence
from json.encoder import encode_basestring_ascii

from dnaseq.errors import ConfigError

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")

_PLACE = re.compile(r"(.+):(\d+)-(\d+)(?:\(([+-])\))?")
_FORMATS: dict[type | None, str] = {float: "%.7g", int: "%d"}


def tsv_header(names: Sequence[str]) -> str:
    return "\t".join(_printable(list(names))) + "\n"


def tsv_lines(columns: dict[str, list]) -> str:
    """Format columns of text or numbers as lines; floats with seven digits, None is an empty cell.

    A control character in a text is escaped, a tab as \\t and any other as \\xNN, so that a row is always one line.
    """
    return _tsv_text(columns.values())


def csv_lines(columns: dict[str, list]) -> str:
    """Format columns as tsv_lines does, with commas; a text with a comma or a quote is in quotes."""
    cells, kinds = zip(*(_tsv_cells(column) for column in columns.values()), strict=True)
    quoted = [
        list(map(_quoted, column)) if kind == "%s" else column
        for column, kind in zip(cells, kinds, strict=True)
    ]
    return _fill(",".join(kinds) + "\n", quoted)


def bed_lines(columns: dict[str, list]) -> str:
    """Format columns of windows as lines of BED: id, start, end, label, score in thousandths, strand. Without columns
    of places these are in the ids, as chr1:100-300 or chr1:100-300(-). Rows without a label are left out, for BED has
    no place for the reason. Raises ConfigError for an id that names no place."""
    if "start" in columns:
        strands = columns.get("strand", ["."] * len(columns["id"]))
        places = list(zip(columns["id"], columns["start"], columns["end"], strands, strict=True))
    else:
        places = [_place(one) for one in columns["id"]]
    each = zip(places, columns["label"], columns["score"], strict=True)
    rows = [(*place[:3], label, round(1000 * score), place[3]) for place, label, score in each if label]
    return _tsv_text(map(list, zip(*rows, strict=True))) if rows else ""


def _place(name: str) -> tuple[str, int, int, str]:
    """Return contig, start, end and strand that an id names."""
    match = _PLACE.fullmatch(name)
    if not match:
        what = f"a BED file has windows, or records with names like chr1:100-300, and one is {name[:40]!r}"
        raise ConfigError(f"{what}. Set window=N, or let the name end in .tsv")
    return match[1], int(match[2]), int(match[3]), match[4] or "."


def json_lines(columns: dict[str, list]) -> str:
    """Format columns of text or numbers as one JSON object a line; floats with seven digits, None is null."""
    cells, kinds = zip(*(_json_cells(column) for column in columns.values()), strict=True)
    keys = [encode_basestring_ascii(name).replace("%", "%%") for name in columns]
    pairs = (f"{key}: {kind}" for key, kind in zip(keys, kinds, strict=True))
    return _fill("{" + ", ".join(pairs) + "}\n", cells)


def _tsv_text(columns: Iterable[list]) -> str:
    cells, kinds = zip(*(_tsv_cells(column) for column in columns), strict=True)
    return _fill("\t".join(kinds) + "\n", cells)


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"' if "," in text or '"' in text else text


def _fill(line: str, cells: Sequence[list]) -> str:
    return "".join([line % row for row in zip(*cells, strict=True)])


def _kind(column: list) -> type | None:
    """Return the type of all cells of a column; None where there are several."""
    kinds = set(map(type, column))
    return kinds.pop() if len(kinds) == 1 else None


def _tsv_cells(column: list) -> tuple[list, str]:
    """Return the cells, and the format of one."""
    kind = _kind(column)
    if kind in _FORMATS:
        return column, _FORMATS[kind]
    if kind is not str:
        column = [
            "" if cell is None else f"{cell:.7g}" if isinstance(cell, float) else str(cell) for cell in column
        ]
    return _printable(column), "%s"


def _json_cells(column: list) -> tuple[list, str]:
    kind = _kind(column)
    if kind in _FORMATS:
        return column, _FORMATS[kind]
    if kind is str:
        return list(map(encode_basestring_ascii, column)), "%s"
    return [f"{cell:.7g}" if isinstance(cell, float) else json.dumps(cell) for cell in column], "%s"


def _printable(texts: list[str]) -> list[str]:
    if not _CONTROL.search("".join(texts)):
        return texts
    return [_CONTROL.sub(_escape, text) for text in texts]


def _escape(match: re.Match[str]) -> str:
    return "\\t" if match[0] == "\t" else f"\\x{ord(match[0]):02x}"

"""Excel workbooks, read as text; the only module that knows openpyxl, which is an optional extra."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from dnaseq.errors import ConfigError, InputError
from dnaseq.io.address import opened
from dnaseq.io.os_errors import access

SUFFIXES = (".xlsx", ".xlsm")
OTHERS = (".xls", ".xlsb", ".ods")  # spreadsheets that nothing here reads
_BATCH = 4096  # rows read at a time
_SAVE = "Save it as CSV (in Excel: File, Save As, CSV UTF-8)"
# Exceptions of openpyxl and of what it is made of on damaged workbooks.
_DAMAGE = (BadZipFile, ParseError, ValueError, LookupError, TypeError, AttributeError, OSError, EOFError)


def excel_rows(path: str | Path) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of the rows of the first sheet, as text; an empty cell is "".

    Raises ConfigError without openpyxl and InputError for a file that is damaged or another kind of spreadsheet.
    """
    if Path(path).suffix.lower() in OTHERS:
        raise InputError("this kind of workbook cannot be read", file=path, fix=_SAVE)
    if find_spec("openpyxl") is None:
        how = f"{_SAVE}, or install what reads it: pip install 'dnaseq[excel]'"
        raise ConfigError(f"{path}: is an Excel workbook. {how}")
    import openpyxl  # here, as few files need it

    done = 0
    with access(path), opened(path) as handle:
        try:
            with _without_warnings():
                book = openpyxl.load_workbook(handle, read_only=True, data_only=True)
                rows = book.worksheets[0].iter_rows(values_only=True)
            while some := _next_rows(rows):
                for number, row in enumerate(some, start=done + 1):
                    yield number, [_text(cell) for cell in row]
                done += len(some)
        except _DAMAGE as error:
            reason = " ".join(str(error).split())
            raise InputError(f"not a readable Excel workbook ({reason})", file=path, fix=_SAVE) from error


def _next_rows(rows: Iterator[tuple]) -> list[tuple]:
    with _without_warnings():
        return list(islice(rows, _BATCH))


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Leave out warnings of styles and the like, which are not read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _text(cell: Any) -> str:
    """Write a cell as Excel shows it: whole numbers without a point, and TRUE for truth."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, date | datetime) else str(cell)

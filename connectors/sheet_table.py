"""What are columns called, and what do the cells of a row say?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from connectors.contract import Scalar

HEADER_WITHIN = 50
"""Among so many rows the header is looked for."""
EXACT = 1e15
"""Spreadsheets keep 15 digits of a number: a longer one has lost the last, and stays a float to show it."""
_ERRORS = re.compile(
    r"#(?:N/A|REF!|DIV/0!|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|ERROR!|GETTING_DATA|FIELD!|BLOCKED!|CONNECT!|BUSY!)"
    r"|(?:Err|Galat):[0-9]{3}"
)


def headings(row: Sequence[Scalar]) -> list[str]:
    """Names of the columns: line breaks become blanks, a repeated name gets a number, an empty cell an empty name."""
    names: list[str] = []
    seen: Counter[str] = Counter()
    for cell in row:
        name = heading(cell)
        repeats = seen[name] if name else 0
        names.append(f"{name} #{repeats + 1}" if repeats else name)
        seen.update({names[-1], names[-1].rpartition(" #")[0]})
    return names


def heading(cell: Scalar) -> str:
    """A column's name as people would say it: blanks and line breaks folded."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else " ".join(str(cell).split())


def blank(cells: Sequence[Scalar]) -> bool:
    """Whether a row holds nothing."""
    return all(cell is None or cell == "" for cell in cells)


def is_error(cell: Scalar) -> bool:
    """Whether the cell holds a formula's error such as `#N/A` instead of a value."""
    return isinstance(cell, str) and cell[:1] in ("#", "E", "G") and _ERRORS.fullmatch(cell) is not None


def fields_of(names: Sequence[str], cells: Sequence[Scalar], date_formats: Sequence[str]) -> Mapping[str, Scalar]:
    """The cells of a row by their columns' names: whole numbers without a point, errors as nothing, dates as ISO 8601.

    Columns without a name are left out. `date_formats` are strptime patterns of dates that are texts.
    """
    fields: dict[str, Scalar] = {}
    for name, cell in zip(names, cells, strict=False):
        if name:
            fields[name] = _said(cell, date_formats)
    return fields


def _said(cell: Scalar, date_formats: Sequence[str]) -> Scalar:
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < EXACT else cell
    if not isinstance(cell, str):
        return cell
    if cell[:1].isdigit():
        return _iso(cell, date_formats)
    return None if is_error(cell) else cell


def _iso(cell: str, formats: Sequence[str]) -> str:
    """The cell as ISO 8601 where the whole of it is a date in one of the declared formats."""
    for form in formats:
        try:
            moment = datetime.strptime(cell.strip(), form)  # noqa: DTZ007 - the channel's zone applies later
        except ValueError:
            continue
        return moment.isoformat() if "%H" in form or "%I" in form else moment.date().isoformat()
    return cell

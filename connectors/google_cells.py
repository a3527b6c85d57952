"""What do the cells of Google's grid data say?

A date is a number there, and only the cell's format tells it from one; so the format is asked for as well.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.contract import Scalar
from connectors.sheet_table import EXACT

_BEGINNING = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's time has no zone
_ERRORS = {
    "ERROR": "#ERROR!",
    "NULL_VALUE": "#NULL!",
    "DIVIDE_BY_ZERO": "#DIV/0!",
    "VALUE": "#VALUE!",
    "REF": "#REF!",
    "NAME": "#NAME?",
    "NUM": "#NUM!",
    "N_A": "#N/A",
    "LOADING": "#N/A",
}


def row_of(cells: Sequence[Mapping[str, Any]]) -> list[Scalar]:
    """The cells of one row's `values`. Empty ones at its end are left out, for their format says nothing."""
    row = [cell_of(cell) for cell in cells]
    while row and row[-1] is None:
        row.pop()
    return row


def cell_of(cell: Mapping[str, Any]) -> Scalar:
    """One CellData: text, number, truth value or None; dates and times as ISO 8601 text, errors as people see them."""
    value = cell.get("effectiveValue") or {}
    if "stringValue" in value:
        return _text(str(value["stringValue"]))
    if "boolValue" in value:
        return bool(value["boolValue"])
    if "errorValue" in value:
        return _ERRORS.get(value["errorValue"].get("type", ""), "#ERROR!")
    if "numberValue" not in value:
        return None
    form = (cell.get("effectiveFormat") or {}).get("numberFormat") or {}
    return _number(value["numberValue"], form.get("type", ""), form.get("pattern", ""))


def _text(text: str) -> str | None:
    """Without what JSON can hold and a state cannot: halves of characters, and NUL."""
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()
    return text.replace("\x00", "") or None


def _number(value: float, kind: str, pattern: str) -> Scalar:
    if not math.isfinite(value):
        return _ERRORS["NUM"]
    if kind in {"DATE", "DATE_TIME"}:
        return _moment(value)
    if kind == "TIME":
        return _time(value)
    # Google keeps 15 digits, as other spreadsheets do: a longer whole number stays a float, which is doubtful.
    exact = float(value).is_integer() and abs(value) < EXACT
    value = int(value) if exact else float(value)
    # A number shown with leading zeros, such as a telephone number, is meant with them.
    if isinstance(value, int) and value >= 0 and len(pattern) > 1 and not pattern.strip("0"):
        return str(value).zfill(len(pattern))
    return value


def _moment(value: float) -> Scalar:
    """A serial number of days as ISO 8601, to the millisecond; a date where there is no time in it.

    Whether its format shows a time says nothing: people change formats, and a key must stay what it is.
    """
    try:
        moment = _BEGINNING + _days(value)
    except OverflowError:
        return value
    if value == int(value):
        return moment.date().isoformat()
    return moment.isoformat()


def _time(value: float) -> Scalar:
    if 0 <= value < 1:
        return (_BEGINNING + _days(value)).time().isoformat()
    try:
        return str(_days(value))
    except OverflowError:
        return value


def _days(value: float) -> timedelta:
    return timedelta(milliseconds=round(value * 86_400_000))

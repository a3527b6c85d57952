"""What cells are in the sheets of a workbook? Runs in the reading process, and imports nothing heavy."""

from __future__ import annotations

import marshal
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from connectors.sheet_refused import Refused
from connectors.sheet_xml import Marks, marks_of

_PACKING = 2
"""The version of marshal's format in which equal rows are equal bytes."""
_HEADER_ROWS = 1_000
"""Merged cells matter beyond these only where their values are spread, and that happens here."""

Row = list[Any]
Note = tuple[bool, str]
"""Whether it is as the options want it, and what an admin should know."""


def read(path: Path, request: dict[str, Any]) -> dict[str, Any]:
    """The wanted sheets. Raises Refused."""
    try:
        book = CalamineWorkbook.from_path(str(path))
        chosen, missing, notes = _chosen(book.sheets_metadata, request["sheet"])
        sheets = [_sheet(path, book, name, request) for name in chosen]
    except PasswordError:
        raise Refused("file_password", "it is protected by a password; save a copy without one") from None
    except (CalamineError, OSError, ValueError, OverflowError) as error:
        raise Refused("file_unreadable", f"it is damaged or incomplete ({type(error).__name__})") from None
    if request["sheet"] == "*":
        sheets = [one for one in sheets if one["rows"]] or sheets[:1]
    for sheet in sheets:
        sheet["notes"] += notes
    return {"sheets": sheets, "missing": missing, "open_end": False}


def _chosen(sheets: Sequence[SheetMetadata], wanted: Any) -> tuple[list[str], list[str], list[Note]]:
    """Names of the sheets to read, names that are wanted and not there, and what to tell of the others."""
    tables = [sheet.name for sheet in sheets if sheet.typ == SheetTypeEnum.WorkSheet]
    hidden = [sheet.name for sheet in sheets if sheet.visible != SheetVisibleEnum.Visible and sheet.name in tables]
    seen = [name for name in tables if name not in hidden]
    skipped = [(True, f"hidden sheets are not read: {', '.join(hidden)}")] if hidden else []
    if wanted is None or wanted == "*":
        if not seen:
            raise Refused("sheet_missing", "all of its sheets are hidden; name the one to read in `sheet`")
        return (seen if wanted else seen[:1]), [], skipped
    if isinstance(wanted, int):
        if not 1 <= wanted <= len(sheets) or sheets[wanted - 1].name not in tables:
            raise _no_sheet(f"number {wanted}", tables)
        wanted = sheets[wanted - 1].name
    names = [wanted] if isinstance(wanted, str) else list(wanted)
    found = [name for name in names if name in tables]
    if not found:
        raise _no_sheet(", ".join(repr(name) for name in names), tables)
    told = [
        (True, f"the sheet {name} is hidden, and read because `sheet` names it") for name in found if name in hidden
    ]
    return found, [name for name in names if name not in tables], told


def _no_sheet(wanted: str, tables: Sequence[str]) -> Refused:
    return Refused("sheet_missing", f"there is no sheet {wanted}; the file has: {', '.join(tables)}", tables)


def _sheet(path: Path, book: CalamineWorkbook, name: str, request: dict[str, Any]) -> dict[str, Any]:
    with ThreadPoolExecutor(1) as beside:
        looking = beside.submit(marks_of, path, name)
        sheet = book.get_sheet_by_name(name)
        rows: list[Row] = sheet.to_python(skip_empty_area=False)
        marks = looking.result()
    merged = sheet.merged_cell_ranges
    for (row, column), error in marks.errors.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = error
    if request["merged_cells"] == "every_row":
        _spread(rows, merged or ())
    if request["hidden_rows"] == "skip":
        for number in marks.hidden:
            if number < len(rows):
                rows[number] = []
    return {
        "name": name,
        "rows": [_packed(row) for row in rows],
        "merged": [one for one in merged or () if one[0][0] < _HEADER_ROWS],
        "hidden_rows": len(marks.hidden) if marks.known else None,
        "notes": _notes(sheet, marks, request),
    }


def _notes(sheet: CalamineSheet, marks: Marks, request: dict[str, Any]) -> list[Note]:
    """What could not be done as the options want it."""
    notes: list[Note] = []
    if request["hidden_rows"] == "skip" and not marks.known:
        notes.append((False, "hidden rows cannot be told apart in this kind of file, and are read: save it as xlsx"))
    if request["merged_cells"] == "every_row" and sheet.merged_cell_ranges is None:
        notes.append((False, "merged cells cannot be told apart in this kind of file: save it as xlsx"))
    return notes


def _spread(rows: list[Row], merged: Sequence[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    """Let the value of a merged cell stand in each of the rows that it covers."""
    for (top, left), (bottom, _) in merged:
        value = rows[top][left] if top < len(rows) and left < len(rows[top]) else ""
        for row in rows[top + 1 : bottom + 1] if value != "" else ():
            if left < len(row) and row[left] == "":
                row[left] = value


def _packed(row: Row) -> bytes:
    if "" not in row:
        try:
            return marshal.dumps(row, _PACKING)
        except ValueError:
            # A date: marshal knows none.
            pass
    return marshal.dumps([_cell(value) for value in row], _PACKING)


def _cell(value: Any) -> Any:
    kind = type(value)
    if kind is str:
        return value or None
    if kind is float or kind is int or kind is bool or value is None:
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta) else repr(value)

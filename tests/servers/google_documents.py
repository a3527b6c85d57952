"""What does Google's service hold and say of a spreadsheet? Cells as the Sheets API documents them, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

Cell = Any
"""None, text, number, truth value, date, datetime, `Shown` or `Broken`."""
_BEGINNING = datetime(1899, 12, 30)  # noqa: DTZ001 - a sheet's time has no zone


@dataclass(frozen=True)
class Shown:
    """A number under a format."""

    number: float
    kind: str
    pattern: str = ""


@dataclass(frozen=True)
class Broken:
    """A formula that fails, such as with `N_A`."""

    kind: str


@dataclass
class Tab:
    """One sheet."""

    title: str
    rows: list[Sequence[Cell]] = field(default_factory=list)
    id: int = 0
    kind: str = "GRID"
    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    """From 0, hidden by hand."""
    filtered_rows: set[int] = field(default_factory=set)
    """From 0, hidden by a filter."""
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    """First row, end row, first column, end column; from 0, half-open."""
    columns: int = 26
    spare_rows: int = 1000
    """Empty rows at the end of the grid."""


@dataclass
class Document:
    """A spreadsheet."""

    id: str
    title: str
    tabs: list[Tab]
    time_zone: str = "Asia/Makassar"
    shared_with: set[str] = field(default_factory=set)
    is_office_file: bool = False
    published: str | None = None
    """The secret part of its published link."""
    before_read: Callable[[], None] | None = None
    """Something that people do just before cells are read."""


def described(document: Document, span: tuple[str, int, int] | None) -> Mapping[str, Any]:
    """All that `spreadsheets.get` can say; with a span (title, first and last row from 1) also the cells there."""
    chosen = [tab for tab in document.tabs if span is None or tab.title == span[0]]
    return {
        "spreadsheetId": document.id,
        "properties": {"title": document.title, "locale": "in_ID", "timeZone": document.time_zone},
        "sheets": [_sheet(document, tab, span) for tab in chosen],
        "spreadsheetUrl": f"https://docs.google.com/spreadsheets/d/{document.id}/edit",
    }


def _sheet(document: Document, tab: Tab, span: tuple[str, int, int] | None) -> Mapping[str, Any]:
    properties = {
        "sheetId": tab.id,
        "title": tab.title,
        "index": document.tabs.index(tab),
        "sheetType": tab.kind,
        **({"hidden": True} if tab.hidden else {}),
    }
    if tab.kind == "GRID":
        properties["gridProperties"] = {"rowCount": len(tab.rows) + tab.spare_rows, "columnCount": tab.columns}
    found: dict[str, Any] = {"properties": properties}
    if tab.merges:
        names = ("startRowIndex", "endRowIndex", "startColumnIndex", "endColumnIndex")
        found["merges"] = [{"sheetId": tab.id, **dict(zip(names, one, strict=True))} for one in tab.merges]
    if span is not None:
        found["data"] = [_data(tab, span[1] - 1, span[2])]
    return found


def _data(tab: Tab, start: int, end: int) -> Mapping[str, Any]:
    rows = [_row(row) for row in tab.rows[start:end]]
    while rows and not rows[-1]:
        rows.pop()
    count = min(end, len(tab.rows) + tab.spare_rows) - start
    return {
        **({"startRow": start} if start else {}),
        "rowData": rows,
        "rowMetadata": [_metadata(tab, start + place) for place in range(count)],
        "columnMetadata": [{"pixelSize": 100}] * tab.columns,
    }


def _metadata(tab: Tab, row: int) -> Mapping[str, Any]:
    flags = {"hiddenByUser": row in tab.hidden_rows, "hiddenByFilter": row in tab.filtered_rows}
    return {"pixelSize": 21, **{name: True for name, is_set in flags.items() if is_set}}


def _row(cells: Sequence[Cell]) -> Mapping[str, Any]:
    values = [_cell(cell) for cell in cells]
    while values and not values[-1]:
        values.pop()
    return {"values": values} if values else {}


def _cell(cell: Cell) -> Mapping[str, Any]:
    if cell is None or cell == "":
        return {}
    value, form = _value(cell)
    effective = {
        "backgroundColor": {"red": 1},
        "wrapStrategy": "OVERFLOW_CELL",
        **({"numberFormat": form} if form else {}),
    }
    return {
        "userEnteredValue": value,
        "effectiveValue": value,
        "formattedValue": text_of(cell),
        "effectiveFormat": effective,
    }


def _value(cell: Cell) -> tuple[Mapping[str, Any], Mapping[str, str]]:
    if isinstance(cell, Broken):
        return {"errorValue": {"type": cell.kind, "message": "Tidak ditemukan nilai dalam evaluasi VLOOKUP."}}, {}
    if isinstance(cell, Shown):
        return {"numberValue": cell.number}, {"type": cell.kind, "pattern": cell.pattern}
    if isinstance(cell, bool):
        return {"boolValue": cell}, {}
    if isinstance(cell, datetime):
        return {"numberValue": serial(cell)}, {"type": "DATE_TIME", "pattern": "dd/mm/yyyy hh:mm:ss"}
    if isinstance(cell, date):
        return {"numberValue": int(serial(datetime(cell.year, cell.month, cell.day)))}, {"type": "DATE"}  # noqa: DTZ001
    if isinstance(cell, int | float):
        return {"numberValue": cell}, {}
    return {"stringValue": str(cell)}, {}


def serial(moment: datetime) -> float:
    """A naive time as the API has it."""
    return (moment - _BEGINNING).total_seconds() / 86_400


def text_of(cell: Cell) -> str:
    """A cell as people see it."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.strftime("%d/%m/%Y %H:%M:%S")
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    if isinstance(cell, Broken):
        return "#N/A"
    return str(cell.number) if isinstance(cell, Shown) else str(cell)


def as_csv(tab: Tab) -> bytes:
    """A published sheet: what people see, and no line end after the last row."""
    file = io.StringIO()
    csv.writer(file).writerows([text_of(cell) for cell in row] for row in tab.rows)
    return file.getvalue().removesuffix("\r\n").encode()


def masked(value: Any, mask: Mapping[str, Any]) -> Any:
    """Only the named fields of an answer; an empty mask names all."""
    if not mask:
        return value
    if isinstance(value, list):
        return [masked(one, mask) for one in value]
    return {name: masked(one, mask[name]) for name, one in value.items() if name in mask}


def mask_of(text: str) -> Mapping[str, Any]:
    """A mask such as `a(b,c),d.e` as a tree. Raises ValueError where it is none."""
    tree, rest = _mask(text)
    if rest:
        raise ValueError("unbalanced")
    return tree


def _mask(text: str) -> tuple[dict[str, Any], str]:
    tree: dict[str, Any] = {}
    while text and text[0] != ")":
        end = min((place for place in map(text.find, "(),") if place >= 0), default=len(text))
        name, text = text[:end], text[end:]
        if not name.isalpha():
            raise ValueError("no field")
        tree[name] = {}
        if text.startswith("("):
            tree[name], text = _mask(text[1:])
            if not text.startswith(")"):
                raise ValueError("unbalanced")
            text = text[1:]
        text = text.removeprefix(",")
    return tree, text

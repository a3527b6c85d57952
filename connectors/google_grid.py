"""Which cells stand in a sheet of Google's, read in as few requests as its size allows?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.contract import Misconfigured, Scalar, Unreachable
from connectors.google_api import SheetsApi
from connectors.google_book import MISFITS, Tab, path_of, unexpected
from connectors.google_cells import row_of
from connectors.google_options import GoogleOptions
from connectors.sheet_process import Sheet

CELLS = 50_000
"""So many are asked for at once: some megabytes."""
_MOST_REQUESTS = 40
"""Google allows 60 a minute."""
_TRIES = 3
_FIELDS = "sheets(data(rowData(values(effectiveValue,effectiveFormat(numberFormat))),rowMetadata(hiddenByUser)),merges)"
_HEADER_ROWS = 1_000
"""Merged cells matter beyond these only where their values are spread, and that happens here."""

_Merged = tuple[tuple[int, int], tuple[int, int]]
"""Row and column of the first and of the last cell, from 0."""


@dataclass(slots=True)
class _Grid:
    """What was read of a sheet so far, or one part of it."""

    rows: list[list[Scalar]] = field(default_factory=list)
    hidden: list[bool] = field(default_factory=list)
    """Whether people have hidden the row; a filter hides nothing, for it is somebody's way to look."""
    merged: set[_Merged] = field(default_factory=set)


class _Moved(Exception):
    """Rows were inserted or taken out between two requests."""


def cells_of(api: SheetsApi, tab: Tab, options: GoogleOptions) -> Sheet:
    """All cells of a sheet.

    Raises Unreachable or Misconfigured, also where people move rows faster than they can be read.
    """
    step = max(2, CELLS // max(1, tab.columns))
    if tab.rows > step * _MOST_REQUESTS:
        raise Misconfigured(
            f"the sheet {tab.title} has {tab.rows} rows of {tab.columns} columns, more than can be read in a minute:"
            " delete empty rows and columns, or move old complaints to another sheet"
        )
    for _ in range(_TRIES):
        try:
            return _as_wanted(_whole(api, tab, step, options), tab, options)
        except _Moved:
            continue
    raise Unreachable("people insert or delete rows just now; the next round tries again")


def _as_wanted(grid: _Grid, tab: Tab, options: GoogleOptions) -> Sheet:
    merged = sorted(grid.merged)
    if options.merged_cells == "every_row":
        _spread(grid.rows, merged)
    if options.hidden_rows == "skip":
        grid.rows = [[] if hidden else row for row, hidden in zip(grid.rows, grid.hidden, strict=True)]
    while grid.rows and not grid.rows[-1]:
        grid.rows.pop()
    near = [one for one in merged if one[0][0] < _HEADER_ROWS]
    return replace(Sheet.of(grid.rows), name=tab.title, merged=near, hidden_rows=sum(grid.hidden))


def _spread(rows: list[list[Scalar]], merged: Sequence[_Merged]) -> None:
    """Let the value of a merged cell stand in each of the rows that it covers."""
    for (top, left), (bottom, _) in merged:
        value = rows[top][left] if top < len(rows) and left < len(rows[top]) else None
        for row in rows[top + 1 : bottom + 1] if value is not None else ():
            row += [None] * (left + 1 - len(row))
            if row[left] is None:
                row[left] = value


def _whole(api: SheetsApi, tab: Tab, step: int, options: GoogleOptions) -> _Grid:
    """All parts. Each begins with the last row of the one before, so that a shift of the rows shows."""
    grid = _Grid()
    for first, last in _parts(tab.rows, step):
        part = _part(api, tab, (first, last), options)
        if grid.rows and grid.rows[-1] != part.rows[0]:
            raise _Moved
        known = 1 if grid.rows else 0
        grid.rows += part.rows[known:]
        grid.hidden += part.hidden[known:]
        grid.merged |= part.merged
    return grid


def _parts(rows: int, step: int) -> Iterator[tuple[int, int]]:
    """First and last row (from 1) of each part."""
    first, last = 1, min(step, max(rows, 1))
    yield first, last
    while last < rows:
        first, last = last, min(last + step - 1, rows)
        yield first, last


def _part(api: SheetsApi, tab: Tab, span: tuple[int, int], options: GoogleOptions) -> _Grid:
    """Exactly the rows of the span; those that Google leaves out at the end are empty."""
    title = tab.title.replace("'", "''")
    asked = {"ranges": f"'{title}'!{span[0]}:{span[1]}", "fields": _FIELDS}
    answer: Mapping[str, Any] = api.get(path_of(options.spreadsheet_id), asked)
    count = span[1] - span[0] + 1
    try:
        sheet = answer["sheets"][0]
        data = (sheet.get("data") or [{}])[0]
        rows = [row_of(row.get("values", ())) for row in data.get("rowData", ())]
        hidden = [bool(row.get("hiddenByUser")) for row in data.get("rowMetadata", ())]
        merged = {_merged(one) for one in sheet.get("merges", ())}
    except MISFITS:
        raise unexpected() from None
    rows += [[] for _ in range(count - len(rows))]
    hidden += [False] * (count - len(hidden))
    return _Grid(rows[:count], hidden[:count], merged)


def _merged(one: Mapping[str, Any]) -> _Merged:
    """Google's range is half-open, and leaves out what is 0."""
    first = (int(one.get("startRowIndex", 0)), int(one.get("startColumnIndex", 0)))
    return first, (int(one["endRowIndex"]) - 1, int(one["endColumnIndex"]) - 1)

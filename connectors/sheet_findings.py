"""What does `check` tell an admin of how a sheet was understood?"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.contract import Finding
from connectors.sheet_process import Sheet
from connectors.sheet_rows import Table

_COLUMNS_SHOWN = 40


def told_of(file: str, sheet: Sheet, table: Table) -> Iterator[Finding]:
    """Lines about one sheet: its header, columns, dates, and what is hidden. Nothing of its rows."""
    place = f"{file}, sheet {sheet.name!r}" if sheet.name else file
    names = [name for name in table.columns.names if name]
    shown = ", ".join(names[:_COLUMNS_SHOWN]) + (", …" if len(names) > _COLUMNS_SHOWN else "")
    yield Finding(
        ok=True, text=f"{place}: header in row {table.header + 1}, {len(table.rows)} rows below, columns: {shown}"
    )
    dates = table.columns.dates
    for column, order in dates.orders.items():
        yield Finding(ok=True, text=f"{place}: dates written in the column {table.names[column]} are {order}")
    for column in sorted(dates.swapped):
        yield Finding(
            ok=False,
            text=f"{place}: in the column {table.names[column]} a program took day and month the wrong way round where "
            "it could: rows with such dates are held (date_swapped)",
        )
    if sheet.hidden_rows:
        yield Finding(ok=True, text=f"{place}: {sheet.hidden_rows} row(s) are hidden; see `hidden_rows`")
    yield from (Finding(ok=fine, text=f"{place}: {note}") for fine, note in sheet.notes)

"""What stands in a sheet that is to be written, found by a record's key and by headings, never by place?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from connectors import sheet_table
from connectors.contract import Misconfigured, Scalar, Unreachable
from connectors.sheet_beside import KEY_HEADING
from connectors.sheet_book import Value
from connectors.sheet_files import settled
from connectors.sheet_options import SpreadsheetOptions
from connectors.sheet_process import Sheet, UnreadableFile
from connectors.sheet_replace import seal
from connectors.sheet_rows import table_of, width

_WAITING = {"file_changing", "file_unreadable"}


@dataclass(slots=True)
class Page:
    """A sheet as it stands, with the numbers (from 1) of its rows and columns."""

    sealed: Sequence[int]
    """The file's seal when it was read; empty where there is no file."""
    header: int
    names: list[str]
    cells: list[list[Scalar]]
    records: dict[str, list[int]]
    """Rows of each record by its key."""
    twice: set[str]
    """Keys of rows that say different things."""

    @property
    def width(self) -> int:
        """How many columns hold anything in any row."""
        return width(self.cells)

    def is_current(self, path: Path) -> bool:
        """Whether nobody has touched the file since."""
        return self.sealed == seal(path)

    def cell(self, row: int, column: int) -> Scalar:
        """What a cell holds; None for one outside."""
        line = self.cells[row - 1] if row <= len(self.cells) else []
        return line[column - 1] if column <= len(line) else None

    def set(self, row: int, column: int, value: Value) -> None:
        """Note what has been written."""
        self.cells += [[] for _ in range(row - len(self.cells))]
        line = self.cells[row - 1]
        line += [None] * (column - len(line))
        line[column - 1] = value.isoformat() if isinstance(value, datetime) else value
        if row == self.header:
            self.names += [""] * (column - len(self.names))
            self.names[column - 1] = sheet_table.heading(str(value))


def source_page(path: Path, spool: Path, options: SpreadsheetOptions) -> Page:
    """A source's sheet; of several, the cells of the first and the records of all.

    Raises Unreachable, and Misconfigured where a column is missing.
    """
    sealed, sheets = _read(path, spool, options)
    tables = [table_of(sheet, options) for sheet in sheets]
    page = Page(sealed, tables[0].header + 1, list(tables[0].names), sheets[0].rows, {}, set())
    said: dict[str, str] = {}
    for number, key, row in (one for table in tables for one in table.rows):
        if key is not None:
            page.records.setdefault(key, []).append(number)
            if options.key and said.setdefault(key, row.version) != row.version:
                page.twice.add(key)
    return page


def beside_page(path: Path, spool: Path, _options: SpreadsheetOptions) -> Page:
    """The sheet of a file that the gateway keeps beside a source; without cells where it is yet to be made."""
    if not path.exists():
        return Page((), 1, [], [], {}, set())
    options = SpreadsheetOptions(path=path, key=(KEY_HEADING,))
    try:
        return source_page(path, spool, options)
    except Misconfigured as error:
        raise Misconfigured(f"{path.name}: {error}; rename it, and a new one is made") from None


def text(cell: Scalar) -> str:
    """A cell as it is compared with a text."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def says(cell: Scalar, value: Value) -> bool:
    """Whether the cell holds the value already."""
    if not isinstance(value, datetime):
        return text(cell) == text(value)
    try:
        # Programs that save a sheet round the fractions of its days.
        return abs(datetime.fromisoformat(text(cell)) - value) < timedelta(seconds=30)
    except (ValueError, TypeError):
        return False


def _read(path: Path, spool: Path, options: SpreadsheetOptions) -> tuple[Sequence[int], Sequence[Sheet]]:
    sealed = seal(path)
    try:
        return sealed, settled(path, spool, options).sheets
    except UnreadableFile as error:
        told = f"{path.name}: {error.detail}"
        raise (Unreachable(told) if error.code in _WAITING else Misconfigured(told)) from None

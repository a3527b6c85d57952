"""Which record is in which row of a sheet, and what does it say without the gateway's own columns?"""

from __future__ import annotations

import hashlib
import marshal
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from connectors import sheet_table
from connectors.contract import Scalar
from connectors.identity import digest, key_text
from connectors.sheet_options import SpreadsheetOptions
from connectors.sheet_process import Sheet, unpacked

_PACKING = 2
"""The version of marshal's format in which equal rows are equal bytes."""


class Row(NamedTuple):
    """A row as the file holds it, under the names of its columns."""

    names: Sequence[str]
    packed: bytes

    @property
    def version(self) -> str:
        """What it says, as a short hash."""
        return hashlib.blake2b(self.packed, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Table:
    """The records of one sheet."""

    header: int
    """Index of the row with the columns' names."""
    rows: Sequence[tuple[int, str | None, Row]]
    """Number (from 1), key and cells of each row that holds anything; without a key where it is empty."""


def table_of(sheet: Sheet, options: SpreadsheetOptions) -> Table:
    """Find the header and the keys. Raises Misconfigured when a column is missing."""
    header_row = options.header_row if isinstance(options.header_row, int) else None
    top = [unpacked(row) for row in sheet.packed[: max(header_row or 0, sheet_table.HEADER_WITHIN)]]
    header = sheet_table.find_header(top, header_row, options.naming)
    names = sheet_table.headings(top[header])
    ours = [place for place, name in enumerate(names) if name in options.left_out]
    packed = _without(sheet.packed, ours) if options.left_out else sheet.packed
    names = [name for name in names if name not in options.left_out]
    places = [names.index(sheet_table.heading(name)) for name in options.naming]
    rows: list[tuple[int, str | None, Row]] = []
    for number, row in enumerate(packed[header + 1 :], start=header + 2):
        cells = unpacked(row)
        if not sheet_table.blank(cells):
            values = [cells[place] if place < len(cells) else None for place in places]
            rows.append((number, _key(values, options), Row(names, row)))
    return Table(header, rows)


def width(rows: Sequence[Sequence[Scalar]]) -> int:
    """How many columns hold anything."""
    return max((place for row in rows for place, cell in enumerate(row, start=1) if cell not in (None, "")), default=0)


def _without(packed: Sequence[bytes], places: Sequence[int]) -> Sequence[bytes]:
    """The rows as they would be if nobody had added these columns: readers pad all rows to the widest."""
    rows = [unpacked(row) for row in packed]
    for row in rows:
        for place in reversed(places):
            del row[place : place + 1]
    wide = width(rows)
    return [marshal.dumps(row[:wide], _PACKING) for row in rows]


def _key(values: Sequence[Scalar], options: SpreadsheetOptions) -> str | None:
    empty = values.count(None) + values.count("")
    if empty == len(values) or (empty and options.key):
        return None
    return key_text(values) if options.key else digest(values)

"""Which record is in which row of a table, and what does it say without the gateway's own columns?

    table = table_of(Sheet.of(rows), options)          # options: a `TableOptions`
    for number, key, row in table.rows: …              # key is None where the row has none
    record_of(key, row, options)                       # the SourceRecord; its version is row.version

A row's version is made of its headings and filled cells: rows and columns that are moved, and empty columns that are
added, make no edit.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from itertools import compress
from operator import itemgetter
from typing import NamedTuple

from rapidfuzz import fuzz

from connectors import sheet_dates
from connectors.contract import Scalar, SourceRecord
from connectors.identity import digest, key_text
from connectors.sheet_columns import TableOptions
from connectors.sheet_dates import Dates
from connectors.sheet_header import find_header, within
from connectors.sheet_process import PACKING, Sheet, unpacked
from connectors.sheet_table import EXACT, blank, fields_of, heading, is_error
from connectors.table_forms import forms_of

_DIGEST_BYTES = 16
_LOOKED_AT = 1_000
"""Rows, evenly spread: a format is given to whole columns."""
_ALIKE = 75.0
"""Percent, as the gateway compares a new row with one that has vanished."""


class Columns:
    """The columns of one table, which all of its rows share. `names` by place; empty for those of no record."""

    def __init__(self, names: Sequence[str], packed: Sequence[bytes]) -> None:
        self.names = names
        self._packed = packed
        self._ordered = sorted((place for place, name in enumerate(names) if name), key=lambda place: names[place])
        self._labels = [names[place] for place in self._ordered]
        self._pick = _picking(self._ordered)
        self._width = len(names)
        self._prefixes: dict[tuple[bool, ...], bytes] = {}
        self._all = self._prefix((True,) * len(self._ordered))

    @cached_property
    def dates(self) -> Dates:
        """How the columns write their dates. All rows are looked at, so only once a row is wanted."""
        return sheet_dates.dates_of((unpacked(row) for row in self._packed), self._ordered)

    def version(self, cells: Sequence[Scalar]) -> str:
        """What these cells say, as a short hash."""
        missing = self._width - len(cells)
        values = self._pick(cells if missing <= 0 else [*cells, *[None] * missing])
        prefix = self._all
        if None in values or "" in values:
            filled = tuple([value is not None and value != "" for value in values])
            values = tuple(compress(values, filled))
            prefix = self._prefixes.get(filled) or self._prefix(filled)
        return blake2b(prefix + marshal.dumps(values, PACKING), digest_size=_DIGEST_BYTES).hexdigest()

    def _prefix(self, filled: tuple[bool, ...]) -> bytes:
        """The headings of the cells that say something."""
        found = self._prefixes[filled] = marshal.dumps(list(compress(self._labels, filled)), PACKING)
        return found


def _picking(places: Sequence[int]) -> Callable[[Sequence[Scalar]], tuple[Scalar, ...]]:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda cells: tuple(cells[place] for place in places)


class Row(NamedTuple):
    """A row as the source holds it, under the names of its columns."""

    columns: Columns
    packed: bytes
    version: str
    """What it says, as a short hash."""

    @property
    def names(self) -> Sequence[str]:
        """The columns' names by place; empty for a column that is no part of a record."""
        return self.columns.names


@dataclass(frozen=True, slots=True)
class Table:
    """The records of one sheet."""

    header: int
    """Index of the lowest row with the columns' names."""
    names: Sequence[str]
    """The names of all columns by place, the gateway's own too."""
    columns: Columns
    rows: Sequence[tuple[int, str | None, Row]] = field(repr=False)
    """Number (from 1), key and cells of each row that holds anything; without a key where it is empty."""


def table_of(sheet: Sheet, options: TableOptions) -> Table:
    """Find the header and the keys. Raises Misconfigured when a column is missing."""
    top = [unpacked(row) for row in sheet.packed[: within(options)]]
    header = find_header(top, options, sheet.merged)
    below = sheet.packed[header.last + 1 :]
    columns = Columns(["" if name in options.left_out else name for name in header.names], below)
    places = [header.names.index(heading(name)) for name in options.naming]
    named = [place for place, name in enumerate(columns.names) if name]
    rows: list[tuple[int, str | None, Row]] = []
    for number, packed in enumerate(below, start=header.last + 2):
        cells = unpacked(packed)
        key = _key([cells[place] if place < len(cells) else None for place in places], options)
        if key is not None or not blank(cells if not options.left_out else _of(cells, named)):
            rows.append((number, key, Row(columns, packed, columns.version(cells))))
    return Table(header.last, header.names, columns, rows)


def record_of(key: str, row: Row, options: TableOptions, doubts: Iterable[str] = ()) -> SourceRecord:
    """A row as a record, its locator and key the same, with what is doubtful about it."""
    cells = unpacked(row.packed)
    found = [*doubts]
    if options.error_cells == "hold" and any(name and is_error(cell) for name, cell in _named(row.names, cells)):
        found.append("cell_error")
    dates = row.columns.dates
    if any(_is_date(cells[place]) for place in dates.swapped if place < len(cells)):
        found.append("date_swapped")
    return SourceRecord(key, key, row.version, None, _fields(row, cells, dates, options), doubts=tuple(found))


def is_like_any(row: Row, others: Sequence[Row], options: TableOptions) -> bool:
    """Whether it says in the naming columns nearly what another one says, but not the same."""
    said = _naming_text(row, options) if others else ""
    return any(
        said != other and fuzz.ratio(said, other) >= _ALIKE for other in (_naming_text(o, options) for o in others)
    )


def _naming_text(row: Row, options: TableOptions) -> str:
    fields = fields_of(row.names, unpacked(row.packed), ())
    return "\n".join(str(fields.get(heading(name)) or "") for name in options.naming)


def forms_in(table: Table, options: TableOptions) -> Mapping[str, str]:
    """How the columns that tell records apart are written, by their names in the options."""
    places = [table.names.index(heading(name)) for name in options.naming]
    some = table.rows[:: max(1, len(table.rows) // _LOOKED_AT)]
    rows = (unpacked(row.packed) for _, _, row in some)
    return forms_of(options.naming, ([row[place] if place < len(row) else None for place in places] for row in rows))


def width(rows: Sequence[Sequence[Scalar]]) -> int:
    """How many columns hold anything."""
    return max((place for row in rows for place, cell in enumerate(row, start=1) if cell not in (None, "")), default=0)


def _fields(row: Row, cells: Sequence[Scalar], dates: Dates, options: TableOptions) -> Mapping[str, Scalar]:
    fields = dict(fields_of(row.names, cells, options.date_format))
    for place, order in dates.orders.items():
        cell = fields.get(row.names[place])
        if isinstance(cell, str):
            fields[row.names[place]] = sheet_dates.iso(cell, order)
    return fields


def _named(names: Sequence[str], cells: Sequence[Scalar]) -> Iterator[tuple[str, Scalar]]:
    return zip(names, cells, strict=False)


def _of(cells: Sequence[Scalar], places: Sequence[int]) -> Sequence[Scalar]:
    return [cells[place] for place in places if place < len(cells)]


def _is_date(cell: Scalar) -> bool:
    return isinstance(cell, str) and len(cell) >= 10 and cell[4] == cell[7] == "-" and cell[:4].isdigit()


def _key(values: Sequence[Scalar], options: TableOptions) -> str | None:
    """None where nothing, or for a key not everything, or a formula's error stands in the columns."""
    only = values[0]
    if type(only) is float and len(values) == 1 and options.key and only.is_integer() and abs(only) < EXACT:
        # As `key_text` has it, which takes long for what most rows have.
        return str(int(only))
    empty = values.count(None) + values.count("")
    if empty == len(values) or (empty and options.key):
        return None
    if any(is_error(value) for value in values if isinstance(value, str)):
        return None
    return key_text(values) if options.key else digest(values)

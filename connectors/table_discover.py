"""Which columns does a table of cells have, and what tells its rows apart, before anybody has said so?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from connectors import discovery, sheet_table
from connectors.contract import Scalar
from connectors.discovery import SAMPLE_ROWS, Column, Place
from connectors.sheet_header import header_around
from connectors.sheet_process import Reading, Sheet, UnreadableFile, read_file

_NO_SUCH_SHEET = "\x1f"
_PERSONAL = re.compile(r"@|\d{8,}")
_DATA = re.compile(r"\d(?!\d?[.)]\s*[^\W\d])")
"""A number at the beginning, other than that of a question: "1. Nama"."""
MOST_SHEETS = 20
"""So many sheets of a workbook are looked into."""
_LONGEST_HEADING = 120


def places_in(file: Path, reading: Reading) -> Iterator[Place]:
    """A place for each sheet of a workbook or for a text file's rows. Raises UnreadableFile."""
    names = _sheets(file, reading)
    for number, name in enumerate(names[:MOST_SHEETS], start=1):
        sheet = read_file(file, replace(reading, sheet=name)).sheets[0]
        chosen = {"sheet": name} if name is not None and (number > 1 or reading.sheet is not None) else {}
        yield place_of(str(name or "the file"), chosen, sheet)


def place_of(name: str, chosen: Mapping[str, object], sheet: Sheet, keys: Sequence[str] = ()) -> Place:
    """What one table shows; `chosen` are the channel's options that choose it, `keys` headings of likely keys."""
    rows = sheet.rows
    at = header_at(rows)
    if at is None:
        return Place(name, chosen, sum(not sheet_table.blank(row) for row in rows), note="no row of headings was found")
    first, last, names = header_around(rows, at, sheet.merged)
    records = [dict(zip(names, row, strict=False)) for row in rows[last + 1 :] if not sheet_table.blank(row)]
    for record in records:
        record.pop("", None)
    columns = [column for column in names if column]
    key = discovery.unique_key(columns, records, keys)
    where = f"row {first + 1}" if first == last else f"rows {first + 1} to {last + 1}"
    notes = [f"headings in {where}"] + (
        [] if key else ["no column numbers the rows: they are told apart by what they say"]
    )
    shown = [Column(column, _kind(records, column)) for column in columns]
    return Place(name, chosen, len(records), shown, key, rows=records[-SAMPLE_ROWS:], note="; ".join(notes))


def header_at(rows: Sequence[Sequence[Scalar]]) -> int | None:
    """The index of the row that most looks like headings: the widest of short, different texts, the first of equals."""
    best, most = None, 1
    for index, row in enumerate(rows[: sheet_table.HEADER_WITHIN]):
        texts = [cell for cell in row if cell not in (None, "")]
        plain = [sheet_table.heading(cell) for cell in texts if isinstance(cell, str) and _is_heading(cell)]
        if len(plain) == len(texts) and len(set(plain)) == len(plain) and len(plain) > most:
            best, most = index, len(plain)
    return best


def _sheets(file: Path, reading: Reading) -> Sequence[str | int | None]:
    """The names of a workbook's sheets, as its reader tells them; a text file has one without a name."""
    if isinstance(reading.sheet, str | int):
        return [reading.sheet]
    try:
        read_file(file, replace(reading, sheet=_NO_SUCH_SHEET))
    except UnreadableFile as error:
        if not error.sheets:
            raise
        return error.sheets
    return [None]


def _is_heading(cell: str) -> bool:
    """A heading says no address and no number, which are people's."""
    text = cell.strip().lstrip("(")
    return 0 < len(text) <= _LONGEST_HEADING and not _DATA.match(text) and not _PERSONAL.search(text)


def _kind(rows: Sequence[Mapping[str, Scalar]], column: str) -> str:
    kinds = {type(row[column]).__name__ for row in rows if row.get(column) not in (None, "")}
    words = {"str": "text", "float": "number", "int": "number", "bool": "yes/no"}
    return ", ".join(sorted({words.get(kind, kind) for kind in kinds}))

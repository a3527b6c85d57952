"""Which sheets are in these files, where are their headings, and what tells the rows apart?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import BaseModel

from connectors import discovery, sheet_table
from connectors.contract import ChannelContext, Misconfigured, Scalar
from connectors.discovery import SAMPLE_ROWS, Column, Discovery, Place, Question
from connectors.options import ConfigPath
from connectors.sheet_files import files_of
from connectors.sheet_process import UnreadableFile, read_sheet
from connectors.spool import scratch

_NAMES_LISTED = re.compile(r"the file has: (.*)$", re.DOTALL)
_NO_SUCH_SHEET = "\x1f"
_PERSONAL = re.compile(r"@|\d{8,}")
_DATA = re.compile(r"\d(?!\d?[.)]\s*[^\W\d])")
"""A number at the beginning, other than that of a question: "1. Nama"."""
_MOST_SHEETS = 20
_LONGEST_HEADING = 120


class SheetAccess(discovery.Access):
    """What suffices to look into spreadsheets."""

    path: ConfigPath
    sheet: str | int | None = None
    encoding: str | None = None
    delimiter: str | None = None


class SheetDiscoverer:
    """Looks into the newest file; the others are taken to be alike."""

    Access: ClassVar[type[BaseModel]] = SheetAccess
    source: ClassVar[str] = "Hotline Service"
    questions: ClassVar[Sequence[Question]] = (
        Question("path", "Where is the file? A path, a pattern such as laporan/*.xlsx, or a folder"),
    )

    def options(self, answers: Mapping[str, str]) -> dict[str, object]:
        return {"path": answers["path"]}

    def discover(self, access: SheetAccess, channel: ChannelContext) -> Discovery:
        files = files_of(access.path)
        newest = max(files, key=lambda file: file.stat().st_mtime)
        notes = [f"{len(files)} files; {newest.name} is the newest and was looked into"] if len(files) > 1 else []
        try:
            with scratch(channel.spool) as folder:
                copy = folder / "copy"
                copy.write_bytes(newest.read_bytes())
                places = list(_places(copy, access))
        except OSError as error:
            raise Misconfigured(f"{newest.name} cannot be opened ({error.strerror})") from None
        except UnreadableFile as error:
            raise Misconfigured(f"{newest.name}: {error.detail}") from None
        return Discovery(places, notes)


def _places(file: Path, access: SheetAccess) -> Iterator[Place]:
    names = _sheets(file, access)
    for number, name in enumerate(names[:_MOST_SHEETS], start=1):
        rows = read_sheet(file, name, access.encoding, access.delimiter).rows
        chosen: dict[str, object] = {"sheet": name} if name is not None and (number > 1 or access.sheet) else {}
        yield _place(str(name or "the file"), chosen, rows)


def _sheets(file: Path, access: SheetAccess) -> Sequence[str | int | None]:
    """The names of a workbook's sheets, as the reader tells them; a text file has one without a name."""
    if access.sheet is not None:
        return [access.sheet]
    try:
        read_sheet(file, _NO_SUCH_SHEET, access.encoding, access.delimiter)
    except UnreadableFile as error:
        found = _NAMES_LISTED.search(error.detail) if error.code == "sheet_missing" else None
        if found is None:
            raise
        names = found[1].split(", ")
        # A comma in a sheet's name: numbers do as well.
        return names if _all_there(file, names, access) else [None]
    return [None]


def _all_there(file: Path, names: Sequence[str], access: SheetAccess) -> bool:
    try:
        read_sheet(file, names[-1], access.encoding, access.delimiter)
        read_sheet(file, len(names), access.encoding, access.delimiter)
    except UnreadableFile:
        return False
    return True


def _place(name: str, chosen: Mapping[str, object], rows: Sequence[Sequence[Scalar]]) -> Place:
    at = header_at(rows)
    if at is None:
        return Place(name, chosen, sum(not sheet_table.blank(row) for row in rows), note="no row of headings was found")
    names = sheet_table.headings(rows[at])
    records = [dict(zip(names, row, strict=False)) for row in rows[at + 1 :] if not sheet_table.blank(row)]
    for record in records:
        record.pop("", None)
    columns = [column for column in names if column]
    key = discovery.unique_key(columns, records)
    notes = [f"headings in row {at + 1}"] + (
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


def _is_heading(cell: str) -> bool:
    """A heading says no address and no number, which are people's."""
    text = cell.strip()
    return 0 < len(text) <= _LONGEST_HEADING and not _DATA.match(text) and not _PERSONAL.search(text)


def _kind(rows: Sequence[Mapping[str, Scalar]], column: str) -> str:
    kinds = {type(row[column]).__name__ for row in rows if row.get(column) not in (None, "")}
    words = {"str": "text", "float": "number", "int": "number", "bool": "yes/no"}
    return ", ".join(sorted({words.get(kind, kind) for kind in kinds}))

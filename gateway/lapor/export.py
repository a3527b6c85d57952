"""What does LAPOR's admin export ("Laporan Ringkas") say? An xlsx or CSV, read in a child process; nothing is stored.

Columns stand in any order; unknown ones, and the reporters' names, are not looked at. The header is row 1 or stands
under a preamble. Dates are like `29 May 2023`, months in English or Indonesian; dates and times are UTC unless stated.
Source of the columns: exports of 2021 to 2026, listed in the wire contract.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.contract import Scalar
from connectors.sheet_process import UnreadableFile, read_sheet
from connectors.sheet_table import blank, headings
from gateway.lapor.receipts import clean
from mappings import dates

HEADER_WITHIN = 30
_TRACKING_ID = "tracking id"
_STATUS = "status laporan"
_DETAIL = {
    "klasifikasi laporan": "classification",
    "id kategori": "category_id",
    "kategori": "category",
    "instansi induk": "parent_institution",
    "id instansi terdisposisi": "disposition_institution_id",
    "instansi terdisposisi": "disposition_institution",
    "alasan tunda/arsip": "hold_reason",
}
"""Columns that the API tells too, under its names for them."""
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:\.\d+)?)?$")
_WITHHELD = "dirahasiakan"

Row = Mapping[str, str]
"""The texts of a row by the columns' names, in small letters."""


@dataclass(frozen=True, slots=True)
class ExportRow:
    """A report as the export shows it."""

    row: int
    """Its number in the file, from 1."""
    tracking_id: str
    status: str
    received_at: datetime | None
    """When LAPOR got it; None where the export does not say it readably."""
    title: str
    content: str
    """As it was filed, before LAPOR's admins edited it; empty where LAPOR withholds it."""
    is_anonymous: bool
    is_secret: bool
    detail: Mapping[str, str | None]
    """Institution, category, hold reason: of those columns that the file has."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A row that could not be read wholly: a reason code of the catalogue, its field and detail."""

    row: int
    code: str
    field: str
    detail: str = ""


@dataclass(slots=True)
class Export:
    """The rows of the file, each number once, and what could not be read."""

    rows: list[ExportRow] = field(default_factory=list)
    problems: list[RowProblem] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Columns without which something cannot be done."""


def read_export(file: Path, zone: ZoneInfo) -> Export:
    """Read an export whose dates and times are of that zone. Raises UnreadableFile for any other kind of file."""
    if not file.is_file():
        raise UnreadableFile("file_missing", "")
    rows = read_sheet(file, None, None, None).rows
    header = _header(rows)
    export = _gathered(_rows(rows, header), zone)
    if not _CONTENT & {name.casefold() for name in headings(rows[header])}:
        export.missing.append("Isi Laporan Awal")
    return export


_CONTENT = {"isi laporan awal", "isi laporan akhir"}
"""Without these nothing can be compared with reports that have no number yet."""


def number_of(text: str) -> str | None:
    """The tracking id that a text is: 7 to 15 digits, in a cell that may have become a number (7248223.0)."""
    found = re.fullmatch(r"([0-9]{7,15})(?:\.0+)?", text.strip())
    return found[1] if found else None


def _header(rows: Sequence[Sequence[Scalar]]) -> int:
    for index, row in enumerate(rows[:HEADER_WITHIN]):
        if {_TRACKING_ID, _STATUS} <= {name.casefold() for name in headings(row)}:
            return index
    raise UnreadableFile("column_missing", "Tracking ID, Status Laporan")


def _rows(rows: Sequence[Sequence[Scalar]], header: int) -> Iterator[tuple[int, Row]]:
    names = [_column(name) for name in headings(rows[header])]
    for number, cells in enumerate(rows[header + 1 :], header + 2):
        if not blank(cells):
            texts = ("" if cell is None else clean(cell).strip() for cell in cells)
            yield number, dict(zip(names, texts, strict=False))


def _column(heading: str) -> str:
    """`Tipe Laporan (Anonim/Rahasia)` is `tipe laporan`."""
    return heading.casefold().partition(" (")[0].strip()


def _gathered(rows: Iterator[tuple[int, Row]], zone: ZoneInfo) -> Export:
    export = Export()
    by_number: dict[str, ExportRow] = {}
    for number, texts in rows:
        tracking_id = number_of(texts.get(_TRACKING_ID, ""))
        if tracking_id is None or not texts.get(_STATUS):
            wrong = "field_missing" if tracking_id else "tracking_id_invalid"
            export.problems.append(RowProblem(number, wrong, "Status Laporan"))
            continue
        received, readable = _received(texts, zone)
        if not readable:
            export.problems.append(RowProblem(number, "date_unreadable", "Tanggal Laporan Masuk"))
        if tracking_id in by_number:
            export.problems.append(RowProblem(number, "twice_in_file", "", tracking_id))
        by_number[tracking_id] = _row(number, tracking_id, texts, received)
    export.rows = list(by_number.values())
    return export


def _row(number: int, tracking_id: str, texts: Row, received: datetime | None) -> ExportRow:
    flags = {part.strip().casefold() for part in texts.get("tipe laporan", "").split("|")}
    content = texts.get("isi laporan awal") or texts.get("isi laporan akhir", "")
    return ExportRow(
        row=number,
        tracking_id=tracking_id,
        status=" ".join(texts[_STATUS].split()),
        received_at=received,
        title=_shown(texts.get("judul laporan", "")),
        content=_shown(content),
        is_anonymous="anonim" in flags,
        is_secret="rahasia" in flags,
        detail={ours: _whole(texts[column]) for column, ours in _DETAIL.items() if column in texts},
    )


def _shown(text: str) -> str:
    """The text, or nothing where a note stands in its place: `(isi dirahasiakan)`."""
    return "" if len(text) < 40 and _WITHHELD in text.casefold() else text


def _whole(text: str) -> str | None:
    """Ids that a spreadsheet turned into numbers, as ids again."""
    return re.sub(r"^(\d+)\.0$", r"\1", text) or None


def _received(texts: Row, zone: ZoneInfo) -> tuple[datetime | None, bool]:
    """The moment, and whether everything that is stated of it could be read."""
    day, clock = texts.get("tanggal laporan masuk", ""), texts.get("waktu laporan masuk", "")
    try:
        found = dates.parse(day, (), zone)
    except dates.UnreadableDate:
        return None, False
    if found is None:
        return None, True
    at, readable = _time(clock)
    # A cell with a real date may come with a midnight of its own: the clock has a column of its own.
    whole = isinstance(found, datetime) and found.time() != time()
    if isinstance(found, datetime) and (whole or not clock):
        return found, readable
    return datetime.combine(date(found.year, found.month, found.day), at, zone), readable


def _time(text: str) -> tuple[time, bool]:
    found = _CLOCK.search(text)
    try:
        return (time(int(found[1]), int(found[2]), int(found[3] or 0)), True) if found else (time(), not text)
    except ValueError:
        return time(), False

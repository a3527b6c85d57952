"""How are queued reports laid out for a person who types them into LAPOR's form, and what has that person filled in?

The columns stand in the order of LAPOR's form. Every cell is text: what a citizen begins with "=" is no formula.
`Kode` is the beginning of the report's external_id: a row whose parts were torn apart by sorting, or that is another
gateway's, binds nothing.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, cast

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from connectors.contract import Scalar
from connectors.sheet_process import UnreadableFile, read_sheet
from connectors.sheet_table import blank, headings
from gateway.documents import sendable
from mappings.report import Classification
from state.binding import ToType

Names = Mapping[str, Mapping[str, str]]

NUMBER = "No."
CODE = "Kode"
TRACKING_ID = "Nomor LAPOR"
CODE_LENGTH = 8
_HEADER_WITHIN = 30
_CLASSES = {
    Classification.COMPLAINT: "Pengaduan",
    Classification.INFORMATION: "Permintaan Informasi",
    Classification.ASPIRATION: "Aspirasi",
}
# What XML 1.0 (section 2.2) has no way to write, not even escaped.
_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_FORMULA = ("=", "+", "-", "@")
_TOP = Alignment(wrap_text=True, vertical="top")
_PLAIN = Font()
_A4 = 9
_LINE = Side(style="thin", color="FFBFBFBF")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="FFD9E1F2")
_TO_FILL = PatternFill("solid", fgColor="FFFFF2CC")


class Column(NamedTuple):
    """A column: its heading, its width in characters, and what stands in it."""

    heading: str
    width: int
    text: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A row of a filled-in worksheet, as people left it."""

    row: int
    """Its number in the file, from 1."""
    number: str
    code: str | None
    """Empty text where the cell is empty; None where the file has no such column."""
    tracking_id: str


def write(file: Path, reports: Sequence[ToType], names: Names, *, send_nik: bool) -> None:
    """Make a workbook that its owner alone may read. Raises FileExistsError, and OSError where it cannot be made."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "LAPOR"
    rows = [_columns(report, names, send_nik=send_nik) for report in reports]
    _lay_out(sheet, rows[0])
    for number, row in enumerate(rows, 2):
        for index, column in enumerate(row, 1):
            fill = _TO_FILL if column.heading == TRACKING_ID else None
            _fill(sheet.cell(number, index), column.text, _PLAIN, fill)
    content = io.BytesIO()
    book.save(content)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content.getvalue())


def read(file: Path) -> Sequence[Filled]:
    """The rows in which a person has entered a number. Raises UnreadableFile for anything that is no such worksheet."""
    if not file.is_file():
        raise UnreadableFile("file_missing", "")
    rows = read_sheet(file, None, None, None).rows
    for index, row in enumerate(rows[:_HEADER_WITHIN]):
        found = headings(row)
        if {NUMBER, TRACKING_ID} <= set(found):
            return list(_filled(found, rows[index + 1 :], index + 2))
    raise UnreadableFile("column_missing", f"{NUMBER}, {TRACKING_ID}")


def plain(cell: Scalar) -> str:
    """A cell with a number in it as people see it: spreadsheets turn 7248223 into 7248223.0."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip()


def _filled(found: Sequence[str], rows: Sequence[Sequence[Scalar]], first: int) -> Iterator[Filled]:
    for number, row in enumerate(rows, first):
        if blank(row):
            continue
        cells = {name: plain(cell) for name, cell in zip(found, row, strict=False)}
        if cells.get(TRACKING_ID):
            code = cells.get(CODE, "") if CODE in found else None
            yield Filled(number, cells.get(NUMBER, ""), code, cells[TRACKING_ID])


def _columns(report: ToType, names: Names, *, send_nik: bool) -> Sequence[Column]:
    """The report's row, in the order of LAPOR's form."""
    values = report.values
    return [
        Column(NUMBER, 8, str(report.id)),
        Column(CODE, 10, report.external_id[:CODE_LENGTH]),
        Column("Klasifikasi", 14, _classification(values)),
        Column("Judul", 30, _text(values, "title")),
        Column("Isi laporan", 70, _text(values, "content")),
        Column("Tanggal kejadian", 12, _text(values, "date_of_incident")),
        *(Column(heading, 18, _named(values, field, names)) for heading, field in _IDS),
        *(Column(heading, 9, _yes_no(values, field)) for heading, field in _PRIVACY),
        Column("Koordinat", 18, _position(values)),
        Column("Lampiran", 40, _files(report.attachments)),
        *_reporter(values, send_nik=send_nik),
        Column("Sumber", 16, _text(values, "source")),
        Column(TRACKING_ID, 16, ""),
    ]


_IDS = (("Lokasi", "location_id"), ("Instansi tujuan", "institution_id"), ("Kategori", "category_id"))
_PRIVACY = (("Anonim", "is_anonymous"), ("Rahasia", "is_secret"))


def _reporter(values: Mapping[str, Any], *, send_nik: bool) -> Iterator[Column]:
    yield Column("Nama pelapor", 22, _text(values, "reporter_name"))
    yield Column("Surel pelapor", 24, _text(values, "reporter_email"))
    yield Column("Telepon pelapor", 16, _text(values, "reporter_phone"))
    if send_nik:
        yield Column("NIK", 18, _text(values, "reporter_nik"))


def _text(values: Mapping[str, Any], field: str) -> str:
    value = values.get(field)
    return "" if value is None else str(value)


def _classification(values: Mapping[str, Any]) -> str:
    text = _text(values, "classification")
    return _CLASSES[Classification(text)] if text in set(Classification) else text


def _yes_no(values: Mapping[str, Any], field: str) -> str:
    """What is not stated is hidden: nobody's name or complaint goes public by an empty cell."""
    return "Tidak" if values.get(field) is False else "Ya"


def _named(values: Mapping[str, Any], field: str, names: Names) -> str:
    number = _text(values, field)
    name = names.get(field, {}).get(number)
    return f"{number} {name}" if name else number


def _position(values: Mapping[str, Any]) -> str:
    latitude, longitude = values.get("latitude"), values.get("longitude")
    return "" if latitude is None or longitude is None else f"{latitude}, {longitude}"


def _files(attachments: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(f"{document.name}: {document.path}" for document in sendable(attachments))


def _lay_out(sheet: Worksheet, columns: Sequence[Column]) -> None:
    """A frozen header, on every printed page too; as wide as one page lying on its side."""
    sheet.freeze_panes = "A2"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    for index, column in enumerate(columns, 1):
        sheet.column_dimensions[get_column_letter(index)].width = column.width
        _fill(sheet.cell(1, index), column.heading, Font(bold=True), _HEAD)


def _fill(found: Cell | MergedCell, text: str, font: Font, fill: PatternFill | None) -> None:
    cell = cast("Cell", found)
    if text:
        cell.value = _UNWRITABLE.sub("", text)
        cell.data_type = "s"
    # A text for ever, also after somebody has edited it in the spreadsheet program.
    cell.number_format = "@"
    cell.quotePrefix = text.startswith(_FORMULA)
    cell.alignment, cell.border, cell.font = _TOP, _BOX, font
    if fill is not None:
        cell.fill = fill

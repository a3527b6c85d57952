"""Where in an xlsx file are a sheet and its formats, and how is it written anew with a few cells changed?"""

from __future__ import annotations

import copy
import posixpath
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

from connectors.contract import Misconfigured
from connectors.sheet_splice import Cell, Splice, Worksheet, parse, spliced, tag_end

SUFFIXES = {".xlsx", ".xlsm"}
_LARGEST_PART = 64 * 1024 * 1024
_LARGEST = 256 * 1024 * 1024
_DAMAGES = (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError, RuntimeError)
_DATE = 'numFmtId="22" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"'
"""The built-in format of dates with time, which is shown as the reader's own country writes them."""
_QUOTED = 'numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"'
"""A text that stays one also when somebody edits the cell and it begins like a formula."""
_FORMULA_SIGNS = ("=", "+", "-", "@")

Value = str | float | datetime
"""What a cell may be given; a datetime without zone."""


class Book:
    """An xlsx file, read once. Raises Misconfigured where it cannot be written without loss."""

    def __init__(self, path: Path, sheet: str | int | None) -> None:
        """Read the parts that matter for one sheet, by name or number (from 1; default: the first shown one)."""
        self._name = path.name
        self._parts: dict[str, bytes] = {}
        with self._opened(path) as archive:
            self._refuse(archive)
            workbook = self._related(archive, "", "officeDocument")[0]
            self._styles = next(iter(self._related(archive, workbook, "styles")), "")
            self._dates_from_1904 = False
            self._sheet = self._find(archive, workbook, sheet)
            if not self._styles:
                raise self._unfit("has no formats; save it once with Excel or LibreOffice")
            for part in (self._sheet, self._styles):
                self._parts[part] = self._part(archive, part)

    def merged_width(self, first_row: int) -> int:
        """The last column that a merged cell covers in this row (from 1) or below."""
        return Worksheet(self._parts[self._sheet]).merged_width(first_row)

    def put(self, cells: Mapping[tuple[int, int], Value], headings: int, widths: Mapping[int, float]) -> bool:
        """Change cells by row and column (from 1); those in the row `headings` look like headings. False: no change."""
        xml = self._parts[self._sheet]
        worksheet = Worksheet(xml, [row for row, _ in cells])
        made = {at: self._cell(value, like_left=at[0] == headings) for at, value in cells.items()}
        self._parts[self._sheet] = worksheet.put(made, widths)
        return self._parts[self._sheet] != xml

    def save(self, path: Path, file: IO[bytes]) -> None:
        """Write the file at `path` anew into `file`, with the changed parts; all others stay byte for byte."""
        with self._opened(path) as old, zipfile.ZipFile(file, "w") as new:
            for info in old.infolist():
                content = self._parts.get(info.filename)
                entry = copy.copy(info)
                entry.extra = b""
                new.writestr(entry, old.read(info) if content is None else content, info.compress_type)

    def _cell(self, value: Value, *, like_left: bool) -> Cell:
        if isinstance(value, datetime):
            return Cell(self._serial(value), self._format(_DATE))
        if isinstance(value, str) and value.startswith(_FORMULA_SIGNS):
            return Cell(value, self._format(_QUOTED))
        return Cell(value, None, like_left)

    def _serial(self, moment: datetime) -> float:
        """Days since Excel's beginning of time."""
        first = datetime(1904, 1, 1) if self._dates_from_1904 else datetime(1899, 12, 30)  # noqa: DTZ001 - no zones here
        return (moment - first).total_seconds() / 86_400

    def _format(self, attributes: str) -> int:
        """The index of a cell format, added to the workbook unless it is there already."""
        xml = self._parts[self._styles]
        formats = _Formats(xml)
        wanted = f"<{formats.prefix}xf {attributes}/>".encode()
        if wanted in formats.tags:
            return formats.tags.index(wanted)
        opened = xml[formats.start : tag_end(xml, formats.start)]
        counted = opened.replace(b'"%d"' % len(formats.tags), b'"%d"' % (len(formats.tags) + 1), 1)
        start = Splice(formats.start, formats.start + len(opened), counted)
        self._parts[self._styles] = spliced(xml, [start, Splice(formats.end, formats.end, wanted)])
        return len(formats.tags)

    @contextmanager
    def _opened(self, path: Path) -> Iterator[zipfile.ZipFile]:
        try:
            with zipfile.ZipFile(path) as archive:
                yield archive
        except _DAMAGES:
            raise self._unfit("is damaged, protected by a password or no xlsx file") from None

    def _refuse(self, archive: zipfile.ZipFile) -> None:
        if sum(info.file_size for info in archive.infolist()) > _LARGEST:
            raise self._unfit("is too large to be written")
        if any(info.filename.startswith("_xmlsignatures/") for info in archive.infolist()):
            raise self._unfit("is signed, and any change makes the signature invalid")

    def _part(self, archive: zipfile.ZipFile, part: str) -> bytes:
        if archive.getinfo(part).file_size > _LARGEST_PART:
            raise self._unfit("is too large to be written")
        return archive.read(part)

    def _related(self, archive: zipfile.ZipFile, part: str, kind: str) -> list[str]:
        return list(self._relations(archive, part, kind).values())

    def _relations(self, archive: zipfile.ZipFile, part: str, kind: str) -> Mapping[str, str]:
        """Paths of the parts of a kind that a part names, by the id that it gives them."""
        folder, name = posixpath.split(part)
        found: dict[str, str] = {}

        def start(element: str, attributes: Mapping[str, str], _: int) -> None:
            if element == "Relationship" and attributes.get("Type", "").endswith(f"/{kind}"):
                target = posixpath.join("/", folder, attributes.get("Target", ""))
                found[attributes.get("Id", "")] = posixpath.normpath(target).lstrip("/")

        parse(self._part(archive, posixpath.join(folder, "_rels", f"{name}.rels")), start, _nothing)
        if not found and kind != "styles":
            raise self._unfit("is damaged or no xlsx file")
        return found

    def _find(self, archive: zipfile.ZipFile, workbook: str, wanted: str | int | None) -> str:
        sheets: list[tuple[str, str, bool]] = []

        def start(element: str, attributes: Mapping[str, str], _: int) -> None:
            if element == "sheet":
                relation = next((value for name, value in attributes.items() if name.endswith(":id")), "")
                visible = attributes.get("state", "visible") == "visible"
                sheets.append((attributes.get("name", ""), relation, visible))
            elif element == "workbookPr":
                self._dates_from_1904 = attributes.get("date1904") in {"1", "true"}

        parse(self._part(archive, workbook), start, _nothing)
        places = self._relations(archive, workbook, "worksheet")
        for number, (name, relation, visible) in enumerate(sheets, start=1):
            first = wanted is None and visible and relation in places
            if wanted in (name, number) or first:
                return places[relation]
        raise self._unfit(f"has no sheet {wanted}")

    def _unfit(self, text: str) -> Misconfigured:
        return Misconfigured(f'{self._name} {text}; use write_back with where = "beside"')


class _Formats:
    """The cell formats of a workbook, as they stand in its part for styles."""

    def __init__(self, xml: bytes) -> None:
        self._xml = xml
        self._inside = False
        self.tags: list[bytes] = []
        self.start = self.end = -1
        parse(xml, self._start, self._end)
        if self.start < 0 or self.end <= self.start:
            raise Misconfigured("the workbook's formats are damaged")
        self.prefix = xml[self.start + 1 : tag_end(xml, self.start)].partition(b"cellXfs")[0].decode()

    def _start(self, element: str, _: Mapping[str, str], at: int) -> None:
        if element == "cellXfs":
            self.start, self._inside = at, True
        elif element == "xf" and self._inside:
            self.tags.append(self._xml[at : tag_end(self._xml, at)])

    def _end(self, element: str, at: int) -> None:
        if element == "cellXfs":
            self.end, self._inside = at, False


def _nothing(_name: str, _at: int) -> None:
    """Ends of elements do not matter."""

"""How does a test keep complaints in a spreadsheet, as an officer would?"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import openpyxl

from tests.contract.source import ZONE, Complaint, Mistake, RowSource

KEY = {"key": ["No"]}
IDENTITY = {"identity": ["Nama Pelapor", "Isi Laporan", "Tanggal Laporan"]}
_HEADER = ("No", "Nama Pelapor", "Email", "Isi Laporan", "Tanggal Laporan")
_LONG_AGO = 1_700_000_000


class SheetSource(RowSource):
    """A file with a title above its header; its suffix says whether it is a workbook or a CSV."""

    connector = "spreadsheet"
    mapping = "spreadsheet"

    def __init__(self, file: Path, identity: Mapping[str, object]) -> None:
        self._file = file
        self._identity = identity
        self._rows: dict[int, Complaint] = {}
        self._saved = 0
        self._save()

    def options(self) -> dict[str, object]:
        return {"path": str(self._file), **self._identity}

    def add(self, *complaints: Complaint) -> None:
        self._rows |= {one.number: one for one in complaints}
        self._save()

    def remove(self, *numbers: int) -> None:
        self._rows = {number: one for number, one in self._rows.items() if number not in numbers}
        self._save()

    def rewrite(self, number: int, new: Complaint) -> None:
        self._rows[number] = new
        self._save()

    def snapshot(self) -> object:
        names = sorted(path.name for path in self._file.parent.glob(f"{self._file.stem}*"))
        return names, self._file.read_bytes(), self._file.stat().st_mtime_ns

    @contextmanager
    def outage(self) -> Iterator[None]:
        away = self._file.rename(self._file.with_suffix(".away"))
        yield
        away.rename(self._file)

    def mistakes(self) -> Mapping[str, Mistake]:
        missing = str(self._file.with_name("lain.xlsx"))
        found = {
            "missing file": Mistake({"path": missing}, [missing]),
            "missing pattern": Mistake({"path": str(self._file.with_name("lain*.csv"))}, ["lain*.csv"]),
            "missing key column": Mistake({"key": ["Nomor"], "identity": []}, ["Nomor", self._file.name]),
            "missing column in the given row": Mistake({"header_row": 1}, ["row 1", self._file.name]),
        }
        if self._file.suffix == ".xlsx":
            found["missing sheet"] = Mistake({"sheet": "Agustus"}, ["Agustus", "Rekap"])
        return found

    def _save(self) -> None:
        rows: list[Sequence[object]] = [("Rekap Pengaduan",), (), _HEADER]
        rows += [_cells(number, one) for number, one in self._rows.items()]
        self._file.write_bytes(_workbook(rows) if self._file.suffix == ".xlsx" else _csv(rows))
        # Each save is seconds after the last one and long ago: the connector waits while a file is young.
        self._saved += 10
        os.utime(self._file, (_LONG_AGO + self._saved, _LONG_AGO + self._saved))


def _cells(number: int, one: Complaint) -> Sequence[object]:
    return number, one.name, one.email, one.text, one.received.astimezone(ZONE).replace(tzinfo=None)


def _workbook(rows: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Rekap"
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    file = io.StringIO()
    csv.writer(file, delimiter=";").writerows(rows)
    return file.getvalue().encode("cp1252")

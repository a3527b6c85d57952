"""What do officers do to a sheet between two rounds, and what was each row's complaint all along?"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl

from tests.contract.source import Complaint, Mistake, Source

_LONG_AGO = 1_700_000_000
_HEADINGS = ("No", "Nama Pelapor", "Isi Laporan", "Tanggal Laporan", "Email")
TEXTS = (
    "Lampu jalan di depan Pasar Pagi padam sejak dua pekan, kampung gelap sekali",
    "Antrean loket rumah sakit enam jam, kursi tunggu kurang dan tak ada petugas",
    "Selokan mampet sehingga rumah warga gang Melati kebanjiran tiap hujan deras",
    "Bus sekolah rute utara tidak pernah datang tepat waktu, anak kami terlambat",
    "Pungutan tanpa kuitansi ketika mengurus kartu keluarga di loket kelurahan!!",
    "Air ledeng keruh berbau busuk, sudah kami tampung dalam botol sebagai bukti",
    "Jembatan gantung berkarat; papannya hilang tiga lembar dan talinya kendur..",
    "Tumpukan sampah menutup trotoar dekat terminal lama; tikus berkeliaran juga",
    "Guru honorer belum menerima upah empat bulan, mohon segera ditindaklanjuti.",
    "Pohon tumbang menghalangi jalan menuju puskesmas, ambulans harus memutar!",
)
_NAMES = (
    "Siti Aminah", "Budi Gunawan", "Markus Tarigan", "Wayan Sudra", "Ahmad Fauzi", "Dewi Lestari", "Yohanes Bria",
    "Cut Nyak", "Rahmat Hidayat", "Ni Luh Putri",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A row of the sheet. `complaint` says which complaint it is, and stands nowhere in the sheet."""

    complaint: int
    number: int
    name: str
    text: str
    notes: Mapping[str, str]
    """By the headings of added columns."""


class EditedSheet(Source):
    """A sheet that is sorted, corrected, copied and rebuilt; `.xlsx` with a header of two rows, or `.csv`."""

    connector = "spreadsheet"
    mapping = "spreadsheet"

    def __init__(self, file: Path, identity: Mapping[str, object]) -> None:
        self._file = file
        self._identity = identity
        self.lines: list[Line] = []
        self.columns = list(_HEADINGS)
        self._preamble = 1
        self._complaints = 0
        self._saved = 0
        self.save()

    def options(self) -> dict[str, object]:
        return {"path": str(self._file), **self._identity}

    # What people do

    def write(self, place: int) -> None:
        """A new complaint, anywhere among the others."""
        number = self._complaints
        if number < len(TEXTS):
            self._complaints += 1
            line = Line(number, number + 1, _NAMES[number], TEXTS[number], {})
            self.lines.insert(place % (len(self.lines) + 1), line)

    def mend(self, place: int, letter: int) -> None:
        """A typo in a text is corrected, or made, in all copies of the row or in one of them."""
        if self.lines:
            old = self.lines[place % len(self.lines)]
            at = letter % len(old.text)
            new = replace(old, text=old.text[:at] + "aiueo"[letter % 5] + old.text[at + 1 :])
            self.lines[place % len(self.lines)] = new

    def rename(self, place: int, letter: int) -> None:
        """A typo in a name."""
        if self.lines:
            old = self.lines[place % len(self.lines)]
            at = letter % len(old.name)
            self.lines[place % len(self.lines)] = replace(old, name=old.name[:at] + "n" + old.name[at + 1 :])

    def copy(self, place: int, target: int) -> None:
        """A row is pasted once more."""
        if self.lines:
            self.lines.insert(target % (len(self.lines) + 1), self.lines[place % len(self.lines)])

    def delete(self, place: int) -> None:
        """A row is deleted."""
        if self.lines:
            del self.lines[place % len(self.lines)]

    def sort(self, column: int) -> None:
        """By one column, or the other way round."""
        self.lines.sort(key=lambda line: (line.text, line.name, str(line.number))[column % 3], reverse=column % 2 == 1)

    def head(self, rows: int) -> None:
        """Other titles above the header."""
        self._preamble = rows % 4

    def add_column(self, place: int) -> None:
        """An empty column for remarks, anywhere."""
        if len(self.columns) < len(_HEADINGS) + 3:
            self.columns.insert(place % (len(self.columns) + 1), f"Catatan {len(self.columns)}")

    def move_column(self, place: int, target: int) -> None:
        """A column is dragged elsewhere."""
        name = self.columns.pop(place % len(self.columns))
        self.columns.insert(target % (len(self.columns) + 1), name)

    def remark(self, place: int, column: int) -> None:
        """Something is written into an added column."""
        added = [name for name in self.columns if name not in _HEADINGS]
        if self.lines and added:
            old = self.lines[place % len(self.lines)]
            notes = {**old.notes, added[column % len(added)]: "sudah"}
            self.lines[place % len(self.lines)] = replace(old, notes=notes)

    def save(self) -> None:
        """Write the file; each save is seconds after the last one and long ago, so that nobody waits."""
        rows: list[list[object]] = [[f"REKAP {number}"] for number in range(self._preamble)]
        start = len(rows)
        rows += [list(self.columns), *([self._cell(line, name) for name in self.columns] for line in self.lines)]
        self._file.write_bytes(self._workbook(rows, start) if self._file.suffix == ".xlsx" else _csv(rows))
        self._saved += 10
        os.utime(self._file, (_LONG_AGO + self._saved, _LONG_AGO + self._saved))

    def _cell(self, line: Line, column: str) -> object:
        day = f"2025-03-{line.complaint + 1:02}"
        said = (line.number, line.name, line.text, day, f"warga{line.complaint}@example.org")
        return (dict(zip(_HEADINGS, said, strict=True)) | line.notes).get(column)

    def _workbook(self, rows: Sequence[Sequence[object]], start: int) -> bytes:
        """The columns under a heading of their own each, which is merged over two rows or has a group above it."""
        book = openpyxl.Workbook()
        sheet = book.worksheets[0]
        for row in (*rows[:start], *([row if index else [] for index, row in enumerate(rows[start:])])):
            sheet.append(list(row))
        sheet.insert_rows(start + 1)
        for column, name in enumerate(self.columns, start=1):
            grouped = name == "Nama Pelapor"
            sheet.cell(start + 1, column, "Pelapor" if grouped else name)
            if grouped:
                sheet.cell(start + 2, column, name)
            else:
                sheet.merge_cells(start_row=start + 1, end_row=start + 2, start_column=column, end_column=column)
        file = io.BytesIO()
        book.save(file)
        return file.getvalue()

    # What the other tests of sources need

    def add(self, *complaints: Complaint) -> None:
        raise NotImplementedError

    def remove(self, *numbers: int) -> None:
        raise NotImplementedError

    def snapshot(self) -> object:
        raise NotImplementedError

    def outage(self) -> AbstractContextManager[None]:
        raise NotImplementedError

    def mistakes(self) -> Mapping[str, Mistake]:
        raise NotImplementedError


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    file = io.StringIO()
    csv.writer(file, delimiter=";").writerows(rows)
    return file.getvalue().encode()

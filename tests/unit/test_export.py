"""Is LAPOR's admin export read whatever its shape, and is every row that cannot be read told?"""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook

from connectors.sheet_process import UnreadableFile
from gateway.lapor.export import Export, ExportRow, number_of, read_export

WITA = ZoneInfo("Asia/Makassar")
COLUMNS = (
    "Tracking ID",
    "Tanggal Laporan Masuk",
    "Waktu Laporan Masuk",
    "Nama Pelapor",
    "Klasifikasi Laporan",
    "ID Kategori",
    "Kategori",
    "Judul Laporan",
    "Isi Laporan Awal",
    "Isi Laporan Akhir",
    "Tipe Laporan (Anonim/Rahasia)",
    "Sumber Laporan",
    "Instansi Induk",
    "Instansi Terdisposisi",
    "Status Laporan",
    "Alasan Tunda/Arsip",
)
Cells = Mapping[str, object]


def cells(tracking_id: object = "9000001", **changes: object) -> Cells:
    named = {
        "day": "Tanggal Laporan Masuk",
        "clock": "Waktu Laporan Masuk",
        "kind": "Tipe Laporan (Anonim/Rahasia)",
        "status": "Status Laporan",
        "reason": "Alasan Tunda/Arsip",
        "content": "Isi Laporan Awal",
        "institution": "Instansi Terdisposisi",
        "category_id": "ID Kategori",
    }
    usual: dict[str, object] = {
        "Tracking ID": tracking_id,
        "Tanggal Laporan Masuk": "29 May 2023",
        "Waktu Laporan Masuk": "16:30:05",
        "Nama Pelapor": "Warga Uji",
        "Klasifikasi Laporan": "Aspirasi",
        "ID Kategori": "674",
        "Kategori": "Jalan",
        "Judul Laporan": "Trotoar rusak",
        "Isi Laporan Awal": "Trotoar di depan pasar rusak, mohon diperbaiki.",
        "Isi Laporan Akhir": "Trotoar di depan pasar rusak.",
        "Instansi Terdisposisi": "Dinas Pekerjaan Umum",
        "Status Laporan": "Ditutup oleh Admin",
    }
    return {**usual, **{named[name]: value for name, value in changes.items()}}


def table(rows: Sequence[Cells], columns: Sequence[str] = COLUMNS) -> list[list[object]]:
    return [list(columns), *([row.get(column) for column in columns] for row in rows)]


def to_csv(file: Path, lines: Sequence[Sequence[object]], delimiter: str = ",") -> Path:
    with file.open("w", encoding="utf-8-sig", newline="") as out:
        csv.writer(out, delimiter=delimiter).writerows(lines)
    return file


def to_xlsx(file: Path, lines: Sequence[Sequence[object]]) -> Path:
    book = Workbook()
    for line in lines:
        book.worksheets[0].append(list(line))
    book.save(file)
    return file


def only(export: Export) -> ExportRow:
    assert export.problems == []
    [row] = export.rows
    return row


UTC_ZONE = ZoneInfo("UTC")


def read(folder: Path, *rows: Cells, zone: ZoneInfo = UTC_ZONE) -> Export:
    return read_export(to_csv(folder / "ekspor.csv", table(rows)), zone)


def test_a_row_says_what_lapor_knows_and_nothing_of_the_reporter(tmp_path: Path) -> None:
    row = only(read(tmp_path, cells(reason="Bukan kewenangan")))
    assert (row.tracking_id, row.status, row.row) == ("9000001", "Ditutup oleh Admin", 2)
    assert (row.title, row.content) == ("Trotoar rusak", "Trotoar di depan pasar rusak, mohon diperbaiki.")
    assert row.detail == {
        "classification": "Aspirasi",
        "category_id": "674",
        "category": "Jalan",
        "parent_institution": None,
        "disposition_institution": "Dinas Pekerjaan Umum",
        "hold_reason": "Bukan kewenangan",
    }
    assert "Warga Uji" not in repr(row)


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_columns_may_stand_in_any_order_with_others_between(tmp_path: Path, delimiter: str) -> None:
    columns = ["Nomor", *reversed(COLUMNS), "Kelurahan", ""]
    lines = table([cells()], columns)
    row = only(read_export(to_csv(tmp_path / "e.csv", lines, delimiter), ZoneInfo("UTC")))
    assert (row.tracking_id, row.title, row.detail["category"]) == ("9000001", "Trotoar rusak", "Jalan")


@pytest.mark.parametrize("header", [1, 2, 11, 30])
def test_the_header_may_stand_under_a_preamble(tmp_path: Path, header: int) -> None:
    above: list[list[object]] = [["Laporan Ringkas", None, "Status Laporan: semua"]] * (header - 1)
    export = read_export(to_xlsx(tmp_path / "e.xlsx", [*above, *table([cells()])]), ZoneInfo("UTC"))
    assert only(export).row == header + 1


def test_a_file_without_the_two_columns_in_thirty_rows_is_refused(tmp_path: Path) -> None:
    above: list[list[object]] = [["Laporan Ringkas"]] * 30
    with pytest.raises(UnreadableFile) as caught:
        read_export(to_xlsx(tmp_path / "e.xlsx", [*above, *table([cells()])]), ZoneInfo("UTC"))
    assert caught.value.code == "column_missing"
    with pytest.raises(UnreadableFile):
        read_export(tmp_path / "tidak-ada.xlsx", ZoneInfo("UTC"))


def test_columns_that_the_file_lacks_say_nothing(tmp_path: Path) -> None:
    lines = table([cells()], ["Tracking ID", "Status Laporan"])
    row = only(read_export(to_csv(tmp_path / "e.csv", lines), ZoneInfo("UTC")))
    assert (row.detail, row.received_at, row.content) == ({}, None, "")


@pytest.mark.parametrize(
    ("day", "clock", "moment"),
    [
        ("29 May 2023", "16:30:05", datetime(2023, 5, 30, 0, 30, 5, tzinfo=WITA)),
        ("29 Mei 2023", "16:30", datetime(2023, 5, 30, 0, 30, tzinfo=WITA)),
        ("5 Agustus 2024", "00:00:00", datetime(2024, 8, 5, 8, 0, tzinfo=WITA)),
        ("1 Dec 2024", "", datetime(2024, 12, 1, 8, 0, tzinfo=WITA)),
        ("2024-12-01", "15:59:59", datetime(2024, 12, 1, 23, 59, 59, tzinfo=WITA)),
    ],
)
def test_dates_are_utc(tmp_path: Path, day: str, clock: str, moment: datetime) -> None:
    received = only(read(tmp_path, cells(day=day, clock=clock))).received_at
    assert received == moment
    assert received is not None
    assert received.astimezone(WITA).date() == moment.date()


def test_another_zone_may_be_stated(tmp_path: Path) -> None:
    row = only(read(tmp_path, cells(), zone=WITA))
    assert row.received_at == datetime(2023, 5, 29, 8, 30, 5, tzinfo=UTC)


def test_real_dates_and_numbers_of_a_workbook_are_read_too(tmp_path: Path) -> None:
    whole = cells(9000001, day=date(2023, 5, 29), clock=time(16, 30, 5), category_id=674.0)
    both = cells(9000002.0, day=datetime(2023, 5, 29, 16, 30, 5), clock=None)  # noqa: DTZ001 - a cell has no zone
    export = read_export(to_xlsx(tmp_path / "e.xlsx", table([whole, both])), ZoneInfo("UTC"))
    assert [row.tracking_id for row in export.rows] == ["9000001", "9000002"]
    assert {row.received_at for row in export.rows} == {datetime(2023, 5, 29, 16, 30, 5, tzinfo=UTC)}
    assert export.rows[0].detail["category_id"] == "674"


@pytest.mark.parametrize(
    ("kind", "flags"),
    [
        ("", (False, False)),
        ("Anonim", (True, False)),
        ("Rahasia", (False, True)),
        ("Anonim|Rahasia", (True, True)),
        ("rahasia | anonim", (True, True)),
        ("Lainnya|Rahasia", (False, True)),
    ],
)
def test_the_type_is_two_flags(tmp_path: Path, kind: str, flags: tuple[bool, bool]) -> None:
    row = only(read(tmp_path, cells(kind=kind)))
    assert (row.is_anonymous, row.is_secret) == flags


def test_a_withheld_text_is_none(tmp_path: Path) -> None:
    assert only(read(tmp_path, cells(kind="Rahasia", content="(isi dirahasiakan)"))).content == ""


def test_what_cannot_be_read_is_told_with_its_row(tmp_path: Path) -> None:
    rows = [cells("tanpa nomor"), cells(status=""), cells("9000003", day="30 Februari 2023"), cells("9000004")]
    export = read(tmp_path, *rows, {}, cells("9000004", status="Tertunda"))
    told = [(problem.row, problem.code) for problem in export.problems]
    assert told == [(2, "tracking_id_invalid"), (3, "field_missing"), (4, "date_unreadable"), (7, "twice_in_file")]
    assert {row.tracking_id: row.status for row in export.rows} == {
        "9000003": "Ditutup oleh Admin",
        "9000004": "Tertunda",
    }


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("9165816", "9165816"),
        (" 9165816.0 ", "9165816"),
        ("1" * 15, "1" * 15),
        ("1" * 16, None),
        ("123456", None),
        ("９１６５８１６", None),
        ("9165816.5", None),
        ("#9165816", None),
    ],
)
def test_a_number_has_seven_to_fifteen_digits(text: str, number: str | None) -> None:
    assert number_of(text) == number


def test_a_short_row_is_told_and_harms_no_other(tmp_path: Path) -> None:
    lines = [["Judul Laporan", "Status Laporan", "Tracking ID"], ["Jalan"], ["Jalan", "Tertunda", "9000001"]]
    export = read_export(to_csv(tmp_path / "e.csv", lines), UTC_ZONE)
    assert [row.tracking_id for row in export.rows] == ["9000001"]
    assert [problem.row for problem in export.problems] == [2]


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "e.xlsx"
    file.write_bytes(b"PK\x03\x04" + os.urandom(2_000))
    with pytest.raises(UnreadableFile):
        read_export(file, ZoneInfo("UTC"))

"""How does a test set up an installation of profile manual, and do what its operator does?"""

from __future__ import annotations

import csv
import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import openpyxl
from typer.testing import CliRunner, Result

from gateway.cli.app import app
from gateway.config import load
from gateway.work import collect_channel, desk_of

CONFIG = """
[gateway]
id = "uji"
timezone = "Asia/Makassar"
state = "sqlite:///gateway.db"
spool = "spool"
[log]
level = "error"
[lapor]
profile = "manual"
[lapor.names.location_id]
6472 = "Kota Samarinda"
[[channels]]
name = "web"
connector = "sql"
mapping = "webform"
start = 2026-11-01
source = "Website Institusi"
defaults = {location_id = "6472", is_anonymous = true, is_secret = false}
options = {url = "sqlite:///web.db", table = "pengaduan", key = ["id"]}
"""
TARGET = "manual https://www.lapor.go.id"
ROWS = [
    (1, "2026-11-02", "Warga Satu", "081234567891", "6472011203900001", '=HYPERLINK("http://x") lampu jalan mati.'),
    (2, "2026-11-02", "Warga Dua", "081234567892", None, "- sampah menumpuk di pasar pagi dan berbau."),
    (3, "2026-11-02", "Warga Tiga", None, None, "Parkir liar menutup jalan masuk puskesmas."),
    (4, "2026-10-02", "Warga Empat", "081234567894", None, "Drainase di Jalan Merdeka tersumbat sejak bulan lalu."),
]
QUEUED, QUEUED_TOO, HELD, OLDER = 1, 2, 3, 4


def install(tmp_path: Path) -> Path:
    """A folder with four records collected: two queued, one held, one older than the start; its config."""
    with closing(sqlite3.connect(tmp_path / "web.db")) as database:
        database.execute("CREATE TABLE pengaduan (id INTEGER PRIMARY KEY, tgl_pengaduan, nama, telp, nik, isi_laporan)")
        database.executemany("INSERT INTO pengaduan VALUES (?, ?, ?, ?, ?, ?)", ROWS)
        database.commit()
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    assert command(path, "state", "init").exit_code == 0
    gather(path)
    assert stages(path) == {1: "queued", 2: "queued", 3: "held"}
    return path


def command(path: Path, *arguments: str, pasted: str | None = None) -> Result:
    return CliRunner().invoke(app, [*arguments, "-c", str(path)], input=pasted)


def gather(path: Path) -> None:
    config = load(path)
    with desk_of(config) as desk:
        collect_channel(desk, config.channels[0])


def ask(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path.parent / "gateway.db")) as database:
        return database.execute(sql).fetchall()


def stages(path: Path) -> dict[int, str]:
    return dict(ask(path, "SELECT id, stage FROM report ORDER BY id"))


def numbers(path: Path) -> dict[int, str]:
    return dict(ask(path, "SELECT id, tracking_id FROM report WHERE tracking_id IS NOT NULL"))


def clean_audit(path: Path) -> bool:
    return "The audit is clean." in command(path, "audit").stdout


def sheet_of(path: Path, *options: str) -> tuple[Path, list[dict[str, Any]]]:
    """A new worksheet and its rows."""
    file = path.parent / f"lembar-{len(list(path.parent.glob('lembar-*')))}.xlsx"
    said = command(path, "worksheet", str(file), *options)
    assert said.exit_code == 0, said.output
    head, *rows = openpyxl.load_workbook(file).worksheets[0].iter_rows(values_only=True)
    return file, [dict(zip([str(name) for name in head], row, strict=True)) for row in rows]


def fill(file: Path, filled: dict[int, Any], **changes: Any) -> None:
    """Enter LAPOR's numbers by report, as a person would, and change other cells of these rows."""
    book = openpyxl.load_workbook(file)
    sheet = book.worksheets[0]
    columns = {str(cell.value): cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        report = int(str(sheet.cell(row, columns["No."]).value))
        if report in filled:
            sheet.cell(row, columns["Nomor LAPOR"]).value = filled[report]
            for name, value in changes.items():
                sheet.cell(row, columns[name]).value = value
    book.save(file)


def follow_ups(path: Path) -> list[tuple[Any, ...]]:
    return ask(path, "SELECT report_id, responder, text FROM follow_up ORDER BY id")


def ekspor(path: Path, rows: Sequence[tuple[str, str, str]], age: float = 0.0) -> Path:
    """An export of that age in seconds: number, status, content."""
    file = path.parent / "ekspor.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["Tracking ID", "Status Laporan", "Isi Laporan Awal", "Instansi Terdisposisi"])
        writer.writerows([*row, "Dinas Perhubungan"] for row in rows)
    made = file.stat().st_mtime - age
    os.utime(file, (made, made))
    return file

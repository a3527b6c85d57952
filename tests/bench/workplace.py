"""A source, a configuration and a mock LAPOR for one measurement."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORKERS = 4
_CONFIG = """
[gateway]
id = "bench"
timezone = "Asia/Makassar"
state = "sqlite:///var/gateway.db"
spool = "var/spool"
[log]
level = "error"
[lapor]
base_url = "{lapor}"
token = "file:token"
rate = "100000/s"
per_day = 10000000
workers = {workers}
[[channels]]
name = "web"
connector = "sql"
mapping = "webform"
start = {start}
source = "Website Institusi"
first_run_limit = 10000000
defaults = {{location_id = "6472", is_anonymous = true, is_secret = false}}
options = {{url = "sqlite:///web.db", table = "pengaduan", key = ["id"]}}
"""


def table(folder: Path, rows: int) -> None:
    """A table of complaints of usual length (the exports' median is 351 characters)."""
    connection = sqlite3.connect(folder / "web.db")
    connection.execute(
        "CREATE TABLE pengaduan (id INTEGER PRIMARY KEY, tgl_pengaduan DATE, nama TEXT, telp TEXT, isi_laporan TEXT)"
    )
    text = "Lampu jalan di depan sekolah mati sejak minggu lalu dan belum diperbaiki.<br />" * 4
    connection.executemany(
        "INSERT INTO pengaduan VALUES (?, '2026-11-02', 'Warga Contoh', '081234567890', ?)",
        ((number, f"Laporan ke-{number}. {text}") for number in range(rows)),
    )
    connection.commit()
    connection.close()


def configure(folder: Path, lapor: str, start: str) -> Path:
    """A configuration for that table; its path."""
    (folder / "token").write_text("mock-token", encoding="utf-8")
    path = folder / "config.toml"
    path.write_text(_CONFIG.format(lapor=lapor, workers=WORKERS, start=start), encoding="utf-8")
    return path


@contextmanager
def mock_lapor(*arguments: str) -> Iterator[str]:
    """A mock LAPOR in a process of its own; its URL."""
    command = [sys.executable, "-m", "gateway", "mock", "--port", "0", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    try:
        yield next(word for word in process.stdout.readline().split() if word.startswith("http"))
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()

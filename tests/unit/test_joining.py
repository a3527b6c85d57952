"""Can an operator compare likely doubles, join them and take that back, in Indonesian?"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
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
base_url = "http://127.0.0.1:9"
token = "file:token"
[[channels]]
name = "web"
connector = "sql"
mapping = "webform"
start = "all"
source = "Website Institusi"
defaults = {location_id = "6472", is_anonymous = true, is_secret = false}
options = {url = "sqlite:///web.db", table = "pengaduan", key = ["id"]}
"""
TEXT = "Lampu jalan di Jalan Antasari depan pasar mati sejak minggu lalu, malam hari gelap sekali."
OTHER = "Sampah menumpuk di belakang puskesmas dan baunya sampai ke ruang tunggu pasien."
ROWS = [
    (1, "2026-11-02", "Budi Santoso", "081234567891", TEXT),
    (2, "2026-11-05", "Budi Santoso", "081234567891", f"Selamat pagi. {TEXT} Mohon diperbaiki."),
    (3, "2026-11-05", "Siti Aminah", "081234567893", OTHER),
]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "token").write_text("t")
    with closing(sqlite3.connect(tmp_path / "web.db")) as database:
        database.execute("CREATE TABLE pengaduan (id INTEGER PRIMARY KEY, tgl_pengaduan, nama, telp, isi_laporan)")
        database.executemany("INSERT INTO pengaduan VALUES (?, ?, ?, ?, ?)", ROWS)
        database.commit()
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    assert command(path, "state", "init").exit_code == 0
    config = load(path)
    with desk_of(config) as desk:
        collect_channel(desk, config.channels[0])
    return path


def command(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "-c", str(path)])


def stages(path: Path) -> list[str]:
    with closing(sqlite3.connect(path.parent / "gateway.db")) as database:
        return [row[0] for row in database.execute("SELECT stage FROM report ORDER BY id")]


def test_a_likely_double_is_held_and_shown_beside_its_twin(config: Path) -> None:
    assert stages(config) == ["queued", "held", "queued"]
    listed = command(config, "held").stdout
    assert "mungkin ganda dari laporan 1" in listed
    assert "join NO." in listed
    shown = command(config, "show", "2").stdout
    assert "Kembaran: No. 1 · kanal web" in shown
    assert shown.count("Jalan Antasari") >= 2
    assert "Budi" not in shown
    assert "081234567891" not in shown
    assert "Budi Santoso" in command(config, "show", "2", "--reveal").stdout


def test_a_joined_report_is_told_of_on_both_sides(config: Path) -> None:
    said = command(config, "join", "2")
    assert said.exit_code == 0, said.output
    assert "Laporan 2 digabung ke laporan 1" in said.stdout
    assert stages(config) == ["queued", "joined", "queued"]
    assert "Kembaran: No. 2" in command(config, "show", "1").stdout
    assert "ganda" in command(config, "status").stdout
    assert command(config, "audit").exit_code == 0
    again = command(config, "join", "2")
    assert again.exit_code != 0
    assert "tidak" in again.stderr


def test_a_join_can_be_taken_back(config: Path) -> None:
    command(config, "join", "2")
    said = command(config, "unjoin", "2")
    assert said.exit_code == 0
    assert stages(config) == ["queued", "held", "queued"]
    assert "dipisahkan dari laporan 1" in command(config, "held").stdout
    assert command(config, "release", "2").exit_code == 0
    assert stages(config) == ["queued", "queued", "queued"]
    assert command(config, "audit").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("join", "3"), "tidak punya kembaran"),
        (("join", "3", "1"), "tampak berbeda"),
        (("join", "99"), "Tidak ada laporan nomor 99"),
        (("join", "2", "99"), "Tidak ada laporan nomor 99"),
        (("join", "2", "2"), "dirinya sendiri"),
        (("unjoin", "1"), "tidak dapat diubah"),
        (("unjoin", "99"), "Tidak ada laporan nomor 99"),
    ],
)
def test_what_cannot_be_joined_is_told_and_left(config: Path, arguments: tuple[str, ...], words: str) -> None:
    said = command(config, *arguments)
    assert said.exit_code != 0
    assert words in said.stderr
    assert stages(config) == ["queued", "held", "queued"]


def test_a_person_may_know_that_two_are_one(config: Path) -> None:
    assert command(config, "join", "3", "1", "--yes").exit_code == 0
    assert stages(config)[2] == "joined"


def test_programs_get_the_twins_without_names(config: Path) -> None:
    twins = json.loads(command(config, "show", "2", "--json").stdout)["twins"]
    assert [twin["id"] for twin in twins] == [1]
    assert "Santoso" not in json.dumps(twins)

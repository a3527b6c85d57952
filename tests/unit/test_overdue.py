"""Do `overdue`, `status` and `check` tell what is late, and are `[deadlines]` read with every mistake at its place?"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli.app import app
from gateway.config import load
from gateway.deadline_settings import DeadlineSettings
from gateway.mistakes import ConfigError
from tests.fakes import make_config
from tests.unit.test_config import CHANNEL, TOP, mistakes, write

ROW = "Lampu jalan di Jalan Antasari mati sejak minggu lalu."
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
defaults = {location_id = "6472", is_anonymous = true, is_secret = true}
options = {url = "sqlite:///web.db", table = "pengaduan", key = ["id"]}
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A gateway with a report of 40 days ago that waits for a person."""
    (tmp_path / "token").write_text("t")
    day = (datetime.now(UTC) - timedelta(days=40)).date().isoformat()
    with closing(sqlite3.connect(tmp_path / "web.db")) as database:
        database.execute("CREATE TABLE pengaduan (id INTEGER PRIMARY KEY, tgl_pengaduan, nama, telp, isi_laporan)")
        database.execute("INSERT INTO pengaduan VALUES (1, ?, 'Warga Satu', NULL, ?)", (day, ROW))
        database.commit()
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    assert command(path, "state", "init").exit_code == 0
    assert command(path, "sync").exit_code in (0, 1)
    return path


def command(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "-c", str(path)])


def test_overdue_says_what_is_late_and_whose_turn_without_any_text(config: Path) -> None:
    said = command(config, "overdue")
    assert said.exit_code == 0
    for words in ("diteruskan ke instansi", "tindak lanjut pertama", "operator", "Terlambat: 1 laporan"):
        assert words in said.stdout
    assert "Antasari" not in said.stdout
    assert "Warga" not in said.stdout
    assert command(config, "overdue", "web").stdout == said.stdout
    found = json.loads(command(config, "overdue", "--json").stdout)
    assert {(item["id"], item["channel"], item["turn"]) for item in found} == {(1, "web", "operator")}
    assert "forward" in {item["target"] for item in found}


def test_overdue_of_an_unknown_channel_is_wrong_usage(config: Path) -> None:
    said = command(config, "overdue", "webb")
    assert (said.exit_code, said.stderr) == (2, "Tidak ada kanal webb dalam konfigurasi.\n")


def test_status_counts_what_is_late(config: Path) -> None:
    assert "Terlambat: 1 laporan (giliran operator: 1). Lihat: overdue" in command(config, "status").stdout
    [channel] = json.loads(command(config, "status", "--json").stdout)["channels"]
    assert channel["overdue"] == 1
    command(config, "drop", "1", "--reason", "uji")
    assert "Terlambat: tidak ada laporan." in command(config, "status").stdout
    assert "Terlambat: tidak ada laporan." in command(config, "overdue").stdout
    [channel] = json.loads(command(config, "status", "--json").stdout)["channels"]
    assert channel["overdue"] == 0


def test_check_notes_days_that_are_not_certain(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.cli.checking.utc_now", lambda: datetime(2050, 4, 1, tzinfo=UTC))
    said = command(config, "check")
    assert "ok   deadlines: note: 2050-" in said.stdout
    assert "cuti bersama" in said.stdout


# The settings


@pytest.fixture
def _token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAPOR_TOKEN", "x")


@pytest.mark.usefixtures("_token")
def test_the_settings_are_read_and_classes_keep_their_defaults(tmp_path: Path) -> None:
    own = """
[deadlines]
forward = 2
collective_leave = false
by_class = {2 = 7}
[[deadlines.holidays]]
date = 2026-11-24
name = "Pilkada"
decree = "Keppres 1/2026"
"""
    settings = load(write(tmp_path, TOP + own + CHANNEL)).deadlines
    assert (settings.forward, settings.first_follow_up, settings.collective_leave) == (2, 5, False)
    assert settings.by_class == {"1": 14, "2": 7, "3": 5}
    assert [(item.date, item.strike) for item in settings.holidays] == [(date(2026, 11, 24), False)]
    assert make_config(tmp_path).deadlines == DeadlineSettings()


HOLIDAY = '[[deadlines.holidays]]\ndate = 2026-11-24\nname = "Pilkada"\n'


@pytest.mark.usefixtures("_token")
@pytest.mark.parametrize(
    ("own", "key", "said"),
    [
        ("[deadlines]\nforward = 0\n", "deadlines.forward", "greater than or equal to 1"),
        ("[deadlines]\nby_class = {4 = 60}\n", "deadlines.by_class", "known are: 1, 2, 3"),
        ("[deadlines]\nforwards = 3\n", "deadlines.forwards", 'did you mean "forward"?'),
        (HOLIDAY, "deadlines.holidays.0.decree", "it is missing"),
        (HOLIDAY + 'decree = ""\n', "deadlines.holidays.0.decree", "at least 1 character"),
        (HOLIDAY + 'decree = "x"\nstrikes = true\n', "deadlines.holidays.0.strikes", 'did you mean "strike"?'),
        ((HOLIDAY + 'decree = "x"\n') * 2, "deadlines.holidays", "2026-11-24 stands there twice"),
    ],
)
def test_a_wrong_setting_is_named_at_its_place(tmp_path: Path, own: str, key: str, said: str) -> None:
    found = mistakes(write(tmp_path, TOP + own + CHANNEL))
    assert said in found[key]
    with pytest.raises(ConfigError):
        load(tmp_path / "config.toml")

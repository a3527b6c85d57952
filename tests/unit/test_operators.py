"""Do the operators' commands do what they say, in Indonesian, and refuse what must not be?"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner, Result

from gateway.cli.app import app
from gateway.config import load
from gateway.work import collect_channel, desk_of
from state import deliveries
from state.deliveries import Unknown
from state.models import CHANNEL, REPORT

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
ROWS = [
    (1, "2026-11-02", "Warga Satu", "081234567891", "Lampu jalan di Jalan Antasari mati sejak minggu lalu."),
    (2, "2026-11-02", "Warga Dua", None, "Sampah menumpuk di pasar pagi dan berbau."),
    (3, "2026-11-02", "Warga Tiga", None, "Parkir liar menutup jalan masuk puskesmas."),
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
    gather(path)
    return path


def command(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "-c", str(path)])


def gather(path: Path) -> None:
    config = load(path)
    with desk_of(config) as desk:
        collect_channel(desk, config.channels[0])


def stages(path: Path) -> dict[int, str]:
    with closing(sqlite3.connect(path.parent / "gateway.db")) as database:
        return dict(database.execute("SELECT id, stage FROM report ORDER BY id").fetchall())


def test_held_reports_are_listed_with_their_reason_and_no_names(config: Path) -> None:
    said = command(config, "held")
    assert said.exit_code == 0
    assert said.stdout.count("tidak ada alamat surel atau nomor telepon") >= 1
    assert "Warga" not in said.stdout


@pytest.mark.parametrize("field", ["reporter_phone", "telepon pelapor", "Telepon Pelapor"])
def test_an_amended_report_is_queued_and_stays_amended(config: Path, field: str) -> None:
    said = command(config, "amend", "2", f"{field}=0812 3456 7892")
    assert (said.exit_code, stages(config)[2]) == (0, "queued")
    assert "antre" in said.stdout
    assert command(config, "retry", "2", "--yes").exit_code == 0
    assert stages(config)[2] == "queued"
    assert "+628…892" in command(config, "show", "2").stdout


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("telepon=1", "tidak dikenal"),
        ("reporter_phone=tidak ada", "telepon"),
        ("is_secret=mungkin", "bukan ya atau tidak"),
    ],
)
def test_a_wrong_amendment_changes_nothing(config: Path, change: str, said: str) -> None:
    result = command(config, "amend", "2", change)
    assert (result.exit_code, stages(config)[2]) == (2, "held")
    assert said in result.stderr


def test_check_tells_of_two_channels_that_read_the_very_same(config: Path) -> None:
    config.write_text(CONFIG + CONFIG[CONFIG.index("[[channels]]") :].replace('"web"', '"laman"', 1))
    said = command(config, "check")
    assert said.exit_code == 1
    assert "laman: it reads the very same as web" in said.stdout


def test_release_refuses_what_lapor_would_refuse(config: Path) -> None:
    assert command(config, "release", "2").exit_code == 1
    assert command(config, "release", "99").exit_code == 1
    assert stages(config)[2] == "held"


def test_a_dropped_report_is_never_touched_again(config: Path) -> None:
    assert command(config, "drop", "3", "--reason", "sudah ditangani").exit_code == 0
    for arguments in (
        ("release", "3"),
        ("amend", "3", "judul=Lain"),
        ("retry", "3", "--yes"),
        ("drop", "3", "--reason", "x"),
    ):
        assert command(config, *arguments).exit_code == 1
    assert stages(config)[3] == "dropped"
    assert "sudah ditangani" in command(config, "show", "3").stdout


def test_retry_shows_first_and_does_it_with_yes(config: Path) -> None:
    (config.parent / "config.toml").write_text(
        CONFIG.replace("is_secret = false", 'is_secret = false, reporter_email = "loket@example.go.id"')
    )
    shown = command(config, "retry", "--all")
    assert "2 laporan antre untuk dikirim" in shown.stdout
    assert set(stages(config).values()) == {"queued", "held"}
    assert command(config, "retry", "--reason", "contact_missing", "--yes").exit_code == 0
    assert set(stages(config).values()) == {"queued"}
    assert command(config, "retry").exit_code == 2


def test_a_person_resolves_a_report_in_doubt_once(config: Path) -> None:
    loaded = load(config)
    with desk_of(loaded) as desk, desk.store.begin() as tx:
        deliveries.claim(tx, [1], "v3 http://127.0.0.1:9", desk.now())
        deliveries.settle(tx, {1: Unknown(None, "no_answer")}, desk.now())
    assert "belum pasti" in command(config, "held").stdout
    assert command(config, "resolve", "1").exit_code == 2
    assert command(config, "resolve", "1", "--sent", "12").exit_code == 2
    assert command(config, "resolve", "2", "--not-sent").exit_code == 1
    assert command(config, "resolve", "1", "--sent", "1000001").exit_code == 0
    assert stages(config)[1] == "accepted"
    assert command(config, "resolve", "1", "--not-sent").exit_code == 1


def test_a_paused_channel_reads_nothing_until_it_is_resumed(config: Path) -> None:
    assert command(config, "pause", "web").exit_code == 0
    with closing(sqlite3.connect(config.parent / "web.db")) as database:
        database.execute(
            "INSERT INTO pengaduan VALUES (4, '2026-11-03', 'Warga', '081234567894', 'Banjir di Gang Merpati.')"
        )
        database.commit()
    gather(config)
    assert 4 not in stages(config)
    assert "dijeda" in command(config, "status").stdout
    assert command(config, "resume", "web").exit_code == 0
    gather(config)
    assert stages(config)[4] == "queued"
    assert command(config, "pause", "entah").exit_code == 2


def test_a_paused_lapor_shows_in_status(config: Path) -> None:
    assert command(config, "pause", "lapor").exit_code == 0
    assert "dijeda" in command(config, "status").stdout
    assert command(config, "resume", "lapor").exit_code == 0
    assert "dijeda" not in command(config, "status").stdout


def test_a_source_that_lost_most_of_its_rows_waits_for_accept(config: Path) -> None:
    with closing(sqlite3.connect(config.parent / "web.db")) as database:
        many = [(number, *ROWS[0][1:]) for number in range(10, 40)]
        database.executemany("INSERT INTO pengaduan VALUES (?, ?, ?, ?, ?)", many)
        database.commit()
        gather(config)
        database.execute("DELETE FROM pengaduan WHERE id < 35")
        database.execute(
            "INSERT INTO pengaduan VALUES (50, '2026-11-03', 'Warga', '081234567895', 'Jembatan gantung putus.')"
        )
        database.commit()
    gather(config)
    assert len(stages(config)) == 33
    assert "accept web" in command(config, "status").stdout
    assert command(config, "accept", "web").exit_code == 0
    gather(config)
    assert len(stages(config)) == 34


def test_the_audit_finds_what_was_tampered_with(config: Path) -> None:
    assert command(config, "audit").exit_code == 0
    store = sa.create_engine(f"sqlite:///{config.parent / 'gateway.db'}", poolclass=sa.NullPool)
    with store.begin() as tx:
        tx.execute(sa.update(REPORT).where(REPORT.c.id == 1).values(external_id="x"))
        tx.execute(sa.update(REPORT).where(REPORT.c.id == 2).values(tracking_id="7", target="t"))
    result = command(config, "audit")
    assert result.exit_code == 5
    assert "report 1: its external_id" in result.stdout
    assert "report 2: held with a tracking id" in result.stdout


def test_a_backup_is_whole_and_overwrites_nothing(config: Path) -> None:
    target = config.parent / "salinan.db"
    assert command(config, "state", "backup", str(target)).exit_code == 0
    with closing(sqlite3.connect(target)) as copy:
        assert copy.execute("SELECT count(*) FROM report").fetchone() == (3,)
        assert copy.execute(f"SELECT name FROM {CHANNEL.name}").fetchone() == ("web",)
    with pytest.raises(Exception, match="exists already"):
        raise command(config, "state", "backup", str(target)).exception or AssertionError
    assert command(config, "state", "check").exit_code == 0


def ignored_by_a_rule(path: Path, number: int) -> None:
    """As though a rule had taken the record for a machine's."""
    with closing(sqlite3.connect(path.parent / "gateway.db")) as database:
        database.execute("DELETE FROM report WHERE id = ?", [number])
        database.execute("UPDATE record SET disposition = 'ignored', reason = 'bounce' WHERE id = ?", [number])
        database.commit()


def test_what_a_person_ignores_is_listed_and_can_be_taken_up_again(config: Path) -> None:
    said = command(config, "ignore", "1", "3")
    assert (said.exit_code, stages(config)[1], stages(config)[3]) == (0, "dropped", "dropped")
    listed = command(config, "ignored")
    assert listed.stdout.count("bukan pengaduan") == 2
    assert command(config, "release", "3").exit_code == 1
    said = command(config, "unignore", "1", "3")
    assert (said.exit_code, stages(config)[1], stages(config)[3]) == (0, "queued", "held")
    assert "tidak ada alamat surel" in said.stdout
    assert "tidak ada surat" in command(config, "ignored").stdout.lower()
    gather(config)
    assert stages(config)[1] == "queued"


def test_what_a_rule_took_for_a_machines_can_become_a_report(config: Path) -> None:
    with closing(sqlite3.connect(config.parent / "gateway.db")) as database:
        [external] = database.execute("SELECT external_id FROM report WHERE id = 1").fetchone()
    ignored_by_a_rule(config, 1)
    assert command(config, "ignored", "--channel", "web").stdout.count("surat gagal terkirim") == 1
    assert command(config, "unignore", "1").exit_code == 0
    assert stages(config)[1] == "queued"
    with closing(sqlite3.connect(config.parent / "gateway.db")) as database:
        assert database.execute("SELECT external_id FROM report WHERE id = 1").fetchone() == (external,)
    assert command(config, "audit").exit_code == 0


@pytest.mark.parametrize("arguments", [("unignore", "1"), ("unignore", "99"), ("ignore", "99")])
def test_what_is_not_there_is_neither_ignored_nor_taken_up(config: Path, arguments: tuple[str, ...]) -> None:
    before = stages(config)
    said = command(config, *arguments)
    assert said.exit_code == 1
    assert arguments[1] in said.stderr
    assert stages(config) == before


def test_what_lapor_may_have_is_not_ignored(config: Path) -> None:
    with closing(sqlite3.connect(config.parent / "gateway.db")) as database:
        database.execute("UPDATE report SET stage = 'accepted', tracking_id = '1000001' WHERE id = 1")
        database.commit()
    assert command(config, "ignore", "1").exit_code == 1
    assert stages(config)[1] == "accepted"

"""Do LAPOR's status and answers come into a complaint application's own tables, once, and beside people's work?"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from tests.contract.sql_application import INSERT, STATUS, UPDATE
from tests.e2e.dying import APPLICATION_AFTER
from tests.e2e.support import PRIVACY, Installation, Mock, lapor_mock, sql_channel

OPEN, HANDLED, DONE = "0", "proses", "selesai"
QUERY = "SELECT p.*, m.nama, m.telp FROM pengaduan p JOIN masyarakat m ON m.nik = p.nik"
SERIAL = {"mysql": "INT AUTO_INCREMENT PRIMARY KEY", "postgresql": "SERIAL PRIMARY KEY"}
ENUM = {"mysql": "ENUM('0','proses','selesai')", "postgresql": "status_t"}
LAST_FIRST_ANSWER = 3
"""Each complaint's first answer is carried before any second one: this is that of the last complaint."""
WORDS = ("Lampu 100% diganti: 'aman' — \\ %s :text", "Tiang diperiksa.")


def tables(kind: str) -> Sequence[str]:
    """The application, with three complaints of two citizens."""
    enum = [f"CREATE TYPE status_t AS {ENUM['mysql']}"] if kind == "postgresql" else []
    return [
        *enum,
        "CREATE TABLE masyarakat (nik CHAR(16) PRIMARY KEY, nama VARCHAR(35) NOT NULL, telp VARCHAR(13) NOT NULL)",
        "CREATE TABLE pengaduan (id_pengaduan INTEGER PRIMARY KEY, tgl_pengaduan DATE NOT NULL, nik CHAR(16) NOT NULL, "
        f"isi_laporan TEXT NOT NULL, status {ENUM[kind]} NOT NULL)",
        f"CREATE TABLE tanggapan (id_tanggapan {SERIAL[kind]}, id_pengaduan INTEGER NOT NULL REFERENCES pengaduan "
        "(id_pengaduan), tgl_tanggapan DATE NOT NULL, tanggapan TEXT NOT NULL, id_petugas INTEGER)",
        "INSERT INTO masyarakat VALUES ('6472011505900001', 'Warga Satu', '081234567890'), "
        "('6472011505900002', 'Warga Dua', '081234567891')",
        "INSERT INTO pengaduan VALUES (7, '2026-02-03', '6472011505900001', 'Lampu jalan Antasari padam', '0'), "
        "(8, '2026-02-03', '6472011505900002', 'Selokan di pasar pagi mampet', '0'), "
        "(9, '2026-02-03', '6472011505900002', 'Jalan Merdeka berlubang besar', '0')",
    ]


class Application:
    """A complaint application with its own database, as its staff see it."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._engine = sa.create_engine(self._url, poolclass=sa.NullPool)
        self.run(*tables(self._url.get_backend_name()))

    @property
    def url(self) -> str:
        return self._url.set(query={}).render_as_string(hide_password=False)

    def run(self, *statements: str) -> Sequence[Any]:
        """Do that as the application itself; the rows of the last statement."""
        with self._engine.begin() as connection:
            results = [connection.exec_driver_sql(statement) for statement in statements]
            return [tuple(row) for row in results[-1]] if results[-1].returns_rows else []

    def statuses(self) -> Mapping[int, str]:
        return dict(self.run("SELECT id_pengaduan, status FROM pengaduan"))

    def told(self) -> Sequence[tuple[int, str]]:
        """Complaint and text of every answer, in the order in which they came."""
        return self.run("SELECT id_pengaduan, tanggapan FROM tanggapan ORDER BY id_tanggapan")


@pytest.fixture(params=["mariadb", "postgres"])
def application(request: pytest.FixtureRequest) -> Application:
    return Application(request.getfixturevalue(request.param).new_database())


@pytest.fixture
def mock() -> Iterator[Mock]:
    with lapor_mock() as running:
        yield running


def installation(folder: Path, mock: Mock, application: Application, url: str) -> Installation:
    """One that reads the application by a join and writes the agency's words and the status into its tables."""
    words = INSERT.replace(":text", ":words")
    back = {"status_column": "status", "status": STATUS, "statements": [UPDATE, words]}
    options = {"key": ["id_pengaduan"], "query": QUERY, "write_back": back}
    channel = sql_channel(url, answers={"agency": "Dinas PU"}, options=options, defaults=PRIVACY)
    del channel["options"]["table"]
    made = Installation(folder, mock.url, [channel])
    made.init()
    return made


def numbers(gateway: Installation) -> Mapping[int, str]:
    """LAPOR's number of each complaint."""
    rows = gateway.query("SELECT record.key, tracking_id FROM report JOIN record ON record.id = report.id")
    return {int(str(row["key"]).strip("[]\"'")): row["tracking_id"] for row in rows}


def sync(gateway: Installation) -> None:
    done = gateway.cli("sync")
    assert (done.status, "Traceback" in done.said) == (0, False), done.said


def test_status_and_words_land_once_after_a_kill_too_and_a_persons_status_stays(
    tmp_path: Path, mock: Mock, application: Application
) -> None:
    """The process dies after it wrote into the application and before it noted that; staff close one by themselves."""
    gateway = installation(tmp_path, mock, application, application.url)
    sync(gateway)
    assert (application.statuses(), application.told()) == ({7: OPEN, 8: OPEN, 9: OPEN}, [])
    known = numbers(gateway)
    for own in known.values():
        mock.act(own, "process")
    mock.act(known[7], "follow_up", text=WORDS[0])
    mock.act(known[9], "follow_up", text=WORDS[1])
    application.run(f"UPDATE pengaduan SET status = '{DONE}' WHERE id_pengaduan = 8")
    dead = gateway.module("tests.e2e.dying", APPLICATION_AFTER, str(LAST_FIRST_ANSWER), "--", "sync")
    assert dead.status == -signal.SIGKILL, dead.said[-900:]
    noted = gateway.query("SELECT id FROM answer WHERE stage = 'carried' AND news != 'forwarded'")
    assert len(noted) == LAST_FIRST_ANSWER - 1
    assert application.told() == [(7, WORDS[0]), (9, WORDS[1])], "it died before the last one was written"
    sync(gateway)
    assert application.statuses() == {7: HANDLED, 8: DONE, 9: HANDLED}
    assert application.told() == [(7, WORDS[0]), (9, WORDS[1])]
    for number in (7, 8):
        mock.act(known[number], "close", by="admin")
    mock.act(known[9], "follow_up", text=WORDS[0])
    mock.act(known[8], "reopen")
    sync(gateway)
    assert application.statuses() == {7: DONE, 8: DONE, 9: HANDLED}
    assert application.told() == [(7, WORDS[0]), (9, WORDS[1]), (9, WORDS[0])]
    assert (len(mock.complaints()), gateway.stages()) == (3, {"accepted": 3})
    assert gateway.query("SELECT kind FROM event WHERE kind = 'edited'") == []

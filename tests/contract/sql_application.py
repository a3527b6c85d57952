"""What does a complaint application keep in its database, and how does the gateway write into it?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from connectors.contract import Answer, ChannelContext, News
from connectors.sql import Database, SqlOptions
from tests.contract.source import ZONE
from tests.contract.sql_source import PASSWORD, Place

STATUS = {"received": "0", "disposed": "proses", "in_progress": "proses", "closed": "selesai"}
UPDATE = "UPDATE pengaduan SET status = :status WHERE id_pengaduan = :id_pengaduan AND status = :previous"
INSERT = (
    "INSERT INTO tanggapan (id_pengaduan, tgl_tanggapan, tanggapan, id_petugas) SELECT :id_pengaduan, :date, :text, 1 "
    "WHERE NOT EXISTS (SELECT 1 FROM tanggapan WHERE id_pengaduan = :id_pengaduan AND tanggapan = :text)"
)
WORDS = "Lampu 100% sudah diganti: 'aman' — \\ terima kasih; %s :text"
ANSWER = Answer(
    id="abc234",
    news=News.FOLLOW_UP,
    key="7",
    locator="[7]",
    fields={"id_pengaduan": 7, "isi_laporan": "Lampu padam", "status": "0"},
    tracking_id="1000001",
    status="in_progress",
    status_text="Terdisposisi Sedang Diproses",
    previous=None,
    at=datetime(2026, 11, 22, 16, 30, tzinfo=UTC),
    url="https://lapor.test/1000001",
    subject="Tindak lanjut",
    text=WORDS,
    words=WORDS,
    responder="Dinas Perhubungan",
    secret=False,
    to=None,
)
CLOSED = replace(ANSWER, id="def567", news=News.CLOSED, status="closed", previous="in_progress", text="Selesai.")
TOLD = (7, "2026-11-23", WORDS, 1)


@dataclass
class Application:
    """A complaint application: its tables as admins of 2017 made them, and the gateway's user in it."""

    place: Place
    folder: Path
    engine: sa.Engine

    @property
    def kind(self) -> str:
        return self.engine.dialect.name

    @property
    def database(self) -> str:
        return str(self.engine.url.database)

    def run(self, *statements: str) -> Sequence[Any]:
        """Do that as the application itself; the rows of the last statement."""
        with self.engine.begin() as connection:
            results = [connection.exec_driver_sql(statement) for statement in statements]
            return [tuple(row) for row in results[-1]] if results[-1].returns_rows else []

    def statuses(self) -> Sequence[Any]:
        return self.run("SELECT id_pengaduan, status FROM pengaduan ORDER BY id_pengaduan")

    def answers(self) -> Sequence[Any]:
        columns = "id_pengaduan, tgl_tanggapan, tanggapan, id_petugas"
        found = self.run(f"SELECT {columns} FROM tanggapan ORDER BY tanggapan DESC")
        return [(row[0], str(row[1]), *row[2:]) for row in found]

    def state(self) -> object:
        return self.statuses(), self.answers()

    def user(self) -> URL:
        return make_url(self.place.reader)

    def revoke(self, right: str, table: str) -> None:
        """Take a right away from the gateway's user."""
        self._rights(right, table, "REVOKE {} ON {} FROM {}")

    def grant(self, right: str, table: str) -> None:
        """Give it back."""
        self._rights(right, table, "GRANT {} ON {} TO {}")

    def _rights(self, right: str, table: str, words: str) -> None:
        who, what = (
            (f"'{self.user().username}'@'%%'", f"{self.database}.{table}")
            if self.kind == "mysql"
            else (str(self.user().username), table)
        )
        self.run(words.format(right, what, who))

    @contextmanager
    def connector(self, read: Mapping[str, object] | None = None, **back: object) -> Iterator[Database]:
        """A connector that reads and writes so."""
        options: dict[str, object] = {
            "url": self.place.reader,
            "table": "pengaduan",
            "key": ["id_pengaduan"],
            **(read or {}),
        }
        if self.place.server is not None:
            (self.folder / "password").write_text(PASSWORD)
            options["password"] = f"file:{self.folder / 'password'}"
        whole = {"status_column": "status", "status": STATUS, "statements": [UPDATE, INSERT], **back}
        settings = SqlOptions.model_validate({**options, "write_back": whole})
        made = Database(settings, ChannelContext("kanal", ZONE, self.folder))
        try:
            yield made
        finally:
            made.close()

    def refused(self, answer: Answer, kind: type[Exception], words: str, **back: object) -> Exception:
        """The error for an answer that cannot be written; nothing is written then, and nobody's data told."""
        before = self.state()
        with self.connector(**back) as connector, pytest.raises(kind, match=words) as caught:
            connector.write_back(answer)
        assert self.state() == before
        for data in (PASSWORD, "Lampu", "terima kasih", "aman"):
            assert data not in str(caught.value)
        assert caught.value.__cause__ is None
        return caught.value


_SERIAL = {
    "mysql": "INT AUTO_INCREMENT PRIMARY KEY",
    "postgresql": "SERIAL PRIMARY KEY",
    "sqlite": "INTEGER PRIMARY KEY",
}
_ENUM = {"mysql": "ENUM('0','proses','selesai','')", "postgresql": "status_t", "sqlite": "TEXT"}


def tables(kind: str, options: str) -> Sequence[str]:
    """DDL of the application, empty at first."""
    drops = [f"DROP TABLE IF EXISTS {name}" for name in ("tanggapan", "pengaduan")]
    enum = ["DROP TYPE IF EXISTS status_t", "CREATE TYPE status_t AS ENUM ('0', 'proses', 'selesai')"]
    return [
        *drops,
        *(enum if kind == "postgresql" else []),
        f"CREATE TABLE pengaduan (id_pengaduan INTEGER PRIMARY KEY, isi_laporan TEXT, status {_ENUM[kind]}){options}",
        f"CREATE TABLE tanggapan (id_tanggapan {_SERIAL[kind]}, id_pengaduan INTEGER NOT NULL "
        "REFERENCES pengaduan (id_pengaduan), tgl_tanggapan DATE NOT NULL, "
        f"tanggapan VARCHAR(200) NOT NULL, id_petugas INTEGER){options}",
        "INSERT INTO pengaduan VALUES (7, 'Lampu padam', '0'), (8, 'Selokan mampet', '0')",
    ]


@contextmanager
def application(place: Place, folder: Path) -> Iterator[Application]:
    """The application with two complaints, and with a user who may read and write its two tables and no more."""
    engine = sa.create_engine(place.admin, poolclass=sa.NullPool)
    made = Application(place, folder, engine)
    made.run(*tables(made.kind, ""))
    user = str(made.user().username)
    if made.kind == "postgresql":
        made.run(
            f"GRANT SELECT, INSERT, UPDATE ON pengaduan, tanggapan TO {user}",
            f"GRANT USAGE ON SEQUENCE tanggapan_id_tanggapan_seq TO {user}",
        )
    if made.kind == "mysql":
        # Rights on the whole database can be taken from no single table.
        made.run(f"REVOKE ALL ON {made.database}.* FROM '{user}'@'%%'")
        for table in ("pengaduan", "tanggapan"):
            made.run(f"GRANT SELECT, INSERT, UPDATE ON {made.database}.{table} TO '{user}'@'%%'")
    yield made
    made.run("DROP TABLE tanggapan", "DROP TABLE pengaduan")
    if made.kind == "mysql":
        made.run(f"REVOKE ALL, GRANT OPTION FROM '{user}'@'%%'", f"GRANT ALL ON {made.database}.* TO '{user}'@'%%'")
    engine.dispose()

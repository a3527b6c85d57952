"""How does a test keep complaints in a database, and who reads them?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from tests.contract.source import ZONE, Complaint, Mistake, RowSource
from tests.servers.mariadb import MariaDB
from tests.servers.outage import outage
from tests.servers.postgres import Postgres

PASSWORD = "s3ndiri: 100% rahasia"
KEY = {"key": ["id"]}
KEY_AND_UPDATED = {"key": ["id"], "updated": "diubah"}
IDENTITY = {"identity": ["nama", "isi_laporan", "tgl_pengaduan"]}
TABLE = sa.Table(
    "pengaduan",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("nama", sa.String(100)),
    sa.Column("email", sa.String(100)),
    sa.Column("isi_laporan", sa.Text),
    sa.Column("tgl_pengaduan", sa.DateTime),
    sa.Column("diubah", sa.Integer),
)


@dataclass(frozen=True)
class Place:
    """A database of a test's own."""

    admin: str
    """URL of who fills it."""
    reader: str
    """URL, without password, of the gateway's user: one who may write, so that reading only is the gateway's doing."""
    server: Postgres | MariaDB | None
    """None for SQLite."""


class SqlSource(RowSource):
    """A table `pengaduan`; `identity` is the part of the options that says what a record is."""

    connector = "sql"
    mapping = "webform"

    def __init__(self, place: Place, folder: Path, identity: Mapping[str, object]) -> None:
        self._place = place
        self._identity = identity
        self._folder = folder
        self._edits = 0
        # It keeps no connection open, so that a server may go away and come back.
        self._engine = sa.create_engine(place.admin, poolclass=sa.NullPool)
        if place.server is not None:
            self.secret = PASSWORD
            (folder / "password").write_text(PASSWORD)
        with self.writing() as connection:
            TABLE.create(connection, checkfirst=True)
            connection.execute(sa.delete(TABLE))

    def options(self) -> dict[str, object]:
        options = {"url": self._place.reader, "table": "pengaduan", "batch_size": 100, **self._identity}
        return {**options, "password": f"file:{self._folder / 'password'}"} if self.secret else options

    def add(self, *complaints: Complaint) -> None:
        with self.writing() as connection:
            connection.execute(sa.insert(TABLE), [{"id": one.number, "diubah": 0, **_row(one)} for one in complaints])

    def remove(self, *numbers: int) -> None:
        with self.writing() as connection:
            connection.execute(sa.delete(TABLE).where(TABLE.c.id.in_(numbers)))

    def rewrite(self, number: int, new: Complaint) -> None:
        self._edits += 1
        changed = sa.update(TABLE).where(TABLE.c.id == number).values(diubah=self._edits, **_row(new))
        with self.writing() as connection:
            connection.execute(changed)

    def snapshot(self) -> object:
        with self.writing() as connection:
            rows = connection.execute(sa.select(TABLE).order_by(TABLE.c.id)).all()
            return [tuple(row) for row in rows], sa.inspect(connection).get_table_names()

    @contextmanager
    def outage(self) -> Iterator[None]:
        if self._place.server is not None:
            with outage(self._place.server):
                yield
            return
        path = Path(str(make_url(self._place.reader).database))
        away = path.rename(path.with_suffix(".away"))
        yield
        away.rename(path)

    def mistakes(self) -> Mapping[str, Mistake]:
        found = {
            "missing table": Mistake({"table": "tidak_ada"}, ["tidak_ada"]),
            "missing key column": Mistake({"key": ["nomor"], "identity": []}, ["no column nomor", "isi_laporan"]),
            "missing identity column": Mistake({"key": [], "identity": ["hari"]}, ["no column hari", "isi_laporan"]),
            "wrong query": Mistake({"table": None, "query": "SELECT id FORM pengaduan"}, ["syntax"]),
        }
        if "key" in self._identity:
            found["missing updated column"] = Mistake({"updated": "ubah"}, ["no column ubah"])
        return found | (self._mistakes_with_server() if self._place.server else {})

    def _mistakes_with_server(self) -> Mapping[str, Mistake]:
        url = make_url(self._place.reader)
        (self._folder / "wrong").write_text("salah")
        user, host, port, database = str(url.username), str(url.host), url.port, str(url.database)

        def changed(**parts: Any) -> dict[str, object]:
            return {"url": url.set(**parts).render_as_string()}

        return {
            "wrong password": Mistake({"password": f"file:{self._folder / 'wrong'}"}, [user, host]),
            "wrong user": Mistake(changed(username="siapa"), ["siapa", host]),
            "wrong database": Mistake(changed(database="lain"), ["lain", host]),
            "unknown host": Mistake(changed(host="db.invalid"), ["db.invalid", database]),
            "closed port": Mistake(changed(port=9 if port != 9 else 10), [host, database]),
        }

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A transaction of the application that owns the table."""
        with self._engine.begin() as connection:
            yield connection


def sqlite_place(folder: Path) -> Place:
    """A new SQLite file."""
    url = f"sqlite:///{folder / 'aplikasi.db'}"
    return Place(url, url, None)


def postgres_place(server: Postgres) -> Place:
    """A new database on PostgreSQL, owned by a user who must give a password."""
    admin = make_url(server.new_database())
    user = f"{admin.database}_app"
    engine = sa.create_engine(admin, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text(f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD.replace(':', chr(92) + ':')}'"))
        connection.execute(sa.text(f"ALTER SCHEMA public OWNER TO {user}"))
        connection.execute(sa.text(f"ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO {user}"))
        _ask_for_passwords(connection, user)
    engine.dispose()
    return Place(admin.render_as_string(), admin.set(username=user).render_as_string(), server)


def mariadb_place(server: MariaDB) -> Place:
    """A new database on MariaDB, and a user who may do everything in it."""
    admin = make_url(server.new_database())
    user = f"{admin.database}_app"
    server.create_user(user, PASSWORD, f"ALL ON {admin.database}.*")
    return Place(admin.render_as_string(), admin.set(username=user).render_as_string(), server)


def _ask_for_passwords(connection: sa.Connection, user: str) -> None:
    """The test server trusts everybody else."""
    file = Path(str(connection.scalar(sa.text("SHOW hba_file"))))
    file.write_text(f"host all {user} 127.0.0.1/32 scram-sha-256\n{file.read_text()}")
    connection.execute(sa.text("SELECT pg_reload_conf()"))


def _row(one: Complaint) -> dict[str, object]:
    moment: datetime = one.received.astimezone(ZONE).replace(tzinfo=None)
    return {"nama": one.name, "email": one.email, "isi_laporan": one.text, "tgl_pengaduan": moment}

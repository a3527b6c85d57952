"""How are SQLite, PostgreSQL and MySQL opened, to read or to write, and what do their errors mean to an admin?"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from connectors.contract import ConnectorError, Misconfigured, Unreachable
from connectors.sql_rows import NAMING_ADVICE
from connectors.tls import trusting

_CONNECT_SECONDS = 10
_READ_SECONDS = 120
_DRIVERS = ("sqlite", "postgresql+psycopg", "mysql+pymysql", "mariadb+pymysql")
_POSTGRES_MISTAKES = ("25006", "28", "3D", "3F", "42")
_SAID_AT_CONNECT = re.compile(r"authentication failed|no password supplied|does not exist|no pg_hba", re.IGNORECASE)
_SQLITE_MISTAKES = re.compile(
    r"no such (table|column|function)|has no column|values for|unable to open|syntax error|not a database|ambiguous"
    r"|readonly",
    re.IGNORECASE,
)
_TWO_OF_A_NAME = 1060


@dataclass(frozen=True, slots=True)
class Manner:
    """How a database is spoken to."""

    zone: ZoneInfo | None = None
    """In which its moments are told; None leaves it to the server."""
    charset: str | None = None
    ca_file: Path | None = None
    """Whose certificates to trust; the connection is then encrypted and the server's name verified."""


@dataclass(frozen=True, slots=True)
class _Access:
    """What a connection is told at its beginning."""

    sqlite: str
    """The file's mode."""
    postgres: str
    mysql: str


_ANY_MANNER = Manner()
_READING = _Access("ro", "-c default_transaction_read_only=on", "SET SESSION TRANSACTION READ ONLY")
# A lock is waited for as long as a connection is. MySQL must refuse a value that it would otherwise cut off silently.
_WRITING = _Access(
    "rw",
    f"-c lock_timeout={_CONNECT_SECONDS}s -c statement_timeout={_READ_SECONDS}s",
    f"SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_ALL_TABLES'), innodb_lock_wait_timeout = {_CONNECT_SECONDS}",
)


def read_only(url: URL, password: SecretStr | None, manner: Manner = _ANY_MANNER) -> sa.Engine:
    """An engine whose transactions cannot write, as far as the database knows such a thing.

    Raises Misconfigured for a database or driver that is not supported.
    """
    return _engine(url, password, _READING, manner)


def writing(url: URL, password: SecretStr | None, manner: Manner = _ANY_MANNER) -> sa.Engine:
    """An engine that may write. Values stand in its statements as literals, for which PostgreSQL finds the type.

    Raises Misconfigured for a database or driver that is not supported.
    """
    engine = _engine(url, password, _WRITING, manner)
    if engine.dialect.name == "postgresql":
        from psycopg import ClientCursor

        sa.event.listen(engine, "do_connect", lambda _d, _r, _a, options: options.update(cursor_factory=ClientCursor))
    return engine


def _engine(url: URL, password: SecretStr | None, access: _Access, manner: Manner) -> sa.Engine:
    if url.drivername not in _DRIVERS:
        raise Misconfigured(f'"{url.drivername}" is not supported in a URL; use one of: {", ".join(_DRIVERS)}')
    if password is not None:
        url = url.set(password=password.get_secret_value())
    backend = url.get_backend_name()
    options: dict[str, Any] = {"poolclass": sa.NullPool, "hide_parameters": True}
    if backend == "sqlite":
        return sa.create_engine("sqlite://", creator=_open_sqlite(str(url.database), access.sqlite), **options)
    if backend == "postgresql":
        options["connect_args"] = _of_postgres(access, manner)
        # Imported where needed: only agencies with PostgreSQL pay for its library.
        from connectors.postgres_dates import keep_odd_values

        engine = sa.create_engine(url, **options)
        # First of all: SQLAlchemy itself reads texts when it connects.
        sa.event.listen(engine, "connect", keep_odd_values, insert=True)
        return engine
    options["connect_args"] = {"connect_timeout": _CONNECT_SECONDS, "read_timeout": _READ_SECONDS}
    if manner.ca_file is not None:
        options["connect_args"]["ssl"] = trusting(manner.ca_file)
    from connectors import sql_mysql

    engine = sa.create_engine(url, **options)
    sql_mysql.prepare(engine, manner.charset, manner.zone, access.mysql)
    return engine


def _of_postgres(access: _Access, manner: Manner) -> dict[str, Any]:
    zone = f" -c timezone={manner.zone.key}" if manner.zone is not None else ""
    found = {"connect_timeout": _CONNECT_SECONDS, "options": access.postgres + zone}
    if manner.charset is not None:
        found["client_encoding"] = manner.charset
    if manner.ca_file is not None:
        found |= {"sslmode": "verify-full", "sslrootcert": str(manner.ca_file)}
    return found


def place(url: URL) -> str:
    """The database in words, without its user and password."""
    return f"database {url.database} at {url.host}" if url.host else f"database {url.database}"


def translated(error: SQLAlchemyError, url: URL) -> ConnectorError:
    """The contract's error for a database's error, with the database's words only where they hold no data."""
    where = place(url)
    original = error.orig if isinstance(error, DBAPIError) else None
    words = _mistake(original)
    if words:
        return Misconfigured(f"{where}: {' '.join(words.split())}")
    if isinstance(original, NoSuchFile):
        return Unreachable(f"{where}: there is no such file")
    return Unreachable(f"{where} does not answer ({type(original or error).__name__})")


def _mistake(error: BaseException | None) -> str | None:
    """What the admin has to correct, or None for a database that is just not there."""
    text = " ".join(str(error).split())
    state = getattr(error, "sqlstate", None)
    if type(error).__module__.startswith("pymysql"):
        from connectors import sql_mysql

        words = sql_mysql.mistake(error) if error is not None else None
        return words + NAMING_ADVICE if words and error is not None and error.args[0] == _TWO_OF_A_NAME else words
    if isinstance(state, str) and state.startswith(_POSTGRES_MISTAKES):
        return text.split(" LINE ")[0]
    if isinstance(error, sqlite3.Error):
        return text if _SQLITE_MISTAKES.search(text) else None
    return text.rpartition("FATAL:")[2].strip() if state is None and _SAID_AT_CONNECT.search(text) else None


def _open_sqlite(database: str, mode: str) -> Callable[[], sqlite3.Connection]:
    def connect() -> sqlite3.Connection:
        path = Path(database)
        if not path.is_file():
            raise NoSuchFile
        connection = sqlite3.connect(f"file:{quote(str(path))}?mode={mode}", uri=True, timeout=_CONNECT_SECONDS)
        # One old row in another encoding must not stop all others.
        connection.text_factory = lambda raw: raw.decode("utf-8", errors="replace")
        return connection

    return connect


class NoSuchFile(sqlite3.OperationalError):
    """The SQLite file is not there, perhaps because its disk is away."""

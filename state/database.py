"""How is the state opened? It is never made in silence, migrates by itself, and is refused when newer than the code."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.engine import URL

from state.errors import StateError, StateMissing, StateTooNew
from state.models import SETTING

_MIGRATIONS = Path(__file__).parent / "migrations"
_BUSY_SECONDS = 30
NEWEST = "0004"
"""The schema of this version: the newest migration's revision. Revisions count up."""


class Store:
    """The open state. Every change happens in `begin`, every look in `read`."""

    def __init__(self, engine: sa.Engine, where: str) -> None:
        self.engine = engine
        self.where = where

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A transaction that may write: all of it is kept, or nothing."""
        with _explained(self.where), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that looks at one moment and keeps no writer waiting."""
        with _explained(self.where), self.engine.connect() as plain:
            connection = plain.execution_options(gateway_read=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        self.engine.dispose()


def create(url: URL, password: SecretStr | None, gateway_id: str) -> Store:
    """Make a new, empty state. Raises StateError where one is already."""
    where = _where(url)
    if url.get_backend_name() == "sqlite":
        _make_folder(Path(str(url.database)).parent)
    if url.get_backend_name() == "sqlite":
        _make_private(Path(str(url.database)))
    store = Store(_engine(url, password), where)
    try:
        _fill(store, gateway_id)
    except StateError:
        store.close()
        raise
    return store


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StateError(f"the folder {folder} cannot be made: {error.strerror}") from None


def _make_private(file: Path) -> None:
    """Citizens' names and secret reports are in it: nobody but its owner reads it, nor the files beside it."""
    try:
        file.touch(mode=0o600)
    except OSError as error:
        raise StateError(f"the state at {file} cannot be made: {error.strerror}") from None


def _fill(store: Store, gateway_id: str) -> None:
    with _explained(store.where):
        if _revision(store.engine):
            raise StateError(f"there is already a state at {store.where}")
        _upgrade(store.engine)
    with store.begin() as tx:
        created = {"gateway_id": gateway_id, "created_at": datetime.now(UTC).isoformat()}
        tx.execute(sa.insert(SETTING), [{"name": name, "value": value} for name, value in created.items()])


def open_state(url: URL, password: SecretStr | None, gateway_id: str) -> Store:
    """Open the state, migrated to this version.

    Raises StateMissing where there is none, StateTooNew for a newer one's, and StateError for another gateway's.
    """
    where = _where(url)
    if url.get_backend_name() == "sqlite" and not Path(str(url.database)).is_file():
        raise _missing(where)
    store = Store(_engine(url, password), where)
    with _explained(where):
        _migrate(store.engine, where)
    with store.read() as tx:
        owner = tx.scalar(sa.select(SETTING.c.value).where(SETTING.c.name == "gateway_id"))
    if owner != gateway_id:
        raise StateError(
            f"the state at {where} belongs to the gateway {owner!r}, the configuration says {gateway_id!r}. "
            "The id is part of every report's external_id: set it back, or use another state"
        )
    return store


def _missing(where: str) -> StateMissing:
    return StateMissing(
        f"there is no state at {where}. A new installation makes one with `lapor-gateway state init`. "
        "If there was one before, do not: without it, reports would be filed twice. "
        "Restore the backup, or run `lapor-gateway state recover`"
    )


def _where(url: URL) -> str:
    return str(url.database) if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def _engine(url: URL, password: SecretStr | None) -> sa.Engine:
    if password is not None:
        url = url.set(password=password.get_secret_value())
    if url.get_backend_name() == "sqlite":
        engine = sa.create_engine(url, hide_parameters=True, connect_args={"timeout": _BUSY_SECONDS})
        sa.event.listen(engine, "connect", _sqlite_session)
        sa.event.listen(engine, "begin", _sqlite_begin)
        return engine
    return sa.create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args={"connect_timeout": 10})


def _sqlite_session(connection: Any, _record: object) -> None:
    """WAL lets readers look while one writes; FULL makes a claim survive a power cut before its request is sent."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: sa.Connection) -> None:
    """Take the write lock at once: a transaction that reads first and writes later could fail half-way."""
    reading = connection.get_execution_options().get("gateway_read")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


@contextmanager
def _explained(where: str) -> Iterator[None]:
    """Database errors as one line without the data that was being written."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
        words = " ".join(str(error.orig).split())
        raise StateError(f"the state at {where} cannot be used: {words}") from None
    except sa.exc.DatabaseError as error:
        if isinstance(error, sa.exc.IntegrityError | sa.exc.ProgrammingError):
            raise
        raise StateError(f"the state at {where} cannot be used: {type(error.orig).__name__}") from None


def _migrate(engine: sa.Engine, where: str) -> None:
    revision = _revision(engine)
    if revision is None:
        raise _missing(where)
    if revision == NEWEST:
        return
    if revision > NEWEST:
        raise StateTooNew(f"the state at {where} is of a newer lapor-gateway (schema {revision}): upgrade first")
    _upgrade(engine)


def _revision(engine: sa.Engine) -> str | None:
    """Alembic's own note of the schema; None in a database without one."""
    with engine.connect().execution_options(gateway_read=True) as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return revision


def _upgrade(engine: sa.Engine) -> None:
    # Imported where needed: only a new or an older state pays for it.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")

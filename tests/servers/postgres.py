"""How does a test get a real PostgreSQL, with a database nobody else uses?"""

import itertools
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.servers.account import as_service, hand_over
from tests.servers.process import LOOPBACK, ServerProcess, free_port, require, run_once

PACKAGE = "postgresql"
SUPERUSER = "gw"
# Nothing survives a power cut, which a test never has; everything survives stop and start.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB", "timezone=UTC")


class Postgres:
    """A running PostgreSQL whose superuser `gw` needs no password."""

    host = LOOPBACK

    def __init__(self, port: int, process: ServerProcess) -> None:
        """Wrap a server that `postgres_server` starts."""
        self.port = port
        self.log = process.log
        self._process = process
        self._numbers = itertools.count(1)

    def start(self) -> None:
        """Start again after `stop`: same port, same data."""
        self._process.start()

    def stop(self) -> None:
        """Cut every connection and refuse new ones."""
        self._process.stop()

    def new_database(self) -> str:
        """The SQLAlchemy URL of a new, empty database."""
        name = f"gw{next(self._numbers)}"
        with _connect(self.port) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql+psycopg://{SUPERUSER}@{self.host}:{self.port}/{name}"


@contextmanager
def postgres_server(folder: Path) -> Iterator[Postgres]:
    """Run a PostgreSQL on a free port with its data in `folder`, whose path must be short and open to others."""
    initdb, postgres = require("initdb", PACKAGE), require("postgres", PACKAGE)
    hand_over(folder)
    _create_cluster(initdb, folder)
    port = free_port()
    # SIGINT is the fast shutdown; SIGTERM would wait for the clients to leave.
    process = ServerProcess(_command(postgres, folder, port), folder / "log", lambda: _answers(port), signal.SIGINT)
    process.start()
    try:
        yield Postgres(port, process)
    finally:
        process.stop()


def _create_cluster(initdb: Path, folder: Path) -> None:
    options = ["-U", SUPERUSER, "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"]
    run_once(as_service([initdb, "-D", folder / "data", *options]), folder)


def _command(postgres: Path, folder: Path, port: int) -> list[str | Path]:
    where = [f"listen_addresses={LOOPBACK}", f"port={port}", f"unix_socket_directories={folder}"]
    settings = [part for setting in (*where, *FAST) for part in ("-c", setting)]
    return as_service([postgres, "-D", folder / "data", *settings])


def _connect(port: int) -> psycopg.Connection:
    return psycopg.connect(
        host=LOOPBACK, port=port, user=SUPERUSER, dbname="postgres", autocommit=True, connect_timeout=5
    )


def _answers(port: int) -> bool:
    try:
        _connect(port).close()
    except psycopg.OperationalError:
        return False
    return True

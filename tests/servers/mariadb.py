"""How does a test get a real MariaDB, with a database nobody else uses?"""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pymysql
from pymysql.connections import Connection
from pymysql.cursors import Cursor

from tests.servers.account import as_service, hand_over
from tests.servers.process import LOOPBACK, ServerProcess, free_port, require, run_once

PACKAGE = "mariadb-server"
SUPERUSER = "root"
# Small files and lazy writes for a quick start; everything survives stop and start.
FAST = (
    "--innodb-log-file-size=8M",
    "--innodb-buffer-pool-size=32M",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-use-native-aio=0",
    "--skip-name-resolve",
)


class MariaDB:
    """A running MariaDB whose user `root` needs no password."""

    host = LOOPBACK

    def __init__(self, port: int, process: ServerProcess) -> None:
        """Wrap a server that `mariadb_server` starts."""
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
        """The SQLAlchemy URL, as root, of a new, empty utf8mb4 database."""
        name = f"gw{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        return self.url(name, SUPERUSER)

    def create_user(self, name: str, password: str, grants: str) -> None:
        """Add a user; `grants` is what stands between GRANT and TO, such as "SELECT ON gw1.*"."""
        self._execute("CREATE USER %s@'%%' IDENTIFIED BY %s", name, password)
        self._execute(f"GRANT {grants} TO %s@'%%'", name)

    def url(self, database: str, user: str, password: str = "") -> str:
        """The SQLAlchemy URL of `database` for that `user`."""
        login = f"{quote(user)}:{quote(password, safe='')}" if password else quote(user)
        return f"mysql+pymysql://{login}@{self.host}:{self.port}/{database}?charset=utf8mb4"

    def _execute(self, sql: str, *values: str) -> None:
        with _connect(self.port) as connection, connection.cursor() as cursor:
            cursor.execute(sql, values or None)


@contextmanager
def mariadb_server(folder: Path) -> Iterator[MariaDB]:
    """Run a MariaDB on a free port with its data in `folder`, whose path must be short and open to others."""
    install, mariadbd = require("mariadb-install-db", PACKAGE), require("mariadbd", PACKAGE)
    hand_over(folder)
    _create_tables(install, folder)
    port = free_port()
    process = ServerProcess(_command(mariadbd, folder, port), folder / "log", lambda: _answers(port))
    process.start()
    try:
        yield MariaDB(port, process)
    finally:
        process.stop()


def _create_tables(install: Path, folder: Path) -> None:
    options = ["--auth-root-authentication-method=normal", "--skip-test-db", *FAST]
    run_once(as_service([install, "--no-defaults", *_data(folder), *options]), folder)


def _command(mariadbd: Path, folder: Path, port: int) -> list[str | Path]:
    files = [*_data(folder), f"--socket={folder}/s", f"--pid-file={folder}/pid"]
    network = [f"--bind-address={LOOPBACK}", f"--port={port}", "--character-set-server=utf8mb4"]
    return as_service([mariadbd, "--no-defaults", *files, *network, *FAST])


def _data(folder: Path) -> list[str]:
    # A starting server deletes the temporary tables it finds in its tmpdir, so two may not share /tmp.
    return [f"--datadir={folder}/data", f"--tmpdir={folder}"]


def _connect(port: int) -> "Connection[Cursor]":
    return pymysql.connect(host=LOOPBACK, port=port, user=SUPERUSER, autocommit=True, connect_timeout=5)


def _answers(port: int) -> bool:
    try:
        _connect(port).close()
    except pymysql.OperationalError:
        return False
    return True

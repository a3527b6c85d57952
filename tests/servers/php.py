"""How does a test get a web server that runs a PHP script, as shared hosting does?"""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.servers.process import LOOPBACK, REQUIRE_SERVERS, ServerProcess, free_port, require

PACKAGE = "php-cli"
_DRIVERS = {"pdo_sqlite": "php-sqlite3", "pdo_mysql": "php-mysql"}


class PhpSite:
    """PHP's own web server over a folder."""

    def __init__(self, folder: Path, port: int, process: ServerProcess) -> None:
        """Wrap a server that `php_site` starts."""
        self.folder = folder
        self.root = f"http://{LOOPBACK}:{port}"
        self._process = process

    @property
    def log(self) -> str:
        """What PHP has written to its log."""
        return self._process.log.read_text(errors="replace")

    def start(self) -> None:
        """Serve again after `stop`."""
        self._process.start()

    def stop(self) -> None:
        """Refuse connections."""
        self._process.stop()


@contextmanager
def php_site(folder: Path, driver: str) -> Iterator[PhpSite]:
    """Serve `folder` with a PHP that has the PDO `driver`; skips, or fails, naming the package that is missing."""
    php = require("php", PACKAGE)
    _require_driver(php, driver)
    port = free_port()
    command = [php, "-d", "log_errors=1", "-d", "error_log=/dev/stderr", "-S", f"{LOOPBACK}:{port}", "-t", folder]
    process = ServerProcess(command, folder.parent / "php.log", lambda: _answers(port))
    process.start()
    try:
        yield PhpSite(folder, port, process)
    finally:
        process.stop()


def _require_driver(php: Path, driver: str) -> None:
    modules = subprocess.run([php, "-m"], capture_output=True, text=True, check=True).stdout.split()
    if driver in modules:
        return
    message = f"PHP lacks {driver}: apt-get install {_DRIVERS[driver]}"
    if os.environ.get(REQUIRE_SERVERS) == "1":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def _answers(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), timeout=2).close()
    except OSError:
        return False
    return True

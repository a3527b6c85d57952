"""Which servers may a test ask pytest for? One of each per session (per xdist worker), started at first use.

Tests share them, so each takes a user, database or address of its own, and starts again what it stopped.
"""

from collections.abc import Iterator

import pytest

from tests.servers.account import short_folder
from tests.servers.dovecot import Dovecot, dovecot_server
from tests.servers.google import Google, google_server
from tests.servers.mariadb import MariaDB, mariadb_server
from tests.servers.portal import Portal, portal_server
from tests.servers.postgres import Postgres, postgres_server
from tests.servers.smtp import SmtpSink, smtp_server


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """An IMAP server."""
    with short_folder("imap") as folder, dovecot_server(folder) as server:
        yield server


@pytest.fixture(scope="session")
def google() -> Iterator[Google]:
    """A stand-in for Google's services."""
    with google_server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server."""
    with short_folder("pg") as folder, postgres_server(folder) as server:
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """A MariaDB server."""
    with short_folder("my") as folder, mariadb_server(folder) as server:
        yield server


@pytest.fixture(scope="session")
def smtp_sink() -> Iterator[SmtpSink]:
    """An SMTP server that keeps what it is sent."""
    with smtp_server() as sink:
        yield sink


@pytest.fixture
def portal() -> Iterator[Portal]:
    """A portal with a JSON list, of the test's own."""
    with portal_server() as portal:
        yield portal

"""Fixtures of the contract suite."""

from __future__ import annotations

import pytest

from gateway.testing.fixtures import empty_state, gateway
from tests.contract.sql_source import Place, mariadb_place, postgres_place
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres

__all__ = ["empty_state", "gateway"]


@pytest.fixture(scope="session")
def postgres_app(postgres: Postgres) -> Place:
    """The database of an application on PostgreSQL; each test makes its table anew."""
    return postgres_place(postgres)


@pytest.fixture(scope="session")
def mariadb_app(mariadb: MariaDB) -> Place:
    """The database of an application on MariaDB; each test makes its table anew."""
    return mariadb_place(mariadb)

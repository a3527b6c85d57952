"""Fixtures of the contract suite."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.round import Gateway, new_state
from tests.contract.source import Source
from tests.contract.sql_source import Place, mariadb_place, postgres_place
from tests.servers.mariadb import MariaDB
from tests.servers.postgres import Postgres

# The suite is no test module: without this its failures would not show what was compared.
pytest.register_assert_rewrite("tests.contract.suite")


@pytest.fixture(scope="session")
def empty_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a new state, to be copied: making one takes longer than most tests."""
    return new_state(tmp_path_factory.mktemp("state"))


@pytest.fixture
def gateway(tmp_path: Path, source: Source, empty_state: Path) -> Gateway:
    """A gateway with an empty state and one channel that reads `source`."""
    folder = tmp_path / "gateway"
    folder.mkdir()
    return Gateway(folder, source, empty_state)


@pytest.fixture(scope="session")
def postgres_app(postgres: Postgres) -> Place:
    """The database of an application on PostgreSQL; each test makes its table anew."""
    return postgres_place(postgres)


@pytest.fixture(scope="session")
def mariadb_app(mariadb: MariaDB) -> Place:
    """The database of an application on MariaDB; each test makes its table anew."""
    return mariadb_place(mariadb)

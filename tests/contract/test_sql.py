"""Does the connector for databases keep the contract, on each database it is made for?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.sql_source import (
    IDENTITY,
    KEY,
    KEY_AND_UPDATED,
    Place,
    SqlSource,
    sqlite_place,
)
from tests.contract.suite import IdentityContract, KeyedContract


class TestSQLiteWithKey(KeyedContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> SqlSource:
        return SqlSource(sqlite_place(tmp_path), tmp_path, KEY)


class TestSQLiteWithKeyAndUpdated(KeyedContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> SqlSource:
        return SqlSource(sqlite_place(tmp_path), tmp_path, KEY_AND_UPDATED)


class TestSQLiteWithIdentity(IdentityContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> SqlSource:
        return SqlSource(sqlite_place(tmp_path), tmp_path, IDENTITY)


class TestPostgresWithKey(KeyedContract):
    @pytest.fixture
    def source(self, tmp_path: Path, postgres_app: Place) -> SqlSource:
        return SqlSource(postgres_app, tmp_path, KEY)


class TestPostgresWithKeyAndUpdated(KeyedContract):
    @pytest.fixture
    def source(self, tmp_path: Path, postgres_app: Place) -> SqlSource:
        return SqlSource(postgres_app, tmp_path, KEY_AND_UPDATED)


class TestPostgresWithIdentity(IdentityContract):
    @pytest.fixture
    def source(self, tmp_path: Path, postgres_app: Place) -> SqlSource:
        return SqlSource(postgres_app, tmp_path, IDENTITY)


class TestMariaDBWithKey(KeyedContract):
    @pytest.fixture
    def source(self, tmp_path: Path, mariadb_app: Place) -> SqlSource:
        return SqlSource(mariadb_app, tmp_path, KEY)


class TestMariaDBWithKeyAndUpdated(KeyedContract):
    @pytest.fixture
    def source(self, tmp_path: Path, mariadb_app: Place) -> SqlSource:
        return SqlSource(mariadb_app, tmp_path, KEY_AND_UPDATED)


class TestMariaDBWithIdentity(IdentityContract):
    @pytest.fixture
    def source(self, tmp_path: Path, mariadb_app: Place) -> SqlSource:
        return SqlSource(mariadb_app, tmp_path, IDENTITY)

"""Does the connector for spreadsheets keep the contract?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.sheet_source import IDENTITY, KEY, SheetSource
from tests.contract.suite import IdentityContract, KeyedContract


class TestWorkbookWithKey(KeyedContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> SheetSource:
        return SheetSource(tmp_path / "rekap.xlsx", KEY)


class TestWorkbookWithIdentity(IdentityContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> SheetSource:
        return SheetSource(tmp_path / "rekap.xlsx", IDENTITY)


class TestCsvWithKey(KeyedContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> SheetSource:
        return SheetSource(tmp_path / "rekap.csv", KEY)


class TestCsvWithIdentity(IdentityContract):
    @pytest.fixture
    def source(self, tmp_path: Path) -> SheetSource:
        return SheetSource(tmp_path / "rekap.csv", IDENTITY)

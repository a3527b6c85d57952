"""Do the connectors for Google Sheets, private and published, keep the contract?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.google_source import IDENTITY, KEY, PrivateSheet, PublishedSheet
from tests.contract.suite import IdentityContract, KeyedContract
from tests.servers.google import Google


class TestPrivateWithKey(KeyedContract):
    @pytest.fixture
    def source(self, google: Google, tmp_path: Path) -> PrivateSheet:
        return PrivateSheet(google, tmp_path, KEY)


class TestPrivateWithIdentity(IdentityContract):
    @pytest.fixture
    def source(self, google: Google, tmp_path: Path) -> PrivateSheet:
        return PrivateSheet(google, tmp_path, IDENTITY)


class TestPublishedWithKey(KeyedContract):
    @pytest.fixture
    def source(self, google: Google, tmp_path: Path) -> PublishedSheet:
        return PublishedSheet(google, tmp_path, KEY)

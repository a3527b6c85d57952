"""Does the connector for portals keep the contract, however the list comes?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.http_source import (
    BY_CURSOR,
    BY_PAGE,
    IDENTITY,
    KEY,
    KEY_AND_UPDATED,
    NONE,
    PortalSource,
)
from tests.contract.suite import IdentityContract, KeyedContract
from tests.servers.portal import Portal


class TestWholeListWithETag(IdentityContract):
    @pytest.fixture
    def source(self, tmp_path: Path, portal: Portal) -> PortalSource:
        portal.etags = True
        return PortalSource(portal, tmp_path, IDENTITY, NONE)


class TestPagesWithUpdated(KeyedContract):
    @pytest.fixture
    def source(self, tmp_path: Path, portal: Portal) -> PortalSource:
        return PortalSource(portal, tmp_path, KEY_AND_UPDATED, BY_PAGE)


class TestCursorsWithETags(KeyedContract):
    @pytest.fixture
    def source(self, tmp_path: Path, portal: Portal) -> PortalSource:
        portal.etags = True
        return PortalSource(portal, tmp_path, KEY, BY_CURSOR)

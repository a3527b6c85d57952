"""Does the connector for e-mail inboxes keep the contract?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.mail_source import MailSource
from tests.contract.suite import ConnectorContract
from tests.servers.dovecot import Dovecot


class TestImap(ConnectorContract):
    @pytest.fixture
    def source(self, tmp_path: Path, dovecot: Dovecot) -> MailSource:
        return MailSource(dovecot, tmp_path)

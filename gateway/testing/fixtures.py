"""Fixtures of the contract suite: `pytest_plugins = ["gateway.testing.fixtures"]` in a connector's `conftest.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.testing.round import Gateway, new_state
from gateway.testing.source import Source


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

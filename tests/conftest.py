"""Fixtures that every tier shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of real input; tests over it skip where it is absent."""
    folder = Path(os.environ.get("LAPOR_GATEWAY_CORPORA", Path(__file__).parents[2] / "shared" / "corpora"))
    if not folder.is_dir():
        pytest.skip(f"no corpora at {folder}; name their folder in LAPOR_GATEWAY_CORPORA")
    return folder

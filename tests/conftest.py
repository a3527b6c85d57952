"""Fixtures that every tier shares."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CORPORA = Path(os.environ.get("LAPOR_GATEWAY_CORPORA", Path(__file__).parents[2] / "shared" / "corpora"))


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of real input; tests over it skip where it is absent."""
    if not CORPORA.is_dir():
        pytest.skip(f"no corpora at {CORPORA}; name their folder in LAPOR_GATEWAY_CORPORA")
    return CORPORA

"""How many examples does Hypothesis try here? Few, so that the whole tier stays quick, and without a deadline each."""

import pytest
import structlog
from hypothesis import settings

settings.register_profile("unit", max_examples=40, deadline=None)
settings.load_profile("unit")


@pytest.fixture(autouse=True)
def _plain_log() -> None:
    """What another test has configured may write to a stream that is closed by now."""
    structlog.reset_defaults()

"""What is told of an exception that nobody foresaw?"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.contract import ConnectorError

_FRAMES = 3


def told(error: Exception) -> str:
    """Its kind and where it happened, for an admin. Its own text could hold a citizen's words, so it is never shown."""
    frames = traceback.extract_tb(error.__traceback__)
    place = ", ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-_FRAMES:])
    return f"unexpected {type(error).__name__} at {place}; please report it"


@contextmanager
def as_connector_error() -> Iterator[None]:
    """Whatever a connector raises within is a ConnectorError: third parties' connectors may break their promise."""
    try:
        yield
    except ConnectorError:
        raise
    except Exception as error:  # noqa: BLE001 - the command ends with a line, never with a traceback of data
        raise ConnectorError(told(error)) from None

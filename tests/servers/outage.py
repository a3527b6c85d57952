"""How does a test take a server away for a while?"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Restartable(Protocol):
    """A server that comes back on the same port with the same data."""

    def start(self) -> None:
        """Serve again."""

    def stop(self) -> None:
        """Cut every connection and refuse new ones."""


@contextmanager
def outage(server: Restartable) -> Iterator[None]:
    """Stop `server` for the body, and start it again whatever happens there: other tests share it."""
    server.stop()
    try:
        yield
    finally:
        server.start()

"""When is something new in an inbox? The server says so while the connection idles (RFC 2177)."""

from __future__ import annotations

import selectors
import ssl
import threading
import time
from collections.abc import Callable

from imapclient import IMAPClient

from connectors.imap_connection import Connection

_RENEWED = 8 * 60.0
"""Seconds. Servers may log out after 30 minutes, home routers forget a silent connection after 10."""
_SETTLING = 5.0
"""Seconds of the first IDLE: news that came just before the server's consent are seen at its end only."""
_GROWING = 4
"""A quiet folder is looked at less and less often."""
_SLICE = 0.5
"""Seconds between two looks at whether to stop."""


class Watch:
    """Idles on one folder. It remembers what it saw, so that a mail that came during an outage is news after it."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._seen: tuple[int | None, ...] | None = None

    def idle(self, connection: Connection, news: Callable[[], None], stop: threading.Event) -> None:
        """Call `news` when the folder has grown, until told to stop, or at once back where the server cannot IDLE."""
        seconds = _SETTLING
        while not stop.is_set():
            with connection.translated():
                client = connection.client()
                if not client.has_capability("IDLE"):
                    return
                state = self._state(connection)
            if state != self._seen:
                self._seen, seconds = state, _SETTLING
                news()
            with connection.translated():
                _idle(client, seconds, stop)
            seconds = min(seconds * _GROWING, _RENEWED)

    def _state(self, connection: Connection) -> tuple[int | None, ...]:
        """What changes when a mail comes. UIDNEXT is all but promised; without it the count has to do."""
        answer = connection.examine(self._folder)
        following = answer.get(b"UIDNEXT")
        return answer.get(b"UIDVALIDITY"), following, answer.get(b"EXISTS") if following is None else None


def _idle(client: IMAPClient, seconds: float, stop: threading.Event) -> None:
    """Idle until the server says anything, or for so long. What it said, the folder's state tells best."""
    client.idle()
    _wait(client, seconds, stop)
    # A dead peer answers no DONE: that is the socket's timeout.
    client.idle_done()


def _wait(client: IMAPClient, seconds: float, stop: threading.Event) -> None:
    """Until the server says anything, so many seconds have passed, or it is time to stop."""
    until = time.monotonic() + seconds
    connected = client.socket()
    with selectors.DefaultSelector() as selector:
        selector.register(connected, selectors.EVENT_READ)
        while not stop.is_set() and time.monotonic() < until:
            # What TLS has decrypted already no longer shows at the socket.
            if isinstance(connected, ssl.SSLSocket) and connected.pending():
                return
            if selector.select(_SLICE):
                return

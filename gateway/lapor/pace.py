"""How fast may requests follow each other? A token bucket shared by all threads."""

from __future__ import annotations

import threading
import time


class Pace:
    """At most `rate` requests a second on average, with a burst of one second's worth."""

    def __init__(self, rate: float) -> None:
        self._rate = rate
        self._burst = max(1.0, rate)
        self._tokens = self._burst
        self._filled = time.monotonic()
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next request may go out."""
        with self._lock:
            now = time.monotonic()
            self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._rate)
            self._filled = now
            self._tokens -= 1
            delay = -self._tokens / self._rate
        if delay > 0:
            time.sleep(delay)

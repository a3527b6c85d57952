"""How fast may requests follow each other? A token bucket shared by all threads."""

from __future__ import annotations

import threading
import time


class Pace:
    """At most `rate` requests a second on average, with a burst of one second's worth."""

    def __init__(self, rate: float, stop: threading.Event) -> None:
        self._stop = stop
        self._rate = rate
        self._burst = max(1.0, rate)
        self._tokens = self._burst
        self._filled = time.monotonic()
        self._lock = threading.Lock()

    def wait(self) -> bool:
        """Return True when the next request may go out, False as soon as the gateway is stopping."""
        with self._lock:
            now = time.monotonic()
            self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._rate)
            self._filled = now
            self._tokens -= 1
            delay = -self._tokens / self._rate
        return not (self._stop.wait(delay) if delay > 0 else self._stop.is_set())

"""How fast may a server be asked?"""

from __future__ import annotations

import time
from collections.abc import Callable


class Pace:
    """Lets requests pass one after another, at most so many a second. One thread uses it."""

    def __init__(
        self,
        rate: float | None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`rate` in requests a second; None for no limit."""
        self._gap = 1 / rate if rate else 0.0
        self._clock = clock
        self._sleep = sleep
        self._next: float | None = None

    def turn(self) -> None:
        """Return when the next request may go."""
        now = self._clock()
        if self._next is not None and self._next > now:
            self._sleep(self._next - now)
            now = self._next
        self._next = now + self._gap

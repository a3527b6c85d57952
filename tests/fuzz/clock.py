"""How much processor time does a mail take, and does it end at all?"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class Endless(AssertionError):
    """A mail took more processor time than any may."""


@contextmanager
def watchdog(seconds: float) -> Iterator[None]:
    """Raise Endless in what runs inside once this process has used so much processor time on it.

    Python sees it between two of its own steps: a regular expression is interrupted, a loop in a C library is not. For
    such a loop pytest's own limit ends the run.
    """

    def ring(_number: int, _frame: FrameType | None) -> None:
        raise Endless(f"more than {seconds:g} s")

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def cpu_seconds(work: Callable[[], object], limit: float) -> float:
    """Of this process; infinite where the limit was passed."""
    begun = time.process_time()
    try:
        with watchdog(limit):
            work()
    except Endless:
        return float("inf")
    return time.process_time() - begun

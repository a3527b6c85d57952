"""How does the gateway stop within seconds, also while a request hangs? It asks first, then ends the process.

What was being sent at that moment is in doubt at the next start, and looked up: nothing is lost by it.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType

from gateway.log import logger
from state.writer import Writer

_GRACE_SECONDS = 3.0
_RELEASE_SECONDS = 1.0


class Stopping:
    """Sets `event` at SIGTERM or SIGINT, and ends the process when the work does not end by itself."""

    def __init__(self, status: int) -> None:
        self.event = threading.Event()
        self._status = status
        self._writer: Writer | None = None
        for wanted in (signal.SIGTERM, signal.SIGINT):
            signal.signal(wanted, self._asked)

    def watch(self, writer: Writer) -> None:
        """The right to send, to be given back before the process is ended."""
        self._writer = writer

    def _asked(self, number: int, _frame: FrameType | None) -> None:
        if self.event.is_set():
            return
        self.event.set()
        logger().info("stopping", signal=signal.Signals(number).name)
        timer = threading.Timer(_GRACE_SECONDS, self._end)
        timer.daemon = True
        timer.start()

    def _end(self) -> None:
        logger().warning("stopped", message="something still hung; what was being sent is looked up at the next start")
        if self._writer is not None:
            release = threading.Thread(target=self._writer.release, daemon=True)
            release.start()
            release.join(_RELEASE_SECONDS)
        sys.stderr.flush()
        os._exit(self._status)

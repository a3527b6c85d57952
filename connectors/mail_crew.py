"""How are mails read beside this process? By child processes, each of which reads one portion after the other.

Not `concurrent.futures.ProcessPoolExecutor`: before Python 3.11.6 it may hang for ever once a worker is killed, its
workers outlive a parent that is killed, and a process of its own making is left behind when it is closed.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import cast

from connectors.message import Mail

_NOT_ANSWERED = (OSError, EOFError, pickle.UnpicklingError, AttributeError, ImportError, IndexError)
"""What comes of a pipe whose other end has died, and what `pickle` raises over half an answer."""


class Gone(Exception):
    """A child has died, or says what nobody understands."""


class _Child:
    """A process that reads mails, one portion after the other."""

    def __init__(self, script: Path) -> None:
        """Raises OSError where it cannot be started."""
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # A traceback could quote a mail.
            stderr=subprocess.DEVNULL,
            # A Ctrl-C at the terminal is for us alone; the child ends when its input does.
            process_group=0,
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def read(self, raws: Sequence[bytes]) -> Sequence[Mail]:
        """What the mails say, in order. Raises Gone."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            pickle.dump(raws, self._process.stdin, pickle.HIGHEST_PROTOCOL)
            self._process.stdin.flush()
            return cast("Sequence[Mail]", pickle.load(self._process.stdout))
        except _NOT_ANSWERED as error:
            raise Gone from error

    def kill(self) -> None:
        self._process.kill()

    def bury(self) -> None:
        """Wait for a killed one's end, and let go of its pipes."""
        self._process.communicate()


class Crew:
    """Children that share the work. To be ended."""

    def __init__(self, size: int, script: Path) -> None:
        """Raises OSError where they cannot all be started."""
        self._children: list[_Child] = []
        self._idle: SimpleQueue[_Child] = SimpleQueue()
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="mails")
        try:
            for _ in range(size):
                self._children.append(_Child(script))
                self._idle.put(self._children[-1])
        except OSError:
            self.end()
            raise

    def __len__(self) -> int:
        return len(self._children)

    def pids(self) -> Sequence[int]:
        return [child.pid for child in self._children]

    def read(self, raws: Sequence[bytes]) -> Future[Sequence[Mail]]:
        """Begin to read mails. Raises RuntimeError where no thread can be started."""
        return self._threads.submit(self._read, raws)

    def end(self) -> None:
        """End the children at once, whatever they are reading."""
        # Killed first: the threads wait for their answers.
        for child in self._children:
            child.kill()
        self._threads.shutdown(cancel_futures=True)
        for child in self._children:
            child.bury()

    def _read(self, raws: Sequence[bytes]) -> Sequence[Mail]:
        child = self._idle.get()
        try:
            return child.read(raws)
        finally:
            self._idle.put(child)

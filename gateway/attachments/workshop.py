"""Who opens a stranger's file? A child process that may die, and another one after it."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from pydantic import Base64Bytes, ValidationError

from connectors.contract import Unreachable
from gateway.attachments import child, limits
from gateway.attachments.kinds import Kind
from gateway.attachments.outcome import MediaType, Told

_LONGEST_ANSWER = 2 * limits.LARGEST
_PIECE = 1 << 20
_FROM_OUTSIDE = {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP}
"""Ends that say nothing about the file: the service is stopped, or the machine is out of memory."""


class Done(Told):
    """What the child made of one file."""

    content: Base64Bytes | None = None
    media_type: MediaType = "application/pdf"
    lasting: bool = True
    """Another try would end alike."""

    def told(self) -> dict[str, Any]:
        """What is told of it beside the file."""
        return self.model_dump(include=set(Told.model_fields))


class Workshop:
    """Works on files one after the other, in one child as long as it lives. To be closed."""

    def __init__(self, script: Path = Path(child.__file__)) -> None:
        """A child is started for the first file; `script` is what it runs."""
        self._script = script
        self._child: subprocess.Popen[bytes] | None = None

    def work(self, path: Path, kind: Kind) -> Done:
        """Make of the file what LAPOR takes. Raises Unreachable where no child can be started."""
        done = self._once(path, kind)
        return done if done.lasting else self._once(path, kind)

    def close(self) -> None:
        """End the child."""
        if self._child is None:
            return
        self._child.kill()
        self._child.communicate()
        self._child = None

    def _once(self, path: Path, kind: Kind) -> Done:
        request = {"path": str(path), "kind": kind, "seconds": limits.CPU_SECONDS}
        running = self._child = self._child or self._started()
        try:
            answer = _asked(running, json.dumps(request).encode() + b"\n", limits.SECONDS)
            return Done.model_validate_json(answer)
        except TimeoutError:
            self.close()
            # By the clock: it may be the machine that was busy.
            return Done(why="attachment_too_hard", lasting=False)
        except (BrokenPipeError, EOFError):
            return self._why_died(running)
        except ValidationError:
            self.close()
            return Done(why="attachment_unreadable")

    def _why_died(self, running: subprocess.Popen[bytes]) -> Done:
        code = running.wait()
        self.close()
        if code in _FROM_OUTSIDE:
            return Done(why="attachment_too_hard", lasting=False)
        return Done(why="attachment_too_hard" if code == -signal.SIGXCPU else "attachment_unreadable")

    def _started(self) -> subprocess.Popen[bytes]:
        """A child that has said it is ready: a broken installation must not look like broken files."""
        request = {"memory_bytes": limits.MEMORY_BYTES}
        try:
            self._child = running = subprocess.Popen(
                [sys.executable, "-I", str(self._script)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # A Ctrl-C at the terminal is for us alone; the child ends when its input does.
                process_group=0,
            )
            _asked(running, json.dumps(request).encode() + b"\n", limits.START_SECONDS)
        except (OSError, EOFError):
            self.close()
            raise Unreachable(
                "the process that opens attachments cannot be started: memory, or an incomplete installation?"
            ) from None
        return running


def _asked(running: subprocess.Popen[bytes], request: bytes, seconds: float) -> bytes:
    """The child's answer, one line. Raises TimeoutError, BrokenPipeError or EOFError where there is none."""
    assert running.stdin is not None
    assert running.stdout is not None
    running.stdin.write(request)
    running.stdin.flush()
    until = time.monotonic() + seconds
    answer = bytearray()
    with selectors.DefaultSelector() as ready:
        ready.register(running.stdout, selectors.EVENT_READ)
        while not answer.endswith(b"\n"):
            if not ready.select(max(0.0, until - time.monotonic())) or len(answer) > _LONGEST_ANSWER:
                raise TimeoutError
            piece = os.read(running.stdout.fileno(), _PIECE)
            if not piece:
                raise EOFError
            answer += piece
    return bytes(answer)

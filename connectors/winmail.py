"""What did Outlook wrap up in a winmail.dat? Its text and files, read by a child process that may die."""

from __future__ import annotations

import marshal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from connectors import winmail_child
from connectors.contract import Unreachable

_SECONDS = 30
_SIGNATURE = b"\x78\x9f\x3e\x22"
"""TNEF's first bytes (MS-OXTNEF, 2.1.3.2)."""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """What was inside."""

    text: str
    html: str
    files: Sequence[tuple[str, bytes]]
    """(name, content) each."""


def is_winmail(content: bytes) -> bool:
    """Whether these bytes begin as TNEF does, whatever the part is called."""
    return content.startswith(_SIGNATURE)


def unwrap(content: bytes) -> Wrapped | None:
    """What is inside; None where it cannot be read, or not within 30 s and 1 GB. Raises Unreachable."""
    command = [sys.executable, "-I", str(Path(winmail_child.__file__))]
    try:
        child = subprocess.run(command, input=content, capture_output=True, timeout=_SECONDS, check=False)
        answer = marshal.loads(child.stdout)
    except OSError as error:
        # No word on the file: the mail must not pass for another one that cannot be read.
        raise Unreachable(f"no process can be started to open a winmail.dat ({error.strerror})") from None
    except (subprocess.TimeoutExpired, EOFError, ValueError, TypeError):
        return None
    return Wrapped(answer["text"], answer["html"], answer["files"])

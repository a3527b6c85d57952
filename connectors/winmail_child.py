"""What does a winmail.dat hold? Runs as a process of its own, under memory and time limits, for its reader trusts it.

It imports nothing of ours, reads the file's bytes from standard input and writes one `marshal`led answer to standard
output: `{"text": str, "html": str, "files": [(name, bytes), …]}`, or nothing for bytes that are no TNEF (MS-OXTNEF).
"""

from __future__ import annotations

import logging
import marshal
import resource
import sys
from typing import Any

from striprtf.striprtf import rtf_to_text
from tnefparse import TNEF

_MEMORY_BYTES = 1_000_000_000
_CPU_SECONDS = 20


def main() -> None:
    """Answer for the bytes on standard input."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable(logging.CRITICAL)
    marshal.dump(_opened(sys.stdin.buffer.read()), sys.stdout.buffer)


def _opened(raw: bytes) -> dict[str, Any]:
    # Whatever damaged bytes lead the library to ends this process: its parent takes that for an answer.
    envelope = TNEF(raw, do_checksum=False)
    html = _text(envelope.htmlbody)
    text = _text(envelope.body) or ("" if html else _from_rtf(envelope))
    return {"text": text, "html": html, "files": _files(envelope)}


def _text(body: Any) -> str:
    if isinstance(body, list):
        body = body[0] if body else b""
    if isinstance(body, bytes):
        try:
            body = body.decode("utf-8")
        except UnicodeDecodeError:
            body = body.decode("cp1252", "replace")
    return str(body or "").rstrip("\x00")


def _from_rtf(envelope: TNEF) -> str:
    try:
        rtf = envelope.rtfbody
        return str(rtf_to_text(_text(rtf), errors="replace")).strip() if rtf else ""  # type: ignore[no-untyped-call]
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""  # The files are still worth having.


def _files(envelope: TNEF) -> list[tuple[str, bytes]]:
    found = []
    for attachment in envelope.attachments:
        name = attachment.long_filename()
        content = attachment.data
        if isinstance(content, bytes) and content:
            found.append((name if isinstance(name, str) else _text(name), content))
    return found


if __name__ == "__main__":
    main()

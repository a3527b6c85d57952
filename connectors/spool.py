"""Where do attachments lie between reading and sending?"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from connectors.contract import Attachment

_UNSAFE = re.compile(r"[^\w.\- ]+")
_LONGEST_NAME = 120


def safe_name(name: str) -> str:
    """A file name without folders, control characters or leading dots, at most 120 characters, never empty."""
    base = re.split(r"[/\\]", name)[-1]
    clean = _UNSAFE.sub("_", base).strip(" .")
    if len(clean) > _LONGEST_NAME:
        stem, dot, suffix = clean.rpartition(".")
        clean = (
            stem[: _LONGEST_NAME - 1 - len(suffix)] + dot + suffix
            if dot and len(suffix) < 10
            else clean[:_LONGEST_NAME]
        )
    return clean or "lampiran"


def keep(spool: Path, name: str, media_type: str, content: bytes) -> Attachment:
    """Write `content` into the spool, under its hash: the same file twice takes its room once.

    The file is complete or absent, also after a crash.
    """
    digest = hashlib.sha256(content).hexdigest()
    path = spool / digest[:2] / digest
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    return Attachment(safe_name(name), media_type, path, digest, len(content))

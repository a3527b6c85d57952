"""Where do attachments lie between reading and sending?"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from connectors.contract import Attachment, Unreachable

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

    The file is complete or absent, also after a crash. Raises Unreachable where the disk is full or read-only.
    """
    digest = hashlib.sha256(content).hexdigest()
    path = spool / digest[:2] / digest
    try:
        if path.exists():
            # Whoever tidies up leaves what was used lately.
            os.utime(path)
        else:
            put(path, content)
    except OSError as error:
        raise unusable(spool, error) from None
    return Attachment(safe_name(name), media_type, path, digest, len(content))


def prepare(spool: Path) -> Path:
    """The spool's folder, made where it is missing. Raises Unreachable where it cannot be made."""
    try:
        spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise unusable(spool, error) from None
    return spool


@contextmanager
def scratch(spool: Path) -> Iterator[Path]:
    """A folder for one file's copy, gone afterwards. Raises Unreachable where it cannot be made."""
    try:
        folder = tempfile.TemporaryDirectory(dir=spool)
    except OSError as error:
        raise unusable(spool, error) from None
    with folder as name:
        yield Path(name)


def unusable(spool: Path, error: OSError) -> Unreachable:
    """The error as the contract's: it names the spool and the system's own words."""
    return Unreachable(f"the spool {spool} cannot be written ({error.strerror}): make room, or mend the folder")


def put(path: Path, content: bytes) -> None:
    """Write a file, complete or not at all, also after a crash. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise

"""What does LAPOR get of a PDF? Its pages, without scripts, embedded files and the author's name. Runs in the child."""

from __future__ import annotations

import io
import re
from pathlib import Path

from pypdf import PasswordType, PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError

from gateway.attachments.limits import LARGEST, PAGES
from gateway.attachments.made import BROKEN, Made, Refused
from gateway.attachments.pruning import prune
from gateway.attachments.shrinking import smaller

_BROKEN = (*BROKEN, PyPdfError)
_LOCKED = (FileNotDecryptedError, DependencyError, NotImplementedError)
_TRACES = re.compile(rb"/Author|/Creator|<x:xmpmeta|/JavaScript|/EmbeddedFile", re.IGNORECASE)
"""What an earlier revision of the file may have left behind, reachable or not."""
_END = re.compile(rb"%%EOF\s*\Z")


def document(path: Path, kind: str) -> Made:
    """Make the PDF harmless and small. Raises Refused, or MemoryError."""
    del kind
    content = path.read_bytes()
    try:
        reader = _opened(content)
        changes = prune(reader)
        if not changes and _untouched(content) and len(content) <= LARGEST:
            return Made(content, "application/pdf")
        return Made(_rewritten(reader), "application/pdf", "attachment_cleaned" if changes else "")
    except _BROKEN:
        raise Refused("attachment_unreadable") from None


def _opened(content: bytes) -> PdfReader:
    """The document, readable and with pages. Raises Refused, or one of what pypdf raises."""
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
            raise Refused("attachment_password")
        count = len(reader.pages)
    except _LOCKED:
        raise Refused("attachment_password") from None
    if not 0 < count <= PAGES:
        raise Refused("attachment_too_large" if count else "attachment_unreadable")
    return reader


def _untouched(content: bytes) -> bool:
    """Whether nothing hides in front of, behind or between what the reader sees."""
    return content.startswith(b"%PDF-") and bool(_END.search(content[-64:])) and not _TRACES.search(content)


def _rewritten(reader: PdfReader) -> bytes:
    """The same pages in a new file that fits. Raises Refused where none does."""
    pages = len(reader.pages)
    content = smaller(reader)
    again = PdfReader(io.BytesIO(content))
    if len(again.pages) != pages or prune(again):
        raise Refused("attachment_unreadable")
    return content

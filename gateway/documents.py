"""Which of a report's files does LAPOR take? pdf, jpg and png of at most 2 MB (the form's own rule)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gateway.lapor.port import Document

LARGEST = 2 * 1024 * 1024
_TYPES = {".pdf": "application/pdf", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}


def unsendable(name: str, size: int) -> bool:
    """Whether LAPOR would refuse a file of that name and size (in bytes)."""
    return Path(name).suffix.lower() not in _TYPES or size > LARGEST or size == 0


def sendable(attachments: Sequence[Mapping[str, Any]]) -> Sequence[Document]:
    """The stored attachments that go along."""
    return [
        Document(item["name"], _TYPES[Path(item["name"]).suffix.lower()], Path(item["path"]))
        for item in attachments
        if not unsendable(item["name"], item["size"])
    ]

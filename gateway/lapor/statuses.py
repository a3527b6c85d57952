"""What do LAPOR's statuses mean? The wire contract's table: the raw text is kept, the canonical one is for rules."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """A status in the gateway's own words."""

    RECEIVED = "received"
    DISPOSED = "disposed"
    IN_PROGRESS = "in_progress"
    REPLIED = "replied"
    """The reporter answered: it is the agency's turn."""
    PENDING = "pending"
    CLOSED = "closed"
    ARCHIVED = "archived"
    """Put away: not solved."""
    BLOCKED = "blocked"
    RETURNED = "returned"
    """Sent to the wrong agency; open."""
    UNKNOWN = "unknown"
    """A text that the table lacks: shown and counted, never dropped."""


OPEN = frozenset(
    {Status.RECEIVED, Status.DISPOSED, Status.IN_PROGRESS, Status.REPLIED, Status.PENDING, Status.RETURNED}
)

_EXACT = {
    "belum terverifikasi": Status.RECEIVED,
    "terdisposisi belum ditindaklanjuti": Status.DISPOSED,
    "ditindaklanjuti oleh instansi": Status.IN_PROGRESS,
    "terdisposisi sedang diproses": Status.IN_PROGRESS,
    "ditanggapi oleh pelapor": Status.REPLIED,
    "tertunda": Status.PENDING,
    "menunggu kelengkapan informasi": Status.PENDING,
    "terdisposisi selesai": Status.CLOSED,
    "arsip": Status.ARCHIVED,
    "konten terblokir": Status.BLOCKED,
    "dikembalikan: bukan wewenang": Status.RETURNED,
}
_BEGINNINGS = (
    ("terdisposisi ke ", Status.DISPOSED),
    ("ditutup oleh ", Status.CLOSED),
    ("diarsipkan oleh ", Status.ARCHIVED),
)


def canonical(raw: str) -> Status:
    """The canonical status of LAPOR's text, without regard to case and blanks."""
    text = " ".join(raw.split()).casefold()
    if text in _EXACT:
        return _EXACT[text]
    return next((status for beginning, status in _BEGINNINGS if text.startswith(beginning)), Status.UNKNOWN)

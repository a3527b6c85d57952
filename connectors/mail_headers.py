"""Who wrote a mail, and when, as its header fields say? Broken fields say less; none raises."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime

from connectors.charsets import decode_words, header_text

_ADDRESS = re.compile(r"[^\s<>\"(),:;@]{1,64}@[^\s<>\"(),:;@]{1,255}")


def headers_of(message: Message) -> dict[str, str]:
    """Fields by lower-case name, still encoded; of a repeated one the first."""
    headers: dict[str, str] = {}
    for name, value in message.raw_items():
        headers.setdefault(name.lower(), header_text(value))
    return headers


def sender(raw: str) -> tuple[str, str]:
    """Name and address. Addresses are split first and names decoded after: an encoded name may hold a comma."""
    name, address = next(iter(mailboxes(raw)), ("", ""))
    return " ".join(decode_words(name).split()).strip("'\""), address


def mailboxes(value: str) -> list[tuple[str, str]]:
    """(name, address in lower case) of each address; of a list too broken to parse, the addresses alone."""
    try:
        parsed = getaddresses([value])
    except RecursionError:
        parsed = []
    found = [(name, address.lower()) for name, address in parsed if _ADDRESS.fullmatch(address)]
    return found or [("", address.lower()) for address in _ADDRESS.findall(value)]


def date_of(value: str) -> datetime | None:
    """The moment of a Date field; None where it cannot be read."""
    try:
        date = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    # Without a zone, or with `-0000`, it is UTC (RFC 5322, 3.3); this machine's own zone says nothing of the sender.
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date

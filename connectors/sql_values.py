"""What becomes of a database's value: a field, or a key as text that comes back as the very value compared?"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from connectors.contract import Scalar
from connectors.identity import scalar

_READERS: dict[str, Any] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "decimal": Decimal,
    "uuid": UUID,
    "bytes": bytes.fromhex,
}
_SHORT = 64
"""So many bytes of binary content are written out."""


def cell(value: object, zone: ZoneInfo) -> Scalar:
    """A value as JSON can keep it, in any database and in every state; dates with time are in `zone`."""
    if isinstance(value, datetime):
        # In one zone whatever the database's session has: another one there must not look like an edit.
        value = value.replace(tzinfo=zone) if value.tzinfo is None else value.astimezone(zone)
    if isinstance(value, bytes | bytearray | memoryview):
        return _bytes(bytes(value))
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    text = scalar(value)
    # PostgreSQL keeps no such character, and nobody wrote it.
    return text.replace("\x00", "") if isinstance(text, str) and "\x00" in text else text


def as_moment(text: str) -> str | datetime:
    """The day and time that a text says in ISO 8601; any other text as it is."""
    try:
        return datetime.fromisoformat(text) if len(text) >= 16 and text[4:5] == "-" else text
    except ValueError:
        return text


def _bytes(value: bytes) -> Scalar:
    """Text where it is such; else what tells one content from another, and never the same for two."""
    if value in (b"\x00", b"\x01"):
        return value[0]  # a BIT column
    if b"\x00" not in value:
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            pass
    return value.hex() if len(value) <= _SHORT else f"({len(value)} bytes, {hashlib.sha256(value).hexdigest()[:16]})"


def to_json(values: Iterable[object]) -> str:
    """Key columns as JSON text; what JSON lacks is tagged with its type."""
    return json.dumps([_tagged(value) for value in values], ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> list[Any]:
    """The values that `to_json` was given."""
    return [_untagged(value) for value in json.loads(text)]


def _tagged(value: object) -> object:
    match value:
        case datetime():
            return {"datetime": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case Decimal():
            return {"decimal": str(value)}
        case UUID():
            return {"uuid": str(value)}
        case bytes():
            return {"bytes": value.hex()}
        case None | bool() | int() | float() | str():
            return value
        case _:
            # Times, enumerations, addresses, …: the database compares them with their text.
            return str(value)


def _untagged(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    kind, text = next(iter(value.items()))
    return _READERS[kind](text)

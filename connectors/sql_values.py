"""How does a row's key become text and come back as the very value that the database compares?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

_READERS: dict[str, Any] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "decimal": Decimal,
    "uuid": UUID,
    "bytes": bytes.fromhex,
}


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

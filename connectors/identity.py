"""How does a record get its key and its version?"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from connectors.contract import Scalar


def scalar(value: object) -> Scalar:
    """A source's cell as JSON can keep it; dates become ISO 8601 text and whole floats stay floats."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).decode("utf-8", errors="replace")
    if isinstance(value, Decimal | UUID | timedelta):
        return str(value)
    if isinstance(value, set | frozenset):
        return ",".join(sorted(str(item) for item in value))
    return (
        json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
        if isinstance(value, dict | list)
        else str(value)
    )


def digest(values: Iterable[Scalar]) -> str:
    """A short hash over values in their order; 128 bits, so that no two records of a source share one."""
    canonical = json.dumps([_canonical(value) for value in values], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def key_text(values: Sequence[Scalar]) -> str:
    """A key made of declared columns, readable: `17`, `2024/17`; long or odd values become a hash."""
    parts = [str(_canonical(value)) for value in values]
    text = "/".join(part.replace("/", "%2F") for part in parts)
    readable = text.isprintable() and 0 < len(text) <= 120
    return text if readable else digest(values)


def _canonical(value: Scalar) -> Scalar:
    """17 and 17.0 are the same cell: spreadsheets return whole numbers as floats."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return int(value)
    return value.strip() if isinstance(value, str) else value

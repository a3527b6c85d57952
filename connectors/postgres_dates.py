"""What becomes of PostgreSQL's dates that Python lacks, such as `infinity` or 44 BC? They stay texts.

Without this, one such row stops all others.
"""

from __future__ import annotations

from typing import Any

from psycopg import DataError
from psycopg.abc import Buffer
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader


def keep_odd_dates(connection: Any, _record: object) -> None:
    """Teach a psycopg connection to hand over as text what is no date to Python."""
    for name, loader in (("date", _OddDate), ("timestamp", _OddTimestamp), ("timestamptz", _OddTimestamptz)):
        connection.adapters.register_loader(name, loader)


def _as_text(load: Any, data: Buffer) -> object:
    try:
        return load(data)
    except DataError:
        return bytes(data).decode("utf-8", errors="replace")


class _OddDate(DateLoader):
    def load(self, data: Buffer) -> Any:
        return _as_text(super().load, data)


class _OddTimestamp(TimestampLoader):
    def load(self, data: Buffer) -> Any:
        return _as_text(super().load, data)


class _OddTimestamptz(TimestamptzLoader):
    def load(self, data: Buffer) -> Any:
        return _as_text(super().load, data)

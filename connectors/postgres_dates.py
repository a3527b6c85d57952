"""What becomes of PostgreSQL's dates that Python lacks, such as `infinity` or 44 BC, and of bytes that are no text?

They stay texts, as far as they can: without this, one such row stops all others.
"""

from __future__ import annotations

from typing import Any

from psycopg import DataError
from psycopg.abc import Buffer
from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader
from psycopg.types.string import TextLoader


def keep_odd_values(connection: Any, _record: object) -> None:
    """Teach a psycopg connection to hand over as text what is no date to Python or no text in its encoding."""
    for name, loader in (("date", _OddDate), ("timestamp", _OddTimestamp), ("timestamptz", _OddTimestamptz)):
        connection.adapters.register_loader(name, loader)
    # A database with an encoding has verified its texts, and they are loaded faster than this.
    if connection.info.parameter_status("server_encoding") == "SQL_ASCII":
        for name in ("text", "varchar", "bpchar", "name"):
            connection.adapters.register_loader(name, _OddText)


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


class _OddText(TextLoader):
    def load(self, data: Buffer) -> Any:
        raw = bytes(data)
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            # What is no UTF-8 in an old application was written by Windows.
            return raw.decode("cp1252", errors="replace")

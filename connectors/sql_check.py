"""What should an admin know of a database before the channel runs: its keys, indexes, times, and who reads along?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.exc import NoSuchTableError, UnreflectableTableError

from connectors.contract import Finding
from connectors.sql_keys import PAGE, columns_of, without_key
from connectors.sql_options import SqlOptions
from connectors.sql_rows import Rows
from connectors.tls import is_loopback

_ENCRYPTED = {
    "postgresql": "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    "mysql": "SELECT VARIABLE_VALUE <> '' FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'Ssl_cipher'",
}


def findings(
    connection: sa.Connection, options: SqlOptions, rows: Rows, columns: Sequence[str], zone: ZoneInfo
) -> Sequence[Finding]:
    """What there is to tell of the source; advice is well, what would mix records up is not."""
    count = rows.count(connection)
    times = f"times without a zone are taken for {zone.key}"
    found = [Finding(ok=True, text=f"{count} rows with columns {', '.join(columns)}; {times}")]
    if options.key:
        found += [*_keys(connection, options, rows), *_indexes(connection, options, rows, count)]
    if options.updated:
        found += _without_updated(connection, options, rows)
    return [*found, *_encryption(connection, options)]


def _keys(connection: sa.Connection, options: SqlOptions, rows: Rows) -> Sequence[Finding]:
    keys = columns_of(options.key)
    twice = rows.select(*keys).group_by(*keys).having(sa.func.count() > 1).limit(100)
    count = len(connection.execute(twice).all())
    text = f"the key {', '.join(options.key)} names several rows in {count} cases; records would be mixed up"
    empty = [
        Finding(ok=False, text=f"{problem.where} lack the key; they are never read")
        for problem in without_key(connection, options, rows)
    ]
    return ([Finding(ok=False, text=text)] if count else []) + empty


def _indexes(connection: sa.Connection, options: SqlOptions, rows: Rows, count: int) -> Sequence[Finding]:
    """Advice where each page or round would read the whole table."""
    beginnings = _beginnings(connection, rows)
    if beginnings is None or count < PAGE:
        return []
    advice = []
    if tuple(options.key) not in {each[: len(options.key)] for each in beginnings}:
        advice.append(f"no index begins with the key {', '.join(options.key)}: every page reads the whole table")
    if options.whole_every and (options.updated,) not in {each[:1] for each in beginnings}:
        advice.append(f"no index begins with {options.updated}: short rounds read the whole table")
    return [Finding(ok=True, text=f"advice: {text}") for text in advice]


def _beginnings(connection: sa.Connection, rows: Rows) -> Sequence[tuple[str | None, ...]] | None:
    """The columns of every index, in their order; None where it is not known, as of a view or query."""
    if rows.named is None:
        return None
    schema, name = rows.named
    inspector = sa.inspect(connection)
    try:
        if name in inspector.get_view_names(schema):
            return None
        primary: Any = inspector.get_pk_constraint(name, schema)
        own = [tuple(primary["constrained_columns"])]
        return own + [tuple(index["column_names"]) for index in inspector.get_indexes(name, schema)]
    except (NoSuchTableError, UnreflectableTableError):
        return None


def _without_updated(connection: sa.Connection, options: SqlOptions, rows: Rows) -> Sequence[Finding]:
    (updated,) = columns_of([str(options.updated)])
    count = connection.scalar(rows.select(sa.func.count()).where(updated.is_(None))) or 0
    text = f"{count} rows have no {options.updated}: while that is so their edits are not seen"
    return [Finding(ok=True, text=text)] if count else []


def _encryption(connection: sa.Connection, options: SqlOptions) -> Sequence[Finding]:
    question = _ENCRYPTED.get(connection.dialect.name)
    if question is None or is_loopback(options.url.host or "localhost"):
        return []
    text = "advice: the connection is not encrypted, so whoever is on its way reads along: give `ca_file`"
    return [] if connection.scalar(sa.text(question)) else [Finding(ok=True, text=text)]

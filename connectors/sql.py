"""How are complaints read from an application's own database? With one SELECT, in a read-only transaction.

Only answers are written, where the options ask for it, by a connection of their own: see `sql_answer`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from connectors import contract, sql_answer, sql_engine
from connectors.contract import (
    Answer,
    ChannelContext,
    Cursor,
    Entry,
    Finding,
    Listing,
    Misconfigured,
    News,
    Problem,
    Scalar,
    SourceRecord,
    Unanswerable,
)
from connectors.identity import digest, key_text, scalar
from connectors.sql_options import SqlOptions
from connectors.sql_refusal import MissingParent
from connectors.sql_values import from_json, to_json

_PAGE = 20_000


class Database:
    """A table or query as a source of records.

    Every round lists all keys, page by page, and the ledger tells which are new: no timestamp is trusted, so rows that
    commit late or share an instant are found all the same. With `identity` a record's key is a hash of those columns.
    """

    Options: ClassVar[type[contract.Options]] = SqlOptions

    def __init__(self, options: SqlOptions, channel: ChannelContext) -> None:
        self._options = options
        self._zone = options.timezone or channel.timezone
        self._engine = sql_engine.read_only(options.url, options.password)
        self._rows = sql_engine.subquery(options.query, options.table)
        back = options.write_back
        self._writer = sql_answer.Writer(options, back, self._zone) if back else None
        self.carries: frozenset[News] = self._writer.carries if self._writer else frozenset()
        self.tells: frozenset[News] = self._writer.tells if self._writer else frozenset()
        self.keyed_by_content = bool(options.identity)

    def list(self, after: Cursor | None) -> Listing:
        with self._reading() as connection:
            if after is not None:
                return self._list_keys(connection, after)
            columns = sql_engine.columns(connection, self._rows)
            # SQLite reads a quoted name that is no column as a text: never list before the columns are known.
            self._require(columns)
            listing = self._list_identities(connection) if self.keyed_by_content else self._list_keys(connection, None)
            rows = self._count(connection) if listing.more else len(listing.entries)
            return replace(listing, shape={"columns": columns, "rows": rows})

    def read(self, locators: Sequence[str]) -> Iterator[SourceRecord]:
        wanted = set(locators)
        for rows in self._matching(locators):
            for row in rows:
                record = self._record(row)
                if record.locator in wanted:
                    wanted.remove(record.locator)
                    yield record

    def check(self) -> Sequence[Finding]:
        with self._reading() as connection:
            columns = sql_engine.columns(connection, self._rows)
            self._require(columns)
            findings = [Finding(ok=True, text=f"{self._count(connection)} rows with columns {', '.join(columns)}")]
            if self._options.key:
                findings += self._check_keys(connection)
            example = connection.execute(sa.select(sa.text("*")).select_from(self._rows).limit(1)).mappings().first()
        return [*findings, *(self._writer.check(_kinds(columns, example)) if self._writer else ())]

    def write_back(self, answer: Answer) -> None:
        """Run the statements of `write_back`; see `sql_answer`. Raises what `Replier.write_back` raises."""
        if self._writer is None:
            raise Misconfigured("the channel has no `write_back`")
        try:
            self._writer.carry(answer)
        except MissingParent as error:
            if answer.locator is None or any(True for _ in self.read([answer.locator])):
                raise
            raise Unanswerable("record_gone", f"the record is no longer at the source ({error})") from None

    def close(self) -> None:
        self._engine.dispose()
        if self._writer:
            self._writer.close()

    def _count(self, connection: sa.Connection) -> int:
        return connection.scalar(sa.select(sa.func.count()).select_from(self._rows)) or 0

    def _list_keys(self, connection: sa.Connection, after: Cursor | None) -> Listing:
        last = from_json(str(after["key"])) if after else None
        rows = self._key_page(connection, last)
        more = len(rows) == _PAGE
        width = len(self._options.key)
        keys = [to_json(row[:width]) for row in rows]
        repeated = {one for one, other in pairwise(keys) if one == other}
        problems = [Problem(f"key {key}", "key_not_unique") for key in sorted(repeated)]
        if last is None:
            problems += self._without_key(connection)
        versions = self._versions(connection, rows, keys)
        listed = dict.fromkeys([*versions, *keys])
        entries = [Entry(key, None if key in repeated else versions.get(key)) for key in listed]
        cursor = {"key": keys[-1]} if more else None
        return Listing(entries, cursor, more, problems=problems, complete=True)

    def _key_page(self, connection: sa.Connection, last: Sequence[Any] | None) -> Sequence[sa.Row[Any]]:
        keys = self._columns(self._options.key)
        wanted = keys + self._columns([self._options.updated] if self._options.updated else [])
        query = sa.select(*wanted).select_from(self._rows).where(_present(keys)).order_by(*keys).limit(_PAGE)
        return connection.execute(query if last is None else query.where(_beyond(keys, last))).all()

    def _versions(self, connection: sa.Connection, rows: Sequence[sa.Row[Any]], keys: Sequence[str]) -> dict[str, str]:
        """What the rows of a page say now: by the column `updated`, else by reading the last rows of the table."""
        if self._options.updated:
            return {key: self._instant(row[-1]) for key, row in zip(keys, rows, strict=True)}
        on_last_page = len(rows) < _PAGE
        last = self._last_keys(connection) if on_last_page and self._options.recheck else []
        return {record.locator: record.version for record in map(self._record, self._by_keys(connection, last))}

    def _last_keys(self, connection: sa.Connection) -> Sequence[str]:
        keys = self._columns(self._options.key)
        query = sa.select(*keys).select_from(self._rows).where(_present(keys)).order_by(*(key.desc() for key in keys))
        return [to_json(row) for row in connection.execute(query.limit(self._options.recheck))]

    def _without_key(self, connection: sa.Connection) -> Sequence[Problem]:
        keys = self._columns(self._options.key)
        query = (
            sa.select(sa.literal(1)).select_from(self._rows).where(sa.or_(*(key.is_(None) for key in keys))).limit(100)
        )
        count = len(connection.execute(query).all())
        return [Problem(f"{count} rows", "row_without_key")] if count else []

    def _list_identities(self, connection: sa.Connection) -> Listing:
        query = sa.select(*self._columns(self._options.identity)).select_from(self._rows)
        found = connection.execution_options(yield_per=2_000).execute(query)
        keys = dict.fromkeys(digest([self._scalar(value) for value in row]) for row in found)
        return Listing([Entry(key, None) for key in keys], None, more=False, complete=True)

    def _matching(self, locators: Sequence[str]) -> Iterator[Sequence[sa.RowMapping]]:
        size = self._options.batch_size
        with self._reading() as connection:
            self._require(sql_engine.columns(connection, self._rows))
            if self.keyed_by_content:
                query = sa.select(sa.text("*")).select_from(self._rows)
                # Who stops reading early leaves a result open that must go before its connection does.
                with closing(connection.execution_options(yield_per=size).execute(query)) as result:
                    yield from result.mappings().partitions(size)
                return
            for start in range(0, len(locators), size):
                yield self._by_keys(connection, locators[start : start + size])

    def _by_keys(self, connection: sa.Connection, locators: Sequence[str]) -> Sequence[sa.RowMapping]:
        if not locators:
            return []
        keys = self._columns(self._options.key)
        values = [from_json(locator) for locator in locators]
        match = keys[0].in_([value[0] for value in values]) if len(keys) == 1 else sa.tuple_(*keys).in_(values)
        query = sa.select(sa.text("*")).select_from(self._rows).where(match).order_by(*keys)
        return connection.execute(query).mappings().all()

    def _record(self, row: sa.RowMapping) -> SourceRecord:
        options = self._options
        fields = {str(name): self._scalar(value) for name, value in row.items()}
        version = self._instant(row[options.updated]) if options.updated else digest(self._citizens(fields))
        if options.identity:
            key = locator = digest([fields[name] for name in options.identity])
        else:
            locator = to_json([row[name] for name in options.key])
            key = key_text([fields[name] for name in options.key])
        return SourceRecord(locator, key, version, None, fields)

    def _citizens(self, fields: Mapping[str, Scalar]) -> Sequence[Scalar]:
        """What an edit would change: not what we write back, or every answer would be taken for an edit."""
        return [value for name, value in fields.items() if name not in self._options.written]

    def _scalar(self, value: object) -> Scalar:
        if isinstance(value, datetime):
            # In one zone whatever the database's session has: another one there must not look like an edit.
            value = value.replace(tzinfo=self._zone) if value.tzinfo is None else value.astimezone(self._zone)
        return scalar(value)

    def _instant(self, value: object) -> str:
        return str(scalar(value) if isinstance(value, datetime) and value.tzinfo is None else self._scalar(value))

    def _columns(self, names: Sequence[str]) -> tuple[sa.ColumnElement[Any], ...]:
        return tuple(sa.column(name) for name in names)

    def _require(self, columns: Sequence[str]) -> None:
        options = self._options
        wanted = [*options.key, *options.identity, *([options.updated] if options.updated else [])]
        doubled = [name for name, count in Counter(columns).items() if count > 1]
        if doubled:
            raise Misconfigured(f"several columns are named {', '.join(doubled)}{sql_engine.NAMING_ADVICE}")
        missing = [name for name in wanted if name not in columns]
        if missing:
            raise Misconfigured(f"there is no column {', '.join(missing)}; the source has: {', '.join(columns)}")

    def _check_keys(self, connection: sa.Connection) -> Sequence[Finding]:
        keys = self._columns(self._options.key)
        twice = sa.select(*keys).select_from(self._rows).group_by(*keys).having(sa.func.count() > 1).limit(100)
        count = len(connection.execute(twice).all())
        text = f"the key {', '.join(self._options.key)} names several rows in {count} cases; records would be mixed up"
        empty = [Finding(ok=False, text=f"{problem.where} lack the key") for problem in self._without_key(connection)]
        return ([Finding(ok=False, text=text)] if count else []) + empty

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise sql_engine.translated(error, self._options.url) from None
        except KeyError as error:
            raise Misconfigured(f"there is no column {error}") from None


def _present(keys: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[bool]:
    return sa.and_(*(key.is_not(None) for key in keys))


def _beyond(keys: Sequence[sa.ColumnElement[Any]], last: Sequence[Any]) -> sa.ColumnElement[bool]:
    return keys[0] > last[0] if len(keys) == 1 else sa.tuple_(*keys) > sa.tuple_(*(sa.literal(value) for value in last))


def _kinds(columns: Sequence[str], example: Mapping[Any, object] | None) -> Mapping[str, Scalar]:
    """An empty value for every column: a number for numbers, without anything of the example itself."""
    found = {str(name): scalar(value) for name, value in (example or {}).items()}
    numbers = {name: type(value)() for name, value in found.items() if isinstance(value, int | float)}
    return {**dict.fromkeys(columns), **numbers}

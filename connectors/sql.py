"""How are complaints read from an application's own database? With one SELECT, in a read-only transaction.

Only answers are written, where the options ask for it, by a connection of their own: see `sql_answer`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from connectors import contract, sql_answer, sql_check, sql_engine
from connectors.contract import (
    Answer,
    ChannelContext,
    Cursor,
    Entry,
    Finding,
    Listing,
    Misconfigured,
    News,
    Scalar,
    SourceRecord,
    Unanswerable,
)
from connectors.discovery import Discoverer
from connectors.identity import digest, key_text, scalar
from connectors.sql_discover import SqlDiscoverer
from connectors.sql_files import Files
from connectors.sql_keys import Keys, columns_of
from connectors.sql_options import SqlOptions
from connectors.sql_refusal import MissingParent
from connectors.sql_rows import NAMING_ADVICE, rows_of
from connectors.sql_values import as_moment, cell, from_json, to_json

_WITH_FILES = 20
"""Rows read at once where a column holds files."""
_FILE = "~file"


class Database:
    """A table or query as a source of records.

    A round lists all keys, page by page, and the ledger tells which are new: no timestamp is trusted, so rows that
    commit late or share an instant are found all the same. With `identity` a record's key is a hash of those columns.
    """

    Options: ClassVar[type[contract.Options]] = SqlOptions
    discoverer: ClassVar[Discoverer] = SqlDiscoverer()

    def __init__(
        self, options: SqlOptions, channel: ChannelContext, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._options = options
        self._zone = options.timezone or channel.timezone
        self._engine = sql_engine.read_only(options.url, options.password, options.manner(self._zone))
        # SQLite knows no dates: only where the admin names their zone are texts taken for some.
        self._moments_are_texts = self._engine.dialect.name == "sqlite" and options.timezone is not None
        self._rows = rows_of(options.query, options.table, options.where)
        self._keys = Keys(options, self._rows, now, self._instant, self._last_versions)
        self._files = Files(options.attachments, channel.spool)
        back = options.write_back
        self._writer = sql_answer.Writer(options, back, self._zone) if back else None
        self.carries: frozenset[News] = self._writer.carries if self._writer else frozenset()
        self.tells: frozenset[News] = self._writer.tells if self._writer else frozenset()
        self.keyed_by_content = bool(options.identity)

    def list(self, after: Cursor | None) -> Listing:
        with self._reading() as connection:
            if self._keys.is_within_whole(after):
                return self._keys.next_page(connection, after)
            # SQLite reads a quoted name that is no column as a text: never list before the columns are known.
            columns = self._columns(connection)
            listing = self._identities(connection) if self.keyed_by_content else self._keys.next_page(connection, after)
            if not listing.complete:
                return listing
            rows = self._rows.count(connection) if listing.more else len(listing.entries)
            return replace(listing, shape={"columns": columns, "rows": rows})

    def read(self, locators: Sequence[str]) -> Iterator[SourceRecord]:
        wanted = set(locators)
        for rows in self._matching(locators):
            for row in rows:
                locator = self._locator(row)
                if locator in wanted:
                    wanted.remove(locator)
                    yield self._record(row, locator)
            if not wanted:
                return

    def check(self) -> Sequence[Finding]:
        with self._reading() as connection:
            columns = self._columns(connection)
            findings = sql_check.findings(connection, self._options, self._rows, columns, self._zone)
            last = self._last(connection, columns)
        found = [*findings, *self._files.check([self._fields(row) for row in last])]
        return [*found, *(self._writer.check(_kinds(columns, last[0] if last else None)) if self._writer else ())]

    def write_back(self, answer: Answer) -> None:
        """Run the statements of `write_back`; see `sql_answer`. Raises what `Replier.write_back` raises."""
        if self._writer is None:
            raise Misconfigured("the channel has no `write_back`")
        try:
            self._writer.carry(answer)
        except MissingParent as error:
            if answer.locator is None or self._is_there(answer.locator):
                raise
            raise Unanswerable("record_gone", f"the record is no longer at the source ({error})") from None

    def close(self) -> None:
        self._engine.dispose()
        self._files.close()
        if self._writer:
            self._writer.close()

    # Listing

    def _columns(self, connection: sa.Connection) -> Sequence[str]:
        columns = self._rows.columns(connection)
        self._require(columns)
        return columns

    def _identities(self, connection: sa.Connection) -> Listing:
        query = self._rows.select(*columns_of(self._options.identity))
        found = connection.execution_options(yield_per=2_000).execute(query)
        keys = dict.fromkeys(digest([self._scalar(value) for value in row]) for row in found)
        return Listing([Entry(key, None) for key in keys], None, more=False, complete=True)

    def _last_versions(self, connection: sa.Connection, locators: Sequence[str]) -> Mapping[str, str]:
        """What the rows of these keys say now, for a source without `updated`."""
        columns = self._rows.columns(connection) if self._files.blobs else ()
        rows = self._by_keys(connection, locators, self._wanted(columns, {}))
        return {self._locator(row): self._version(row, self._fields(row)) for row in rows}

    def _last(self, connection: sa.Connection, columns: Sequence[str]) -> Sequence[sa.RowMapping]:
        """Some rows to look at, the last ones where the source has an order."""
        query = self._rows.select(*self._wanted(columns, {})).limit(_WITH_FILES)
        keys = columns_of(self._options.key)
        return connection.execute(query.order_by(*(key.desc() for key in keys))).mappings().all()

    # Reading

    def _matching(self, locators: Sequence[str]) -> Iterator[Sequence[sa.RowMapping]]:
        blobs = self._files.blobs
        size = min(self._options.batch_size, _WITH_FILES) if blobs else self._options.batch_size
        with self._reading() as connection:
            wanted = self._wanted(self._columns(connection), blobs)
            if self.keyed_by_content:
                query = self._rows.select(*wanted)
                # Who stops reading early leaves a result open that must go before its connection does.
                with closing(connection.execution_options(yield_per=size).execute(query)) as result:
                    yield from result.mappings().partitions(size)
                return
            for start in range(0, len(locators), size):
                yield self._by_keys(connection, locators[start : start + size], wanted)

    def _is_there(self, locator: str) -> bool:
        with self._reading() as connection:
            return bool(self._by_keys(connection, [locator], [sa.literal(1)]))

    def _by_keys(
        self, connection: sa.Connection, locators: Sequence[str], wanted: Sequence[Any]
    ) -> Sequence[sa.RowMapping]:
        if not locators:
            return []
        keys = columns_of(self._options.key)
        values = [from_json(locator) for locator in locators]
        match = keys[0].in_([value[0] for value in values]) if len(keys) == 1 else sa.tuple_(*keys).in_(values)
        return connection.execute(self._rows.select(*wanted).where(match).order_by(*keys)).mappings().all()

    def _wanted(self, columns: Sequence[str], blobs: Mapping[str, int]) -> Sequence[Any]:
        """All columns; of those that hold files the size, and beside it the file, up to the size that `blobs` says."""
        held = self._files.blobs
        if not held:
            return [sa.text("*")]
        size = sa.func.length if self._engine.dialect.name == "sqlite" else sa.func.octet_length
        named = dict(zip(columns, columns_of(columns), strict=True))
        own = [size(column).label(name) if name in held else column for name, column in named.items()]
        files = [
            sa.case((size(named[name]) <= most, named[name])).label(f"{name}{_FILE}") for name, most in blobs.items()
        ]
        return [*own, *files]

    def _record(self, row: sa.RowMapping, locator: str) -> SourceRecord:
        fields = self._fields(row)
        key = locator if self.keyed_by_content else key_text([self._scalar(row[name]) for name in self._options.key])
        blobs = {name: row[f"{name}{_FILE}"] for name in self._files.blobs}
        return SourceRecord(
            locator, key, self._version(row, fields), None, fields, attachments=self._files.of(fields, blobs)
        )

    def _fields(self, row: sa.RowMapping) -> Mapping[str, Scalar]:
        held = self._files.blobs
        return {
            str(name): f"({value} bytes)" if name in held and value is not None else self._scalar(value)
            for name, value in row.items()
            if not str(name).endswith(_FILE)
        }

    def _locator(self, row: sa.RowMapping) -> str:
        options = self._options
        if options.identity:
            return digest([self._scalar(row[name]) for name in options.identity])
        return to_json([row[name] for name in options.key])

    def _version(self, row: sa.RowMapping, fields: Mapping[str, Scalar]) -> str:
        """What an edit would change: not what we write back, or every answer would be taken for an edit."""
        if self._options.updated:
            return self._instant(row[self._options.updated])
        return digest([value for name, value in fields.items() if name not in self._options.written])

    def _scalar(self, value: object) -> Scalar:
        return cell(as_moment(value) if self._moments_are_texts and isinstance(value, str) else value, self._zone)

    def _instant(self, value: object) -> str:
        return str(scalar(value) if isinstance(value, datetime) and value.tzinfo is None else self._scalar(value))

    def _require(self, columns: Sequence[str]) -> None:
        options = self._options
        wanted = [*options.key, *options.identity, *([options.updated] if options.updated else [])]
        doubled = [name for name, count in Counter(columns).items() if count > 1]
        if doubled:
            raise Misconfigured(f"several columns are named {', '.join(doubled)}{NAMING_ADVICE}")
        missing = [name for name in [*wanted, *self._files.columns] if name not in columns]
        if missing:
            raise Misconfigured(f"there is no column {', '.join(missing)}; the source has: {', '.join(columns)}")

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        try:
            with self._engine.connect() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise sql_engine.translated(error, self._options.url) from None
        except KeyError as error:
            raise Misconfigured(f"there is no column {error}") from None


def _kinds(columns: Sequence[str], example: Mapping[Any, object] | None) -> Mapping[str, Scalar]:
    """An empty value for every column: a number for numbers, without anything of the example itself."""
    found = {str(name): scalar(value) for name, value in (example or {}).items()}
    numbers = {name: type(value)() for name, value in found.items() if isinstance(value, int | float)}
    return {**dict.fromkeys(columns), **numbers}

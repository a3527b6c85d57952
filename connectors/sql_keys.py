"""Which keys does a source hold: all of them page by page, or those that may be new since the last rounds?

All keys are compared with the ledger, so rows that commit late or share an instant are found all the same. With
`whole_every` the rounds in between are short: see `sql_rounds`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from connectors.contract import Cursor, Entry, Listing, Problem
from connectors.identity import digest
from connectors.sql_options import SqlOptions
from connectors.sql_rounds import RANK, Memory, Sight
from connectors.sql_rows import Rows
from connectors.sql_values import from_json, to_json

PAGE = 20_000


class Keys:
    """Lists a source that has a key. `lately` reads the last rows' versions, `instant` makes one of `updated`."""

    def __init__(
        self,
        options: SqlOptions,
        rows: Rows,
        now: Callable[[], datetime],
        instant: Callable[[object], str],
        lately: Callable[[sa.Connection, Sequence[str]], Mapping[str, str]],
    ) -> None:
        self._options = options
        self._rows = rows
        self._now = now
        self._instant = instant
        self._lately = lately
        self._keys = columns_of(options.key)
        self._source = digest(
            [
                options.table,
                options.where,
                options.query,
                options.updated,
                str(options.overlap),
                str(options.timezone),
                options.session_timezone,
            ]
        )

    def is_within_whole(self, after: Cursor | None) -> bool:
        """Whether this page goes on with a listing of all keys that an earlier page began."""
        return after is not None and "key" in after

    def next_page(self, connection: sa.Connection, after: Cursor | None) -> Listing:
        """The next page of all keys, or a whole short round."""
        memory = self._memory(after)
        if self.is_within_whole(after):
            return self._page(connection, from_json(str(dict(after or {})["key"])), memory)
        short = self._short(connection, memory) if memory is not None else None
        return short or self._page(connection, None, self._begun(connection, memory))

    # All keys

    def _page(self, connection: sa.Connection, last: Sequence[Any] | None, memory: Memory | None) -> Listing:
        rows = self._key_page(connection, last)
        more = len(rows) == PAGE
        width = len(self._keys)
        keys = [to_json(row[:width]) for row in rows]
        repeated = {one for one, other in pairwise(keys) if one == other}
        problems = _problems(repeated)
        if last is None:
            problems += without_key(connection, self._options, self._rows)
        versions = self._versions(connection, rows, keys, on_last_page=not more)
        listed = dict.fromkeys([*versions, *keys])
        entries = [Entry(key, None if key in repeated else versions.get(key)) for key in listed]
        here = {"key": keys[-1]} if more else {}
        cursor = {**here, **({"memory": memory.to_json()} if memory is not None else {})}
        return Listing(entries, cursor or None, more, problems=problems, complete=True)

    def _key_page(self, connection: sa.Connection, last: Sequence[Any] | None) -> Sequence[sa.Row[Any]]:
        query = self._select().order_by(*self._keys).limit(PAGE)
        return connection.execute(query if last is None else query.where(beyond(self._keys, last))).all()

    def _select(self) -> sa.Select[Any]:
        updated = columns_of([self._options.updated] if self._options.updated else [])
        return self._rows.select(*self._keys, *updated).where(present(self._keys))

    def _versions(
        self, connection: sa.Connection, rows: Sequence[sa.Row[Any]], keys: Sequence[str], *, on_last_page: bool
    ) -> Mapping[str, str]:
        """What the rows of a page say now: by the column `updated`, else by reading the last rows of the table."""
        if self._options.updated:
            return {key: self._instant(row[-1]) for key, row in zip(keys, rows, strict=True)}
        if not (on_last_page and self._options.recheck):
            return {}
        query = self._rows.select(*self._keys).where(present(self._keys))
        last = query.order_by(*(key.desc() for key in self._keys)).limit(self._options.recheck)
        return self._lately(connection, [to_json(row) for row in connection.execute(last)])

    # Short rounds

    def _memory(self, after: Cursor | None) -> Memory | None:
        """What earlier rounds saw, where the options still mean the same rows."""
        saved: Any = (after or {}).get("memory")
        memory = Memory.of(saved)
        return memory if memory is not None and memory.source == self._source else None

    def _begun(self, connection: sa.Connection, memory: Memory | None) -> Memory | None:
        """The memory for after a whole listing that begins now."""
        if self._options.whole_every is None:
            return None
        began = self._now()
        fresh = Memory(self._source, began, began, memory.sights if memory is not None else ())
        return fresh.after(began, self._sight(connection), self._options.overlap)

    def _short(self, connection: sa.Connection, memory: Memory) -> Listing | None:
        """What may be new; None where all keys have to be listed."""
        began = self._now()
        if self._options.whole_every is None:
            return None
        since = memory.since(began, self._options.overlap, self._options.whole_every)
        if since is None:
            return None
        sight = self._sight(connection)
        rows = self._changed(connection, since)
        if rows is None:
            return None
        width = len(self._keys)
        counted = Counter(to_json(row[:width]) for row in dict.fromkeys(tuple(row) for row in rows))
        versions = {to_json(row[:width]): self._instant(row[-1]) for row in rows}
        repeated = {key for key, count in counted.items() if count > 1}
        entries = [Entry(key, None if key in repeated else version) for key, version in versions.items()]
        after = memory.after(began, sight, self._options.overlap)
        return Listing(entries, {"memory": after.to_json()}, more=False, problems=_problems(repeated))

    def _changed(self, connection: sa.Connection, since: Sight) -> Sequence[sa.Row[Any]] | None:
        """Rows changed or added since; None where there are more than a page."""
        found: list[sa.Row[Any]] = []
        (updated,) = columns_of([str(self._options.updated)])
        conditions = [updated >= from_json(since.updated)[0]] if since.updated else []
        # A row may be new and have no `updated` yet.
        conditions += [beyond(self._keys, from_json(since.key))] if since.key else []
        for condition in conditions:
            rows = connection.execute(self._select().where(condition).limit(PAGE)).all()
            if len(rows) == PAGE:
                return None
            found += rows
        return found

    def _sight(self, connection: sa.Connection) -> Sight:
        """What stands near the end now. The moment is taken last: a sight must not pass for older than it is."""
        updated = self._near_the_end(connection, columns_of([str(self._options.updated)]))
        key = self._near_the_end(connection, self._keys)
        return Sight(self._now(), updated, key)

    def _near_the_end(self, connection: sa.Connection, columns: Sequence[sa.ColumnElement[Any]]) -> str | None:
        """The hundredth from the end, or the first where there are fewer."""
        query = self._rows.select(*columns).where(present(columns))
        last = query.order_by(*(column.desc() for column in columns)).limit(RANK)
        rows = connection.execute(last).all()
        return to_json(rows[-1]) if rows else None


def columns_of(names: Sequence[str]) -> tuple[sa.ColumnElement[Any], ...]:
    """The columns of these names."""
    return tuple(sa.column(name) for name in names)


def present(columns: Sequence[sa.ColumnElement[Any]]) -> sa.ColumnElement[bool]:
    """That all have a value."""
    return sa.and_(*(column.is_not(None) for column in columns))


def beyond(keys: Sequence[sa.ColumnElement[Any]], last: Sequence[Any]) -> sa.ColumnElement[bool]:
    """That the key comes after that one."""
    if len(keys) == 1:
        return keys[0] > sa.literal(last[0])
    # The first half is for databases that use no index for the second.
    values = sa.tuple_(*(sa.literal(value) for value in last))
    return sa.and_(keys[0] >= sa.literal(last[0]), sa.tuple_(*keys) > values)


def without_key(connection: sa.Connection, options: SqlOptions, rows: Rows) -> list[Problem]:
    """Rows that cannot be told apart for want of a key."""
    keys = columns_of(options.key)
    query = rows.select(sa.literal(1)).where(sa.or_(*(key.is_(None) for key in keys))).limit(100)
    count = len(connection.execute(query).all())
    return [Problem(f"{count} rows", "row_without_key")] if count else []


def _problems(repeated: set[str]) -> list[Problem]:
    return [Problem(f"key {key}", "key_not_unique") for key in sorted(repeated)]

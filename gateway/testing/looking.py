"""How does a test list and read as the gateway does?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from connectors.contract import Connector, Cursor, Entry, SourceRecord
from gateway.reasons import REASONS
from gateway.testing.round import Gateway


@contextmanager
def opened(gateway: Gateway, changes: Mapping[str, object] | None = None) -> Iterator[Connector]:
    """A fresh connector, closed at the end."""
    connector = gateway.connector(changes)
    try:
        yield connector
    finally:
        connector.close()


def listed(connector: Connector, cursor: Cursor | None = None) -> tuple[list[Entry], Cursor | None]:
    """All pages of a round and the cursor to save, which travels as JSON as it does through the state."""
    entries: list[Entry] = []
    for _ in range(1_000):
        listing = connector.list(cursor)
        assert len({entry.locator for entry in listing.entries}) == len(listing.entries), "a locator stands there twice"
        _assert_known(problem.code for problem in listing.problems)
        cursor = json.loads(json.dumps(listing.cursor))
        entries += listing.entries
        if not listing.more:
            return entries, cursor
    raise AssertionError("the listing never ends")


def read(connector: Connector, entries: Sequence[Entry]) -> dict[str, SourceRecord]:
    """The entries' records by key."""
    records = list(connector.read([entry.locator for entry in entries]))
    by_key = {record.key: record for record in records}
    assert len(by_key) == len(records), "two records share a key"
    for record in records:
        _assert_known([*record.doubts, *([record.ignore] if record.ignore else [])])
    return by_key


def texts(records: Mapping[str, SourceRecord]) -> str:
    """Everything that records say, as one text to look into."""
    return json.dumps([dict(record.fields) for record in records.values()], ensure_ascii=False)


def _assert_known(codes: Iterable[str]) -> None:
    unknown = sorted(set(codes) - set(REASONS))
    assert not unknown, f"these are no reason codes of gateway/reasons.py: {', '.join(unknown)}"

"""What does a channel's source hold now? Looked at as a round would, but nothing is stored or sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from connectors import spool
from connectors.contract import ChannelContext, Connector, SourceRecord
from gateway import unforeseen
from gateway.config import Channel, Config


@dataclass(frozen=True, slots=True)
class Peek:
    """Some of a source's records."""

    records: Sequence[SourceRecord]
    total: int
    """How many the source lists."""
    columns: Sequence[str]
    """As the source names them; where it names none, those of the records."""


@contextmanager
def opened(config: Config, channel: Channel) -> Iterator[Connector]:
    """The channel's connector, closed afterwards. Raises ConnectorError, whatever the connector itself raises."""
    folder = spool.prepare(config.gateway.spool)
    with unforeseen.as_connector_error():
        connector = channel.factory(channel.options, ChannelContext(channel.name, config.gateway.timezone, folder))
        try:
            yield connector
        finally:
            connector.close()


def newest(connector: Connector, most: int) -> Peek:
    """The last `most` of the records listed. Raises ConnectorError."""
    locators: list[str] = []
    columns: Sequence[str] = ()
    cursor, more = None, True
    while more:
        listing = connector.list(cursor)
        locators += [entry.locator for entry in listing.entries]
        columns = columns or _named(listing.shape.get("columns"))
        cursor, more = listing.cursor, listing.more
    records = list(connector.read(locators[-most:]))
    return Peek(records, len(locators), columns or _of(records))


def columns(connector: Connector) -> Sequence[str]:
    """The source's columns, for the price of its first page and perhaps one record. Raises ConnectorError."""
    listing = connector.list(None)
    named = _named(listing.shape.get("columns"))
    return named or _of(list(connector.read([entry.locator for entry in listing.entries[-1:]])))


def _named(found: object) -> Sequence[str]:
    return [str(name) for name in found] if isinstance(found, list | tuple) else ()


def _of(records: Sequence[SourceRecord]) -> Sequence[str]:
    return list(dict.fromkeys(name for record in records for name in record.fields))

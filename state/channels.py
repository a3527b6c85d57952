"""Which channels does the state know, and is the configured one still the same?

A channel's id is pinned when it is first seen: renaming it changes nothing. What it reads is pinned too: ids 1..50 of
another table would be taken for known records, so a changed source waits for a person's `accept`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from state.journal import channel_event
from state.models import CHANNEL


@dataclass(frozen=True, slots=True)
class Pin:
    """What the configuration says of a channel, as far as it must not change unnoticed."""

    name: str
    connector: str
    source: str
    start: str


@dataclass(frozen=True, slots=True)
class KnownChannel:
    """A channel as the state knows it."""

    id: str
    name: str
    connector: str
    source: str
    start: str
    cursor: Mapping[str, Any] | None
    pages: Collection[str]
    first_round_done: bool
    first_queued: int
    accepted: bool

    def changed(self, pin: Pin) -> str | None:
        """Which pinned fact the configuration now says otherwise, for the admin; None if none."""
        if (self.connector, self.source) == (pin.connector, pin.source):
            return None
        return f"it read {self.connector} {self.source}, the configuration now says {pin.connector} {pin.source}"


def pin(tx: sa.Connection, wanted: Pin, configured: Collection[str], now: datetime) -> KnownChannel:
    """The state's channel for a configured one: known by name, renamed (same source), or seen for the first time.

    `configured` are all names in the configuration: only a channel that none of them claims can have been renamed.
    """
    found = _find(tx, CHANNEL.c.name == wanted.name) or _renamed(tx, wanted, configured)
    if found is None:
        row = {"id": _free_id(tx, wanted.name), "name": wanted.name, "connector": wanted.connector}
        row |= {"source": wanted.source, "start": wanted.start}
        tx.execute(sa.insert(CHANNEL).values(**row, first_round_done=False, first_queued=0, created_at=now))
        found = _find(tx, CHANNEL.c.name == wanted.name)
    assert found is not None
    return found


def known(tx: sa.Connection, name: str) -> KnownChannel | None:
    """The channel of that name, if the state has seen it."""
    return _find(tx, CHANNEL.c.name == name)


def names(tx: sa.Connection) -> Mapping[str, str]:
    """Names of all channels by id."""
    return {row.id: row.name for row in tx.execute(sa.select(CHANNEL.c.id, CHANNEL.c.name))}


def save_cursor(tx: sa.Connection, channel_id: str, cursor: Mapping[str, Any] | None) -> None:
    """Remember where the next listing goes on."""
    tx.execute(sa.update(CHANNEL).where(CHANNEL.c.id == channel_id).values(cursor=dict(cursor) if cursor else None))


def end_round(tx: sa.Connection, channel_id: str, pages: Sequence[str]) -> None:
    """The whole source was listed once more."""
    tx.execute(sa.update(CHANNEL).where(CHANNEL.c.id == channel_id).values(first_round_done=True, pages=list(pages)))


def count_first_queued(tx: sa.Connection, channel_id: str, count: int) -> None:
    """Add to the number of reports that the first round has queued."""
    tx.execute(sa.update(CHANNEL).where(CHANNEL.c.id == channel_id).values(first_queued=CHANNEL.c.first_queued + count))


def accept(tx: sa.Connection, channel_id: str, wanted: Pin, actor: str, now: datetime) -> None:
    """A person says that the channel is right as it is now configured, and that its first import may go out."""
    tx.execute(
        sa.update(CHANNEL)
        .where(CHANNEL.c.id == channel_id)
        .values(connector=wanted.connector, source=wanted.source, cursor=None, pages=None, accepted_at=now)
    )
    channel_event(tx, channel_id, "accepted_channel", actor, now)


def _renamed(tx: sa.Connection, wanted: Pin, configured: Collection[str]) -> KnownChannel | None:
    same = sa.and_(
        CHANNEL.c.connector == wanted.connector,
        CHANNEL.c.source == wanted.source,
        CHANNEL.c.name.not_in(list(configured)),
    )
    found = _find(tx, same)
    if found is not None:
        tx.execute(sa.update(CHANNEL).where(CHANNEL.c.id == found.id).values(name=wanted.name))
        return _find(tx, CHANNEL.c.id == found.id)
    return None


def _free_id(tx: sa.Connection, name: str) -> str:
    """The name, unless a renamed channel still carries it as its id."""
    taken = set(tx.scalars(sa.select(CHANNEL.c.id).where(CHANNEL.c.id.startswith(name, autoescape=True))))
    return next(candidate for candidate in _candidates(name, len(taken)) if candidate not in taken)


def _candidates(name: str, count: int) -> Sequence[str]:
    return [name, *(f"{name}~{number}" for number in range(2, count + 3))]


def _find(tx: sa.Connection, condition: sa.ColumnElement[bool]) -> KnownChannel | None:
    row = tx.execute(sa.select(CHANNEL).where(condition).order_by(CHANNEL.c.created_at).limit(1)).first()
    if row is None:
        return None
    return KnownChannel(
        id=row.id,
        name=row.name,
        connector=row.connector,
        source=row.source,
        start=row.start,
        cursor=row.cursor,
        pages=frozenset(row.pages or ()),
        first_round_done=row.first_round_done,
        first_queued=row.first_queued,
        accepted=row.accepted_at is not None,
    )

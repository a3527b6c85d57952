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
    shape: Mapping[str, Any] | None
    paused_by: str | None

    def changed(self, pin: Pin) -> str | None:
        """Which pinned fact the configuration now says otherwise, for the admin; None if none."""
        if (self.connector, self.source) == (pin.connector, pin.source):
            return None
        return f"it read {self.connector} {self.source}, the configuration now says {pin.connector} {pin.source}"


def pin(tx: sa.Connection, wanted: Pin, configured: Mapping[str, str], now: datetime) -> KnownChannel:
    """The state's channel for a configured one: known by name, renamed (same source), or seen for the first time.

    `configured` are the sources of all configured channels by name: only a channel that none of them claims can have
    been renamed, and its old name may be another one's at once.
    """
    found = _find(tx, CHANNEL.c.name == wanted.name)
    if found is None or found.source != wanted.source:
        renamed = _renamed(tx, wanted, configured)
        if renamed is None and found is not None and _moved_on(tx, found, configured):
            found = None
        found = renamed or found
    if found is None:
        row = {"id": _free_id(tx, wanted.name), "name": wanted.name, "connector": wanted.connector}
        row |= {"source": wanted.source, "start": wanted.start}
        tx.execute(
            sa.insert(CHANNEL).values(**row, first_round_done=False, first_queued=0, answered_until=0, created_at=now)
        )
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


def end_round(
    tx: sa.Connection,
    channel_id: str,
    pages: Sequence[str],
    shape: Mapping[str, Any] | None = None,
    *,
    first_round_done: bool,
) -> None:
    """The source was listed to its end once more; `shape` is None where this listing did not tell."""
    seen = {"shape": dict(shape)} if shape else {}
    changes = {"first_round_done": first_round_done, "pages": list(pages), **seen}
    tx.execute(sa.update(CHANNEL).where(CHANNEL.c.id == channel_id).values(**changes))


def set_paused(tx: sa.Connection, name: str, actor: str | None, now: datetime) -> None:
    """Pause a channel in the name of a person, or, with None, let it go on."""
    tx.execute(sa.update(CHANNEL).where(CHANNEL.c.name == name).values(paused_by=actor))
    found = _find(tx, CHANNEL.c.name == name)
    if found is not None:
        channel_event(tx, found.id, "paused" if actor else "resumed", actor or "", now)


def count_first_queued(tx: sa.Connection, channel_id: str, count: int) -> None:
    """Add to the number of reports that the first round has queued."""
    tx.execute(sa.update(CHANNEL).where(CHANNEL.c.id == channel_id).values(first_queued=CHANNEL.c.first_queued + count))


def accept(tx: sa.Connection, known: KnownChannel, wanted: Pin, actor: str, now: datetime) -> None:
    """A person says that the channel is right as it is now.

    A changed source begins with a first round of its own, under the same limits; else the rest of the first round may
    go out.
    """
    changes: dict[str, Any] = {"cursor": None, "pages": None, "shape": None}
    if known.changed(wanted):
        changes |= {"connector": wanted.connector, "source": wanted.source, "accepted_at": None}
        changes |= {"first_round_done": False, "first_queued": 0}
    else:
        changes["accepted_at"] = now
    tx.execute(sa.update(CHANNEL).where(CHANNEL.c.id == known.id).values(**changes))
    channel_event(tx, known.id, "accepted_channel", actor, now)


def _renamed(tx: sa.Connection, wanted: Pin, configured: Mapping[str, str]) -> KnownChannel | None:
    """The channel that reads this source under a name that no longer stands for it, now under its new name."""
    rows = tx.execute(
        sa.select(CHANNEL.c.id, CHANNEL.c.name)
        .where(CHANNEL.c.connector == wanted.connector, CHANNEL.c.source == wanted.source)
        .order_by(CHANNEL.c.created_at)
    )
    unclaimed = [row.id for row in rows if configured.get(row.name) != wanted.source]
    if not unclaimed:
        return None
    _give_name(tx, unclaimed[0], wanted.name)
    return _find(tx, CHANNEL.c.id == unclaimed[0])


def _moved_on(tx: sa.Connection, found: KnownChannel, configured: Mapping[str, str]) -> bool:
    """Whether another configured name now reads what this channel read: it was renamed, and its name given away."""
    heirs = [name for name, source in configured.items() if source == found.source and name != found.name]
    known = set(tx.scalars(sa.select(CHANNEL.c.name).where(CHANNEL.c.source == found.source)))
    heirs = [name for name in heirs if name not in known]
    if heirs:
        _give_name(tx, found.id, heirs[0])
    return bool(heirs)


def _give_name(tx: sa.Connection, channel_id: str, name: str) -> None:
    """Rename a channel; another one that still bears the name steps aside until it is pinned itself."""
    aside = sa.update(CHANNEL).where(CHANNEL.c.name == name, CHANNEL.c.id != channel_id)
    tx.execute(aside.values(name=sa.literal("~").concat(CHANNEL.c.id)))
    tx.execute(sa.update(CHANNEL).where(CHANNEL.c.id == channel_id).values(name=name))


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
        shape=row.shape,
        paused_by=row.paused_by,
    )

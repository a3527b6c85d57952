"""Which events may hold news for a channel's citizens? Those of their reports, and of twins they are joined to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from state.models import EVENT, FOLLOW_UP, REPORT

_OF_LAPOR = ("accepted", "adopted", "dropped", "follow_up", "status")
_KINDS = ("queued", "held", "joined", *_OF_LAPOR)
_BATCH = 500
_TOLD = REPORT.alias("told")
"""The report whose citizen is told, where it is not the one of the event."""
_JOINING = EVENT.alias("joining")
_JOINED_AT = (
    sa.select(sa.func.max(_JOINING.c.id))
    .where(_JOINING.c.record_id == _TOLD.c.id, _JOINING.c.kind == "joined")
    .correlate(_TOLD)
    .scalar_subquery()
)
"""What was before comes with the event of joining itself, in its order."""
_COLUMNS = (EVENT, REPORT.c.lapor_status, REPORT.c.lapor_canonical, REPORT.c.lapor)


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """An event that may hold news, with its report as it is now."""

    id: int
    report_id: int
    external_id: str
    kind: str
    at: datetime
    detail: Mapping[str, Any]
    status: str
    status_text: str
    lapor: Mapping[str, Any]


def entries(tx: sa.Connection, channel_id: str, after: int) -> Sequence[JournalEntry]:
    """The events after that one which may hold news for the channel, oldest first.

    At most 500 of the channel's own, and with them the events of twins; of a report that was joined since, all that its
    twin had to tell before.
    """
    own = _own(tx, channel_id, after)
    until = own[-1]["id"] if len(own) == _BATCH else None
    found = [*own, *_of_twins(tx, channel_id, after, until)]
    return [entry for row in sorted(found, key=lambda row: (row["id"], row["told"])) for entry in _entries(tx, row)]


def follow_ups(tx: sa.Connection, ids: Sequence[int]) -> Mapping[int, Mapping[str, Any]]:
    """These follow-ups by id."""
    rows = tx.execute(sa.select(FOLLOW_UP).where(FOLLOW_UP.c.id.in_(ids))).mappings() if ids else ()
    return {row["id"]: dict(row) for row in rows}


def _own(tx: sa.Connection, channel_id: str, after: int) -> Sequence[sa.RowMapping]:
    query = (
        sa.select(*_COLUMNS, REPORT.c.id.label("told"), REPORT.c.external_id, REPORT.c.joined_to)
        .join(REPORT, REPORT.c.id == EVENT.c.record_id)
        .where(REPORT.c.channel_id == channel_id, EVENT.c.id > after, EVENT.c.kind.in_(_KINDS))
        .order_by(EVENT.c.id)
        .limit(_BATCH)
    )
    return tx.execute(query).mappings().all()


def _of_twins(tx: sa.Connection, channel_id: str, after: int, until: int | None) -> Sequence[sa.RowMapping]:
    query = _as_told().where(_TOLD.c.channel_id == channel_id, EVENT.c.id > after, EVENT.c.id > _JOINED_AT)
    return tx.execute(query if until is None else query.where(EVENT.c.id <= until)).mappings().all()


def _as_told() -> sa.Select[Any]:
    """What LAPOR's side did with twins, told to whoever is joined to them."""
    return (
        sa.select(*_COLUMNS, _TOLD.c.id.label("told"), _TOLD.c.external_id, _TOLD.c.joined_to)
        .join(REPORT, REPORT.c.id == EVENT.c.record_id)
        .join(_TOLD, _TOLD.c.joined_to == REPORT.c.id)
        .where(EVENT.c.kind.in_(_OF_LAPOR))
        .order_by(EVENT.c.id)
    )


def _entries(tx: sa.Connection, row: sa.RowMapping) -> Iterator[JournalEntry]:
    if row["kind"] != "joined":
        yield _entry(row, row["id"])
        return
    earlier = _as_told().where(_TOLD.c.id == row["told"], EVENT.c.id < row["id"])
    yield from (_entry(twins, row["id"]) for twins in tx.execute(earlier).mappings().all())
    yield _entry(row, row["id"])


def _entry(row: sa.RowMapping, place: int) -> JournalEntry:
    return JournalEntry(
        id=place,
        report_id=row["told"],
        external_id=row["external_id"],
        kind=row["kind"],
        at=row["at"],
        detail=row["detail"],
        status=row["lapor_canonical"] or "",
        status_text=row["lapor_status"] or "",
        lapor=row["lapor"] or {},
    )

"""What do deadlines need to know of the reports that are not done? Plain data, without any personal data or text."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from state.lifecycle import Disposition, Stage
from state.models import CHANNEL, EVENT, FOLLOW_UP, RECORD, REPORT
from state.tracking import by_the_reporter


@dataclass(frozen=True, slots=True)
class Case:
    """A report that is not done. Moments are aware; `received_at` is ISO 8601, a date where the source has no time."""

    id: int
    channel: str
    stage: Stage
    stage_at: datetime
    next_attempt_at: datetime | None
    received_at: str | None
    found_at: datetime
    sent_at: datetime | None
    target: str | None
    tracking_id: str | None
    status: str | None
    canonical: str | None
    read_at: datetime | None
    """LAPOR's own moment of what was read of it last; empty where nothing was read since it was filed."""
    classification: str | None
    statuses: Sequence[tuple[datetime, str]] = ()
    """Since when which canonical status was seen, oldest first; what it was filed with is not among them."""
    answers: Sequence[datetime] = ()
    """When the agency wrote, oldest first."""
    replies: Sequence[datetime] = ()
    """When the reporter wrote, oldest first."""


def open_cases(tx: sa.Connection, done: Collection[str], channel: str | None) -> Sequence[Case]:
    """The reports of one channel, or of all, that are neither dropped nor have one of the canonical statuses `done`.

    Three statements, however many reports there are; nothing of their texts is read.
    """
    wanted = _wanted(done, channel)
    ids = sa.select(REPORT.c.id).select_from(_JOINED).where(wanted)
    statuses = _statuses(tx, ids)
    answers, replies = _written(tx, ids)
    rows = tx.execute(sa.select(*_COLUMNS).select_from(_JOINED).where(wanted).order_by(REPORT.c.id)).mappings()
    return [
        Case(
            **{**row, "stage": Stage(row["stage"])},
            statuses=statuses.get(row["id"], ()),
            answers=sorted(answers.get(row["id"], ())),
            replies=sorted(replies.get(row["id"], ())),
        )
        for row in rows
    ]


_JOINED = REPORT.join(RECORD, RECORD.c.id == REPORT.c.id).join(CHANNEL, CHANNEL.c.id == REPORT.c.channel_id)
_CLASS = sa.func.coalesce(
    REPORT.c.amendments["classification"].as_string(), REPORT.c.mapped["classification"].as_string()
)
_COLUMNS = (
    REPORT.c.id,
    CHANNEL.c.name.label("channel"),
    REPORT.c.stage,
    REPORT.c.stage_at,
    REPORT.c.next_attempt_at,
    RECORD.c.received_at,
    RECORD.c.found_at,
    REPORT.c.sent_at,
    REPORT.c.target,
    REPORT.c.tracking_id,
    REPORT.c.lapor_status.label("status"),
    REPORT.c.lapor_canonical.label("canonical"),
    REPORT.c.lapor_updated_at.label("read_at"),
    _CLASS.label("classification"),
)


def _wanted(done: Collection[str], channel: str | None) -> sa.ColumnElement[bool]:
    finished = sa.func.coalesce(REPORT.c.lapor_canonical, "").in_(done)
    wanted = (
        (RECORD.c.disposition == Disposition.REPORT)
        & (REPORT.c.stage != Stage.DROPPED)
        & ~((REPORT.c.stage == Stage.ACCEPTED) & finished)
    )
    return wanted if channel is None else wanted & (CHANNEL.c.name == channel)


def _statuses(tx: sa.Connection, ids: sa.Select[Any]) -> Mapping[int, list[tuple[datetime, str]]]:
    found: dict[int, list[tuple[datetime, str]]] = {}
    query = sa.select(EVENT.c.record_id, EVENT.c.at, EVENT.c.detail).where(EVENT.c.kind == "status")
    for number, seen_at, detail in tx.execute(query.where(EVENT.c.record_id.in_(ids)).order_by(EVENT.c.id)):
        found.setdefault(number, []).append((_moment(detail.get("at") or "", seen_at), detail["canonical"]))
    return found


def _written(
    tx: sa.Connection, ids: sa.Select[Any]
) -> tuple[Mapping[int, list[datetime]], Mapping[int, list[datetime]]]:
    """When the agencies wrote, and when the reporters did, by report."""
    answers: dict[int, list[datetime]] = {}
    replies: dict[int, list[datetime]] = {}
    for row in _follow_ups(tx, ids):
        # A reply that was posted for the reporter carries the external_id it was posted with.
        by_reporter = by_the_reporter(row.external_id, row.responder)
        (replies if by_reporter else answers).setdefault(row.report_id, []).append(_moment(row.date, row.seen_at))
    return answers, replies


def _follow_ups(tx: sa.Connection, ids: sa.Select[Any]) -> sa.CursorResult[Any]:
    columns = (FOLLOW_UP.c.report_id, FOLLOW_UP.c.date, FOLLOW_UP.c.seen_at)
    query = sa.select(*columns, FOLLOW_UP.c.responder, FOLLOW_UP.c.external_id).where(FOLLOW_UP.c.report_id.in_(ids))
    return tx.execute(query)


def _moment(written: str, seen_at: datetime) -> datetime:
    """LAPOR's own moment; where it is none, or lies ahead, the one at which it was seen."""
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return seen_at
    return min(moment.astimezone(UTC), seen_at) if moment.tzinfo else seen_at

"""What did citizens write again about their reports, and does LAPOR have it? Each once, like a report.

WAITING ──claim──▶ SENDING ──201──▶ SENT
   ▲                  │ └── refused ──▶ HELD (a person)
   ├──── later ───────┤
   └── absent twice ── IN_DOUBT ──found──▶ SENT
MERGED: it completed a report that was not sent yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from state.journal import Happening, record_events
from state.lifecycle import Stage
from state.models import ANSWER, CHANNEL, RECORD, REPLY, REPORT


class ReplyStage(StrEnum):
    """How far a reply is."""

    WAITING = "waiting"
    SENDING = "sending"
    IN_DOUBT = "in_doubt"
    SENT = "sent"
    MERGED = "merged"
    HELD = "held"
    """A person must bring it to LAPOR."""


class UnknownReply(LookupError):
    """There is no reply of that number that waits for a person."""


@dataclass(frozen=True, slots=True)
class Thread:
    """The report that a record is about."""

    report_id: int
    stage: Stage
    addresses: frozenset[str]
    """Of the reporter, in small letters."""


@dataclass(frozen=True, slots=True)
class DueReply:
    """A reply to be sent or looked up."""

    id: int
    external_id: str
    target: str
    """The LAPOR that has the report."""
    tracking_id: str
    text: str
    stage: ReplyStage
    attempts: int
    absences: int


@dataclass(frozen=True, slots=True)
class HeldReply:
    """A reply that a person must bring to LAPOR."""

    id: int
    report_id: int
    channel: str
    tracking_id: str | None
    code: str
    stage_at: datetime


def thread(
    tx: sa.Connection, channel_id: str, tokens: Sequence[str], threads: Sequence[str], numbers: Sequence[str]
) -> Thread | None:
    """The report that one of our answers, an earlier record of the channel, or a tracking id leads to."""
    found = _by_answer(tx, tokens) or _by_record(tx, channel_id, threads) or _by_number(tx, numbers)
    if found is None:
        return None
    query = (
        sa.select(REPORT.c.joined_to, REPORT.c.stage, REPORT.c.mapped, REPORT.c.amendments, RECORD.c.fields)
        .join(RECORD, RECORD.c.id == REPORT.c.id)
        .where(REPORT.c.id == found)
    )
    row = tx.execute(query).one()
    values = {**row.mapped, **row.amendments}
    addresses = [values.get("reporter_email"), row.fields.get("from_email"), row.fields.get("reply_to")]
    own = frozenset(str(one).strip().lower() for one in addresses if one)
    if row.joined_to is None:
        return Thread(found, Stage(row.stage), own)
    # Whoever writes again about a double writes about its twin.
    stage = tx.scalar(sa.select(REPORT.c.stage).where(REPORT.c.id == row.joined_to))
    return Thread(row.joined_to, Stage(str(stage)), own)


def due(tx: sa.Connection, now: datetime, limit: int) -> Sequence[DueReply]:
    """The oldest unsent reply of each report that LAPOR has, if it is due: later ones follow it."""
    open_stages = [ReplyStage.WAITING, ReplyStage.SENDING, ReplyStage.IN_DOUBT]
    first = sa.select(sa.func.min(REPLY.c.id)).where(REPLY.c.stage.in_(open_stages)).group_by(REPLY.c.report_id)
    ready = REPLY.c.next_attempt_at.is_(None) | (REPLY.c.next_attempt_at <= now)
    query = (
        sa.select(REPLY, REPORT.c.tracking_id, REPORT.c.target)
        .join(REPORT, REPORT.c.id == REPLY.c.report_id)
        .where(REPLY.c.id.in_(first), ready, REPLY.c.stage != ReplyStage.SENDING)
        .where(REPORT.c.tracking_id.is_not(None))
        .order_by(REPLY.c.id)
        .limit(limit)
    )
    return [_due(row) for row in tx.execute(query).mappings()]


def claim(tx: sa.Connection, reply: DueReply, now: datetime) -> None:
    """From now on a request with it may be under way."""
    _to(tx, reply.id, ReplyStage.SENDING, now, attempts=REPLY.c.attempts + 1, sent_at=now, absences=0)


def sent(tx: sa.Connection, reply: DueReply, now: datetime) -> None:
    """LAPOR has it."""
    _to(tx, reply.id, ReplyStage.SENT, now, next_attempt_at=None, code="")
    record_events(tx, [Happening(reply.id, "reply_sent", {"tracking_id": reply.tracking_id})], now)


def later(tx: sa.Connection, reply: DueReply, at: datetime, code: str, now: datetime) -> None:
    """Nothing was filed: once more, not before that moment."""
    _to(tx, reply.id, ReplyStage.WAITING, now, next_attempt_at=at, code=code)


def doubt(tx: sa.Connection, reply: DueReply, look_at: datetime, code: str, now: datetime) -> None:
    """Nobody knows whether LAPOR has it."""
    _to(tx, reply.id, ReplyStage.IN_DOUBT, now, next_attempt_at=look_at, code=code)


def absent(tx: sa.Connection, reply: DueReply, look_at: datetime, now: datetime) -> None:
    """It was not among the report's follow-ups."""
    _to(tx, reply.id, ReplyStage.IN_DOUBT, now, next_attempt_at=look_at, absences=reply.absences + 1)


def hold(tx: sa.Connection, reply: DueReply, code: str, now: datetime) -> None:
    """LAPOR does not take it: a person must."""
    _to(tx, reply.id, ReplyStage.HELD, now, next_attempt_at=None, code=code)
    record_events(tx, [Happening(reply.id, "reply_held", {"code": code})], now)


def recover(tx: sa.Connection, wait: timedelta, now: datetime) -> int:
    """What a killed process was sending is in doubt. Returns how many."""
    left = tx.execute(sa.select(REPLY.c.id, REPLY.c.sent_at).where(REPLY.c.stage == ReplyStage.SENDING)).all()
    for row in left:
        _to(tx, row.id, ReplyStage.IN_DOUBT, now, next_attempt_at=row.sent_at + wait, code="interrupted")
    return len(left)


def waiting(tx: sa.Connection, target: str, now: datetime) -> tuple[int, datetime | None]:
    """How many replies to reports that LAPOR has are due now, and when the next one is."""
    query = (
        sa.select(sa.func.coalesce(REPLY.c.next_attempt_at, REPLY.c.stage_at))
        .join(REPORT, REPORT.c.id == REPLY.c.report_id)
        .where(REPLY.c.stage.in_([ReplyStage.WAITING, ReplyStage.SENDING, ReplyStage.IN_DOUBT]))
        .where(REPORT.c.target == target, REPORT.c.tracking_id.is_not(None))
    )
    moments = list(tx.scalars(query))
    return sum(1 for at in moments if at <= now), min(moments, default=None)


def held(tx: sa.Connection) -> Sequence[HeldReply]:
    """Replies that a person must bring to LAPOR, oldest first."""
    query = (
        sa.select(REPLY, REPORT.c.tracking_id, CHANNEL.c.name.label("channel"))
        .join(REPORT, REPORT.c.id == REPLY.c.report_id)
        .join(CHANNEL, CHANNEL.c.id == REPORT.c.channel_id)
        .where(REPLY.c.stage == ReplyStage.HELD)
        .order_by(REPLY.c.id)
    )
    return [
        HeldReply(row["id"], row["report_id"], row["channel"], row["tracking_id"], row["code"], row["stage_at"])
        for row in tx.execute(query).mappings()
    ]


def brought(tx: sa.Connection, reply_id: int, actor: str, now: datetime) -> None:
    """A person has brought it to LAPOR. Raises UnknownReply where it waits for nobody."""
    mine = sa.update(REPLY).where(REPLY.c.id == reply_id, REPLY.c.stage == ReplyStage.HELD)
    if tx.execute(mine.values(stage=ReplyStage.SENT, stage_at=now)).rowcount == 0:
        raise UnknownReply(reply_id)
    record_events(tx, [Happening(reply_id, "reply_sent", {}, actor)], now)


def row_of(
    number: int, report_id: int, external_id: str, text: str, stage: ReplyStage, now: datetime
) -> dict[str, Any]:
    """A new reply's row."""
    return {
        "id": number,
        "report_id": report_id,
        "external_id": external_id,
        "text": text,
        "stage": stage,
        "stage_at": now,
        "code": "",
        "attempts": 0,
        "absences": 0,
    }


def _to(tx: sa.Connection, number: int, stage: ReplyStage, now: datetime, **values: Any) -> None:
    tx.execute(sa.update(REPLY).where(REPLY.c.id == number).values(stage=stage, stage_at=now, **values))


def _by_answer(tx: sa.Connection, tokens: Sequence[str]) -> int | None:
    query = sa.select(ANSWER.c.report_id).where(ANSWER.c.token.in_(tokens)).limit(1)
    return tx.scalar(query) if tokens else None


def _by_record(tx: sa.Connection, channel_id: str, threads: Sequence[str]) -> int | None:
    """An earlier record's report, or the report that an earlier reply was about."""
    if not threads:
        return None
    query = (
        sa.select(sa.func.coalesce(REPORT.c.id, REPLY.c.report_id))
        .select_from(RECORD)
        .outerjoin(REPORT, REPORT.c.id == RECORD.c.id)
        .outerjoin(REPLY, REPLY.c.id == RECORD.c.id)
        .where(RECORD.c.channel_id == channel_id, RECORD.c.thread.in_(threads))
        .where(REPORT.c.id.is_not(None) | REPLY.c.id.is_not(None))
        .order_by(RECORD.c.id.desc())
        .limit(1)
    )
    found: int | None = tx.scalar(query)
    return found


def _by_number(tx: sa.Connection, numbers: Sequence[str]) -> int | None:
    """A report of any channel: what somebody else writes about it must not become a report of its own."""
    query = sa.select(REPORT.c.id).where(REPORT.c.tracking_id.in_(numbers)).limit(1)
    return tx.scalar(query) if numbers else None


def _due(row: sa.RowMapping) -> DueReply:
    return DueReply(
        id=row["id"],
        external_id=row["external_id"],
        target=row["target"],
        tracking_id=row["tracking_id"],
        text=row["text"],
        stage=ReplyStage(row["stage"]),
        attempts=row["attempts"],
        absences=row["absences"],
    )

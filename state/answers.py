"""Which answers are on their way to citizens? Made of the journal, each once; carried at least once, in order.

WAITING ──carried──▶ CARRIED
   │ └── later ──▶ WAITING
   └── no way ──▶ PERSON ──told──▶ TOLD
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from state.journal import Happening, record_events
from state.models import ANSWER, CHANNEL, EVENT, RECORD, REPORT

_TWIN = REPORT.alias("twin")
_COMMITS_WITHIN = timedelta(minutes=5)
"""No transaction of ours takes so long."""


class AnswerStage(StrEnum):
    """How far an answer is."""

    WAITING = "waiting"
    CARRIED = "carried"
    PERSON = "person"
    """No carrier can bring it: a person tells the citizen."""
    TOLD = "told"


class UnknownAnswer(LookupError):
    """There is no answer of that number that waits for a person."""


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """An answer to be kept: what it tells, and which carrier is to bring it."""

    report_id: int
    external_id: str
    channel_id: str
    carrier: str
    news: str
    key: str
    facts: Mapping[str, Any]
    at: datetime
    stage: AnswerStage = AnswerStage.WAITING
    code: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """An answer with everything that is needed to put it into words and to bring it."""

    id: int
    token: str
    report_id: int
    carrier: str
    news: str
    facts: Mapping[str, Any]
    at: datetime
    attempts: int
    tracking_id: str | None
    values: Mapping[str, Any]
    """The report's fields, amendments included."""
    key: str
    """Of the record."""
    locator: str | None
    fields: Mapping[str, Any]
    lapor: Mapping[str, Any]
    channel: str
    code: str


def unread_from(tx: sa.Connection, channel_id: str) -> int | None:
    """After which event the channel's journal is to be read; None for a channel that answers nobody."""
    return tx.scalar(sa.select(CHANNEL.c.answered_until).where(CHANNEL.c.id == channel_id))


def begin(tx: sa.Connection, channel_id: str) -> None:
    """The channel answers from now on: what has happened before is nobody's news any more."""
    newest = sa.select(sa.func.coalesce(sa.func.max(EVENT.c.id), 0)).scalar_subquery()
    never = CHANNEL.c.answered_until.is_(None)
    tx.execute(sa.update(CHANNEL).where(CHANNEL.c.id == channel_id, never).values(answered_until=newest))


def end(tx: sa.Connection, channel_id: str) -> None:
    """The channel answers no more."""
    answering = CHANNEL.c.answered_until.is_not(None)
    tx.execute(sa.update(CHANNEL).where(CHANNEL.c.id == channel_id, answering).values(answered_until=None))


def keep(tx: sa.Connection, answers: Sequence[NewAnswer]) -> int:
    """Keep answers that are new. Returns how many."""
    reports = {answer.report_id for answer in answers}
    columns = sa.select(ANSWER.c.report_id, ANSWER.c.carrier, ANSWER.c.key)
    known = {
        (row.report_id, row.carrier, row.key) for row in tx.execute(columns.where(ANSWER.c.report_id.in_(reports)))
    }
    fresh = {(a.report_id, a.carrier, a.key): a for a in answers if (a.report_id, a.carrier, a.key) not in known}
    if fresh:
        tx.execute(sa.insert(ANSWER), [_row(answer) for answer in fresh.values()])
    return len(fresh)


def has_read(tx: sa.Connection, channel_id: str, now: datetime) -> None:
    """The channel's journal was read to its end.

    What happened within the last minutes is read once more: PostgreSQL numbers an event before its transaction ends, so
    an older one may still appear among them.
    """
    old = EVENT.c.at <= now - _COMMITS_WITHIN
    settled = tx.scalar(sa.select(EVENT.c.id).where(old).order_by(EVENT.c.id.desc()).limit(1))
    if settled is not None:
        behind = CHANNEL.c.answered_until < settled
        tx.execute(sa.update(CHANNEL).where(CHANNEL.c.id == channel_id, behind).values(answered_until=settled))


def due(tx: sa.Connection, channel_id: str, carrier: str, now: datetime, limit: int) -> Sequence[Due]:
    """The oldest answer of each report that waits for this carrier, if it is due: later ones follow it.

    Those that were tried least come first: one that always fails holds up no other report's.
    """
    waiting = (ANSWER.c.channel_id == channel_id, ANSWER.c.carrier == carrier, ANSWER.c.stage == AnswerStage.WAITING)
    first = sa.select(sa.func.min(ANSWER.c.id)).where(*waiting).group_by(ANSWER.c.report_id)
    ready = ANSWER.c.next_attempt_at.is_(None) | (ANSWER.c.next_attempt_at <= now)
    return _due(tx, ANSWER.c.id.in_(first) & ready, limit)


def unanswered(tx: sa.Connection, channel: str | None) -> Sequence[Due]:
    """Answers that a person must give, oldest first."""
    wanted = ANSWER.c.stage == AnswerStage.PERSON
    return _due(tx, wanted if channel is None else wanted & (CHANNEL.c.name == channel), None)


def carried(tx: sa.Connection, answer: Due, now: datetime, actor: str) -> None:
    """It has been brought."""
    _settle(tx, answer, AnswerStage.CARRIED, "", now, actor)
    told = {"news": answer.news, "carrier": answer.carrier}
    record_events(tx, [Happening(answer.report_id, "answered", told, actor)], now)


def for_a_person(tx: sa.Connection, answer: Due, code: str, now: datetime, actor: str) -> None:
    """No carrier can bring it."""
    _settle(tx, answer, AnswerStage.PERSON, code, now, actor)


def attempt(tx: sa.Connection, answer: Due) -> None:
    """It is about to be brought: one that ends the whole step by what nobody foresaw is tried after all others then."""
    tx.execute(sa.update(ANSWER).where(ANSWER.c.id == answer.id).values(attempts=ANSWER.c.attempts + 1))


def later(tx: sa.Connection, answer: Due, at: datetime, code: str) -> None:
    """It could not be brought now; not before that moment."""
    tx.execute(sa.update(ANSWER).where(ANSWER.c.id == answer.id).values(next_attempt_at=at, code=code))


def told(tx: sa.Connection, answer_id: int, actor: str, now: datetime) -> None:
    """A person has told the citizen. Raises UnknownAnswer where it waits for nobody."""
    mine = sa.update(ANSWER).where(ANSWER.c.id == answer_id, ANSWER.c.stage == AnswerStage.PERSON)
    row = tx.execute(
        mine.values(stage=AnswerStage.TOLD, settled_at=now, settled_by=actor).returning(
            ANSWER.c.report_id, ANSWER.c.news
        )
    ).first()
    if row is None:
        raise UnknownAnswer(answer_id)
    record_events(tx, [Happening(row.report_id, "answered", {"news": row.news, "carrier": "person"}, actor)], now)


def brought_since(tx: sa.Connection, carrier: str, since: datetime) -> Sequence[Mapping[str, Any]]:
    """The report fields of every answer that this carrier has brought since then, in all channels."""
    query = (
        sa.select(REPORT.c.mapped, REPORT.c.amendments)
        .join(ANSWER, ANSWER.c.report_id == REPORT.c.id)
        .where(ANSWER.c.carrier == carrier, ANSWER.c.stage == AnswerStage.CARRIED, ANSWER.c.settled_at >= since)
    )
    return [{**row.mapped, **row.amendments} for row in tx.execute(query)]


def previous_status(tx: sa.Connection, answer: Due) -> str | None:
    """The last canonical status that was brought to the same place for the same report."""
    query = (
        sa.select(ANSWER.c.facts)
        .where(
            ANSWER.c.report_id == answer.report_id,
            ANSWER.c.carrier == answer.carrier,
            ANSWER.c.stage == AnswerStage.CARRIED,
            ANSWER.c.id < answer.id,
        )
        .order_by(ANSWER.c.id.desc())
    )
    return next((str(facts["status"]) for facts in tx.scalars(query) if facts.get("status")), None)


def report_of(tx: sa.Connection, tokens: Sequence[str]) -> int | None:
    """The report that one of these answers was about."""
    if not tokens:
        return None
    return tx.scalar(sa.select(ANSWER.c.report_id).where(ANSWER.c.token.in_(tokens)).limit(1))


def _settle(tx: sa.Connection, answer: Due, stage: AnswerStage, code: str, now: datetime, actor: str) -> None:
    values = {"stage": stage, "code": code, "settled_at": now, "settled_by": actor, "next_attempt_at": None}
    waiting = ANSWER.c.stage == AnswerStage.WAITING
    tx.execute(sa.update(ANSWER).where(ANSWER.c.id == answer.id, waiting).values(**values))


def _token(answer: NewAnswer) -> str:
    parts = "\x1f".join(("answer", answer.external_id, answer.carrier, answer.key))
    return base64.b32encode(hashlib.sha256(parts.encode()).digest()).decode().rstrip("=").lower()[:32]


def _row(answer: NewAnswer) -> dict[str, Any]:
    return {
        "token": _token(answer),
        "report_id": answer.report_id,
        "channel_id": answer.channel_id,
        "carrier": answer.carrier,
        "news": answer.news,
        "key": answer.key,
        "facts": dict(answer.facts),
        "at": answer.at,
        "stage": answer.stage,
        "attempts": 0,
        "code": answer.code,
        "settled_by": "",
    }


def _due(tx: sa.Connection, wanted: sa.ColumnElement[bool], limit: int | None) -> Sequence[Due]:
    query = (
        sa.select(
            ANSWER,
            sa.func.coalesce(REPORT.c.tracking_id, _TWIN.c.tracking_id).label("tracking_id"),
            REPORT.c.mapped,
            REPORT.c.amendments,
            REPORT.c.lapor,
            _TWIN.c.lapor.label("twins_lapor"),
            _TWIN.c.mapped.label("twins_mapped"),
            _TWIN.c.amendments.label("twins_amendments"),
            RECORD.c.key.label("record_key"),
            RECORD.c.locator,
            RECORD.c.fields,
            CHANNEL.c.name.label("channel"),
        )
        .join(REPORT, REPORT.c.id == ANSWER.c.report_id)
        .join(RECORD, RECORD.c.id == REPORT.c.id)
        .join(CHANNEL, CHANNEL.c.id == ANSWER.c.channel_id)
        .outerjoin(_TWIN, _TWIN.c.id == REPORT.c.joined_to)
        .where(wanted)
        .order_by(ANSWER.c.attempts, ANSWER.c.id)
        .limit(limit)
    )
    return [_one_due(row) for row in tx.execute(query).mappings()]


def _one_due(row: sa.RowMapping) -> Due:
    return Due(
        id=row["id"],
        token=row["token"],
        report_id=row["report_id"],
        carrier=row["carrier"],
        news=row["news"],
        facts=row["facts"],
        at=row["at"],
        attempts=row["attempts"],
        tracking_id=row["tracking_id"],
        values=_values(row),
        key=row["record_key"],
        locator=row["locator"],
        fields=row["fields"],
        lapor=row["lapor"] or row["twins_lapor"] or {},
        channel=row["channel"],
        code=row["code"],
    )


def _values(row: sa.RowMapping) -> Mapping[str, Any]:
    """The report's fields; where its twin may be secret, so is what is told of it."""
    values = {**row["mapped"], **row["amendments"]}
    twins = {**(row["twins_mapped"] or {}), **(row["twins_amendments"] or {})}
    return values if not twins or twins.get("is_secret") is False else {**values, "is_secret": True}

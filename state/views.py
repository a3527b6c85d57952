"""What do people ask the state? Read-only answers for `status`, `log`, `show` and `held`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from state import doubles
from state.answers import AnswerStage
from state.lifecycle import Stage
from state.models import ANSWER, CHANNEL, EVENT, FOLLOW_UP, RECORD, REPORT, RUN, TARGET


@dataclass(frozen=True, slots=True)
class ChannelStatus:
    """How a channel stands. `counts` has records by disposition and reports by stage."""

    id: str
    name: str
    last_run: datetime | None
    last_outcome: str | None
    message: str
    problems: Sequence[Mapping[str, str]]
    counts: Mapping[str, int]
    paused_by: str | None
    oldest_waiting: datetime | None


@dataclass(frozen=True, slots=True)
class Held:
    """A report that waits for a person."""

    id: int
    channel: str
    stage: str
    stage_at: datetime
    title: str
    secret: bool
    reasons: Sequence[Mapping[str, str]]


def channels(tx: sa.Connection) -> Sequence[ChannelStatus]:
    """Every channel's status, by name."""
    counts: dict[str, dict[str, int]] = {}
    by_disposition = sa.select(RECORD.c.channel_id, RECORD.c.disposition, sa.func.count()).group_by(
        RECORD.c.channel_id, RECORD.c.disposition
    )
    by_stage = sa.select(REPORT.c.channel_id, REPORT.c.stage, sa.func.count()).group_by(
        REPORT.c.channel_id, REPORT.c.stage
    )
    for channel_id, kind, count in [*tx.execute(by_disposition), *tx.execute(by_stage)]:
        counts.setdefault(channel_id, {})[kind] = count
    oldest = _oldest_waiting(tx)
    found = tx.execute(sa.select(CHANNEL.c.id, CHANNEL.c.name, CHANNEL.c.paused_by).order_by(CHANNEL.c.name))
    return [_status(tx, row, counts.get(row.id, {}), oldest.get(row.id)) for row in found]


def targets(tx: sa.Connection) -> Sequence[Mapping[str, Any]]:
    """Every LAPOR that reports went to, with its pause."""
    return [dict(row) for row in tx.execute(sa.select(TARGET)).mappings()]


def last_run(tx: sa.Connection, step: str, channel_id: str | None) -> Mapping[str, Any] | None:
    """The latest run of a step."""
    query = (
        sa.select(RUN)
        .where(RUN.c.step == step, RUN.c.channel_id.is_not_distinct_from(channel_id))
        .order_by(RUN.c.id.desc())
        .limit(1)
    )
    row = tx.execute(query).mappings().first()
    return dict(row) if row else None


def runs(tx: sa.Connection, limit: int) -> Sequence[Mapping[str, Any]]:
    """The latest runs, newest first."""
    query = (
        sa.select(RUN, CHANNEL.c.name.label("channel"))
        .outerjoin(CHANNEL, CHANNEL.c.id == RUN.c.channel_id)
        .order_by(RUN.c.id.desc())
        .limit(limit)
    )
    return [dict(row) for row in tx.execute(query).mappings()]


def waiting_for_people(tx: sa.Connection, stages: Sequence[Stage], channel: str | None) -> Sequence[Held]:
    """Reports of these stages, oldest first, of one channel or of all."""
    query = (
        sa.select(REPORT, CHANNEL.c.name.label("channel"))
        .join(CHANNEL, CHANNEL.c.id == REPORT.c.channel_id)
        .where(REPORT.c.stage.in_(stages))
        .order_by(REPORT.c.id)
    )
    if channel is not None:
        query = query.where(CHANNEL.c.name == channel)
    if stages == [Stage.IN_DOUBT]:
        query = query.where(REPORT.c.next_attempt_at.is_(None))
    return [_held(row) for row in tx.execute(query).mappings()]


def open_answers(tx: sa.Connection) -> Sequence[tuple[str, str, str, int]]:
    """Answers that citizens have not got yet: channel, stage, why, and how many."""
    query = (
        sa.select(CHANNEL.c.name, ANSWER.c.stage, ANSWER.c.code, sa.func.count())
        .join(CHANNEL, CHANNEL.c.id == ANSWER.c.channel_id)
        .where(ANSWER.c.stage.in_([AnswerStage.WAITING, AnswerStage.PERSON]))
        .group_by(CHANNEL.c.name, ANSWER.c.stage, ANSWER.c.code)
        .order_by(CHANNEL.c.name, ANSWER.c.stage, ANSWER.c.code)
    )
    return [(row[0], row[1], row[2], row[3]) for row in tx.execute(query)]


def whole(tx: sa.Connection, record_id: int) -> Mapping[str, Any] | None:
    """A record with its report, events, follow-ups and answers; None for an unknown id."""
    query = (
        sa.select(RECORD, CHANNEL.c.name.label("channel"))
        .join(CHANNEL, CHANNEL.c.id == RECORD.c.channel_id)
        .where(RECORD.c.id == record_id)
    )
    record = tx.execute(query).mappings().first()
    if record is None:
        return None
    report = tx.execute(sa.select(REPORT).where(REPORT.c.id == record_id)).mappings().first()
    events = tx.execute(sa.select(EVENT).where(EVENT.c.record_id == record_id).order_by(EVENT.c.id)).mappings()
    answers = tx.execute(sa.select(ANSWER).where(ANSWER.c.report_id == record_id).order_by(ANSWER.c.id)).mappings()
    follow_ups = tx.execute(
        sa.select(FOLLOW_UP).where(FOLLOW_UP.c.report_id == record_id).order_by(FOLLOW_UP.c.id)
    ).mappings()
    return {
        "record": dict(record),
        "report": dict(report) if report else None,
        "events": [dict(row) for row in events],
        "follow_ups": [dict(row) for row in follow_ups],
        "answers": [dict(row) for row in answers],
        "twins": doubles.related(tx, report["id"], report["joined_to"], report["reasons"]) if report else [],
    }


def _oldest_waiting(tx: sa.Connection) -> Mapping[str, datetime]:
    """Since when the oldest report of each channel waits to be filed, counted from when it was found."""
    waiting = [Stage.HELD, Stage.QUEUED, Stage.SENDING, Stage.IN_DOUBT, Stage.REJECTED]
    query = (
        sa.select(REPORT.c.channel_id, sa.func.min(RECORD.c.found_at))
        .join(RECORD, RECORD.c.id == REPORT.c.id)
        .where(REPORT.c.stage.in_(waiting))
        .group_by(REPORT.c.channel_id)
    )
    return {row[0]: row[1] for row in tx.execute(query)}


def _status(tx: sa.Connection, row: Any, counts: Mapping[str, int], oldest: datetime | None) -> ChannelStatus:
    run = last_run(tx, "collect", row.id) or {}
    return ChannelStatus(
        id=row.id,
        name=row.name,
        last_run=run.get("ended_at"),
        last_outcome=run.get("outcome"),
        message=run.get("message", ""),
        problems=run.get("problems", ()),
        counts=counts,
        paused_by=row.paused_by,
        oldest_waiting=oldest,
    )


def _held(row: sa.RowMapping) -> Held:
    values = {**row["mapped"], **row["amendments"]}
    return Held(
        id=row["id"],
        channel=row["channel"],
        stage=row["stage"],
        stage_at=row["stage_at"],
        title=str(values.get("title") or ""),
        secret=values.get("is_secret") is not False,
        reasons=row["reasons"],
    )

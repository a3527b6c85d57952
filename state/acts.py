"""What may a person do with a report? Each act asks the lifecycle and is recorded with who did it and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from state import ledger
from state.journal import Happening, record_events
from state.ledger import NewReport
from state.lifecycle import UNSENT, Act, Disposition, NotAllowed, Stage, UnknownReport, after
from state.models import CHANNEL, RECORD, REPORT

NOT_A_COMPLAINT = "not_a_complaint"
"""The reason of what a person has ignored."""
_IGNORED = (RECORD.c.disposition == Disposition.IGNORED) | (RECORD.c.reason == NOT_A_COMPLAINT)


@dataclass(frozen=True, slots=True)
class Ignored:
    """A record that is taken for no complaint, as an operator sees it."""

    id: int
    channel: str
    found_at: datetime
    reason: str
    subject: str
    secret: bool
    """It was a report that asked for secrecy, or may have."""


def values_of(tx: sa.Connection, report_id: int) -> tuple[Stage, Mapping[str, Any]]:
    """A report's stage and fields, amendments included. Raises UnknownReport."""
    query = sa.select(REPORT.c.stage, REPORT.c.mapped, REPORT.c.amendments).where(REPORT.c.id == report_id)
    row = tx.execute(query.with_for_update()).first()
    if row is None:
        raise UnknownReport(report_id)
    return Stage(row.stage), {**row.mapped, **row.amendments}


def release(tx: sa.Connection, report_id: int, actor: str, now: datetime) -> None:
    """Let a held report be sent. Raises NotAllowed where it is not held."""
    _change(tx, report_id, Act.RELEASE, "released", {}, actor, now)


def drop(tx: sa.Connection, report_id: int, why: str, actor: str, now: datetime) -> None:
    """Decide that a report is not to be sent. Raises NotAllowed where it may be in LAPOR already."""
    _change(tx, report_id, Act.DROP, "dropped", {"why": why}, actor, now)


def ignore(tx: sa.Connection, report_id: int, actor: str, now: datetime) -> None:
    """Decide that a report is no complaint: it is not sent, and nobody is told. Raises as `drop` does."""
    _change(tx, report_id, Act.DROP, "ignored", {"reasons": [NOT_A_COMPLAINT]}, actor, now)
    tx.execute(sa.update(RECORD).where(RECORD.c.id == report_id).values(reason=NOT_A_COMPLAINT))


def ignored(tx: sa.Connection, channel: str | None) -> Sequence[Ignored]:
    """Records that a rule or a person took for no complaint, of one channel or of all; the latest first."""
    query = (
        sa.select(RECORD, CHANNEL.c.name.label("channel"), REPORT.c.mapped, REPORT.c.amendments)
        .join(CHANNEL, CHANNEL.c.id == RECORD.c.channel_id)
        .outerjoin(REPORT, REPORT.c.id == RECORD.c.id)
        .where(_IGNORED, sa.true() if channel is None else CHANNEL.c.name == channel)
        .order_by(RECORD.c.id.desc())
    )
    return [_ignored(row) for row in tx.execute(query).mappings()]


def _ignored(row: sa.RowMapping) -> Ignored:
    values = None if row["mapped"] is None else {**row["mapped"], **row["amendments"]}
    secret = values is not None and values.get("is_secret") is not False
    subject = str(row["fields"].get("subject") or "")
    return Ignored(row["id"], row["channel"], row["found_at"], row["reason"] or "", subject, secret)


def stored_ignored(tx: sa.Connection, record_id: int) -> Stored:
    """An ignored record, as a report that nothing was decided about yet. Raises UnknownReport."""
    query = sa.select(RECORD, CHANNEL.c.name.label("channel")).join(CHANNEL, CHANNEL.c.id == RECORD.c.channel_id)
    row = tx.execute(query.where(RECORD.c.id == record_id, _IGNORED)).mappings().first()
    if row is None:
        raise UnknownReport(record_id)
    return _stored_of({**row, "stage": Stage.HELD, "amendments": {}, "reasons": []})


def take_up(tx: sa.Connection, gateway_id: str, record_id: int, report: NewReport, actor: str, now: datetime) -> str:
    """Make an ignored record a report after all. Returns its external_id; raises UnknownReport for any other."""
    row = tx.execute(sa.select(RECORD.c.channel_id, RECORD.c.key).where(RECORD.c.id == record_id, _IGNORED)).first()
    if row is None:
        raise UnknownReport(record_id)
    external = ledger.external_id(gateway_id, row.channel_id, row.key)
    values = ledger.report_row(record_id, external, row.channel_id, report, now)
    known = tx.execute(sa.update(REPORT).where(REPORT.c.id == record_id).values(**values)).rowcount
    if not known:
        tx.execute(sa.insert(REPORT).values(**values))
    tx.execute(sa.update(RECORD).where(RECORD.c.id == record_id).values(disposition=Disposition.REPORT, reason=None))
    ledger.keep_attachments(tx, record_id, report)
    record_events(tx, [Happening(record_id, "taken_up", {"stage": report.stage}, actor)], now)
    return external


def held_only_for(tx: sa.Connection, channel_id: str, code: str) -> Sequence[int]:
    """Held reports of a channel that wait for nothing but this reason."""
    query = sa.select(REPORT.c.id, REPORT.c.reasons).where(
        REPORT.c.channel_id == channel_id, REPORT.c.stage == Stage.HELD
    )
    return [row.id for row in tx.execute(query) if {reason["code"] for reason in row.reasons} == {code}]


def _change(
    tx: sa.Connection, report_id: int, act: Act, kind: str, detail: Mapping[str, Any], actor: str, now: datetime
) -> None:
    stage, _ = values_of(tx, report_id)
    following = after(stage, act)
    tx.execute(
        sa.update(REPORT)
        .where(REPORT.c.id == report_id, REPORT.c.stage == stage)
        .values(stage=following, stage_at=now, next_attempt_at=None, reasons=[])
    )
    record_events(tx, [Happening(report_id, kind, detail, actor)], now)


@dataclass(frozen=True, slots=True)
class Stored:
    """A report with the raw record it was made of."""

    id: int
    channel: str
    stage: Stage
    disposition: Disposition
    received_at: str | None
    fields: Mapping[str, Any]
    attachments: Sequence[Mapping[str, Any]]
    amendments: Mapping[str, Any]
    reasons: Sequence[Mapping[str, str]]


def stored(tx: sa.Connection, report_id: int) -> Stored:
    """A report with its raw record. Raises UnknownReport."""
    found = _stored(tx, REPORT.c.id == report_id)
    if not found:
        raise UnknownReport(report_id)
    return found[0]


def stored_in(tx: sa.Connection, stages: Sequence[Stage], channel: str | None, reason: str | None) -> Sequence[Stored]:
    """Reports in these stages, of one channel and with one reason code, or of all."""
    wanted = REPORT.c.stage.in_(stages) if channel is None else REPORT.c.stage.in_(stages) & (CHANNEL.c.name == channel)
    return [one for one in _stored(tx, wanted) if reason in (None, *(item["code"] for item in one.reasons))]


def correct(
    tx: sa.Connection,
    before: Stored,
    report: NewReport,
    amendments: Mapping[str, Any],
    kind: str,
    actor: str,
    now: datetime,
) -> None:
    """Keep a report as a person has corrected it or had it mapped anew. Raises NotAllowed once it may be in LAPOR."""
    if before.stage not in UNSENT:
        raise NotAllowed(before.stage, Act.RETRY)
    changing = tx.execute(
        sa.update(REPORT)
        .where(REPORT.c.id == before.id, REPORT.c.stage == before.stage)
        .values(
            stage=report.stage,
            stage_at=now,
            mapped=dict(report.values),
            amendments=dict(amendments),
            reasons=list(report.reasons),
            notes=list(report.notes),
            next_attempt_at=None,
        )
    )
    if changing.rowcount:
        ledger.keep_attachments(tx, before.id, report)
    changed = sorted(
        name for name in {*amendments, *before.amendments} if amendments.get(name) != before.amendments.get(name)
    )
    record_events(tx, [Happening(before.id, kind, {"fields": changed, "stage": report.stage}, actor)], now)


def _stored(tx: sa.Connection, condition: sa.ColumnElement[bool]) -> Sequence[Stored]:
    query = (
        sa.select(RECORD, REPORT.c.stage, REPORT.c.amendments, REPORT.c.reasons, CHANNEL.c.name.label("channel"))
        .join(REPORT, REPORT.c.id == RECORD.c.id)
        .join(CHANNEL, CHANNEL.c.id == RECORD.c.channel_id)
        .where(condition)
        .order_by(RECORD.c.id)
    )
    # Locked where the database can: nobody claims a report between a person's look and act.
    query = query.with_for_update(of=REPORT)
    return [_stored_of(dict(row)) for row in tx.execute(query).mappings()]


def _stored_of(row: Mapping[str, Any]) -> Stored:
    return Stored(
        id=row["id"],
        channel=row["channel"],
        stage=Stage(row["stage"]),
        disposition=Disposition(row["disposition"]),
        received_at=row["received_at"],
        fields=row["fields"],
        attachments=row["attachments"],
        amendments=row["amendments"],
        reasons=row["reasons"],
    )

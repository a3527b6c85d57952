"""Which report is sent next, and what came of it? Claims, their settling, and what a crash left behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from state.journal import SERVICE, Happening, record_events
from state.lifecycle import Act, Stage, origins
from state.models import RECORD, REPORT


@dataclass(frozen=True, slots=True)
class Claim:
    """A report that this process alone may send now."""

    id: int
    channel_id: str
    external_id: str
    values: Mapping[str, Any]
    """Report fields, amendments included."""
    attachments: Sequence[Mapping[str, Any]]
    target: str
    attempts: int
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class Accepted:
    """LAPOR has the report."""

    tracking_id: str
    transaction_id: str | None
    status: str
    canonical: str
    look_at: datetime | None = None
    """When to ask for it by itself: the lists tell of most changes."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """LAPOR refused the content: reasons by field."""

    reasons: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Later:
    """Nothing was filed; try again, not before `at`."""

    at: datetime
    code: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows whether it was filed; look it up, not before `at`, or, with None, ask a person."""

    at: datetime | None
    code: str


Outcome = Accepted | Rejected | Later | Unknown


@dataclass(frozen=True, slots=True)
class Settled:
    """What a settled claim turned out to be, when LAPOR's answer collides with what is known."""

    id: int
    tracking_id: str
    bound_to: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many reports still have something to do, and when the next is due."""

    due: int
    later: int
    next_at: datetime | None


def due(tx: sa.Connection, now: datetime, limit: int) -> Sequence[int]:
    """Ids of reports to be sent, the oldest of each channel in turn: no channel starves another."""
    turn = sa.func.row_number().over(partition_by=REPORT.c.channel_id, order_by=REPORT.c.id)
    ready = sa.or_(REPORT.c.next_attempt_at.is_(None), REPORT.c.next_attempt_at <= now)
    inner = sa.select(REPORT.c.id, turn.label("turn")).where(REPORT.c.stage == Stage.QUEUED, ready).subquery()
    return list(tx.scalars(sa.select(inner.c.id).order_by(inner.c.turn, inner.c.id).limit(limit)))


def claim(tx: sa.Connection, ids: Sequence[int], target: str, now: datetime) -> Sequence[Claim]:
    """Claim those of the reports that are still queued. Afterwards each of them is sent, or in doubt."""
    if not ids:
        return []
    claimed = tx.execute(_CLAIM, {"ids": list(ids), "now": now, "sent_to": target}).mappings().all()
    # Not in RETURNING: there SQLite knows no table names, and a subquery's `id` would mean its own.
    files = tx.execute(_ATTACHMENTS, {"ids": [row["id"] for row in claimed]})
    attachments = {row.id: row.attachments for row in files}
    return [_claim(row, attachments[row["id"]]) for row in claimed]


_CLAIM = (
    sa.update(REPORT)
    .where(REPORT.c.id.in_(sa.bindparam("ids", expanding=True)), REPORT.c.stage == Stage.QUEUED)
    .values(
        stage=Stage.SENDING,
        stage_at=sa.bindparam("now"),
        sent_at=sa.bindparam("now"),
        target=sa.bindparam("sent_to"),
        attempts=REPORT.c.attempts + 1,
        absences=0,
    )
    .returning(
        *(
            REPORT.c[name]
            for name in ("id", "channel_id", "external_id", "mapped", "amendments", "target", "attempts", "sent_at")
        ),
    )
)


_ATTACHMENTS = sa.select(RECORD.c.id, RECORD.c.attachments).where(RECORD.c.id.in_(sa.bindparam("ids", expanding=True)))


def settle(
    tx: sa.Connection, outcomes: Mapping[int, Outcome], now: datetime, actor: str = SERVICE
) -> Sequence[Settled]:
    """Keep what came of claims or lookups.

    A tracking id that is bound to another report already is not bound again: those are returned, and wait for a person.
    """
    collisions = _collisions(tx, outcomes)
    told = {**outcomes, **{hit.id: Unknown(None, "tracking_id_taken") for hit in collisions}}
    groups: dict[str, list[dict[str, Any]]] = {}
    for number, outcome in told.items():
        kind, changes = _effect(outcome, now)
        groups.setdefault(kind, []).append({"number": number, "stage_at": now, **changes})
    for kind, rows in groups.items():
        tx.execute(_SETTLING[kind], rows)
    happened = (Happening(number, _effect(outcome, now)[0], _told(outcome), actor) for number, outcome in told.items())
    record_events(tx, happened, now)
    return collisions


def still_ours(
    tx: sa.Connection, outcomes: Mapping[int, Outcome], attempts: Mapping[int, int]
) -> Mapping[int, Outcome]:
    """The outcomes without those of claims that another process has taken over meanwhile, receipts excepted.

    A process that was suspended for longer than its lease may bring an outcome when the report is claimed anew; only
    that LAPOR has the report is still true then. The operating system's lock beside SQLite lets nobody take over.
    """
    if tx.dialect.name == "sqlite":
        return outcomes
    rows = tx.execute(sa.select(REPORT.c.id, REPORT.c.attempts).where(REPORT.c.id.in_(outcomes)))
    latest = {row.id: row.attempts for row in rows}
    return {
        number: outcome
        for number, outcome in outcomes.items()
        if isinstance(outcome, Accepted) or latest.get(number) == attempts[number]
    }


def recover(tx: sa.Connection, wait: timedelta, now: datetime) -> int:
    """Claims that a killed process left behind are in doubt: their requests may have arrived. Returns how many."""
    left = tx.execute(sa.select(REPORT.c.id, REPORT.c.sent_at).where(REPORT.c.stage == Stage.SENDING)).all()
    settle(tx, {row.id: Unknown(row.sent_at + wait, "interrupted") for row in left}, now)
    return len(left)


def waiting(tx: sa.Connection, now: datetime) -> Waiting:
    """What is left to do without a person."""
    open_ = REPORT.c.stage.in_([Stage.QUEUED, Stage.SENDING]) | (
        (REPORT.c.stage == Stage.IN_DOUBT) & REPORT.c.next_attempt_at.is_not(None)
    )
    moment = sa.func.coalesce(REPORT.c.next_attempt_at, REPORT.c.stage_at)
    rows = tx.execute(sa.select(moment).where(open_)).scalars().all()
    due_now = sum(1 for at in rows if at <= now)
    return Waiting(due_now, len(rows) - due_now, min(rows, default=None))


def _effect(outcome: Outcome, now: datetime) -> tuple[str, dict[str, Any]]:
    """The event's kind, and the changes of the report's row."""
    match outcome:
        case Accepted():
            changes: dict[str, Any] = {
                "stage": Stage.ACCEPTED,
                "tracking_id": outcome.tracking_id,
                "transaction_id": outcome.transaction_id,
                "lapor_status": outcome.status,
                "lapor_canonical": outcome.canonical,
                "next_attempt_at": None,
                "next_track_at": outcome.look_at or now,
                "reasons": [],
            }
            return "accepted", changes
        case Rejected():
            return "rejected", {"stage": Stage.REJECTED, "reasons": list(outcome.reasons), "next_attempt_at": None}
        case Later():
            return "postponed", {"stage": Stage.QUEUED, "next_attempt_at": outcome.at}
        case Unknown():
            return "in_doubt", {"stage": Stage.IN_DOUBT, "next_attempt_at": outcome.at}


def _settling(stages: Sequence[Stage]) -> sa.Update:
    """Spelt out: a list in IN cannot be sent for many rows at once."""
    allowed = sa.or_(*(REPORT.c.stage == stage for stage in stages))
    return sa.update(REPORT).where(REPORT.c.id == sa.bindparam("number"), allowed)


_SETTLING = {
    "accepted": _settling([*origins(Act.ACCEPT), *origins(Act.FIND)]),
    "rejected": _settling(origins(Act.REJECT)),
    "postponed": _settling(origins(Act.POSTPONE)),
    "in_doubt": _settling([*origins(Act.DOUBT), Stage.IN_DOUBT]),
}


def _told(outcome: Outcome) -> dict[str, Any]:
    match outcome:
        case Accepted():
            return {"tracking_id": outcome.tracking_id}
        case Rejected():
            return {"fields": sorted({reason.get("field", "") for reason in outcome.reasons})}
        case Later() | Unknown():
            return {"code": outcome.code, "at": outcome.at.isoformat() if outcome.at else None}


def _collisions(tx: sa.Connection, outcomes: Mapping[int, Outcome]) -> Sequence[Settled]:
    """Reports whose tracking id another report of the same target has, in the state or earlier in this batch."""
    given = {number: outcome.tracking_id for number, outcome in outcomes.items() if isinstance(outcome, Accepted)}
    if not given:
        return []
    found = tx.execute(_SAME_IDS, {"ids": list(given), "tracking_ids": list(set(given.values()))})
    owners = {row.tracking_id: row.id for row in found}
    collisions = []
    for number, tracking_id in given.items():
        owner = owners.setdefault(tracking_id, number)
        if owner != number:
            collisions.append(Settled(number, tracking_id, owner))
    return collisions


_TARGETS = sa.select(REPORT.c.target).where(REPORT.c.id.in_(sa.bindparam("ids", expanding=True)))
_SAME_IDS = sa.select(REPORT.c.id, REPORT.c.tracking_id).where(
    REPORT.c.target.in_(_TARGETS), REPORT.c.tracking_id.in_(sa.bindparam("tracking_ids", expanding=True))
)
"""A batch goes to one target."""


def _claim(row: sa.RowMapping, attachments: Sequence[Mapping[str, Any]]) -> Claim:
    return Claim(
        id=row["id"],
        channel_id=row["channel_id"],
        external_id=row["external_id"],
        values={**row["mapped"], **row["amendments"]},
        attachments=attachments,
        target=row["target"],
        attempts=row["attempts"],
        sent_at=row["sent_at"],
    )

"""Which reports are in doubt, and what did looking for them show?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from state.journal import SERVICE, Happening, record_events
from state.lifecycle import Act, NotAllowed, Stage, UnknownReport, after
from state.models import REPORT


@dataclass(frozen=True, slots=True)
class InDoubt:
    """A report of which nobody knows whether LAPOR has it."""

    id: int
    external_id: str
    target: str
    secret: bool
    absences: int
    sent_at: datetime
    attempts: int


def in_doubt(tx: sa.Connection, now: datetime, limit: int) -> Sequence[InDoubt]:
    """Reports in doubt whose lookup is due."""
    query = (
        sa.select(REPORT)
        .where(REPORT.c.stage == Stage.IN_DOUBT, REPORT.c.next_attempt_at <= now)
        .order_by(REPORT.c.next_attempt_at)
        .limit(limit)
    )
    return [_in_doubt(row) for row in tx.execute(query).mappings()]


def doubtful(tx: sa.Connection, report_id: int) -> InDoubt:
    """One report in doubt. Raises NotAllowed where it is none, UnknownReport where there is none."""
    row = tx.execute(sa.select(REPORT).where(REPORT.c.id == report_id)).mappings().first()
    if row is None:
        raise UnknownReport(report_id)
    if row["stage"] != Stage.IN_DOUBT:
        raise NotAllowed(Stage(row["stage"]), Act.FIND)
    return _in_doubt(row)


def absent(tx: sa.Connection, report: InDoubt, look_again: datetime | None, now: datetime) -> None:
    """A lookup did not find it. Look again at that moment, or, with None, a person must decide."""
    tx.execute(
        sa.update(REPORT)
        .where(REPORT.c.id == report.id, REPORT.c.stage == Stage.IN_DOUBT)
        .values(absences=report.absences + 1, next_attempt_at=look_again)
    )
    detail = {"absences": report.absences + 1, "person": look_again is None}
    record_events(tx, [Happening(report.id, "not_found", detail)], now)


def requeue(tx: sa.Connection, report: InDoubt, now: datetime, actor: str = SERVICE) -> None:
    """It was absent often enough, or a person says so: LAPOR does not have it, and it is sent again."""
    stage = after(Stage.IN_DOUBT, Act.REQUEUE)
    tx.execute(
        sa.update(REPORT)
        .where(REPORT.c.id == report.id, REPORT.c.stage == Stage.IN_DOUBT)
        .values(stage=stage, stage_at=now, next_attempt_at=None, absences=report.absences + 1)
    )
    record_events(tx, [Happening(report.id, "requeued", {"absences": report.absences + 1}, actor)], now)


def put_off(tx: sa.Connection, ids: Sequence[int], until: datetime) -> None:
    """Do not look these up before that moment; nothing was learned of them."""
    if ids:
        tx.execute(sa.update(REPORT).where(REPORT.c.id.in_(ids)).values(next_attempt_at=until))


def _in_doubt(row: sa.RowMapping) -> InDoubt:
    values = {**row["mapped"], **row["amendments"]}
    return InDoubt(
        id=row["id"],
        external_id=row["external_id"],
        target=row["target"],
        secret=bool(values.get("is_secret")),
        absences=row["absences"],
        sent_at=row["sent_at"],
        attempts=row["attempts"],
    )

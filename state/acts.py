"""What may a person do with a report? Each act asks the lifecycle and is recorded with who did it and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from state.journal import Happening, record_events
from state.lifecycle import Act, Stage, after
from state.models import REPORT


class UnknownReport(LookupError):
    """There is no report of that number."""


def values_of(tx: sa.Connection, report_id: int) -> tuple[Stage, Mapping[str, Any]]:
    """A report's stage and fields, amendments included. Raises UnknownReport."""
    query = sa.select(REPORT.c.stage, REPORT.c.mapped, REPORT.c.amendments).where(REPORT.c.id == report_id)
    row = tx.execute(query).first()
    if row is None:
        raise UnknownReport(report_id)
    return Stage(row.stage), {**row.mapped, **row.amendments}


def release(tx: sa.Connection, report_id: int, actor: str, now: datetime) -> None:
    """Let a held report be sent. Raises NotAllowed where it is not held."""
    _change(tx, report_id, Act.RELEASE, "released", {}, actor, now)


def drop(tx: sa.Connection, report_id: int, why: str, actor: str, now: datetime) -> None:
    """Decide that a report is not to be sent. Raises NotAllowed where it may be in LAPOR already."""
    _change(tx, report_id, Act.DROP, "dropped", {"why": why}, actor, now)


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

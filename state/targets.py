"""Which LAPOR do reports go to, and is it paused?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from state.lifecycle import Stage
from state.models import REPORT, TARGET


@dataclass(frozen=True, slots=True)
class TargetState:
    """How a target stands. While it is paused nothing is sent there, and no attempt is counted."""

    name: str
    failures: int
    paused_until: datetime | None
    pause_reason: str

    def paused(self, now: datetime) -> bool:
        """Whether nothing may be sent at that moment."""
        return self.paused_until is not None and now < self.paused_until


def known(tx: sa.Connection) -> list[str]:
    """Names of all targets that were ever used."""
    return list(tx.scalars(sa.select(TARGET.c.name)))


def get(tx: sa.Connection, name: str) -> TargetState:
    """The target's state; a new target starts without failures."""
    row = tx.execute(sa.select(TARGET).where(TARGET.c.name == name)).first()
    if row is None:
        return TargetState(name, 0, None, "")
    return TargetState(name, row.failures, row.paused_until, row.pause_reason)


def add(tx: sa.Connection, name: str) -> None:
    """Remember a target as one of ours."""
    if name not in known(tx):
        tx.execute(sa.insert(TARGET).values(name=name, failures=0, pause_reason=""))


def pause(tx: sa.Connection, name: str, until: datetime, reason: str) -> None:
    """Send nothing to it before that moment. Each pause without a success between counts as a failure."""
    values = {"failures": TARGET.c.failures + 1, "paused_until": until, "pause_reason": reason}
    tx.execute(sa.update(TARGET).where(TARGET.c.name == name).values(**values))


def resume(tx: sa.Connection, name: str) -> None:
    """It answers again."""
    values = {"failures": 0, "paused_until": None, "pause_reason": ""}
    tx.execute(sa.update(TARGET).where(TARGET.c.name == name).values(**values))


def undecided(tx: sa.Connection, name: str) -> int:
    """How many reports that are still unsent or in doubt were last tried at another target than this one."""
    elsewhere = REPORT.c.target.is_not(None) & (REPORT.c.target != name)
    stages = [Stage.SENDING, Stage.IN_DOUBT]
    return tx.scalar(sa.select(sa.func.count()).where(elsewhere, REPORT.c.stage.in_(stages))) or 0

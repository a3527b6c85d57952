"""Which LAPOR do reports go to, and is it paused?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from state.lifecycle import Stage
from state.models import REPORT, SETTING, SIGHTING, TARGET

_BY_PERSON = "by_person"
SECOND_GATEWAY = "second_gateway"
_ACCEPTED = "lapor_target"
UNTIL_RESUMED = (_BY_PERSON, SECOND_GATEWAY)
_NEVER = datetime(9000, 1, 1, tzinfo=UTC)
_GOING = {"failures": 0, "paused_until": None, "pause_reason": ""}


@dataclass(frozen=True, slots=True)
class TargetState:
    """How a target stands. While it is paused nothing is sent there, and no attempt is counted."""

    name: str
    failures: int
    paused_until: datetime | None
    pause_reason: str

    @property
    def by_person(self) -> bool:
        """Whether a person has paused it."""
        return self.pause_reason == _BY_PERSON

    @property
    def until_resumed(self) -> bool:
        """Whether only a person ends the pause."""
        return self.pause_reason in UNTIL_RESUMED

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
    """Send nothing to it before that moment. Each pause without a success between counts as a failure.

    What a person has paused stays paused.
    """
    values = {"failures": TARGET.c.failures + 1, "paused_until": until, "pause_reason": reason}
    tx.execute(
        sa.update(TARGET).where(TARGET.c.name == name, TARGET.c.pause_reason.not_in(UNTIL_RESUMED)).values(**values)
    )


def resume(tx: sa.Connection, name: str) -> None:
    """It answers again. What a person has paused stays paused."""
    tx.execute(
        sa.update(TARGET).where(TARGET.c.name == name, TARGET.c.pause_reason.not_in(UNTIL_RESUMED)).values(**_GOING)
    )


def resume_by_person(tx: sa.Connection, name: str) -> None:
    """A person lets it go on, whatever it was paused for."""
    tx.execute(sa.update(TARGET).where(TARGET.c.name == name).values(**_GOING))


def left_behind(tx: sa.Connection, name: str) -> Sequence[str]:
    """Other targets that have, or may have, reports of ours, unless a person has said that this one is right."""
    return [] if _accepted(tx) == name else elsewhere(tx, name)


def elsewhere(tx: sa.Connection, name: str) -> Sequence[str]:
    """Other targets that have, or may have, reports of ours."""
    bound = REPORT.c.tracking_id.is_not(None) | REPORT.c.stage.in_([Stage.SENDING, Stage.IN_DOUBT])
    query = sa.select(REPORT.c.target).where(REPORT.c.target.is_not(None), REPORT.c.target != name, bound).distinct()
    return sorted(tx.scalars(query))


def count(tx: sa.Connection, name: str) -> int:
    """How many reports were sent to that target."""
    return tx.scalar(sa.select(sa.func.count()).where(REPORT.c.target == name)) or 0


def accept(tx: sa.Connection, name: str) -> None:
    """From now on reports go to this target; another one in the configuration is refused until a person accepts it."""
    add(tx, name)
    row = {"name": _ACCEPTED, "value": name}
    if tx.execute(sa.update(SETTING).where(SETTING.c.name == _ACCEPTED).values(value=name)).rowcount == 0:
        tx.execute(sa.insert(SETTING).values(**row))


def _accepted(tx: sa.Connection) -> str | None:
    return tx.scalar(sa.select(SETTING.c.value).where(SETTING.c.name == _ACCEPTED))


def move(tx: sa.Connection, old: str, new: str) -> int:
    """The same LAPOR has a new address or profile: its reports go along. Returns how many."""
    moved = tx.execute(sa.update(REPORT).where(REPORT.c.target == old).values(target=new)).rowcount
    tx.execute(sa.update(SIGHTING).where(SIGHTING.c.target == old).values(target=new))
    if new in known(tx):
        # Its changes are read from the beginning: what happened at the old address meanwhile is in the same list.
        tx.execute(sa.update(TARGET).where(TARGET.c.name == new).values(tracked_until=None))
        tx.execute(sa.delete(TARGET).where(TARGET.c.name == old))
    else:
        tx.execute(sa.update(TARGET).where(TARGET.c.name == old).values(name=new, **_GOING))
    return moved


def spent(tx: sa.Connection, name: str, day: str) -> int:
    """Requests made to the target on that day."""
    row = tx.scalar(sa.select(SETTING.c.value).where(SETTING.c.name == _counter(name)))
    counted_day, _, count = (row or "").partition(" ")
    return int(count) if counted_day == day else 0


def spend(tx: sa.Connection, name: str, day: str, requests: int) -> int:
    """Count requests; the day's new total."""
    total = spent(tx, name, day) + requests
    row = {"name": _counter(name), "value": f"{day} {total}"}
    if tx.execute(sa.update(SETTING).where(SETTING.c.name == row["name"]).values(value=row["value"])).rowcount == 0:
        tx.execute(sa.insert(SETTING).values(**row))
    return total


def probe_at_once(tx: sa.Connection, name: str) -> None:
    """A new start may bring a new token or address: try what LAPOR refused without waiting for the pause to end."""
    refusals = TARGET.c.pause_reason.in_(["unauthorized", "wrong_address", "redirected", "refused", "bad_answer"])
    tx.execute(sa.update(TARGET).where(TARGET.c.name == name, refusals).values(paused_until=None))


def _counter(name: str) -> str:
    return f"requests {name}"


def pause_by_person(tx: sa.Connection, name: str) -> None:
    """Send nothing to it until a person resumes it."""
    _stop(tx, name, _BY_PERSON)


def stop_for_second_gateway(tx: sa.Connection, name: str) -> None:
    """Somebody else files under our ids: send nothing until a person has looked and resumes it."""
    _stop(tx, name, SECOND_GATEWAY)


def _stop(tx: sa.Connection, name: str, reason: str) -> None:
    values = {"paused_until": _NEVER, "pause_reason": reason}
    tx.execute(sa.update(TARGET).where(TARGET.c.name == name).values(**values))

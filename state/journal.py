"""What happened? Events of reports, and runs of steps, for the people who ask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from state.models import EVENT, RUN

SERVICE = "gateway"
"""The actor of what nobody did by hand."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event to be kept. `detail` holds codes, counts and ids, never personal data."""

    record_id: int
    kind: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    actor: str = SERVICE


@dataclass(frozen=True, slots=True)
class StepRun:
    """One run of a step. `outcome` is ok, partial or failed; `message` is for the admin, in English."""

    step: str
    channel_id: str | None
    started_at: datetime
    ended_at: datetime
    outcome: str
    counts: Mapping[str, int]
    problems: Sequence[Mapping[str, str]] = ()
    message: str = ""


def record_events(tx: sa.Connection, happenings: Iterable[Happening], now: datetime) -> None:
    """Keep events, in the transaction of what they tell."""
    rows = [
        {"at": now, "record_id": h.record_id, "actor": h.actor, "kind": h.kind, "detail": dict(h.detail)}
        for h in happenings
    ]
    if rows:
        tx.execute(sa.insert(EVENT), rows)


def channel_event(tx: sa.Connection, channel_id: str, kind: str, actor: str, now: datetime) -> None:
    """Keep an act on a whole channel."""
    row = {"at": now, "channel_id": channel_id, "actor": actor, "kind": kind, "detail": {}}
    tx.execute(sa.insert(EVENT), row)


def record_run(tx: sa.Connection, run: StepRun) -> None:
    """Keep a run. A quiet run that repeats the one before replaces it, so that months of nothing stay one line each."""
    row = {
        "step": run.step,
        "channel_id": run.channel_id,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "outcome": run.outcome,
        "counts": dict(run.counts),
        "problems": [dict(problem) for problem in run.problems],
        "message": run.message,
    }
    last = tx.execute(
        sa.select(RUN.c.id, RUN.c.outcome, RUN.c.counts, RUN.c.problems, RUN.c.message)
        .where(RUN.c.step == run.step, RUN.c.channel_id.is_not_distinct_from(run.channel_id))
        .order_by(RUN.c.id.desc())
        .limit(1)
    ).first()
    same = last is not None and all(
        getattr(last, name) == row[name] for name in ("outcome", "counts", "problems", "message")
    )
    # What a listing found was there before; what a lookup found is news.
    quiet = {"found"} if run.step == "collect" else set()
    if same and last is not None and not any(count for name, count in run.counts.items() if name not in quiet):
        tx.execute(sa.update(RUN).where(RUN.c.id == last.id).values(ended_at=run.ended_at))
    else:
        tx.execute(sa.insert(RUN), row)

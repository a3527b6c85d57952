"""Under which number did a person file a report in LAPOR? Each number once, whichever LAPOR it is bound at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from state import targets, tracking
from state.acts import Stored
from state.journal import Happening, record_events
from state.ledger import NewReport, external_id, report_row
from state.lifecycle import Act, Disposition, NotAllowed, Stage, UnknownReport, after, origins
from state.models import CHANNEL, RECORD, REPORT
from state.tracking import Tracked

_BATCH = 1_000
T = TypeVar("T")
_UNKNOWN = "unknown"


class NumberTaken(Exception):
    """That number is another report's; `owner` is the report."""

    def __init__(self, owner: int) -> None:
        super().__init__(f"the tracking id is bound to report {owner}")
        self.owner = owner


class OtherNumber(Exception):
    """The report has another number already."""

    def __init__(self, tracking_id: str) -> None:
        super().__init__(f"the report is bound to {tracking_id}")
        self.tracking_id = tracking_id


@dataclass(frozen=True, slots=True)
class ToType:
    """A queued report with everything that LAPOR's form asks for."""

    id: int
    external_id: str
    values: Mapping[str, Any]
    """Report fields, amendments included."""
    attachments: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Unbound:
    """A report without a number."""

    id: int
    title: str
    content: str


def bind(tx: sa.Connection, report_id: int, tracking_id: str, target: str, actor: str, now: datetime) -> bool:
    """LAPOR has the report under that number, says a person. False where that is known already.

    Raises UnknownReport, NumberTaken, OtherNumber, and NotAllowed where it is dropped or just being sent.
    """
    query = sa.select(REPORT.c.stage, REPORT.c.tracking_id).where(REPORT.c.id == report_id).with_for_update()
    row = tx.execute(query).first()
    if row is None:
        raise UnknownReport(report_id)
    if row.tracking_id == tracking_id:
        return False
    owner = tx.scalar(sa.select(REPORT.c.id).where(REPORT.c.tracking_id == tracking_id).limit(1))
    if owner is not None:
        raise NumberTaken(owner)
    if row.tracking_id is not None:
        raise OtherNumber(row.tracking_id)
    changes = {**_ACCEPTED, "stage": after(Stage(row.stage), Act.ADOPT), "stage_at": now, "next_track_at": now}
    binding = {"target": target, "tracking_id": tracking_id}
    tx.execute(sa.update(REPORT).where(REPORT.c.id == report_id).values(**changes, **binding))
    targets.add(tx, target)
    record_events(tx, [Happening(report_id, "accepted", {"tracking_id": tracking_id}, actor)], now)
    return True


_ACCEPTED: Mapping[str, Any] = {"reasons": [], "next_attempt_at": None, "lapor_status": "", "lapor_canonical": _UNKNOWN}
"""Which status it has, LAPOR has yet to say."""


def baseline(tx: sa.Connection, record_id: int) -> Stored | None:
    """A record from before its channel's start, as a held report would be; None for any other record."""
    found = list(_baselines(tx, RECORD.c.id == record_id))
    return found[0] if found else None


def baselines(tx: sa.Connection) -> Iterator[Stored]:
    """All records from before their channels' starts."""
    return _baselines(tx, sa.true())


def become_report(tx: sa.Connection, gateway_id: str, record_id: int, report: NewReport, now: datetime) -> None:
    """A record from before its channel's start is a report after all: held, until it is bound in the same breath."""
    row = tx.execute(sa.select(RECORD.c.channel_id, RECORD.c.key).where(RECORD.c.id == record_id)).one()
    tx.execute(sa.update(RECORD).where(RECORD.c.id == record_id).values(disposition=Disposition.REPORT))
    own = external_id(gateway_id, row.channel_id, row.key)
    held = replace(report, stage=Stage.HELD, not_before=None)
    tx.execute(sa.insert(REPORT), report_row(record_id, own, row.channel_id, held, now))


def to_type(tx: sa.Connection, channel: str | None, now: datetime) -> Sequence[ToType]:
    """Queued reports of a channel, or of all, whose time for second thoughts is over; the oldest first."""
    ready = REPORT.c.next_attempt_at.is_(None) | (REPORT.c.next_attempt_at <= now)
    query = (
        sa.select(REPORT, RECORD.c.attachments)
        .join(RECORD, RECORD.c.id == REPORT.c.id)
        .join(CHANNEL, CHANNEL.c.id == REPORT.c.channel_id)
        .where(REPORT.c.stage == Stage.QUEUED, ready)
        .order_by(REPORT.c.id)
    )
    if channel is not None:
        query = query.where(CHANNEL.c.name == channel)
    return [
        ToType(row["id"], row["external_id"], {**row["mapped"], **row["amendments"]}, row["attachments"])
        for row in tx.execute(query).mappings()
    ]


def external_ids(tx: sa.Connection, ids: Sequence[int]) -> Mapping[int, str]:
    """The external ids of these reports; unknown ones are left out."""
    query = sa.select(REPORT.c.id, REPORT.c.external_id)
    return {row.id: row.external_id for some in _batches(ids) for row in tx.execute(query.where(REPORT.c.id.in_(some)))}


def unbound(tx: sa.Connection) -> Iterator[Unbound]:
    """Reports that may yet be bound."""
    query = sa.select(REPORT.c.id, REPORT.c.mapped, REPORT.c.amendments)
    for row in tx.execute(query.where(REPORT.c.stage.in_(origins(Act.ADOPT)), REPORT.c.tracking_id.is_(None))):
        values = {**row.mapped, **row.amendments}
        yield Unbound(row.id, str(values.get("title") or ""), str(values.get("content") or ""))


def by_number(tx: sa.Connection, tracking_ids: Sequence[str], preferred: str) -> Mapping[str, Tracked]:
    """Reports by number, at any LAPOR; at the preferred one where two of them gave the same number."""
    found: dict[str, Tracked] = {}
    used = list(tx.scalars(sa.select(REPORT.c.target).where(REPORT.c.target.is_not(None)).distinct()))
    for target in sorted(used, key=lambda name: name == preferred):
        for some in _batches(tracking_ids):
            found.update(tracking.by_tracking_id(tx, target, some))
    return found


def bound(tx: sa.Connection, report_id: int) -> Tracked:
    """A report that LAPOR has. Raises UnknownReport, and NotAllowed for one without a number."""
    row = tx.execute(sa.select(REPORT).where(REPORT.c.id == report_id)).mappings().first()
    if row is None:
        raise UnknownReport(report_id)
    if row["tracking_id"] is None:
        raise NotAllowed(Stage(row["stage"]), Act.FIND)
    return tracking.by_tracking_id(tx, row["target"], [row["tracking_id"]])[row["tracking_id"]]


def _baselines(tx: sa.Connection, condition: sa.ColumnElement[bool]) -> Iterator[Stored]:
    query = (
        sa.select(RECORD, CHANNEL.c.name.label("channel"))
        .join(CHANNEL, CHANNEL.c.id == RECORD.c.channel_id)
        .where(RECORD.c.disposition == Disposition.BASELINE, condition)
        .order_by(RECORD.c.id)
    )
    for row in tx.execute(query.execution_options(yield_per=_BATCH)).mappings():
        yield Stored(
            id=row["id"],
            channel=row["channel"],
            stage=Stage.HELD,
            disposition=Disposition.BASELINE,
            received_at=row["received_at"],
            fields=row["fields"],
            attachments=row["attachments"],
            amendments={},
            reasons=[],
        )


def _batches(items: Sequence[T]) -> Iterable[Sequence[T]]:
    return (items[start : start + _BATCH] for start in range(0, len(items), _BATCH))

"""Does the state prove that nothing was lost and nothing filed twice? Found = reports + others, per channel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from state.ledger import external_id
from state.lifecycle import Disposition, Stage
from state.models import CHANNEL, FOLLOW_UP, RECORD, REPLY, REPORT

_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """Something that cannot be if the promise holds. `subject` names the channel or report."""

    subject: str
    text: str
    """In English, without personal data."""


@dataclass(frozen=True, slots=True)
class Account:
    """What became of a channel's records."""

    channel: str
    found: int
    reports: int
    others: int


def accounts(tx: sa.Connection) -> Sequence[Account]:
    """The sums of every channel."""
    is_report = sa.case((REPORT.c.id.is_not(None), 1), else_=0)
    query = (
        sa.select(CHANNEL.c.name, sa.func.count(RECORD.c.id), sa.func.coalesce(sa.func.sum(is_report), 0))
        .select_from(CHANNEL)
        .outerjoin(RECORD, RECORD.c.channel_id == CHANNEL.c.id)
        .outerjoin(REPORT, REPORT.c.id == RECORD.c.id)
        .group_by(CHANNEL.c.name)
        .order_by(CHANNEL.c.name)
    )
    return [Account(name, found, reports, found - reports) for name, found, reports in tx.execute(query)]


def discrepancies(tx: sa.Connection, gateway_id: str) -> Iterator[Discrepancy]:
    """Everything that contradicts the promise; nothing, in a sound state."""
    yield from _records_without_report(tx)
    yield from _wrong_stages(tx)
    yield from _numbers_bound_twice(tx)
    yield from _loose_follow_ups(tx)
    yield from _doubles_without_twin(tx)
    yield from _wrong_external_ids(tx, gateway_id)


def _records_without_report(tx: sa.Connection) -> Iterator[Discrepancy]:
    query = sa.select(RECORD.c.id, RECORD.c.disposition, REPORT.c.id.label("report")).outerjoin(
        REPORT, REPORT.c.id == RECORD.c.id
    )
    lacking = (RECORD.c.disposition == Disposition.REPORT) & REPORT.c.id.is_(None)
    yield from _replies_without_text(tx)
    surplus = RECORD.c.disposition.not_in([Disposition.REPORT, Disposition.JOINED]) & REPORT.c.id.is_not(None)
    for row in tx.execute(query.where(lacking | surplus)):
        text = "is counted as a report but has none" if row.report is None else f"has a report but is {row.disposition}"
        yield Discrepancy(f"record {row.id}", text)


def _replies_without_text(tx: sa.Connection) -> Iterator[Discrepancy]:
    query = (
        sa.select(RECORD.c.id)
        .outerjoin(REPLY, REPLY.c.id == RECORD.c.id)
        .where((RECORD.c.disposition == Disposition.REPLY) != REPLY.c.id.is_not(None))
    )
    for number in tx.scalars(query):
        yield Discrepancy(f"record {number}", "is counted as a reply but has none, or the other way round")


def _wrong_stages(tx: sa.Connection) -> Iterator[Discrepancy]:
    numbered = REPORT.c.tracking_id.is_not(None)
    wrong = ((REPORT.c.stage == Stage.ACCEPTED) & ~numbered) | ((REPORT.c.stage != Stage.ACCEPTED) & numbered)
    for row in tx.execute(sa.select(REPORT.c.id, REPORT.c.stage).where(wrong)):
        text = "accepted without a tracking id" if row.stage == Stage.ACCEPTED else f"{row.stage} with a tracking id"
        yield Discrepancy(f"report {row.id}", text)
    unknown = sa.select(REPORT.c.id, REPORT.c.stage).where(REPORT.c.stage.not_in(list(Stage)))
    for row in tx.execute(unknown):
        yield Discrepancy(f"report {row.id}", f"in no known stage ({row.stage})")


def _numbers_bound_twice(tx: sa.Connection) -> Iterator[Discrepancy]:
    query = (
        sa.select(REPORT.c.tracking_id, sa.func.count())
        .where(REPORT.c.tracking_id.is_not(None))
        .group_by(REPORT.c.target, REPORT.c.tracking_id)
        .having(sa.func.count() > 1)
    )
    for tracking_id, count in tx.execute(query):
        yield Discrepancy(f"tracking id {tracking_id}", f"bound to {count} reports")


def _loose_follow_ups(tx: sa.Connection) -> Iterator[Discrepancy]:
    query = (
        sa.select(FOLLOW_UP.c.id)
        .outerjoin(REPORT, REPORT.c.id == FOLLOW_UP.c.report_id)
        .where(REPORT.c.id.is_(None) | REPORT.c.tracking_id.is_(None))
    )
    for number in tx.scalars(query):
        yield Discrepancy(f"follow-up {number}", "belongs to no report that LAPOR has")


def _doubles_without_twin(tx: sa.Connection) -> Iterator[Discrepancy]:
    """Whoever is joined is answered by another report, which must not be joined itself."""
    twin = REPORT.alias()
    joined = REPORT.c.stage == Stage.JOINED
    lacking = joined & (twin.c.id.is_(None) | (twin.c.stage == Stage.JOINED) | (twin.c.id == REPORT.c.id))
    query = (
        sa.select(REPORT.c.id)
        .join(RECORD, RECORD.c.id == REPORT.c.id)
        .outerjoin(twin, twin.c.id == REPORT.c.joined_to)
        .where(lacking | (joined != (RECORD.c.disposition == Disposition.JOINED)))
    )
    for number in tx.scalars(query):
        yield Discrepancy(f"report {number}", "is joined to no report that answers it")


def _wrong_external_ids(tx: sa.Connection, gateway_id: str) -> Iterator[Discrepancy]:
    query = sa.select(REPORT.c.id, REPORT.c.external_id, RECORD.c.channel_id, RECORD.c.key).join(
        RECORD, RECORD.c.id == REPORT.c.id
    )
    for row in tx.execute(query.execution_options(yield_per=_AT_ONCE)):
        if row.external_id != external_id(gateway_id, row.channel_id, row.key):
            yield Discrepancy(f"report {row.id}", "its external_id is not the one of its record")

"""Which files in the spool does a record still need?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from state.lifecycle import Disposition, Stage
from state.models import RECORD, REPLY, REPORT
from state.replies import ReplyStage

_AT_ONCE = 1_000


def known(tx: sa.Connection) -> set[str]:
    """SHA-256 digests of all files that any record has, originals and what was sent of them."""
    query = sa.select(RECORD.c.attachments).where(sa.cast(RECORD.c.attachments, sa.Text) != "[]")
    return {digest for row in tx.execute(query) for digest in _digests(row.attachments)}


def needed(tx: sa.Connection, over: Sequence[str], since: datetime) -> set[str]:
    """SHA-256 digests of all files of records that are not done with, originals and what is sent of them.

    Done with is a report that has one of LAPOR's canonical statuses `over`, or is dropped or joined, since before that
    moment; an ignored record that was found before it; and whatever is older than its channel's start.
    """
    found: set[str] = set()
    for row in tx.execution_options(yield_per=_AT_ONCE).execute(_unfinished(over, since)):
        found.update(_digests(row.attachments))
    return found


def _unfinished(over: Sequence[str], since: datetime) -> sa.Select[Any]:
    closed = REPORT.c.lapor_canonical.in_(over) & (
        sa.func.coalesce(REPORT.c.lapor_updated_at, REPORT.c.stage_at) < since
    )
    dropped = REPORT.c.stage.in_([Stage.DROPPED, Stage.JOINED]) & (REPORT.c.stage_at < since)
    finished_report = REPORT.c.id.is_not(None) & (closed | dropped)
    finished_reply = REPLY.c.stage.in_([ReplyStage.SENT, ReplyStage.MERGED]) & (RECORD.c.found_at < since)
    old = (RECORD.c.disposition == Disposition.IGNORED) & (RECORD.c.found_at < since)
    finished = sa.or_(
        sa.func.coalesce(finished_report, sa.false()),
        sa.func.coalesce(finished_reply, sa.false()),
        old,
        RECORD.c.disposition == Disposition.BASELINE,
    )
    return (
        sa.select(RECORD.c.attachments)
        .outerjoin(REPORT, REPORT.c.id == RECORD.c.id)
        .outerjoin(REPLY, REPLY.c.id == RECORD.c.id)
        .where(sa.not_(finished), sa.cast(RECORD.c.attachments, sa.Text) != "[]")
    )


def _digests(attachments: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for item in attachments:
        yield item["sha256"]
        if item["sent"] is not None:
            yield item["sent"]["sha256"]

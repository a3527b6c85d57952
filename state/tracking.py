"""What does LAPOR say of the reports it has? Statuses and follow-ups, the latest by LAPOR's own clock."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from state.journal import Happening, record_events
from state.models import FOLLOW_UP, REPORT, TARGET

_SETTLED = "settled"
_REPORTER = "pelapor"


@dataclass(frozen=True, slots=True)
class Tracked:
    """An accepted report, as far as tracking needs it."""

    id: int
    tracking_id: str
    external_id: str
    status: str | None
    updated_at: datetime | None
    detail: Mapping[str, Any]
    """What LAPOR said of it last."""
    read_again: bool
    """The last look was too soon after LAPOR's change: more may have happened at the very same instant."""


@dataclass(frozen=True, slots=True)
class News:
    """What LAPOR says of one report now."""

    status: str
    canonical: str
    updated_at: datetime
    detail: Mapping[str, Any]
    """Institution, category, hold reason, digest of the text: nothing of the reporter."""
    settled: bool
    """It was looked at long enough after LAPOR's change."""


@dataclass(frozen=True, slots=True)
class Item:
    """One follow-up as LAPOR lists it."""

    date: str
    responder: str
    text: str
    external_id: str | None


def by_the_reporter(external_id: str | None, responder: str) -> bool:
    """Whether a follow-up is the reporter's own: posted for them (with an external_id), or written by them in LAPOR."""
    return bool(external_id) or responder.strip().casefold() == _REPORTER


def by_tracking_id(tx: sa.Connection, target: str, tracking_ids: Sequence[str]) -> Mapping[str, Tracked]:
    """Reports of ours among these tracking ids."""
    query = sa.select(REPORT).where(REPORT.c.target == target, REPORT.c.tracking_id.in_(tracking_ids))
    return {row["tracking_id"]: _tracked(row) for row in tx.execute(query).mappings()}


def due(tx: sa.Connection, target: str, now: datetime, limit: int) -> Sequence[Tracked]:
    """Reports that are to be asked for one by one, because lists leave them out."""
    query = (
        sa.select(REPORT)
        .where(REPORT.c.target == target, REPORT.c.tracking_id.is_not(None), REPORT.c.next_track_at <= now)
        .order_by(REPORT.c.next_track_at)
        .limit(limit)
    )
    return [_tracked(row) for row in tx.execute(query).mappings()]


def update(tx: sa.Connection, report: Tracked, news: News, items: Sequence[Item], now: datetime) -> tuple[bool, int]:
    """Keep news that are not older than what is known. Returns whether the status changed, and how many are new."""
    if report.updated_at is not None and news.updated_at < report.updated_at:
        return False, 0
    changed = news.status != report.status
    tx.execute(
        sa.update(REPORT)
        .where(REPORT.c.id == report.id)
        .values(
            lapor_status=news.status,
            lapor_canonical=news.canonical,
            lapor_updated_at=news.updated_at,
            lapor={**news.detail, _SETTLED: news.settled},
        )
    )
    added = _add_items(tx, report.id, items, now)
    # Follow-ups first: what an agency did comes before the closing that it led to.
    told = [Happening(report.id, "follow_up", {"count": len(added), "ids": added})] if added else []
    told += [Happening(report.id, kind, detail) for kind, detail in _edits(report.detail, news.detail)]
    told += [Happening(report.id, "status", _status(news))] if changed else []
    record_events(tx, told, now)
    return changed, len(added)


def _status(news: News) -> dict[str, Any]:
    """The change, with LAPOR's reason where it holds the report: a later change has another one, or none."""
    told = {"status": news.status, "canonical": news.canonical, "at": news.updated_at.isoformat()}
    reason = news.detail.get("hold_reason")
    return {**told, "reason": reason} if reason else told


def _edits(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What LAPOR's people changed beside the status: the text, the agency it is routed to, why it is held."""
    text, known = now.get("text_digest"), before.get("text_digest")
    if text and (text != known if known else now.get("text_edited")):
        yield "text_edited", {}
    agency = now.get("disposition_institution")
    if agency and agency != before.get("disposition_institution"):
        yield "rerouted", {"to": agency}
    if now.get("hold_reason") and now.get("hold_reason") != before.get("hold_reason"):
        yield "hold_reason", {}


def next_look(tx: sa.Connection, report_id: int, at: datetime | None) -> None:
    """Ask for this report by itself again at that moment, or, with None, never more."""
    tx.execute(sa.update(REPORT).where(REPORT.c.id == report_id).values(next_track_at=at))


def cursor(tx: sa.Connection, target: str) -> str | None:
    """The last `updated_at` that was read from that LAPOR, in its own words."""
    return tx.scalar(sa.select(TARGET.c.tracked_until).where(TARGET.c.name == target))


def save_cursor(tx: sa.Connection, target: str, until: str) -> None:
    """Everything that LAPOR changed up to that instant has been read."""
    tx.execute(sa.update(TARGET).where(TARGET.c.name == target).values(tracked_until=until))


def _add_items(tx: sa.Connection, report_id: int, items: Sequence[Item], now: datetime) -> list[int]:
    """Follow-ups have no id: equal ones are told apart by their count. Returns our ids of the new ones."""
    known = {
        (row.digest, row.ordinal)
        for row in tx.execute(
            sa.select(FOLLOW_UP.c.digest, FOLLOW_UP.c.ordinal).where(FOLLOW_UP.c.report_id == report_id)
        )
    }
    seen: Counter[str] = Counter()
    fresh = []
    for item in items:
        digest = _digest(item)
        seen[digest] += 1
        if (digest, seen[digest]) not in known:
            fresh.append(_row(report_id, digest, seen[digest], item, now))
    if not fresh:
        return []
    inserted = tx.execute(sa.insert(FOLLOW_UP).returning(FOLLOW_UP.c.id, sort_by_parameter_order=True), fresh)
    return list(inserted.scalars())


def _digest(item: Item) -> str:
    return hashlib.sha256(
        "\x1f".join((item.date, item.responder, item.text)).encode("utf-8", "surrogatepass")
    ).hexdigest()


def _row(report_id: int, digest: str, ordinal: int, item: Item, now: datetime) -> dict[str, Any]:
    return {
        "report_id": report_id,
        "digest": digest,
        "ordinal": ordinal,
        "date": item.date,
        "responder": item.responder,
        "text": item.text,
        "external_id": item.external_id,
        "seen_at": now,
    }


def _tracked(row: sa.RowMapping) -> Tracked:
    detail = row["lapor"] or {}
    return Tracked(
        id=row["id"],
        tracking_id=row["tracking_id"],
        external_id=row["external_id"],
        status=row["lapor_status"],
        updated_at=row["lapor_updated_at"],
        detail=detail,
        read_again=detail.get(_SETTLED) is False,
    )
